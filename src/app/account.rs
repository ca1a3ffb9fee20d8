use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    Progress,
    connect::Connection,
    due::{AccountDue, Due},
    record::Entry,
    resume::Done,
};
use crate::{
    aws::{Bounds, Class, Session},
    collection::{Collector, Looked, Remembered},
    config::Config,
    domain::{AccountId, CoverageReason, Failure, Reading, Region, Skip, Target, TargetRecord, Timestamp},
    evaluation::evaluate,
    targets::{Plan, Planned, list_regions, plan},
};

/// What every account's task shares.
pub struct Shared {
    pub config: Config,
    pub connection: Connection,
    pub collector: Collector,
    /// Only these Regions; all if empty.
    pub regions: Vec<Region>,
    /// What this scan read before it was cut off.
    pub done: Done,
    /// Which targets are asked.
    pub due: Arc<Due>,
    pub records: mpsc::Sender<Entry>,
    /// Targets that are being looked at; more than slots, so that those that wait for a permit leave
    /// the slots to others.
    pub targets: Arc<Semaphore>,
    /// An exception by tag is in force.
    pub with_tags: bool,
    pub cancel: CancellationToken,
    pub progress: Arc<Progress>,
}

/// What an account's task tells beside its records.
#[derive(Debug)]
pub struct Fallback {
    pub account: AccountId,
    pub error: Failure,
}

impl Shared {
    /// Records an account that is left out, Region by Region; it costs no call to do so again.
    pub async fn leave_out(&self, account: AccountId, skip: &Skip) {
        let plan = self.plan(None);
        Progress::add(&self.progress.targets_known, plan.regions.len());
        for (region, planned) in plan.regions {
            // An excluded Region stays excluded whatever becomes of the account.
            let skip = match planned {
                Planned::Skip(own) => own,
                Planned::Scan { .. } => skip.clone(),
            };
            self.record(account, region, Reading::Skipped(skip)).await;
        }
        self.progress.accounts_done.fetch_add(1, Ordering::Relaxed);
    }

