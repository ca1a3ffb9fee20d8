//! Applying what a scan learned, each target whole or not at all.
//!
//! A target whose record says what its last one said is only noted, and all such targets of a slice share
//! one update. Any other is compared, part by part, with what is stored.

mod coverage;
mod findings;
pub(super) mod record;
mod resources;
mod slice;

use std::collections::HashSet;

use super::{
    HistoryError, ScanId, Writer,
    writer::{KnownTargets, begin},
};
use crate::domain::{AccountId, TargetRecord};
use slice::Slice;

/// What one call of [`Writer::apply`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// Targets applied.
    pub targets: i64,
    /// Those among them that said something new.
    pub changed: i64,
    /// Findings opened or reopened.
    pub findings_opened: i64,
    /// Findings resolved.
    pub findings_resolved: i64,
}

impl Writer {
    /// Applies these records in one transaction: all of them are in when it returns, and none if it fails;
    /// dropped half way, it is one or the other. The order of the records does not matter, and neither does a record that was applied
    /// before.
    pub async fn apply(&mut self, scan: ScanId, records: &[TargetRecord]) -> Result<Applied, HistoryError> {
        self.expect_running(scan)?;
        let Self { path, db, running: Some(running), .. } = self else {
            return Err(HistoryError::NotRunning { path: self.path.clone(), scan: scan.0 });
        };
        let fail = |error| HistoryError::sqlite(path, error);

        let accounts: HashSet<AccountId> = records.iter().map(|record| record.target.account).collect();
        let stale = std::mem::replace(&mut running.stale, true);
        let mut tx = begin(path, db).await?;
        if stale {
            running.targets = KnownTargets::new(&mut tx).await.map_err(fail)?;
        }
        running.targets.hold(&mut tx, scan, &accounts).await.map_err(fail)?;
        let mut slice = Slice::new(scan, &running.targets);
        for record in records {
            slice.apply(&mut tx, record).await.map_err(fail)?;
        }
        slice.flush(&mut tx).await.map_err(fail)?;
        slice.count(&mut tx).await.map_err(fail)?;
        slice.settle(&mut tx).await.map_err(fail)?;
        let (applied, learned) = slice.end();
        tx.commit().await.map_err(fail)?;

        // Only what is committed is known.
        for (target, known) in learned {
            running.targets.insert(&target, known);
        }
        running.stale = false;
        Ok(applied)
    }
}
