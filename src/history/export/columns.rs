//! What the public columns hold, by their names, and how each view is divided.

/// The views that are a contract; others are steps on the way to these.
pub(super) const PUBLIC: &[&str] = &[
    "accounts",
    "compliance_daily",
    "compliance_weekly",
    "coverage",
    "coverage_parts",
    "evaluations",
    "exceptions",
    "finding_events",
    "findings",
    "jobs",
    "remediation_steps",
    "remediation_times",
    "remediations",
    "reports",
    "resources",
    "scans",
];

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Real,
    /// A moment in UTC.
    Time,
    Text,
}

/// Every public column, by what it holds. A name means the same in each view.
const COLUMNS: &[(Kind, &[&str])] = &[
    (
        Kind::Integer,
        &[
            "api_calls",
            "deferred",
            "entry_id",
            "event_id",
            "exception_id",
            "fail",
            "failed",
            "failures",
            "finding_id",
            "findings",
            "findings_opened",
            "findings_resolved",
            "pass",
            "remediation_id",
            "resources",
            "scan_id",
            "scanned",
            "skipped",
            "suppressed",
            "targets",
            "throttled_calls",
            "times_opened",
            "unknown",
        ],
    ),
    (Kind::Real, &["age_hours", "compliance", "hours_open"]),
    (
        Kind::Time,
        &[
            "at",
            "begins_at",
            "created_at",
            "deleted_at",
            "done_at",
            "ended_at",
            "ends_at",
            "exception_expires_at",
            "expires_at",
            "finished_at",
            "first_seen_at",
            "issued_at",
            "joined_at",
            "last_attempt_at",
            "last_scanned_at",
            "last_seen_at",
            "left_at",
            "next_at",
            "opened_at",
            "resolved_at",
            "since",
            "started_at",
            "updated_at",
            "valid_from",
            "valid_to",
        ],
    ),
    (
        Kind::Text,
        &[
            "account_id",
            "account_name",
            "actor",
            "check_id",
            "day",
            "document",
            "email",
            "error_code",
            "error_message",
            "event",
            "evidence",
            "from_status",
            "job",
            "key_arn",
            "key_manager",
            "key_state",
            "keywatch_version",
            "message",
            "name",
            "ou",
            "ou_path",
            "outcome",
            "owner",
            "reason",
            "region",
            "replacement_arn",
            "replacement_name",
            "resolution",
            "resource_arn",
            "resource_name",
            "resource_type",
            "severity",
            "source",
            "state",
            "status",
            "step",
            "subject",
            "tag_key",
            "tag_value",
            "time_zone",
            "to_status",
            "trigger",
            "week",
        ],
    ),
];

/// What a column holds; `None` if it is not in the list, which a test refuses.
pub(super) fn kind(column: &str) -> Option<Kind> {
    COLUMNS.iter().find(|(_, names)| names.contains(&column)).map(|(kind, _)| *kind)
}

/// By what a view is divided into folders: the name in `name=value`, and what gives the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Partition {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// What grows with time is divided by the month in which it happened (a week by the year of its label), so that a
/// question about some weeks reads some folders. What lasts is divided by Region: few folders, and none of them
/// tiny. What is small stays whole.
pub(super) fn partition(view: &str) -> Option<Partition> {
    let (name, sql) = match view {
        "compliance_daily" => ("month", "substr(day, 1, 7)"),
        "compliance_weekly" => ("year", "substr(week, 1, 4)"),
        "finding_events" => ("at_month", "substr(at, 1, 7)"),
        "remediation_times" => ("resolved_month", "substr(resolved_at, 1, 7)"),
        "coverage" | "coverage_parts" | "evaluations" | "findings" | "resources" => ("region", "region"),
        _ => return None,
    };
    Some(Partition { name, sql })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sqlx::{AssertSqlSafe, Column, Executor, SqlSafeStr, SqliteConnection, Statement};

    use super::*;
    use crate::history::MIGRATIONS;

    /// Steps on the way to the public views.
    const STEPS: [&str; 4] = ["placed_change", "suppressed_verdict", "suppression", "verdict_change"];

    #[tokio::test]
    async fn every_view_is_exported_or_a_step_and_every_column_has_its_kind() {
        let mut db = <SqliteConnection as sqlx::Connection>::connect("sqlite::memory:").await.unwrap();
        MIGRATIONS.run(&mut db).await.unwrap();
        let views: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
                .fetch_all(&mut db)
                .await
                .unwrap();
        let mut known: Vec<&str> = PUBLIC.iter().chain(&STEPS).copied().collect();
        known.sort_unstable();
        assert_eq!(views, known);

        let mut found = BTreeSet::new();
        for view in PUBLIC {
            let sql = AssertSqlSafe(format!("SELECT * FROM {view}")).into_sql_str();
            let statement = (&mut db).prepare(sql).await.unwrap();
            let columns: Vec<&str> = statement.columns().iter().map(|column| column.name()).collect();
            for column in &columns {
                assert!(kind(column).is_some(), "{view}.{column} is not in COLUMNS");
            }
            if let Some(by) = partition(view) {
                // A folder's name that is a column's takes its place, so it has to be that column.
                assert!(!columns.contains(&by.name) || by.sql == by.name, "{view} by {}", by.name);
            }
            found.extend(columns.into_iter().map(str::to_owned));
        }
        let listed: Vec<&str> = COLUMNS.iter().flat_map(|(_, names)| *names).copied().collect();
        assert_eq!(listed.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), found);
        assert_eq!(listed.len(), found.len(), "a name stands twice");
    }
}
