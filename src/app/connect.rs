use std::sync::Arc;

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use crate::{
    aws::{self, Bounds, CallCounts, Caller, CallerStats, SdkConfig, SdkSettings, Session},
    config::Config,
    credentials::{Identity, Sessions, identify},
    domain::AccountId,
};

/// Everything a scan calls AWS with.
#[derive(Clone)]
pub struct Connection {
    pub sdk: SdkConfig,
    pub caller: Arc<Caller>,
    pub sessions: Arc<Sessions>,
}

/// What is set up once and serves one scan after the other: the SDK's settings with its HTTP client, and the
/// caller with what it has learned of AWS's limits. Making one costs no call.
#[derive(Clone)]
pub struct Base {
    settings: SdkSettings,
    caller: Arc<Caller>,
}

impl Base {
    /// As the config says.
    pub async fn new(config: &Config) -> Self {
        Self::counting_in(config, Arc::default()).await
    }

    /// The same; every attempt is added to these counts, which outlive it.
    pub async fn counting_in(config: &Config, counts: Arc<CallCounts>) -> Self {
        let settings = aws::load(&config.aws, &config.scan).await;
        let clock = settings.config.time_source().unwrap_or_default();
        let caller = Caller::new(&config.scan, &config.rate_limits, clock);
        let caller = Arc::new(caller.counting_in(counts));
        Self { settings, caller }
    }

    /// The counters of all its calls.
    pub fn stats(&self) -> Arc<CallerStats> {
        self.caller.stats()
    }
}

impl Connection {
    /// Sessions that start from keywatch's own credentials, whose they are being known.
    pub fn new(config: &Config, settings: SdkSettings, caller: Arc<Caller>, identity: Identity) -> Self {
        let own = Arc::new(Session::new(identity.account, settings.chain));
        let (organization, home) = (config.organization.clone(), config.aws.home_region.clone());
        let sessions = Sessions::new(settings.config.clone(), organization, home, identity, own);
        Self { sdk: settings.config, caller, sessions: Arc::new(sessions) }
    }
}

/// Finds keywatch's own credentials and asks whose they are.
pub async fn connect(base: &Base, config: &Config, cancel: &CancellationToken) -> anyhow::Result<Connection> {
    let Base { settings, caller } = base.clone();
    let home = &config.aws.home_region;
    let bounds = Bounds::within(config.scan.target_timeout, cancel);
    let unnamed = Session::new(AccountId::NONE, settings.chain.clone());
    let identity = identify(&settings.config, &caller, &unnamed, home, &bounds)
        .await
        .context("could not find out whose credentials keywatch has")?;
    if identity.partition != home.partition() {
        bail!(
            "aws.home_region {home} lies in partition {}, but keywatch's credentials ({}) belong to partition {}: \
             set aws.home_region to a Region of that partition",
            home.partition(),
            identity.arn,
            identity.partition,
        );
    }
    tracing::debug!(identity = %identity.arn, "connected");
    Ok(Connection::new(config, settings, caller, identity))
}
