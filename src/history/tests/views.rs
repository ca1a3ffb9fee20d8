use sqlx::{Column, Executor, SqlSafeStr, Statement};

use super::build::*;
use crate::history::{CoverageFilter, FindingFilter};

/// The contract's columns, in order, and `coverage_parts`, `exceptions`, `jobs`, `reports`, `remediations` and
/// `remediation_steps`, our additions.
const CONTRACT: [(&str, &str); 16] = [
    (
        "findings",
        "finding_id, check_id, severity, state, status, reason, account_id, account_name, ou_path, region, \
         resource_arn, resource_type, resource_name, key_arn, key_manager, key_state, evidence, opened_at, \
         last_seen_at, resolved_at, resolution, times_opened, exception_id, exception_expires_at",
    ),
    ("finding_events", "event_id, finding_id, at, scan_id, event, from_status, to_status, reason"),
    (
        "resources",
        "resource_arn, resource_type, resource_name, account_id, region, key_arn, key_manager, key_state, \
         first_seen_at, last_seen_at, deleted_at, document",
    ),
    ("evaluations", "check_id, resource_arn, account_id, region, status, reason, valid_from, valid_to"),
    (
        "coverage",
        "account_id, account_name, region, outcome, reason, error_code, error_message, since, last_attempt_at, \
         last_scanned_at, age_hours",
    ),
    (
        "scans",
        "scan_id, trigger, started_at, finished_at, outcome, targets, scanned, failed, skipped, resources, \
         findings_opened, findings_resolved, api_calls, throttled_calls, deferred",
    ),
    ("accounts", "account_id, name, email, ou_path, state, joined_at, first_seen_at, last_seen_at, left_at"),
    (
        "coverage_parts",
        "account_id, account_name, region, resource_type, outcome, reason, error_code, error_message, since, \
         last_attempt_at, last_scanned_at",
    ),
    (
        "exceptions",
        "exception_id, state, source, check_id, resource_arn, account_id, ou, tag_key, tag_value, reason, owner, \
         created_at, expires_at, ended_at, findings",
    ),
    ("compliance_daily", "day, check_id, account_id, region, pass, fail, unknown, suppressed, compliance"),
    ("compliance_weekly", "week, check_id, account_id, region, pass, fail, unknown, suppressed, compliance"),
    ("jobs", "job, outcome, started_at, finished_at, message, done_at, failures, next_at"),
    ("reports", "week, time_zone, begins_at, ends_at, issued_at, keywatch_version"),
    (
        "remediations",
        "remediation_id, finding_id, check_id, account_id, region, resource_arn, resource_type, actor, replacement_name, \
         replacement_arn, key_arn, state, started_at, updated_at, finished_at, message",
    ),
    ("remediation_steps", "entry_id, remediation_id, at, step, subject, event, message"),
    ("remediation_times", "finding_id, check_id, account_id, opened_at, resolved_at, resolution, hours_open"),
];

/// What the views of time are built of; not public.
const BLOCKS: [&str; 4] = ["placed_change", "suppressed_verdict", "suppression", "verdict_change"];

#[tokio::test]
async fn every_view_has_the_contracts_columns_in_order() {
    let mut lab = Lab::new().await;
    for (view, columns) in CONTRACT {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {view}"));
        let statement = (&mut lab.writer.db).prepare(sql.into_sql_str()).await.unwrap();
        let found: Vec<&str> = statement.columns().iter().map(|column| column.name()).collect();
        assert_eq!(found.join(", "), columns, "{view}");
    }
    let views = lab.rows("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").await;
    let mut known: Vec<&str> = CONTRACT.iter().map(|(view, _)| *view).chain(BLOCKS).collect();
    known.sort_unstable();
    assert_eq!(views.concat(), known);
}

#[tokio::test]
async fn an_empty_answer_has_its_columns_and_filters_narrow() {
    let mut lab = Lab::new().await;
    let reader = lab.reader().await;
    let none = reader.findings(&FindingFilter::default()).await.unwrap();
    assert_eq!((none.columns.join(", ").as_str(), none.rows.len()), (CONTRACT[0].1, 0));
    assert_eq!(reader.last_scan().await.unwrap().columns.join(", "), CONTRACT[5].1);
    assert_eq!(reader.coverage(&CoverageFilter::default()).await.unwrap().columns.join(", "), CONTRACT[4].1);
    let history = reader.finding("9").await.unwrap();
    assert_eq!(history.events.columns.join(", "), CONTRACT[1].1);
    assert_eq!(history.evaluations.columns.join(", "), CONTRACT[3].1);

    let records = [
        record(target(1, "eu-west-1"), 1, instances(vec![failing("a"), passing("b")])),
        record(target(2, "us-east-1"), 1, instances(vec![unknown("c")])),
    ];
    lab.scan(1, &[account(1), account(2)], &records).await;
    let count = async |filter: FindingFilter| reader.findings(&filter).await.unwrap().rows.len();
    assert_eq!(count(FindingFilter::default()).await, 2);
    assert_eq!(count(FindingFilter { accounts: vec![account_id(1)], ..Default::default() }).await, 1);
    assert_eq!(
        count(FindingFilter { regions: vec!["us-east-1".parse().unwrap()], ..Default::default() }).await,
        1
    );
    assert_eq!(count(FindingFilter { checks: vec![USABLE.to_owned()], ..Default::default() }).await, 0);
    let open = vec!["open".to_owned(), "suppressed".to_owned()];
    assert_eq!(count(FindingFilter { states: open, ..Default::default() }).await, 2);
    assert_eq!(count(FindingFilter { states: vec!["resolved".to_owned()], ..Default::default() }).await, 0);
}

#[tokio::test]
async fn events_can_neither_be_changed_nor_deleted() {
    let mut lab = Lab::new().await;
    lab.scan(1, &[account(1)], &[record(target(1, "eu-west-1"), 1, instances(vec![failing("a")]))]).await;
    for sql in ["UPDATE finding_event SET at = ''", "DELETE FROM finding_event"] {
        let error = (&mut lab.writer.db).execute(sql).await.unwrap_err();
        assert!(error.to_string().contains("finding events are never"), "{error}");
    }
}
