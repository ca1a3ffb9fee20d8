use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use tokio::{
    sync::{Semaphore, mpsc},
    task::{Id, JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    Base, Clock, Progress,
    account::{Fallback, Shared},
    connect::connect,
    due::Due,
    listing::{Enterable, Listing, Planned},
    notify,
    progress::Calls,
    record::{Written, write_all},
    resume::{Done, scope_digest},
};
use crate::{
    collection::Collector,
    config::Config,
    domain::{AccountId, Exception, Partition, Region, Timestamp},
    history::{NewScan, ScanEnd, ScanId, ScanOutcome, Writer},
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
    /// Begins with the accounts of which the oldest answers are known, as far as they are listed by then.
    pub oldest_first: bool,
    /// Asks every target, however sure its last answer, and for every key.
    pub full: bool,
    /// When the next scan is expected; `None` where nobody can say, so that it is guessed from the last ones.
    pub next_at: Option<Timestamp>,
}

impl Scope {
    pub(super) fn is_whole(&self) -> bool {
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
    /// Targets that it accounts for, those included that it did not ask.
    pub targets: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// What its reader should know, in plain words.
    pub notes: Vec<String>,
}

/// Scans once, from the list of accounts to the history.
///
/// All times that it records are the clock's. A cancelled scan ends as soon as the calls in flight are
/// dropped; what was read is kept.
///
/// # Errors
/// Where it could not run at all: no credentials, no list of accounts, no database.
#[tracing::instrument(name = "scan", skip_all, fields(trigger = trigger, scan.id = tracing::field::Empty))]
pub async fn scan(
    config: &Config,
    scope: &Scope,
    trigger: &str,
    clock: Clock,
    cancel: &CancellationToken,
    progress: &Arc<Progress>,
) -> anyhow::Result<Report> {
    let base = Base::new(config).await;
    scan_with(&base, config, scope, trigger, clock, cancel, progress).await
}

/// The same with what an earlier scan was done with.
///
/// # Errors
/// As [`scan`].
pub async fn scan_with(
    base: &Base,
    config: &Config,
    scope: &Scope,
    trigger: &str,
    clock: Clock,
    cancel: &CancellationToken,
    progress: &Arc<Progress>,
) -> anyhow::Result<Report> {
    // First of all, so that a database that can't be written costs no call.
    let started_at = clock.now();
    let mut writer = Writer::open(&config.database.path, started_at).await?;
    notify::register(&mut writer, config).await?;
    let before = Calls::of(&base.stats());
    let _ = progress.calls.set((base.stats(), before));
    let connection = connect(base, config, cancel).await?;
    check_regions(config, scope, connection.sessions.identity().partition)?;

    let with_tags = writer.needs_tags().await? || config.exceptions.iter().any(Exception::needs_tags);
    let digest = scope_digest(config, scope);
    let cut_off = writer.cut_off(trigger, &digest, started_at, scope.resume).await?;
    let resumes = cut_off.as_ref().map(|cut_off| cut_off.scan);
    if scope.resume && trigger == "manual" && resumes.is_none() {
        tracing::warn!("there is no scan of the same to go on with: this is a new one");
    }
    let ages = if scope.oldest_first { writer.ages().await? } else { HashMap::new() };
    let done = cut_off.map(Done::new).unwrap_or_default();
    let due = Arc::new(Due::new(&config.database.path, config, scope, started_at, resumes).await?);
    let went_on = done.count();
    let new =
        NewScan { trigger, started_at, accounts: &[], complete_roster: false, scope: Some(&digest), resumes };

    // Ends with the scan, so that an error of the list or of the writer ends the accounts too.
    let stop = cancel.child_token();
    let (entries, written) = mpsc::channel(WAITING);
    let (planned, to_scan) = mpsc::unbounded_channel();
    let enterable = Enterable::new(&connection.sessions, &stop);
    let slots = config.scan.concurrency.get() as usize;
    let shared = Arc::new(Shared {
        config: config.clone(),
        collector: Collector::new(
            &connection.sdk,
            Arc::clone(&connection.caller),
            enterable.clone(),
            move || clock.now(),
        ),
        connection: connection.clone(),
        regions: scope.regions.clone(),
        done,
        due: Arc::clone(&due),
        records: entries.clone(),
        targets: Arc::new(Semaphore::new(slots * TARGETS_PER_SLOT)),
        with_tags,
        cancel: stop.clone(),
        progress: Arc::clone(progress),
    });
    let listing = Listing {
        config,
        connection: &connection,
        scope,
        entries,
        planned,
        enterable,
        progress,
        cancel: stop.clone(),
    };
    let (listed, fallbacks, written) = tokio::join!(
        or_stop(&stop, listing.run()),
        scan_accounts(shared, to_scan, slots, ages),
        or_stop(&stop, write_all(&mut writer, &new, &config.exceptions, written)),
    );
    let deferred = due.close().await;
    let written = written.context("the history could not be written; what was committed before is kept")?;
    let Some(Written { scan, targets, failed }) = written else {
        // Nobody was listed, so there is nothing to finish.
        writer.close().await?;
        return Err(listed.err().unwrap_or_else(|| anyhow!("the scan was stopped before it began")));
    };

    // What changed beside the targets: accounts that moved, exceptions that ran out meanwhile.
    writer.settle_exceptions(Some(scan), &config.exceptions, clock.now()).await?;
    let outcome = match failed + deferred.failed {
        _ if stop.is_cancelled() => ScanOutcome::Interrupted,
        0 => ScanOutcome::Complete,
        _ => ScanOutcome::Incomplete,
    };
    let calls = Calls::of(&base.stats()).since(before);
    let end = ScanEnd {
        finished_at: clock.now(),
        outcome,
        api_calls: calls.made,
        throttled_calls: calls.throttled,
        deferred,
    };
    writer.finish_scan(scan, &end).await?;
    notify::queue(&mut writer, config, scan, end.finished_at).await?;
    writer.close().await?;
    // Who stops a scan knows why its list is not complete.
    if !cancel.is_cancelled() {
        listed.context("the scan ended early; what it read before is kept")?;
    }
    let (targets, failed) = (targets + deferred.total(), failed + deferred.failed);
    let went_on = (went_on > 0).then(|| {
        format!("scan {scan} went on: {went_on} of {targets} targets were read before it was interrupted")
    });
    let notes = went_on.into_iter().chain(notes(&fallbacks)).collect();
    Ok(Report { scan, outcome, targets, failed, notes })
}

/// Where it fails, everything else stops too.
async fn or_stop<T, E>(stop: &CancellationToken, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let done = work.await;
    if done.is_err() {
        stop.cancel();
    }
    done
}

/// Sends account after account on its way as they are listed, as many at once as there are slots: those first
/// that have no age, then those of the oldest.
async fn scan_accounts(
    shared: Arc<Shared>,
    mut listed: mpsc::UnboundedReceiver<Planned>,
    at_once: usize,
    ages: HashMap<AccountId, Timestamp>,
) -> Vec<Fallback> {
    let mut tasks = Accounts { shared, running: JoinSet::new(), ids: HashMap::new(), fallbacks: Vec::new() };
    let mut waiting = BinaryHeap::new();
    // Of equal age, in the order of the list.
    for number in 0_u64.. {
        tokio::select! {
            // A place that has become free is noticed before it is filled.
            biased;
            Some(done) = tasks.running.join_next_with_id() => tasks.finish(done).await,
            Some((account, skip)) = listed.recv() => match skip {
                _ if tasks.shared.cancel.is_cancelled() => listed.close(),
                Some(skip) => tasks.shared.leave_out(account, &skip).await,
                None => waiting.push(Reverse((ages.get(&account).copied(), number, account))),
            },
            else => break,
        }
        while tasks.running.len() < at_once && !tasks.shared.cancel.is_cancelled() {
            let Some(Reverse((.., account))) = waiting.pop() else { break };
            let span = tracing::info_span!("account", account.id = %account);
            let task = tasks.running.spawn(Arc::clone(&tasks.shared).scan_account(account).instrument(span));
            tasks.ids.insert(task.id(), account);
        }
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
    async fn finish(&mut self, done: Result<(Id, Option<Fallback>), JoinError>) {
        match done {
            Ok((id, fallback)) => {
                self.ids.remove(&id);
                self.fallbacks.extend(fallback);
            }
            // One bad account must neither end the run nor vanish.
            Err(error) => {
                if let Some(account) = self.ids.remove(&error.id()) {
                    self.shared.broke(account, &error.to_string()).await;
                }
            }
        }
    }
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