    /// Enters an account, plans its Regions and looks at each.
    pub async fn scan_account(self: Arc<Self>, account: AccountId) -> Option<Fallback> {
        let (left, done) = (self.left(account, None), self.done.regions(account));
        if left.regions.is_empty() && !done.is_empty() {
            self.progress.accounts_done.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let mut due = self.due.of(account, &left, done).await;
        let fallback = if due.rests {
            self.rest(account, left).await;
            None
        } else {
            let session = self.connection.sessions.enter(account);
            let fallback = self.scan_regions(account, &session, &mut due).await;
            drop(session);
            self.connection.sessions.leave(account);
            self.connection.caller.forget(account);
            fallback
        };
        // Only now: had this task ended in a panic, those that wait would have failed with the others.
        self.due.defer(&due);
        Progress::add(&self.progress.targets_known, due.count());
        Progress::add(&self.progress.targets_done, due.count());
        self.progress.accounts_done.fetch_add(1, Ordering::Relaxed);
        fallback
    }

    /// Records what the config leaves out of an account that is not asked at all.
    async fn rest(&self, account: AccountId, left: Plan) {
        for (region, planned) in left.regions {
            if let Planned::Skip(skip) = planned {
                Progress::add(&self.progress.targets_known, 1);
                self.record(account, region, Reading::Skipped(skip)).await;
            }
        }
    }

    async fn scan_regions(
        self: &Arc<Self>,
        account: AccountId,
        session: &Arc<Session>,
        due: &mut AccountDue,
    ) -> Option<Fallback> {
        let (sdk, caller) = (&self.connection.sdk, &self.connection.caller);
        let bounds = Bounds::within(self.config.scan.target_timeout, &self.cancel);
        if let Err(error) = session.credentials(caller, &bounds).await {
            if error.class == Class::Denied {
                let request_id = error.failure.request_id.as_deref();
                tracing::warn!(account.id = %account, request_id, "not entered: {error}");
                // That holds for all of it; whatever else kept us out says nothing of what was not asked.
                due.told_all();
            }
            self.all_failed(account, &error.failure, due).await;
            return None;
        }
        let (mut plan, fallback) = if due.lists {
            match list_regions(sdk, caller, session, &self.config.aws.home_region, &bounds).await {
                Ok(listed) => {
                    let plan = self.left(account, Some(&listed));
                    due.told(&plan);
                    (plan, None)
                }
                Err(error) if error.failure.reason == CoverageReason::Cancelled => return None,
                Err(error) => {
                    let request_id = error.failure.request_id.as_deref();
                    tracing::warn!(account.id = %account, request_id, "every known Region is tried: {error}");
                    (self.left(account, None), Some(Fallback { account, error: error.failure }))
                }
            }
        } else {
            (self.left(account, None), None)
        };
        plan.regions.retain(|region, _| !due.waits(region));
        Progress::add(&self.progress.targets_known, plan.regions.len());

        let mut to_scan = Vec::new();
        for (region, planned) in plan.regions {
            match planned {
                // First: where every known Region of the account is done, these are, and a scan that goes on
                // need not ask the account for its Regions again.
                Planned::Skip(skip) => self.record(account, region, Reading::Skipped(skip)).await,
                // Where the list need not be asked, an earlier one had the Region: a token that is refused there now
                // is a gap that nobody has explained.
                Planned::Scan { may_be_disabled } => to_scan.push((region, may_be_disabled && due.lists)),
            }
        }
        let mut tasks = JoinSet::new();
        let mut targets = HashMap::new();
        for (region, may_be_disabled) in to_scan {
            // Closed only at the end of the process.
            let Ok(turn) = Arc::clone(&self.targets).acquire_owned().await else { break };
            if self.cancel.is_cancelled() {
                break;
            }
            let (shared, session, region_of) = (Arc::clone(self), Arc::clone(session), region.clone());
            let span = tracing::info_span!("target", account.id = %account, %region);
            let keys = Arc::clone(&due.keys);
            let look = async move {
                shared.scan_target(Target { account, region }, &session, &keys, may_be_disabled).await;
                drop(turn);
            };
            let task = tasks.spawn(look.instrument(span));
            targets.insert(task.id(), region_of);
        }
        while let Some(done) = tasks.join_next_with_id().await {
            if let Err(panic) = done
                && let Some(region) = targets.remove(&panic.id())
            {
                let failure = internal(&panic.to_string());
                tracing::error!(account.id = %account, %region, "{failure}");
                self.record(account, region, Reading::Failed(failure)).await;
            }
        }
        fallback
    }

    async fn scan_target(&self, target: Target, session: &Session, keys: &Remembered, may_be_disabled: bool) {
        let bounds = Bounds::within(self.config.scan.target_timeout, &self.cancel);
        let record = match self.collector.look(&target, session, keys, &bounds).await {
            Looked::Saw(observation) => {
                let mut record = evaluate(observation);
                if self.with_tags {
                    self.collector.add_tags(&mut record, session, &bounds).await;
                }
                record
            }
            Looked::NotEnabled(failure) if may_be_disabled => {
                let detail = format!("an opt-in Region that does not accept the token: {failure}");
                let skip = Skip { reason: CoverageReason::RegionNotEnabled, detail };
                TargetRecord { target, at: self.now(), reading: Reading::Skipped(skip) }
            }
            Looked::Stopped => return,
            Looked::NotEnabled(failure) => {
                TargetRecord { target, at: self.now(), reading: Reading::Failed(failure) }
            }
        };
        self.send(record).await;
    }

    /// The account's task ended in a panic.
    pub async fn broke(&self, account: AccountId, message: &str) {
        let failure = internal(message);
        tracing::error!(account.id = %account, "{failure}");
        self.all_failed(account, &failure, &AccountDue::default()).await;
        self.progress.accounts_done.fetch_add(1, Ordering::Relaxed);
    }

    /// The account could not be entered: none of its Regions was seen that was to be.
    async fn all_failed(&self, account: AccountId, failure: &Failure, due: &AccountDue) {
        let mut plan = self.left(account, None);
        plan.regions.retain(|region, _| !due.waits(region));
        Progress::add(&self.progress.targets_known, plan.regions.len());
        for (region, planned) in plan.regions {
            let reading = match planned {
                Planned::Skip(skip) => Reading::Skipped(skip),
                Planned::Scan { .. } => Reading::Failed(failure.clone()),
            };
            self.record(account, region, reading).await;
        }
    }

    /// What is to be done about the account's Regions, those aside that this scan has behind it.
    fn left(&self, account: AccountId, listed: Option<&crate::targets::Listed>) -> Plan {
        let mut plan = self.plan(listed);
        let done = self.done.regions(account);
        plan.regions.retain(|region, _| !done.contains(region));
        plan
    }

    fn plan(&self, listed: Option<&crate::targets::Listed>) -> Plan {
        let partition = self.connection.sessions.identity().partition;
        let mut plan = plan(partition, &self.config.regions, listed);
        if !self.regions.is_empty() {
            plan.regions.retain(|region, _| self.regions.contains(region));
        }
        plan
    }

    async fn record(&self, account: AccountId, region: Region, reading: Reading) {
        let target = Target { account, region };
        self.send(TargetRecord { target, at: self.now(), reading }).await;
    }

    async fn send(&self, record: TargetRecord) {
        // A target that was not looked at to the end has no outcome in this scan: what was known of it
        // stays, and it is the next scan's.
        if stopped(&record) {
            return;
        }
        Progress::add(&self.progress.targets_done, 1);
        Progress::add(&self.progress.findings, super::record::findings(&record));
        // The writer ends early only on an error of its own, which ends the scan.
        let _ = self.records.send(Entry::Target(record)).await;
    }

    fn now(&self) -> Timestamp {
        self.collector.now()
    }
}

fn stopped(record: &TargetRecord) -> bool {
    let cancelled = |failure: &Failure| failure.reason == CoverageReason::Cancelled;
    match &record.reading {
        Reading::Skipped(_) => false,
        Reading::Failed(failure) => cancelled(failure),
        Reading::Read(parts) => parts.iter().any(|part| part.resources.as_ref().is_err_and(cancelled)),
    }
}

fn internal(message: &str) -> Failure {
    Failure {
        reason: CoverageReason::ServiceError,
        operation: "keywatch",
        code: None,
        message: format!("a defect in keywatch, please report it: {message}"),
        request_id: None,
    }
}
