use sqlx::SqliteConnection;

use super::{FirstScan, Moments};

/// Scans that ended in one week, in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScansThen {
    /// Which of the twelve weeks, from 0.
    pub week: u32,
    /// `complete`, `incomplete` or `interrupted`.
    pub outcome: String,
    /// How many.
    pub scans: u64,
    /// Calls to AWS.
    pub api_calls: u64,
    /// Those that were throttled.
    pub throttled_calls: u64,
}

/// The oldest scan that there is.
pub(super) async fn first(db: &mut SqliteConnection) -> Result<FirstScan, sqlx::Error> {
    sqlx::query_as!(
        FirstScan,
        r#"SELECT scan_id AS "scan_id!", started_at AS "started_at!" FROM scan ORDER BY started_at, scan_id LIMIT 1"#
    )
    .fetch_one(db)
    .await
}

/// When the newest scan ended that came to its end.
pub(super) async fn newest_finished(
    db: &mut SqliteConnection,
    moments: &Moments,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT max(finished_at) AS "at?: String" FROM scan
           WHERE outcome IN ('complete', 'incomplete') AND finished_at <= ?"#,
        moments.until
    )
    .fetch_one(db)
    .await
}

/// The scans that ended in the twelve weeks. One that was stopped and is gone on with has not ended yet.
pub(super) async fn ended(
    db: &mut SqliteConnection,
    first_begins_at: &str,
    moments: &Moments,
) -> Result<Vec<ScansThen>, sqlx::Error> {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = &moments.ends;
    sqlx::query_as!(
        ScansThen,
        r#"SELECT CASE WHEN finished_at <= ?1 THEN 0 WHEN finished_at <= ?2 THEN 1 WHEN finished_at <= ?3 THEN 2
                       WHEN finished_at <= ?4 THEN 3 WHEN finished_at <= ?5 THEN 4 WHEN finished_at <= ?6 THEN 5
                       WHEN finished_at <= ?7 THEN 6 WHEN finished_at <= ?8 THEN 7 WHEN finished_at <= ?9 THEN 8
                       WHEN finished_at <= ?10 THEN 9 WHEN finished_at <= ?11 THEN 10 ELSE 11 END AS "week!: u32",
                  outcome AS "outcome!", count(*) AS "scans!: u64", sum(api_calls) AS "api_calls!: u64",
                  sum(throttled_calls) AS "throttled_calls!: u64"
           FROM scan WHERE finished_at >= ?13 AND finished_at <= ?12
           GROUP BY 1, 2 ORDER BY 1, 2"#,
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        first_begins_at
    )
    .fetch_all(db)
    .await
}
