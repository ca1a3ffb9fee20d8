use std::sync::Arc;

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use crate::{
    aws::{self, Bounds, CallCounts, Caller, SdkConfig, Session},
    config::Config,
    credentials::{Sessions, identify},
    domain::AccountId,
};

/// Everything a scan calls AWS with.
#[derive(Clone)]
pub struct Connection {
    pub sdk: SdkConfig,
    pub caller: Arc<Caller>,
    pub sessions: Arc<Sessions>,
}

/// Finds keywatch's own credentials and asks whose they are.
/// Every attempt is added to `counts`.
pub async fn connect(
    config: &Config,
    counts: &Arc<CallCounts>,
    cancel: &CancellationToken,
) -> anyhow::Result<Connection> {
    let settings = aws::load(&config.aws, &config.scan).await;
    let clock = settings.config.time_source().unwrap_or_default();
    let caller = Caller::new(&config.scan, &config.rate_limits, clock);
    let caller = Arc::new(caller.counting_in(Arc::clone(counts)));
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
    let own = Arc::new(Session::new(identity.account, settings.chain));
    let sessions =
        Sessions::new(settings.config.clone(), config.organization.clone(), home.clone(), identity, own);
    Ok(Connection { sdk: settings.config, caller, sessions: Arc::new(sessions) })
}
