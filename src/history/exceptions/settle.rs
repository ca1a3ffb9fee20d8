use sqlx::SqliteConnection;

use super::{EXPIRE, Settled};
use crate::history::ScanId;

/// A finding that is not as the exceptions in force want it.
#[derive(sqlx::FromRow)]
struct Unsettled {
    finding_id: i64,
    state: String,
    status: String,
    reason: String,
    evidence: String,
    /// The exception that suppresses it.
    current: Option<i64>,
    /// How that one ended, if it did.
    ended_by: Option<String>,
    /// The exception that should suppress it.
    wanted: Option<i64>,
    /// When it is brought up to date: not before its last event, even if the clock was set back.
    at: String,
    /// Whether the running scan opened it.
    is_new: bool,
}

/// Brings the state of all findings up to date with the exceptions in force, those that have expired ended
/// first. An exception that still covers a finding keeps it; of several new ones the one that lasts longest
/// takes it.
pub(in crate::history) async fn settle_all(
    db: &mut SqliteConnection,
    scan: Option<ScanId>,
    at: &str,
) -> Result<Settled, sqlx::Error> {
    sqlx::query(EXPIRE).bind(at).execute(&mut *db).await?;
    settle(db, scan, Some(at), None).await
}

/// The same for findings of these targets (a JSON array of ids), as of when each target was read.
pub(in crate::history) async fn settle_targets(
    db: &mut SqliteConnection,
    scan: ScanId,
    targets: &str,
) -> Result<Settled, sqlx::Error> {
    settle(db, Some(scan), None, Some(targets)).await
}

async fn settle(
    db: &mut SqliteConnection,
    scan: Option<ScanId>,
    at: Option<&str>,
    targets: Option<&str>,
) -> Result<Settled, sqlx::Error> {
    let any: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM exception WHERE ended_at IS NULL)
             OR EXISTS (SELECT 1 FROM finding WHERE exception_id IS NOT NULL)",
    )
    .fetch_one(&mut *db)
    .await?;
    let mut settled = Settled::default();
    if !any {
        return Ok(settled);
    }
    // A finding that is suppressed at once was not opened, as far as anyone has to act.
    let mut opened = 0;
    for finding in unsettled(db, scan, at, targets).await? {
        if let Some(exception) = finding.wanted {
            event(db, &finding, scan, "suppressed", &finding.reason, exception).await?;
            sqlx::query("UPDATE finding SET state = 'suppressed', exception_id = ? WHERE finding_id = ?")
                .bind(exception)
                .bind(finding.finding_id)
                .execute(&mut *db)
                .await?;
            settled.suppressed += i64::from(finding.state == "open");
            opened -= i64::from(finding.state == "open" && finding.is_new);
        } else {
            reopen(db, &finding, scan).await?;
            settled.reopened += 1;
            opened += 1;
        }
    }
    sqlx::query("UPDATE scan SET findings_opened = findings_opened + ? WHERE scan_id = ?")
        .bind(opened)
        .bind(scan.map(|scan| scan.0))
        .execute(db)
        .await?;
    Ok(settled)
}

async fn reopen(
    db: &mut SqliteConnection,
    finding: &Unsettled,
    scan: Option<ScanId>,
) -> Result<(), sqlx::Error> {
    let reason = match finding.ended_by.as_deref() {
        Some("expired") => "exception_expired",
        Some(_) => "exception_removed",
        // Its account moved, or its tag went.
        None => "exception_does_not_apply",
    };
    event(db, finding, scan, "reopened", reason, finding.current.unwrap_or_default()).await?;
    sqlx::query(
        "UPDATE finding SET state = 'open', exception_id = NULL, opened_at = ?, times_opened = times_opened + 1
         WHERE finding_id = ?",
    )
    .bind(&finding.at)
    .bind(finding.finding_id)
    .execute(db)
    .await?;
    Ok(())
}

async fn unsettled(
    db: &mut SqliteConnection,
    scan: Option<ScanId>,
    at: Option<&str>,
    targets: Option<&str>,
) -> Result<Vec<Unsettled>, sqlx::Error> {
    sqlx::query_as(
        "WITH standing AS (
             SELECT f.*, r.arn, r.tags, t.account_id, t.last_attempt_at, a.ou_path
             FROM finding f
             JOIN resource r ON r.resource_id = f.resource_id
             JOIN target t ON t.target_id = r.target_id
             JOIN account a ON a.account_id = t.account_id
             WHERE f.state <> 'resolved' AND (?1 IS NULL OR r.target_id IN (SELECT value FROM json_each(?1)))
         ),
         covering AS (
             SELECT f.finding_id, x.exception_id,
                    row_number() OVER (PARTITION BY f.finding_id
                        ORDER BY x.exception_id IS f.exception_id DESC, x.expires_at DESC, x.exception_id) AS place
             FROM exception x
             JOIN standing f ON x.resource_arn = f.arn OR x.account_id = f.account_id
                 -- The unit itself, or one below it.
                 OR x.ou = substr(f.ou_path, 1, length(x.ou))
                    AND substr(f.ou_path, length(x.ou) + 1, 1) IN ('', '/')
                 OR x.tag_key IS NOT NULL AND EXISTS
                    (SELECT 1 FROM json_each(f.tags) g WHERE g.key = x.tag_key AND g.value = x.tag_value)
             WHERE x.ended_at IS NULL AND (x.check_id IS NULL OR x.check_id = f.check_id)
         )
         SELECT f.finding_id, f.state, f.status, f.reason, f.evidence, f.exception_id AS current,
                (SELECT ended_by FROM exception e WHERE e.exception_id = f.exception_id) AS ended_by,
                c.exception_id AS wanted,
                max(coalesce(?2, f.last_attempt_at),
                    (SELECT max(at) FROM finding_event e WHERE e.finding_id = f.finding_id)) AS at,
                coalesce((SELECT e.scan_id = ?3 FROM finding_event e
                          WHERE e.finding_id = f.finding_id AND e.event IN ('opened', 'reopened')
                          ORDER BY e.event_id DESC LIMIT 1), FALSE) AS is_new
         FROM standing f
         LEFT JOIN covering c ON c.finding_id = f.finding_id AND c.place = 1
         WHERE c.exception_id IS NOT f.exception_id
         ORDER BY f.finding_id",
    )
    .bind(targets)
    .bind(at)
    .bind(scan.map(|scan| scan.0))
    .fetch_all(db)
    .await
}

async fn event(
    db: &mut SqliteConnection,
    finding: &Unsettled,
    scan: Option<ScanId>,
    event: &str,
    reason: &str,
    exception: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO finding_event (finding_id, at, scan_id, event, from_status, to_status, reason, evidence,
                                    exception_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8)",
    )
    .bind(finding.finding_id)
    .bind(&finding.at)
    .bind(scan.map(|scan| scan.0))
    .bind(event)
    .bind(&finding.status)
    .bind(reason)
    .bind(&finding.evidence)
    .bind(exception)
    .execute(db)
    .await?;
    Ok(())
}
