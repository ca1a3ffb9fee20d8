use sqlx::SqliteConnection;

use super::{super::past::findings_then, Moments};

/// A finding at the end of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the column of the same name in the view findings, as it was then")]
pub struct FindingThen {
    pub finding_id: i64,
    pub check_id: String,
    pub severity: String,
    pub state: String,
    pub status: String,
    pub reason: String,
    pub account_id: String,
    pub account_name: String,
    pub ou_path: Option<String>,
    pub region: String,
    pub resource_arn: String,
    pub resource_type: String,
    pub resource_name: String,
    pub key_arn: Option<String>,
    pub key_manager: Option<String>,
    pub key_state: Option<String>,
    pub evidence: Option<String>,
    pub opened_at: String,
    pub last_seen_at: String,
    pub resolved_at: Option<String>,
    pub resolution: Option<String>,
    pub times_opened: u64,
    pub exception_id: Option<i64>,
    pub exception_expires_at: Option<String>,
}

/// What happened to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventThen {
    /// The finding.
    pub finding_id: i64,
    /// When.
    pub at: String,
    /// The scan that saw it, if one did.
    pub scan_id: Option<i64>,
    /// `opened`, `reopened`, `resolved` or `suppressed`.
    pub event: String,
    /// As in the view `finding_events`.
    pub reason: Option<String>,
    /// The event before it; none before the first.
    pub before: Option<String>,
}

/// An opening of a finding that was resolved.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is the column of the same name in the view remediation_times")]
pub struct OpeningThen {
    pub finding_id: i64,
    pub check_id: String,
    pub opened_at: String,
    pub resolved_at: String,
    pub resolution: String,
    pub hours_open: f64,
}

/// The question of [`findings_then`], with rows that have types.
macro_rules! typed {
    ($($sql_and_parameters:tt)*) => { sqlx::query_as!(FindingThen, $($sql_and_parameters)*) };
}

