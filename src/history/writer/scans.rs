use sqlx::SqliteConnection;

use super::{
    KnownTargets, Running, Writer, begin,
    resume::{Interrupt, interrupt, take_up},
    roster,
};
use crate::{
    domain::{Account, Outcome, Timestamp, iso_utc},
    history::{HistoryError, ScanId},
};

/// A scan that is about to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewScan<'a> {
    /// What asked for it: `manual`, `demo`, `schedule`.
    pub trigger: &'a str,
    /// When it began.
    pub started_at: Timestamp,
    /// Accounts of the organization; more may follow with [`Writer::enlist`].
    pub accounts: &'a [Account],
    /// Whether these are all of them. Only then has an account that is missing left.
    pub complete_roster: bool,
    /// What it sets out to read, in any words, so that it can be found again should it be cut off.
    pub scope: Option<&'a str>,
    /// The scan that it goes on with instead of being a new one, as [`Writer::cut_off`] named it.
    pub resumes: Option<ScanId>,
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanEnd {
    /// When.
    pub finished_at: Timestamp,
    /// How.
    pub outcome: ScanOutcome,
    /// Calls to AWS, retries included.
    pub api_calls: u64,
    /// Calls that AWS throttled.
    pub throttled_calls: u64,
    /// Targets that it did not ask. Of one that is interrupted they are not counted: should it go on, it decides
    /// anew which to ask.
    pub deferred: Deferred,
}

/// Targets that a scan did not ask, because what is known of them is young enough, by that knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deferred {
    /// Those that were scanned when they were last asked.
    pub scanned: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that were skipped.
    pub skipped: u64,
}

impl Deferred {
    /// Counts one of that outcome.
    pub fn add(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Scanned => &mut self.scanned,
            Outcome::Failed => &mut self.failed,
            Outcome::Skipped => &mut self.skipped,
        } += 1;
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.scanned + self.failed + self.skipped
    }
}

/// Whether a scan saw everything it set out to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanOutcome {
    /// No target failed.
    Complete,
    /// At least one did.
    Incomplete,
    /// It was stopped.
    Interrupted,
}

impl ScanOutcome {
    /// The word in the database and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Writer {
    /// Begins a scan, or goes on with one that was cut off: any other that is still `running` is marked
    /// `interrupted`, the accounts are brought up to date, and the findings of those that left are resolved,
    /// all in one transaction.
    pub async fn begin_scan(&mut self, new: &NewScan<'_>) -> Result<ScanId, HistoryError> {
        self.running = None;
        let path = self.path.clone();
        let fail = |error| HistoryError::sqlite(&path, error);
        let at = iso_utc(new.started_at);

        let mut tx = begin(&path, &mut self.db).await?;
        if let Some(scan) = new.resumes {
            take_up(&mut tx, scan).await.map_err(fail)?;
        }
        interrupt(&mut tx, new.started_at, Interrupt::AllBut(new.resumes)).await.map_err(fail)?;
        let scan = match new.resumes {
            Some(scan) => scan,
            None => insert(&mut tx, &at, new).await.map_err(fail)?,
        };
        enlist(&mut tx, scan, &at, new.accounts, new.complete_roster).await.map_err(fail)?;
        let targets = KnownTargets::new(&mut tx).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;

        self.running = Some(Running { scan, targets, stale: false });
        Ok(scan)
    }

    /// Brings more of the organization's accounts up to date, in one transaction; with `complete` these are
    /// all of them, and the findings of accounts that are missing are resolved. An account that was listed
    /// before may come again, with more known of it.
    pub async fn enlist(
        &mut self,
        scan: ScanId,
        at: Timestamp,
        accounts: &[Account],
        complete: bool,
    ) -> Result<(), HistoryError> {
        self.expect_running(scan)?;
        let path = self.path.clone();
        let fail = |error| HistoryError::sqlite(&path, error);
        let mut tx = begin(&path, &mut self.db).await?;
        enlist(&mut tx, scan, &iso_utc(at), accounts, complete).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        // What was known of the targets of an account that left is no longer so.
        if complete && let Some(running) = &mut self.running {
            running.stale = true;
        }
        Ok(())
    }

    /// Ends the running scan, or stops it: then it can be gone on with. Its counts of targets, resources and
    /// findings are already there: every [`Writer::apply`] stores them with what it applies; only what was not
    /// asked is added here.
    pub async fn finish_scan(&mut self, scan: ScanId, end: &ScanEnd) -> Result<(), HistoryError> {
        self.expect_running(scan)?;
        let deferred = match end.outcome {
            ScanOutcome::Interrupted => Deferred::default(),
            ScanOutcome::Complete | ScanOutcome::Incomplete => end.deferred,
        };
        let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
        sqlx::query!(
            "UPDATE scan SET finished_at = max(?1, started_at), outcome = ?2, api_calls = api_calls + ?3,
                 throttled_calls = throttled_calls + ?4, scope = iif(?2 = 'interrupted', scope, NULL),
                 targets = targets + ?6, scanned = scanned + ?7, failed = failed + ?8, skipped = skipped + ?9,
                 deferred = deferred + ?6
             WHERE scan_id = ?5",
            iso_utc(end.finished_at),
            end.outcome.as_str(),
            number(end.api_calls),
            number(end.throttled_calls),
            scan.0,
            number(deferred.total()),
            number(deferred.scanned),
            number(deferred.failed),
            number(deferred.skipped)
        )
        .execute(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        self.running = None;
        Ok(())
    }

    pub(in crate::history) fn expect_running(&self, scan: ScanId) -> Result<&Running, HistoryError> {
        self.running
            .as_ref()
            .filter(|running| running.scan == scan)
            .ok_or_else(|| HistoryError::NotRunning { path: self.path.clone(), scan: scan.0 })
    }
}

async fn insert(db: &mut SqliteConnection, at: &str, new: &NewScan<'_>) -> Result<ScanId, sqlx::Error> {
    let inserted = sqlx::query!(
        r#"INSERT INTO scan ("trigger", started_at, scope) VALUES (?, ?, ?)"#,
        new.trigger,
        at,
        new.scope
    )
    .execute(db)
    .await?;
    Ok(ScanId(inserted.last_insert_rowid()))
}

async fn enlist(
    db: &mut SqliteConnection,
    scan: ScanId,
    at: &str,
    accounts: &[Account],
    complete: bool,
) -> Result<(), sqlx::Error> {
    let resolved = roster::sync(&mut *db, scan, at, accounts, complete).await?;
    sqlx::query!(
        "UPDATE scan SET findings_resolved = findings_resolved + ? WHERE scan_id = ?",
        resolved,
        scan.0
    )
    .execute(db)
    .await?;
    Ok(())
}
