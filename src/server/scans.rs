use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{domain::Timestamp, history::ScanOutcome};

/// The words for how a scan ended; the last is that of one that could not run.
const OUTCOMES: [&str; 4] = ["complete", "incomplete", "interrupted", "error"];

/// How far a scan has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanProgress {
    /// Accounts whose targets are all done.
    pub accounts_done: u64,
    /// Accounts that it goes through; more may still be listed.
    pub accounts_total: u64,
    /// Targets with an outcome.
    pub targets_done: u64,
    /// Attempts sent to AWS.
    pub calls: u64,
    /// Those of them that AWS throttled.
    pub throttled: u64,
}

/// Tells how far it has come.
type Tell = Box<dyn Fn() -> ScanProgress + Send + Sync>;

/// The scans that this process has made.
#[derive(Default)]
pub(super) struct Scans {
    running: AtomicU64,
    ended: [AtomicU64; OUTCOMES.len()],
    /// The one on its way that tells how far it has come: when it began, and whom to ask.
    telling: Mutex<Option<(Timestamp, Tell)>>,
}

impl Scans {
    pub(super) fn running(&self) -> u64 {
        self.running.load(Ordering::Relaxed)
    }

    pub(super) fn ended(&self) -> impl Iterator<Item = (&'static str, u64)> {
        OUTCOMES.into_iter().zip(self.ended.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    /// When the scan on its way began, and how far it has come; `None` if there is none that tells.
    pub(super) fn progress(&self) -> Option<(Timestamp, ScanProgress)> {
        let telling = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        telling.as_ref().map(|(began, tell)| (*began, tell()))
    }

    pub(super) fn begin(self: &Arc<Self>) -> RunningScan {
        self.running.fetch_add(1, Ordering::Relaxed);
        RunningScan { scans: Arc::clone(self), outcome: None }
    }
}

impl fmt::Debug for Scans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scans")
            .field("running", &self.running)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// A scan on its way; where it is dropped before it ended, it could not run.
#[derive(Debug)]
#[must_use = "it counts as ended when it is dropped"]
pub struct RunningScan {
    scans: Arc<Scans>,
    outcome: Option<ScanOutcome>,
}

impl RunningScan {
    /// It began then, and whoever looks is told how far it has come.
    pub fn telling(self, began: Timestamp, tell: impl Fn() -> ScanProgress + Send + Sync + 'static) -> Self {
        *self.scans.telling.lock().unwrap_or_else(PoisonError::into_inner) = Some((began, Box::new(tell)));
        self
    }

    /// It came to its end.
    pub fn end(mut self, outcome: ScanOutcome) {
        self.outcome = Some(outcome);
    }
}

impl Drop for RunningScan {
    fn drop(&mut self) {
        let word = self.outcome.map_or("error", ScanOutcome::as_str);
        for (outcome, count) in OUTCOMES.iter().zip(&self.scans.ended) {
            if *outcome == word {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
        // A daemon makes one at a time.
        *self.scans.telling.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.scans.running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scan_ends_once() {
        let scans = Arc::new(Scans::default());
        let running = scans.begin();
        drop(scans.begin());
        assert_eq!(scans.running(), 1);
        running.end(ScanOutcome::Incomplete);
        scans.begin().end(ScanOutcome::Complete);
        scans.begin().end(ScanOutcome::Interrupted);
        assert_eq!(scans.running(), 0);
        let ended: Vec<_> = scans.ended().collect();
        assert_eq!(ended, [("complete", 1), ("incomplete", 1), ("interrupted", 1), ("error", 1)]);
    }
    #[test]
    fn the_one_on_its_way_tells_how_far_it_has_come_until_it_ends() {
        let scans = Arc::new(Scans::default());
        assert_eq!(scans.progress(), None);
        let began: Timestamp = "2026-11-24T09:00:00Z".parse().unwrap();
        let progress = ScanProgress { accounts_done: 1, accounts_total: 3, ..ScanProgress::default() };
        let running = scans.begin().telling(began, move || progress);
        assert_eq!(scans.progress(), Some((began, progress)));
        running.end(ScanOutcome::Complete);
        assert_eq!(scans.progress(), None);
    }
}
