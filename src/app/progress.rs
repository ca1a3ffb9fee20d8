use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use crate::aws::{CallCounts, CallerStats};

/// How far a scan has come; written by the scan, read by whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    pub(super) accounts_total: AtomicU64,
    pub(super) accounts_done: AtomicU64,
    pub(super) targets_known: AtomicU64,
    pub(super) targets_done: AtomicU64,
    pub(super) findings: AtomicU64,
    pub(super) calls: OnceLock<Arc<CallerStats>>,
    counts: Arc<CallCounts>,
}

/// The numbers of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// Accounts whose targets are all done.
    pub accounts_done: u64,
    /// Accounts of the organization within the scan's scope.
    pub accounts_total: u64,
    /// Targets with an outcome.
    pub targets_done: u64,
    /// Targets of the accounts entered so far.
    pub targets_known: u64,
    /// Attempts sent to AWS.
    pub calls: u64,
    /// Attempts that AWS throttled.
    pub throttled: u64,
    /// Failing or unknown verdicts so far.
    pub findings: u64,
}

impl Progress {
    /// Of a scan whose calls are added to these counts, which other scans add to as well.
    pub fn counting_in(counts: Arc<CallCounts>) -> Self {
        Self { counts, ..Self::default() }
    }

    pub(super) fn counts(&self) -> &Arc<CallCounts> {
        &self.counts
    }

    /// Reads the counters.
    pub fn snapshot(&self) -> Snapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Snapshot {
            accounts_done: read(&self.accounts_done),
            accounts_total: read(&self.accounts_total),
            targets_done: read(&self.targets_done),
            targets_known: read(&self.targets_known),
            calls: self.calls.get().map_or(0, |stats| stats.calls()),
            throttled: self.calls.get().map_or(0, |stats| stats.throttled()),
            findings: read(&self.findings),
        }
    }

    pub(super) fn add(counter: &AtomicU64, by: usize) {
        counter.fetch_add(by as u64, Ordering::Relaxed);
    }
}