/// The findings that are open or suppressed, and those to which something happened in the week.
pub(super) async fn all(
    db: &mut SqliteConnection,
    moments: &Moments,
    newest_finished_at: Option<&str>,
) -> Result<Vec<FindingThen>, sqlx::Error> {
    findings_then!(
        typed,
        r#"finding_id AS "finding_id!: i64", check_id AS "check_id!: String", severity AS "severity!: String",
           state AS "state!: String", status AS "status!: String", reason AS "reason!: String",
           account_id AS "account_id!: String", account_name AS "account_name!: String", ou_path AS "ou_path?: String",
           region AS "region!: String", resource_arn AS "resource_arn!: String",
           resource_type AS "resource_type!: String", resource_name AS "resource_name!: String",
           key_arn AS "key_arn?: String", key_manager AS "key_manager?: String", key_state AS "key_state?: String",
           evidence AS "evidence?: String", opened_at AS "opened_at!: String", last_seen_at AS "last_seen_at!: String",
           resolved_at AS "resolved_at?: String", resolution AS "resolution?: String",
           times_opened AS "times_opened!: u64", exception_id AS "exception_id?: i64",
           exception_expires_at AS "exception_expires_at?: String""#,
        // The period that the account was in, or the last one.
        "(SELECT max(b.period) FROM account_period b WHERE b.account_id = a.account_id AND b.valid_from <= ?5)",
        // What the verdict rested on; of what is not judged any more, what its last event rested on.
        "coalesce(iif(f.state = 'resolved', NULL,
                      (SELECT e.evidence FROM evaluation e
                       WHERE e.resource_id = f.resource_id AND e.check_id = f.check_id AND e.valid_from <= ?5
                         AND (e.valid_to IS NULL OR e.valid_to > ?5)
                       ORDER BY e.valid_from DESC, e.evaluation_id DESC LIMIT 1)),
                  (SELECT e.evidence FROM finding_event e
                   WHERE e.finding_id = f.finding_id AND e.at <= ?5 AND e.evidence IS NOT NULL
                   ORDER BY e.event_id DESC LIMIT 1),
                  f.evidence)",
        // Of what still stands, when its part was last read: by the newest scan, if the part was read for longer than
        // that; but at least when the finding opened or a scan told something new of it. What resolved it was a scan
        // that did not see it any more.
        "iif(f.state <> 'resolved',
             (SELECT iif(p.at >= f.opened_at, p.at,
                         max(coalesce(p.at, ''), (SELECT max(e.at) FROM finding_event e
                                                  WHERE e.finding_id = f.finding_id AND e.at <= ?5
                                                    AND e.event IN ('opened', 'reopened', 'status_changed')
                                                    AND e.exception_id IS NULL)))
              FROM (SELECT max(iif(s.valid_to <= ?5, s.last_at, max(s.valid_from, coalesce(?2, '')))) AS at
                    FROM coverage_period s
                    WHERE s.target_id = r.target_id AND s.part = r.resource_type AND s.outcome = 'scanned'
                      AND s.valid_from <= ?5) p),
             max((SELECT max(e.at) FROM finding_event e
                  WHERE e.finding_id = f.finding_id AND e.at <= ?5
                    AND e.event IN ('opened', 'reopened', 'status_changed') AND e.exception_id IS NULL),
                 coalesce((SELECT max(iif(s.valid_to <= f.resolved_at, s.last_at,
                                          max(s.valid_from, coalesce(n.finished_at, ''))))
                           FROM coverage_period s
                           LEFT JOIN scan n ON n.scan_id =
                               (SELECT b.scan_id FROM scan b
                                WHERE b.scan_id < (SELECT e.scan_id FROM finding_event e
                                                   WHERE e.finding_id = f.finding_id AND e.event = 'resolved'
                                                     AND e.at <= ?5
                                                   ORDER BY e.event_id DESC LIMIT 1)
                                  AND b.outcome IN ('complete', 'incomplete') AND b.finished_at <= f.resolved_at
                                ORDER BY b.scan_id DESC LIMIT 1)
                           WHERE s.target_id = r.target_id AND s.part = r.resource_type AND s.outcome = 'scanned'
                             AND s.valid_from < f.resolved_at), '')))",
        "WHERE state <> 'resolved' OR finding_id IN (SELECT e.finding_id FROM finding_event e WHERE e.at >= ?1
                                                     AND e.at <= ?5)",
        // In no order.
        "NULL",
        Some(moments.begin.as_str()),
        newest_finished_at,
        None::<String>,
        None::<String>,
        Some(moments.until.as_str())
    )
    .fetch_all(db)
    .await
}

/// What happened in the week, but changes of a status, in order.
pub(super) async fn events(
    db: &mut SqliteConnection,
    moments: &Moments,
) -> Result<Vec<EventThen>, sqlx::Error> {
    sqlx::query_as!(
        EventThen,
        r#"SELECT e.finding_id, e.at, e.scan_id, e.event, coalesce(e.resolution, e.reason) AS "reason?: String",
                  (SELECT b.event FROM finding_event b
                   WHERE b.finding_id = e.finding_id AND b.event_id < e.event_id AND b.event <> 'status_changed'
                   ORDER BY b.event_id DESC LIMIT 1) AS "before?: String"
           FROM finding_event e
           WHERE e.at >= ?1 AND e.at <= ?2 AND e.event <> 'status_changed'
           ORDER BY e.at, e.event_id"#,
        moments.begin,
        moments.until
    )
    .fetch_all(db)
    .await
}

/// The openings that were resolved in the twelve weeks, in order.
pub(super) async fn openings(
    db: &mut SqliteConnection,
    first_begins_at: &str,
    moments: &Moments,
) -> Result<Vec<OpeningThen>, sqlx::Error> {
    sqlx::query_as!(
        OpeningThen,
        r#"SELECT finding_id AS "finding_id!", check_id AS "check_id!", opened_at AS "opened_at!",
                  resolved_at AS "resolved_at!", resolution AS "resolution!", hours_open AS "hours_open!: f64"
           FROM remediation_times
           WHERE resolved_at >= ?1 AND resolved_at <= ?2
           ORDER BY resolved_at, finding_id"#,
        first_begins_at,
        moments.until
    )
    .fetch_all(db)
    .await
}
