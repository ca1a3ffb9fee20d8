//! Going on with a scan that was cut off.

use std::collections::HashMap;

use jiff::SignedDuration;
use sqlx::SqliteConnection;

use super::Writer;
use crate::{
    domain::{AccountId, Target, Timestamp, iso_utc},
    history::{HistoryError, ScanId},
};

/// What was read longer ago than this is no part of a scan of today.
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// A scan that did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// Its number.
    pub scan: ScanId,
    /// The targets that it has behind it: scanned or skipped. What failed is worth another try.
    pub done: Vec<Target>,
}

impl Writer {
    /// The scan that one of this trigger and scope can go on with: the last one, if it was cut off less than a
    /// day before `now`. One that was stopped on purpose is meant only with `stopped_too`.
    pub async fn cut_off(
        &mut self,
        trigger: &str,
        scope: &str,
        now: Timestamp,
        stopped_too: bool,
    ) -> Result<Option<CutOff>, HistoryError> {
        let Self { path, db, .. } = self;
        find(db, trigger, scope, now, stopped_too).await.map_err(|error| HistoryError::sqlite(path, error))
    }

    /// The oldest answer of each account's targets.
    pub async fn ages(&mut self) -> Result<HashMap<AccountId, Timestamp>, HistoryError> {
        let Self { path, db, .. } = self;
        let fail = |error| HistoryError::sqlite(path, error);
        let rows = sqlx::query!(
            r#"SELECT account_id AS "account_id!: String", min(last_attempt_at) AS "oldest!: String" FROM target GROUP BY account_id"#
        )
        .fetch_all(db)
        .await
        .map_err(fail)?;
        rows.into_iter()
            .map(|row| {
                let account = row.account_id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)));
                let oldest =
                    row.oldest.parse().map_err(|error: jiff::Error| sqlx::Error::Decode(Box::new(error)));
                Ok((account.map_err(fail)?, oldest.map_err(fail)?))
            })
            .collect()
    }

    /// How many targets have an outcome in the scan so far, and how many of them failed.
    pub async fn counts(&mut self, scan: ScanId) -> Result<(u64, u64), HistoryError> {
        let counts = sqlx::query!("SELECT targets, failed FROM scan WHERE scan_id = ?", scan.0)
            .fetch_one(&mut self.db)
            .await
            .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok((counts.targets.unsigned_abs(), counts.failed.unsigned_abs()))
    }
}

async fn find(
    db: &mut SqliteConnection,
    trigger: &str,
    scope: &str,
    now: Timestamp,
    stopped_too: bool,
) -> Result<Option<CutOff>, sqlx::Error> {
    let scan = sqlx::query_scalar!(
        r#"SELECT scan_id FROM scan
           WHERE scan_id = (SELECT max(scan_id) FROM scan)
             AND (outcome = 'running' OR (outcome = 'interrupted' AND ?))
             AND "trigger" = ? AND scope = ? AND started_at >= ?"#,
        stopped_too,
        trigger,
        scope,
        oldest(now)
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(scan) = scan else { return Ok(None) };
    let rows = sqlx::query!(
        "SELECT account_id, region FROM target t WHERE last_scan_id = ? AND EXISTS
             (SELECT * FROM coverage_period c
              WHERE c.target_id = t.target_id AND part = '' AND valid_to IS NULL AND outcome <> 'failed')",
        scan
    )
    .fetch_all(db)
    .await?;
    let mut done = Vec::with_capacity(rows.len());
    for row in rows {
        let account = row.account_id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let region = row.region.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        done.push(Target { account, region });
    }
    Ok(Some(CutOff { scan: ScanId(scan), done }))
}

/// The scan runs again.
pub(super) async fn take_up(db: &mut SqliteConnection, scan: ScanId) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE scan SET outcome = 'running', finished_at = NULL WHERE scan_id = ?", scan.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Marks as interrupted what a dead process left `running`: all of it but the scan that goes on, or only what
/// nobody can go on with any more.
pub(super) async fn interrupt(
    db: &mut SqliteConnection,
    now: Timestamp,
    which: Interrupt,
) -> Result<(), sqlx::Error> {
    let (keep, before) = match which {
        Interrupt::AllBut(scan) => (scan.map(|scan| scan.0), None),
        Interrupt::Stale => (None, Some(oldest(now))),
    };
    sqlx::query!(
        "UPDATE scan SET outcome = 'interrupted', finished_at = max(?, started_at)
         WHERE outcome = 'running' AND scan_id IS NOT ? AND (? IS NULL OR started_at < ?)",
        iso_utc(now),
        keep,
        before,
        before
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Which scans are marked.
pub(super) enum Interrupt {
    /// All but this one.
    AllBut(Option<ScanId>),
    /// Those that began too long ago.
    Stale,
}

/// Takes the account's targets out of the scan's numbers: what the scan had read of it before it was cut off
/// ends now that the account has left. It may still be skipped, with that reason.
pub(super) async fn uncount(
    db: &mut SqliteConnection,
    scan: ScanId,
    account: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "WITH counted AS MATERIALIZED (
             SELECT c.outcome,
                    (SELECT count(*) FROM resource r JOIN coverage_period p ON p.target_id = r.target_id
                       AND p.part = r.resource_type AND p.valid_to IS NULL AND p.outcome = 'scanned'
                     WHERE r.target_id = t.target_id AND r.deleted_at IS NULL) AS resources
             FROM target t
             JOIN coverage_period c ON c.target_id = t.target_id AND c.part = '' AND c.valid_to IS NULL
             WHERE t.account_id = ?2 AND t.last_scan_id = ?1)
         UPDATE scan SET
             targets = targets - (SELECT count(*) FROM counted),
             scanned = scanned - (SELECT count(*) FROM counted WHERE outcome = 'scanned'),
             failed = failed - (SELECT count(*) FROM counted WHERE outcome = 'failed'),
             skipped = skipped - (SELECT count(*) FROM counted WHERE outcome = 'skipped'),
             resources = resources - (SELECT coalesce(sum(resources), 0) FROM counted)
         WHERE scan_id = ?1",
        scan.0,
        account
    )
    .execute(db)
    .await?;
    Ok(())
}

fn oldest(now: Timestamp) -> String {
    iso_utc(now.saturating_sub(STALE).unwrap_or(Timestamp::MIN))
}
