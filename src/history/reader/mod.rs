//! The side that answers. Its connections cannot write, and work while a writer writes.

mod account;
mod asking;
mod filter;
mod finding;
mod list;
mod measure;
mod overview;
mod pages;
mod past;
mod posture;
mod question;
mod standing;
mod trend;
mod value;
mod week;

use std::path::{Path, PathBuf};

use serde_json::json;
use sqlx::{Connection, SqlitePool, sqlite::SqlitePoolOptions};

use asking::Asking;
pub use filter::{CoverageFilter, FindingFilter};
pub use finding::Surroundings;
pub use list::List;
pub use measure::{FindingCount, Measures, ScanSpan};
pub use overview::Overview;
pub use pages::{
    AccountPages, CoveragePages, EventPages, FindingPages, Page, Pages, Place, ResourcePages, ScanPages,
};
pub use past::Past;
pub use posture::Posture;
pub(super) use question::Question;
use question::rows;
pub use standing::KnownTarget;
pub use trend::{Period, TrendFilter};
pub(super) use value::row_values;
pub use week::*;

use super::{HistoryError, ScanId, checked::question, open};
use crate::domain::{Rows, Timestamp, iso_utc};

/// Connections that a reader keeps: as many as a small server asks at once.
const CONNECTIONS: u32 = 4;

/// Reads one history.
#[derive(Debug, Clone)]
pub struct Reader {
    pub(super) path: PathBuf,
    pool: SqlitePool,
}

/// The UTC days that a history covers: from the first scan's, or the first that pruning left, to the newest scan's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    /// The first, `2026-01-01`.
    pub first: String,
    /// The newest.
    pub last: String,
    /// Whether earlier ones were pruned.
    pub pruned: bool,
}

/// Everything known of a finding, or of all findings of one resource.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FindingHistory {
    /// Rows of the `findings` view; none if there is no such finding.
    pub findings: Rows,
    /// Their rows of `finding_events`, oldest first.
    pub events: Rows,
    /// Their resources' rows of `evaluations` under the findings' checks, oldest first.
    pub evaluations: Rows,
}

impl Reader {
    /// Opens the history; a missing one is an error, and so is one of another schema.
    pub async fn open(path: &Path) -> Result<Self, HistoryError> {
        // One connection is opened here, so that what is wrong with the file is said now.
        let first = open::for_reading(path).await?;
        first.close().await.map_err(|error| HistoryError::sqlite(path, error))?;
        let pool =
            SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_lazy_with(open::read_options(path));
        Ok(Self { path: path.to_owned(), pool })
    }

    /// Closes its connections, once what is being asked is answered; then nothing can be asked any more.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// One finding by its number, or all findings of a resource by its ARN.
    pub async fn finding(&self, id_or_arn: &str) -> Result<FindingHistory, HistoryError> {
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let mut db = self.connection().await?;
        // One transaction, so that the three answers belong together.
        let mut tx = db.begin().await.map_err(fail)?;
        let findings = question!(
            // With OR in the place of UNION, SQLite would look at every finding.
            "SELECT * FROM findings WHERE finding_id = CAST(?1 AS INTEGER) AND ?1 NOT GLOB '*[^0-9]*'
             UNION ALL
             SELECT * FROM findings WHERE resource_arn = ?1
             ORDER BY finding_id",
            Some(id_or_arn.trim().to_owned())
        );
        let findings = rows(&mut tx, findings).await.map_err(fail)?;
        let ids: Vec<_> = findings.rows.iter().filter_map(|row| row.first()).collect();
        let ids = Some(json!(ids).to_string());
        let events = question!(
            "SELECT * FROM finding_events WHERE finding_id IN (SELECT value FROM json_each(?1)) ORDER BY event_id",
            ids.clone()
        );
        let events = rows(&mut tx, events).await.map_err(fail)?;
        // By resource, not by ARN: another target may have listed the same ARN.
        let evaluations = question!(
            "SELECT e.check_id, r.arn AS resource_arn, t.account_id, t.region, e.status, e.reason,
                    e.valid_from, e.valid_to
             FROM finding f
             JOIN evaluation e ON e.resource_id = f.resource_id AND e.check_id = f.check_id
             JOIN resource r ON r.resource_id = f.resource_id
             JOIN target t ON t.target_id = r.target_id
             WHERE f.finding_id IN (SELECT value FROM json_each(?1))
             ORDER BY e.valid_from, e.evaluation_id",
            ids
        );
        let evaluations = rows(&mut tx, evaluations).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        Ok(FindingHistory { findings, events, evaluations })
    }

