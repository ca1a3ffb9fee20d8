//! Ending what is known of resources: their findings resolve and their evaluations stop.

use sqlx::SqliteConnection;

use crate::history::{ScanId, apply::record::Resolution};

/// A checked `UPDATE … AS outside` of a table with a `resource_id`, in two pieces: between them comes the last
/// time that the resource's kind was read in its target, before the record at hand.
macro_rules! update_last_seen {
    ($before:literal, $after:literal, $($parameter:expr),+ $(,)?) => {
        sqlx::query!(
            $before
                + "(SELECT max(coalesce(s.last_at, t.last_attempt_at))
                    FROM resource r
                    JOIN target t ON t.target_id = r.target_id
                    JOIN coverage_period s
                      ON s.target_id = r.target_id AND s.part = r.resource_type AND s.outcome = 'scanned'
                    WHERE r.resource_id = outside.resource_id)"
                + $after,
            $($parameter),+
        )
    };
}
pub(in crate::history) use update_last_seen;

/// Resolves the findings of these resources (a JSON array of their ids) and ends their evaluations.
/// Returns how many findings were resolved.
pub(in crate::history) async fn end_resources(
    db: &mut SqliteConnection,
    scan: ScanId,
    at: &str,
    resources: &str,
    resolution: Resolution,
) -> Result<i64, sqlx::Error> {
    sqlx::query!(
        "INSERT INTO finding_event (finding_id, at, scan_id, event, from_status, reason, evidence, resolution)
         SELECT finding_id, ?, ?, 'resolved', status, reason, evidence, ? FROM finding
         WHERE state <> 'resolved' AND resource_id IN (SELECT value FROM json_each(?))
         ORDER BY finding_id",
        at,
        scan.0,
        resolution.as_str(),
        resources
    )
    .execute(&mut *db)
    .await?;
    let resolved = update_last_seen!(
        "UPDATE finding AS outside SET state = 'resolved', last_seen_at = ",
        ", resolved_at = ?, resolution = ?, exception_id = NULL
         WHERE state <> 'resolved' AND resource_id IN (SELECT value FROM json_each(?))",
        at,
        resolution.as_str(),
        resources
    )
    .execute(&mut *db)
    .await?
    .rows_affected();
    sqlx::query!(
        "UPDATE evaluation SET valid_to = ?
         WHERE valid_to IS NULL AND resource_id IN (SELECT value FROM json_each(?))",
        at,
        resources
    )
    .execute(&mut *db)
    .await?;
    Ok(i64::try_from(resolved).unwrap_or(i64::MAX))
}

/// The same for every resource of a target.
pub(in crate::history) async fn end_target(
    db: &mut SqliteConnection,
    scan: ScanId,
    at: &str,
    target: i64,
    resolution: Resolution,
) -> Result<i64, sqlx::Error> {
    let resources = sqlx::query_scalar!(
        r#"SELECT json_group_array(resource_id) AS "resources!: String" FROM resource WHERE target_id = ?"#,
        target
    )
    .fetch_one(&mut *db)
    .await?;
    if resources == "[]" {
        return Ok(0);
    }
    end_resources(db, scan, at, &resources, resolution).await
}
