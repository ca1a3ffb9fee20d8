//! Going on with a scan that was cut off.

use jiff::SignedDuration;
use sqlx::SqliteConnection;

use super::{KnownTargets, NewScan, Writer};
use crate::{
    domain::{Outcome, Target, Timestamp, iso_utc},
    history::ScanId,
};

/// What was read longer ago than this is no part of a scan of today.
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// The scan that this one goes on with: the last one, if it was cut off not long ago and set out to read the
/// same. One that was stopped on purpose is taken up only if asked for.
pub(super) async fn take_up(
    db: &mut SqliteConnection,
    new: &NewScan<'_>,
) -> Result<Option<ScanId>, sqlx::Error> {
    let scan: Option<i64> = sqlx::query_scalar(
        r#"UPDATE scan SET outcome = 'running', finished_at = NULL
           WHERE scan_id = (SELECT max(scan_id) FROM scan)
             AND (outcome = 'running' OR (outcome = 'interrupted' AND ?))
             AND "trigger" = ? AND scope = ? AND started_at >= ?
           RETURNING scan_id"#,
    )
    .bind(new.resume_stopped)
    .bind(new.trigger)
    .bind(new.scope)
    .bind(oldest(new.started_at))
    .fetch_optional(db)
    .await?;
    Ok(scan.map(ScanId))
}

/// What the scan that goes on has behind it. Its numbers become those of the targets whose outcome still holds:
/// an account that left meanwhile has none any more.
pub(super) async fn look_back(db: &mut SqliteConnection, scan: ScanId) -> Result<KnownTargets, sqlx::Error> {
    let known = KnownTargets::reload(&mut *db, scan).await?;
    let count = |outcome: Option<Outcome>| {
        let counted = known.counted().filter(|(_, counted)| outcome.is_none_or(|o| o == counted.outcome));
        i64::try_from(counted.count()).unwrap_or(i64::MAX)
    };
    let resources: i64 = known.counted().map(|(_, counted)| i64::from(counted.resources)).sum();
    sqlx::query(
        "UPDATE scan SET targets = ?, scanned = ?, failed = ?, skipped = ?, resources = ? WHERE scan_id = ?",
    )
    .bind(count(None))
    .bind(count(Some(Outcome::Scanned)))
    .bind(count(Some(Outcome::Failed)))
    .bind(count(Some(Outcome::Skipped)))
    .bind(resources)
    .bind(scan.0)
    .execute(db)
    .await?;
    Ok(known)
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
    sqlx::query(
        "UPDATE scan SET outcome = 'interrupted', finished_at = max(?, started_at)
         WHERE outcome = 'running' AND scan_id IS NOT ? AND (? IS NULL OR started_at < ?)",
    )
    .bind(iso_utc(now))
    .bind(keep)
    .bind(&before)
    .bind(&before)
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

fn oldest(now: Timestamp) -> String {
    iso_utc(now.saturating_sub(STALE).unwrap_or(Timestamp::MIN))
}

impl Writer {
    /// The targets that have an outcome in the running scan. At its begin there are none, unless it is one
    /// that goes on.
    pub fn done(&self) -> Vec<(Target, Outcome)> {
        let counted = self.running.iter().flat_map(|running| running.targets.counted());
        counted.map(|(target, counted)| (target, counted.outcome)).collect()
    }
}
