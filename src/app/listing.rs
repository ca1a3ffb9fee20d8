use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::sync::{SetOnce, mpsc};
use tokio_util::sync::CancellationToken;

use super::{Progress, connect::Connection, record::Entry, scan::Scope};
use crate::{
    aws::{Bounds, CallError, Pages, Session},
    collection::{OwnerFuture, Owners},
    config::Config,
    credentials::Sessions,
    domain::{Account, AccountId, Skip},
    organization::{OrganizationReader, Roster, Tree, skip, unknown_units},
};

/// An account, and why it is left out if it is.
pub type Planned = (AccountId, Option<Skip>);

/// Ten thousand accounts are 500 pages and as many of the tree; at the default rate that takes minutes.
const TIME_LIMIT: Duration = Duration::from_secs(3600);

/// Lists the organization. Its accounts are sent on their way page by page, so that a long list holds up
/// nobody; only filters by organizational unit, which need the whole tree, make all of them wait.
pub struct Listing<'a> {
    pub config: &'a Config,
    pub connection: &'a Connection,
    pub scope: &'a Scope,
    /// Where the history learns of them.
    pub entries: mpsc::Sender<Entry>,
    /// Where they are scanned. Unbounded: an account that is being scanned may wait for the end of the list.
    pub planned: mpsc::UnboundedSender<Planned>,
    pub enterable: Enterable,
    pub progress: &'a Progress,
    pub cancel: CancellationToken,
}