    /// The exceptions in force, or all that ever were; those that end first come first.
    pub async fn exceptions(&self, all: bool) -> Result<Rows, HistoryError> {
        let which = if all { None } else { Some("active".to_owned()) };
        self.one(question!(
            "SELECT * FROM exceptions WHERE ?1 IS NULL OR state = ?1
             ORDER BY state <> 'active', expires_at, exception_id",
            which
        ))
        .await
    }

    /// The open and the suppressed findings, counted by `state`, `severity` and `status`, in `findings`.
    pub async fn open_findings(&self) -> Result<Rows, HistoryError> {
        self.one(question!(
            "SELECT state, severity, status, count(*) AS findings FROM finding WHERE state <> 'resolved'
             GROUP BY state, severity, status ORDER BY state, severity, status"
        ))
        .await
    }

    /// The days that the history covers; none before the first scan.
    pub async fn days(&self) -> Result<Option<Days>, HistoryError> {
        let mut db = self.connection().await?;
        let days = sqlx::query!(
            r#"SELECT min(day) AS first, max(day) AS last, EXISTS (SELECT 1 FROM pruning) AS "pruned!: bool"
               FROM day"#
        )
        .fetch_one(&mut *db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        let pruned = days.pruned;
        Ok(days.first.zip(days.last).map(|(first, last)| Days { first, last, pruned }))
    }

    /// The targets that were left out, counted: `reason`, `accounts`, `targets`. A large organization has
    /// more of them than anyone wants to read.
    pub async fn skipped(&self) -> Result<Rows, HistoryError> {
        self.one(question!(
            "SELECT reason, count(DISTINCT account_id) AS accounts, count(*) AS targets
             FROM coverage WHERE outcome = 'skipped' GROUP BY reason ORDER BY targets DESC, reason"
        ))
        .await
    }

    /// One scan; no row if there is none of this number.
    pub async fn scan(&self, scan: ScanId) -> Result<Rows, HistoryError> {
        self.one(question!("SELECT * FROM scans WHERE scan_id = CAST(?1 AS INTEGER)", Some(scan.to_string())))
            .await
    }

    /// The newest scan, running or not; no row if there was none.
    pub async fn last_scan(&self) -> Result<Rows, HistoryError> {
        self.one(question!("SELECT * FROM scans ORDER BY scan_id DESC LIMIT 1")).await
    }

    /// The daemon's jobs, by name.
    pub async fn jobs(&self) -> Result<Rows, HistoryError> {
        self.one(question!("SELECT * FROM jobs ORDER BY job")).await
    }

    /// A scan that runs, or whose process died, and that began before that moment.
    pub async fn scan_running_over(&self, moment: Timestamp) -> Result<Option<ScanId>, HistoryError> {
        let mut db = self.connection().await?;
        let scan = sqlx::query_scalar!(
            "SELECT scan_id FROM scan WHERE outcome = 'running' AND started_at < ? ORDER BY scan_id DESC LIMIT 1",
            iso_utc(moment)
        )
        .fetch_optional(&mut *db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok(scan.map(ScanId))
    }

    pub(super) async fn one(&self, question: Question) -> Result<Rows, HistoryError> {
        let mut db = self.connection().await?;
        rows(&mut db, question).await.map_err(|error| HistoryError::sqlite(&self.path, error))
    }

    /// A connection, whose statement ends when nobody waits for it any more.
    pub(super) async fn connection(&self) -> Result<Asking, HistoryError> {
        let fail = |error| HistoryError::sqlite(&self.path, error);
        Asking::on(self.pool.acquire().await.map_err(fail)?).await.map_err(fail)
    }
}
