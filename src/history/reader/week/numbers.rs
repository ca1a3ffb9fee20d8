//! Numbers, as sums of what changed in them (see `verdict_change` in the migrations).

use sqlx::SqliteConnection;

use super::Moments;

/// What changed in the numbers of one check in one week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumbersThen {
    /// The check.
    pub check_id: String,
    /// Which of the twelve weeks, from 0; the first has what changed before, too.
    pub week: u32,
    /// Verdicts that pass, more or (negative) less.
    pub pass: i64,
    /// That fail.
    pub fail: i64,
    /// That could not be judged.
    pub unknown: i64,
    /// That an exception covers.
    pub suppressed: i64,
}

/// How many more findings of a check are open at the end of a week than at the end of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenChange {
    /// The check.
    pub check_id: String,
    /// Which of the twelve weeks, from 1: what was before the first is not asked.
    pub week: u32,
    /// How many.
    pub open: i64,
}

/// The verdicts in one account and Region, exceptions not regarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictsThen {
    /// The account.
    pub account_id: String,
    /// The Region.
    pub region: String,
    /// Verdicts that pass.
    pub pass: u64,
    /// That fail.
    pub fail: u64,
    /// That could not be judged.
    pub unknown: u64,
}

/// The verdicts of one status that rest on one kind of evidence, exceptions not regarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceThen {
    /// The evidence.
    pub evidence: String,
    /// The status.
    pub status: String,
    /// How many.
    pub verdicts: u64,
}

/// The changes of the verdicts, by week and check.
pub(super) async fn changes(
    db: &mut SqliteConnection,
    moments: &Moments,
) -> Result<Vec<NumbersThen>, sqlx::Error> {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = &moments.ends;
    sqlx::query_as!(
        NumbersThen,
        r#"SELECT check_id AS "check_id!: String",
                  CASE WHEN at <= ?1 THEN 0 WHEN at <= ?2 THEN 1 WHEN at <= ?3 THEN 2 WHEN at <= ?4 THEN 3
                       WHEN at <= ?5 THEN 4 WHEN at <= ?6 THEN 5 WHEN at <= ?7 THEN 6 WHEN at <= ?8 THEN 7
                       WHEN at <= ?9 THEN 8 WHEN at <= ?10 THEN 9 WHEN at <= ?11 THEN 10 ELSE 11 END AS "week!: u32",
                  sum(pass) AS "pass!: i64", sum(fail) AS "fail!: i64", sum(unknown) AS "unknown!: i64",
                  sum(suppressed) AS "suppressed!: i64"
           FROM verdict_change
           WHERE at <= ?12
           GROUP BY 1, 2"#,
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
        l
    )
    .fetch_all(db)
    .await
}

/// The changes of what is open, by week and check.
pub(super) async fn open(
    db: &mut SqliteConnection,
    moments: &Moments,
) -> Result<Vec<OpenChange>, sqlx::Error> {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = &moments.ends;
    sqlx::query_as!(
        OpenChange,
        r#"SELECT check_id AS "check_id!: String",
                  CASE WHEN at <= ?2 THEN 1 WHEN at <= ?3 THEN 2 WHEN at <= ?4 THEN 3 WHEN at <= ?5 THEN 4
                       WHEN at <= ?6 THEN 5 WHEN at <= ?7 THEN 6 WHEN at <= ?8 THEN 7 WHEN at <= ?9 THEN 8
                       WHEN at <= ?10 THEN 9 WHEN at <= ?11 THEN 10 ELSE 11 END AS "week!: u32",
                  sum((event IN ('opened', 'reopened')) - coalesce(before IN ('opened', 'reopened'), 0)) AS "open!: i64"
           FROM (SELECT f.check_id, e.at, e.event,
                        (SELECT b.event FROM finding_event b
                         WHERE b.finding_id = e.finding_id AND b.event_id < e.event_id AND b.event <> 'status_changed'
                         ORDER BY b.event_id DESC LIMIT 1) AS before
                 FROM finding_event e
                 JOIN finding f ON f.finding_id = e.finding_id
                 WHERE e.at > ?1 AND e.at <= ?12 AND e.event <> 'status_changed')
           GROUP BY 1, 2"#,
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
        l
    )
    .fetch_all(db)
    .await
}

/// The verdicts by place, where there is one.
pub(super) async fn verdicts(
    db: &mut SqliteConnection,
    moments: &Moments,
) -> Result<Vec<VerdictsThen>, sqlx::Error> {
    sqlx::query_as!(
        VerdictsThen,
        // Summed up by number first: names take longer to sort.
        r#"SELECT t.account_id, t.region, v.pass AS "pass!: u64", v.fail AS "fail!: u64", v.unknown AS "unknown!: u64"
           FROM (SELECT r.target_id, sum(e.status = 'pass') AS pass, sum(e.status = 'fail') AS fail,
                        sum(e.status = 'unknown') AS unknown
                 FROM evaluation e JOIN resource r ON r.resource_id = e.resource_id
                 WHERE e.valid_from <= ?1 AND (e.valid_to IS NULL OR e.valid_to > ?1)
                 GROUP BY r.target_id) v
           JOIN target t ON t.target_id = v.target_id"#,
        moments.until
    )
    .fetch_all(db)
    .await
}

/// The verdicts by what they rest on.
pub(super) async fn evidence(
    db: &mut SqliteConnection,
    moments: &Moments,
) -> Result<Vec<EvidenceThen>, sqlx::Error> {
    sqlx::query_as!(
        EvidenceThen,
        r#"SELECT evidence AS "evidence!", status AS "status!", count(*) AS "verdicts!: u64" FROM evaluation
           WHERE valid_from <= ?1 AND (valid_to IS NULL OR valid_to > ?1)
           GROUP BY evidence, status ORDER BY evidence, status"#,
        moments.until
    )
    .fetch_all(db)
    .await
}
