use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::history::ScanOutcome;

/// The words for how a scan ended; the last is that of one that could not run.
const OUTCOMES: [&str; 4] = ["complete", "incomplete", "interrupted", "error"];

/// The scans that this process has made.
#[derive(Debug, Default)]
pub(super) struct Scans {
    running: AtomicU64,
    ended: [AtomicU64; OUTCOMES.len()],
}

impl Scans {
    pub(super) fn running(&self) -> u64 {
        self.running.load(Ordering::Relaxed)
    }

    pub(super) fn ended(&self) -> impl Iterator<Item = (&'static str, u64)> {
        OUTCOMES.into_iter().zip(self.ended.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    pub(super) fn begin(self: &Arc<Self>) -> RunningScan {
        self.running.fetch_add(1, Ordering::Relaxed);
        RunningScan { scans: Arc::clone(self), outcome: None }
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
}
