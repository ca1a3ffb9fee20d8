//! Step 6, remember: SQLite. The [`Writer`] applies records, the [`Reader`] answers.
//!
//! What was true over time is kept as periods, so the file grows with change and not with scans. A finding
//! changes only through what was seen: a part of a target that could not be read, or a target that failed,
//! changes no resource, no evaluation and no finding.
//!
//! One process writes at a time (a lock file says who); any number may read meanwhile.

mod apply;
mod backup;
mod check;
mod checked;
mod digest;
mod error;
mod exceptions;
mod export;
mod jobs;
mod named;
mod open;
mod outbox;
mod prune;
mod query;
mod reader;
mod remediations;
mod reports;
mod standing;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

pub use apply::Applied;
pub use check::{Broken, CheckReport, Invariant};
pub use error::HistoryError;
pub use exceptions::Settled;
pub use export::{ExportFormat, ExportedView};
pub use jobs::{DaemonLock, JobMemory, JobOutcome, Jobs};
pub use named::{NamedQuery, Parameter, ParameterError};
pub use outbox::{Claimed, Outbox};
pub use prune::{Pruned, PrunedTable};
pub use query::{Answer, Ended, Limits};
pub use reader::{
    AccountPages, AccountTargets, AccountThen, CoverageFilter, CoveragePages, Days, EventPages, EventThen,
    EvidenceThen, ExceptionThen, FindingCount, FindingFilter, FindingHistory, FindingPages, FindingThen,
    FirstScan, GapThen, KnownTarget, List, Measures, NumbersThen, OpenChange, OpeningThen, Overview, Page,
    Pages, Past, Period, Place, Posture, REPORT_WEEKS, Reader, ResourcePages, ScanPages, ScanSpan, ScansThen,
    Surroundings, TargetPeriod, TrendFilter, VerdictsThen, WeekFacts, WeekSpan,
};
pub use remediations::{
    Begun, NewEntry, NewRemediation, RemediationEntry, RemediationLock, Remediations,
    Standing as RemediationStanding, UnderWay,
};
pub use reports::{IssuedReport, NewReport, Reports};
pub use standing::{Holder, Standing};
pub use writer::{CutOff, Deferred, NewScan, ScanEnd, ScanOutcome, Writer};

/// The schema, embedded; files in `migrations/` are only ever added.
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The number of a scan, as in the `scans` view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScanId(pub i64);

impl fmt::Display for ScanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
