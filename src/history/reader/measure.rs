//! The numbers that a running keywatch is watched by.

use sqlx::{Connection, SqliteConnection};

use super::Reader;
use crate::{domain::Timestamp, history::HistoryError};

/// What is known now, in a few numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// The newest scan that came to its end, complete or not.
    pub last_scan: Option<ScanSpan>,
    /// When the newest complete scan ended.
    pub last_complete_at: Option<Timestamp>,
    /// What became of the targets, as in the `coverage` view: scanned, failed, skipped.
    pub targets: [(&'static str, u64); 3],
    /// The findings by check and severity; each of which there ever was one, until it is pruned.
    pub findings: Vec<FindingCount>,
    /// When the target that was looked at the longest ago was last scanned; those aside that are skipped, and
    /// those that never were.
    pub oldest_knowledge: Option<Timestamp>,
    stamp: Stamp,
}

/// When a scan began and ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanSpan {
    /// Its begin.
    pub started_at: Timestamp,
    /// Its end.
    pub finished_at: Timestamp,
}

/// How many findings of one check there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingCount {
    /// The check.
    pub check_id: String,
    /// Its severity.
    pub severity: String,
    /// Those that are open.
    pub open: u64,
    /// Those that an exception covers.
    pub suppressed: u64,
}

/// What differs after every write that changes one of the numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Stamp {
    scan_id: i64,
    outcome: String,
    targets: i64,
    finished_at: Option<String>,
    event_id: i64,
    prunings: i64,
}

impl Reader {
    /// The numbers of now. Those of before are the answer where nothing was written since: to count the targets of
    /// a large organization takes a while.
    pub async fn measure(&self, before: Option<Measures>) -> Result<Measures, HistoryError> {
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let mut db = self.connection().await?;
        // One transaction, so that the numbers belong together.
        let mut tx = db.begin().await.map_err(fail)?;
        let stamp = stamp(&mut tx).await.map_err(fail)?;
        if let Some(before) = before
            && before.stamp == stamp
        {
            return Ok(before);
        }
        let measured = measure(&mut tx, stamp).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        Ok(measured)
    }

    /// The newest scan that came to its end, complete or not.
    pub async fn last_finished_scan(&self) -> Result<Option<ScanSpan>, HistoryError> {
        let mut db = self.connection().await?;
        last_scan(&mut db).await.map_err(|error| HistoryError::sqlite(&self.path, error))
    }
}

async fn stamp(db: &mut SqliteConnection) -> Result<Stamp, sqlx::Error> {
    let newest = sqlx::query_as!(
        Stamp,
        r#"SELECT scan_id, outcome, targets, finished_at,
                  (SELECT coalesce(max(event_id), 0) FROM finding_event) AS "event_id!: i64",
                  (SELECT count(*) FROM pruning) AS "prunings!: i64"
           FROM scan ORDER BY scan_id DESC LIMIT 1"#
    )
    .fetch_optional(db)
    .await?;
    Ok(newest.unwrap_or_default())
}

async fn last_scan(db: &mut SqliteConnection) -> Result<Option<ScanSpan>, sqlx::Error> {
    let newest = sqlx::query!(
        r#"SELECT started_at, finished_at AS "finished_at!" FROM scan
           WHERE outcome IN ('complete', 'incomplete') AND finished_at IS NOT NULL
           ORDER BY scan_id DESC LIMIT 1"#
    )
    .fetch_optional(db)
    .await?;
    let span = |row| {
        let (started_at, finished_at) = row;
        Ok(ScanSpan { started_at: moment(started_at)?, finished_at: moment(finished_at)? })
    };
    newest.map(|row| (row.started_at, row.finished_at)).map(span).transpose()
}

async fn measure(db: &mut SqliteConnection, stamp: Stamp) -> Result<Measures, sqlx::Error> {
    let last_complete_at = sqlx::query_scalar!(
        r#"SELECT finished_at AS "finished_at!" FROM scan
           WHERE outcome = 'complete' AND finished_at IS NOT NULL ORDER BY scan_id DESC LIMIT 1"#
    )
    .fetch_optional(&mut *db)
    .await?;
    let outcomes = sqlx::query!(
        r#"SELECT c.outcome AS "outcome!", count(*) AS "targets!: u64", min(t.last_attempt_at) AS "oldest!: String"
           FROM coverage_period c JOIN target t ON t.target_id = c.target_id
           WHERE c.part = '' AND c.valid_to IS NULL GROUP BY c.outcome"#
    )
    .fetch_all(&mut *db)
    .await?;
    // Of those that fail now, when they last did not.
    let oldest_of_failed = sqlx::query_scalar!(
        r#"SELECT min((SELECT max(coalesce(s.last_at, t.last_attempt_at)) FROM coverage_period s
                       WHERE s.target_id = c.target_id AND s.part = '' AND s.outcome = 'scanned'))
                  AS "oldest: String"
           FROM coverage_period c JOIN target t ON t.target_id = c.target_id
           WHERE c.part = '' AND c.valid_to IS NULL AND c.outcome <> 'scanned' AND c.outcome = 'failed'"#
    )
    .fetch_one(&mut *db)
    .await?;
    let findings = sqlx::query_as!(
        FindingCount,
        r#"SELECT check_id, severity, sum(state = 'open') AS "open!: u64",
                  sum(state = 'suppressed') AS "suppressed!: u64"
           FROM finding GROUP BY check_id, severity ORDER BY check_id, severity"#
    )
    .fetch_all(&mut *db)
    .await?;

    let of = |outcome: &str| outcomes.iter().find(|row| row.outcome == outcome);
    let oldest_of_scanned = of("scanned").map(|row| row.oldest.clone());
    let oldest = [oldest_of_scanned, oldest_of_failed].into_iter().flatten().min();
    Ok(Measures {
        last_scan: last_scan(db).await?,
        last_complete_at: last_complete_at.map(moment).transpose()?,
        targets: ["scanned", "failed", "skipped"]
            .map(|outcome| (outcome, of(outcome).map_or(0, |row| row.targets))),
        findings,
        oldest_knowledge: oldest.map(moment).transpose()?,
        stamp,
    })
}

fn moment(text: String) -> Result<Timestamp, sqlx::Error> {
    text.parse().map_err(|error: jiff::Error| sqlx::Error::Decode(error.into()))
}
