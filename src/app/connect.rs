use std::{collections::HashSet, sync::Arc};

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use crate::{
    aws::{self, Bounds, Caller, SdkConfig, Session},
    collection::Owners,
    config::Config,
    credentials::{Sessions, identify},
    domain::{Account, AccountId},
    organization::{OrganizationReader, Roster, skip, unknown_units},
};

/// Everything a scan calls AWS with.
pub struct Connection {
    pub sdk: SdkConfig,
    pub caller: Arc<Caller>,
    pub sessions: Arc<Sessions>,
}

/// Finds keywatch's own credentials and asks whose they are.
pub async fn connect(config: &Config, cancel: &CancellationToken) -> anyhow::Result<Connection> {
    let settings = aws::load(&config.aws, &config.scan).await;
    let clock = settings.config.time_source().unwrap_or_default();
    let caller = Arc::new(Caller::new(&config.scan, &config.rate_limits, clock));
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

/// Lists the organization; warns where only its tree can't be read.
pub async fn roster(
    config: &Config,
    connection: &Connection,
    cancel: &CancellationToken,
) -> anyhow::Result<Roster> {
    // Ten thousand accounts are 500 pages; at the default rate that takes minutes.
    let bounds = Bounds::within(config.scan.target_timeout.max(std::time::Duration::from_secs(3600)), cancel);
    let Connection { sdk, caller, sessions } = connection;
    let reader = OrganizationReader::new(sdk, caller, sessions.reader(), &config.aws.home_region, &bounds);
    let organization = &config.organization;
    let tree_needed = !organization.include_ous.is_empty() || !organization.exclude_ous.is_empty();
    let (roster, refused) = reader.roster(tree_needed).await.with_context(|| {
        format!(
            "could not list the organization as {}; run keywatch in the management account or a delegated \
             administrator, or set organization.reader_role_arn",
            sessions.identity().arn
        )
    })?;
    if let Some(refused) = refused {
        tracing::warn!("accounts are shown without their OU path: {refused}");
    }
    let unknown = unknown_units(organization, &roster);
    if !unknown.is_empty() {
        bail!(
            "the organization has no unit {}: organization.include_ous and exclude_ous take an id (ou-…) or a \
             path from the root (Root/Workloads)",
            unknown.join(", ")
        );
    }
    if roster.accounts.is_empty() {
        bail!(
            "organizations:ListAccounts answered an empty list to {}: an organization has at least its \
             management account, so this is no answer to rely on",
            sessions.identity().arn
        );
    }
    Ok(roster)
}

/// The accounts that a key's owner may be asked in: those that the config lets keywatch enter.
pub struct Enterable {
    sessions: Arc<Sessions>,
    accounts: HashSet<AccountId>,
}

impl Enterable {
    pub fn new(config: &Config, roster: &Roster, sessions: &Arc<Sessions>) -> Self {
        let own = sessions.identity().account;
        let enterable = |account: &&Account| skip(&config.organization, roster, own, account).is_none();
        let accounts = roster.accounts.iter().filter(enterable).map(|account| account.id).collect();
        Self { sessions: Arc::clone(sessions), accounts }
    }
}

impl Owners for Enterable {
    fn session(&self, account: AccountId) -> Option<Arc<Session>> {
        self.accounts.contains(&account).then(|| self.sessions.enter(account))
    }
}