impl Listing<'_> {
    /// Lists all accounts and their tree.
    ///
    /// # Errors
    /// Where either can't be read to its end, or does not have what the config or the command line names.
    pub async fn run(self) -> anyhow::Result<()> {
        let Connection { sdk, caller, sessions } = self.connection;
        let limit = self.config.scan.target_timeout.max(TIME_LIMIT);
        let bounds = Bounds::within(limit, &self.cancel);
        let home = &self.config.aws.home_region;
        let reader = OrganizationReader::new(sdk, caller, sessions.reader(), home, &bounds);
        let failed = || {
            format!(
                "could not list the organization as {}; run keywatch in the management account or a delegated \
                 administrator, or set organization.reader_role_arn",
                sessions.identity().arn
            )
        };
        let management_account = reader.management_account().await.with_context(failed)?;
        let mut roster = Roster { management_account, accounts: Vec::new(), tree: Tree::default() };
        let at_once = self.scope.accounts.is_empty() && !self.by_unit();
        // At once: each is a chain of pages, and none needs the other.
        let (accounts, tree) = tokio::try_join!(self.accounts(&reader, &roster, at_once), async {
            Ok::<_, CallError>(reader.tree().await)
        })
        .with_context(failed)?;
        roster.tree = match tree {
            Ok(tree) => tree,
            // Whatever is wrong with the tree: nothing but the paths depends on it.
            Err(error) if !self.by_unit() && !self.cancel.is_cancelled() => {
                tracing::warn!(
                    "accounts are shown without their OU path, or with the one last known: {error}"
                );
                Tree::default()
            }
            Err(error) => return Err(error).with_context(failed),
        };
        roster.accounts = accounts;
        for account in &mut roster.accounts {
            account.ou_path = roster.tree.unit_of(account.id).map(|unit| unit.path.clone());
        }
        self.check(&roster)?;
        self.enlist(&roster.accounts, self.scope.is_whole()).await;
        if !at_once {
            self.enterable.complete(self.config, &roster);
            let chosen = |account: &&Account| {
                self.scope.accounts.is_empty() || self.scope.accounts.contains(&account.id)
            };
            self.send_off(&roster, roster.accounts.iter().filter(chosen));
        }
        Ok(())
    }

    /// Whether it takes the tree to tell which accounts are to be scanned.
    fn by_unit(&self) -> bool {
        let organization = &self.config.organization;
        !organization.include_ous.is_empty() || !organization.exclude_ous.is_empty()
    }

    /// All accounts, each page sent off as it comes if that may be.
    async fn accounts(
        &self,
        reader: &OrganizationReader<'_>,
        roster: &Roster,
        at_once: bool,
    ) -> Result<Vec<Account>, CallError> {
        let (mut pages, mut all) = (Pages::default(), Vec::new());
        while let Some(page) = reader.next_accounts(&mut pages).await? {
            if at_once && !page.is_empty() {
                self.enlist(&page, false).await;
                self.send_off(roster, &page);
            }
            all.extend(page);
        }
        if at_once {
            let roster = Roster { accounts: all, ..roster.clone() };
            self.enterable.complete(self.config, &roster);
            all = roster.accounts;
        }
        Ok(all)
    }

    async fn enlist(&self, accounts: &[Account], complete: bool) {
        // The writer ends early only on an error of its own, which ends the scan.
        let _ = self.entries.send(Entry::Accounts { accounts: accounts.to_vec(), complete }).await;
    }

    fn send_off<'b>(&self, roster: &Roster, accounts: impl IntoIterator<Item = &'b Account>) {
        let own = self.connection.sessions.identity().account;
        for account in accounts {
            self.progress.accounts_total.fetch_add(1, Ordering::Relaxed);
            let skip = skip(&self.config.organization, roster, own, account);
            // Nobody scans any more once the scan was stopped.
            let _ = self.planned.send((account.id, skip));
        }
    }

    /// What is named must be there, or a scan of nothing would look like a good one.
    fn check(&self, roster: &Roster) -> anyhow::Result<()> {
        if roster.accounts.is_empty() {
            bail!(
                "organizations:ListAccounts answered an empty list to {}: an organization has at least its \
                 management account, so this is no answer to rely on",
                self.connection.sessions.identity().arn
            );
        }
        let unknown = unknown_units(&self.config.organization, roster);
        if !unknown.is_empty() {
            bail!(
                "the organization has no unit {}: organization.include_ous and exclude_ous take an id (ou-…) or \
                 a path from the root (Root/Workloads)",
                unknown.join(", ")
            );
        }
        let strangers = |named: &[AccountId]| {
            let member = |id: &AccountId| roster.accounts.iter().any(|account| account.id == *id);
            named.iter().filter(|id| !member(id)).map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        let unknown = strangers(&self.scope.accounts);
        if !unknown.is_empty() {
            bail!("not in this organization: {unknown}");
        }
        let organization = &self.config.organization;
        for (key, named) in [
            ("include_accounts", &organization.include_accounts),
            ("exclude_accounts", &organization.exclude_accounts),
        ] {
            // No error: an account may have left since it was named.
            let unknown = strangers(named);
            if !unknown.is_empty() {
                tracing::warn!("organization.{key} names {unknown}: not in this organization");
            }
        }
        Ok(())
    }
}

/// The accounts that a key's owner may be asked in: those that the config lets keywatch enter. Known when
/// the list of accounts is complete.
#[derive(Clone)]
pub struct Enterable {
    sessions: Arc<Sessions>,
    accounts: Arc<SetOnce<HashSet<AccountId>>>,
    cancel: CancellationToken,
}

impl Enterable {
    pub fn new(sessions: &Arc<Sessions>, cancel: &CancellationToken) -> Self {
        Self { sessions: Arc::clone(sessions), accounts: Arc::default(), cancel: cancel.clone() }
    }

    fn complete(&self, config: &Config, roster: &Roster) {
        let own = self.sessions.identity().account;
        let enterable = |account: &&Account| skip(&config.organization, roster, own, account).is_none();
        let accounts = roster.accounts.iter().filter(enterable).map(|account| account.id).collect();
        // A list is complete once.
        let _ = self.accounts.set(accounts);
    }
}

impl Owners for Enterable {
    fn session(&self, account: AccountId) -> OwnerFuture<'_> {
        Box::pin(async move {
            let accounts = tokio::select! {
                accounts = self.accounts.wait() => accounts,
                () = self.cancel.cancelled() => return None,
            };
            let session: Arc<Session> = accounts.contains(&account).then(|| self.sessions.enter(account))?;
            Some(session)
        })
    }
}
