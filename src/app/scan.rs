use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use anyhow::{Context, bail};
use tokio::{
    sync::{Semaphore, mpsc},
    task::{Id, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::{
    Clock, Progress,
    account::{Fallback, Shared},
    connect::{Enterable, connect, roster},
    record::write_all,
    resume::{Done, scope_digest},
};
use crate::{
    collection::Collector,
    config::Config,
    domain::{AccountId, Partition, Region, Skip},
    history::{NewScan, ScanEnd, ScanId, ScanOutcome, Writer},
    organization::{Roster, skip},
    targets::plan,
};

/// Records that may wait for the writer.
const WAITING: usize = 1024;

/// Targets looked at, for each slot: enough to keep every slot busy while others wait for permits.
const TARGETS_PER_SLOT: usize = 4;

/// What to scan: everything, or less.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only these accounts; all if empty.
    pub accounts: Vec<AccountId>,
    /// Only these Regions; all if empty.
    pub regions: Vec<Region>,
    /// Goes on with the last scan of this scope even if that was stopped on purpose.
    pub resume: bool,
}

impl Scope {
    fn is_whole(&self) -> bool {
        self.accounts.is_empty() && self.regions.is_empty()
    }
}

/// How a scan ended.
#[derive(Debug)]
pub struct Report {
    /// Its number in the history.
    pub scan: ScanId,
    /// Whether all was seen.
    pub outcome: ScanOutcome,
    /// What its reader should know, in plain words.
    pub notes: Vec<String>,
}

/// Scans once, from the list of accounts to the history.
///
/// All times that it records are the clock's. A cancelled scan ends as soon as the calls in flight are dropped; what was read is kept.
///
/// # Errors
/// Where it could not run at all: no credentials, no list of accounts, no database.
pub async fn scan(
    config: &Config,
    scope: &Scope,
    trigger: &str,
    clock: Clock,
    cancel: &CancellationToken,
    progress: &Arc<Progress>,
) -> anyhow::Result<Report> {
    // First of all, so that a database that can't be written costs no call.
    let mut writer = Writer::open(&config.database.path, clock.now()).await?;
    let connection = connect(config, cancel).await?;
    let _ = progress.calls.set(connection.caller.stats());
    let roster = roster(config, &connection, cancel).await?;
    let accounts = chosen(scope, &roster)?;
    check_regions(config, scope, connection.sessions.identity().partition)?;
    let stats = connection.caller.stats();

    let digest = scope_digest(config, scope);
    let new = NewScan {
        trigger,
        started_at: clock.now(),
        accounts: &roster.accounts,
        complete_roster: scope.is_whole(),
        scope: Some(&digest),
        resume_stopped: scope.resume,
    };
    let scan = writer.begin_scan(&new).await?;
    let done = Arc::new(Done::of(&writer));
    progress.accounts_total.store(accounts.len() as u64, Ordering::Relaxed);

    let own = connection.sessions.identity().account;
    let planned: Vec<(AccountId, Option<Skip>)> = roster
        .accounts
        .iter()
        .filter(|account| accounts.contains(&account.id))
        .map(|account| (account.id, skip(&config.organization, &roster, own, account)))
        .collect();

    let (records, received) = mpsc::channel(WAITING);
    let slots = config.scan.concurrency.get() as usize;
    let owners = Enterable::new(config, &roster, &connection.sessions);
    let collector =
        Collector::new(&connection.sdk, Arc::clone(&connection.caller), owners, move || clock.now());
    // Ends with the scan, so that an error of the writer ends the accounts too.
    let cancel = cancel.child_token();
    let shared = Arc::new(Shared {
        config: config.clone(),
        connection,
        collector,
        regions: scope.regions.clone(),
        done: Arc::clone(&done),
        records,
        targets: Arc::new(Semaphore::new(slots * TARGETS_PER_SLOT)),
        cancel: cancel.clone(),
        progress: Arc::clone(progress),
    });

    let write = async {
        let written = write_all(&mut writer, scan, received).await;
        if written.is_err() {
            cancel.cancel();
        }
        written
    };
    let (fallbacks, written) = tokio::join!(scan_accounts(shared, planned, slots), write);
    let interrupted = cancel.is_cancelled();
    let written = written.context("the history could not be written; what was committed before is kept")?;

    let outcome = match (interrupted, done.failed + written.failed) {
        (true, _) => ScanOutcome::Interrupted,
        (false, 0) => ScanOutcome::Complete,
        (false, _) => ScanOutcome::Incomplete,
    };
    let end = ScanEnd {
        finished_at: clock.now(),
        outcome,
        api_calls: stats.calls(),
        throttled_calls: stats.throttled(),
    };
    writer.finish_scan(scan, &end).await?;
    writer.close().await?;
    let went_on = done.note(scan, written.targets);
    Ok(Report { scan, outcome, notes: went_on.into_iter().chain(notes(&fallbacks)).collect() })
}

/// Sends account after account on its way, as many at once as there are slots.
async fn scan_accounts(
    shared: Arc<Shared>,
    plan: Vec<(AccountId, Option<Skip>)>,
    at_once: usize,
) -> Vec<Fallback> {
    let mut tasks = Accounts { shared, running: JoinSet::new(), ids: HashMap::new(), fallbacks: Vec::new() };
    for (account, skip) in plan {
        if tasks.shared.cancel.is_cancelled() {
            break;
        }
        if let Some(skip) = skip {
            tasks.shared.leave_out(account, &skip).await;
            continue;
        }
        while tasks.running.len() >= at_once {
            tasks.finish_one().await;
        }
        let task = tasks.running.spawn(Arc::clone(&tasks.shared).scan_account(account));
        tasks.ids.insert(task.id(), account);
    }
    while !tasks.running.is_empty() {
        tasks.finish_one().await;
    }
    tasks.fallbacks
}

/// The accounts on their way.
struct Accounts {
    shared: Arc<Shared>,
    running: JoinSet<Option<Fallback>>,
    ids: HashMap<Id, AccountId>,
    fallbacks: Vec<Fallback>,
}

impl Accounts {
    async fn finish_one(&mut self) {
        match self.running.join_next_with_id().await {
            Some(Ok((id, fallback))) => {
                self.ids.remove(&id);
                self.fallbacks.extend(fallback);
            }
            // One bad account must neither end the run nor vanish.
            Some(Err(error)) => {
                if let Some(account) = self.ids.remove(&error.id()) {
                    self.shared.broke(account, &error.to_string()).await;
                }
            }
            None => {}
        }
    }
}

fn chosen(scope: &Scope, roster: &Roster) -> anyhow::Result<Vec<AccountId>> {
    let all: Vec<AccountId> = roster.accounts.iter().map(|account| account.id).collect();
    if scope.accounts.is_empty() {
        return Ok(all);
    }
    let strangers: Vec<String> =
        scope.accounts.iter().filter(|id| !all.contains(id)).map(ToString::to_string).collect();
    if !strangers.is_empty() {
        bail!("not in this organization: {}", strangers.join(", "));
    }
    Ok(scope.accounts.clone())
}

/// A Region that is in no plan would make a scan of nothing, which looks like a good one.
fn check_regions(config: &Config, scope: &Scope, partition: Partition) -> anyhow::Result<()> {
    let known = plan(partition, &config.regions, None).regions;
    if let Some(unknown) = scope.regions.iter().find(|region| !known.contains_key(region)) {
        bail!(
            "--region {unknown}: this version of keywatch does not know that DMS is there in partition \
             {partition}; check its name, or name it in regions.include to scan it all the same"
        );
    }
    Ok(())
}

fn notes(fallbacks: &[Fallback]) -> Vec<String> {
    let Some(first) = fallbacks.first() else { return Vec::new() };
    let others = match fallbacks.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    vec![format!(
        "account:ListRegions gave no answer in account {}{others}, so every known Region was tried there: {}",
        first.account, first.error
    )]
}
