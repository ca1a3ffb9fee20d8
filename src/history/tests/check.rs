use std::{collections::BTreeSet, fs, path::Path};

use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{build::*, lived::lived};
use crate::{
    domain::{Covers, Exception},
    history::{HistoryError, Reader, check::invariants},
};

/// What breaks each invariant.
const BREAKAGES: &[(&str, &str)] = &[
    (
        "integrity",
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'evaluation_by_resource')
         WHERE name = 'finding_event_by_finding'",
    ),
    ("foreign_keys", "DELETE FROM account WHERE account_id = '000000000001'"),
    ("foreign_keys", "UPDATE evaluation SET resource_id = 999 WHERE evaluation_id = 1"),
    ("event_guards", "DROP TRIGGER finding_event_no_delete"),
    (
        "event_guards",
        "DROP TRIGGER finding_event_no_update;
         CREATE TRIGGER finding_event_no_update BEFORE UPDATE ON finding_event BEGIN SELECT 1; END",
    ),
    ("time_format", "UPDATE target SET last_attempt_at = '2026-01-09 00:00:00'"),
    ("time_format", "UPDATE evaluation SET valid_to = '9' WHERE valid_to IS NOT NULL"),
    ("words", "UPDATE finding SET state = 'forgotten' WHERE finding_id = 1"),
    ("words", "UPDATE scan SET outcome = 'fine'"),
    ("scan_targets", "UPDATE scan SET targets = targets + 1 WHERE scan_id = 2"),
    ("scan_targets", "UPDATE scan SET resources = -1 WHERE scan_id = 2"),
    (
        "job_end",
        "INSERT INTO job (name, planned_at, started_at, finished_at, outcome)
         VALUES ('scan', '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', 'done')",
    ),
    (
        "time_format",
        "INSERT INTO job (name, planned_at, started_at, outcome)
         VALUES ('scan', '2026-01-02 00:00', '2026-01-02T00:00:00Z', 'running')",
    ),
    ("scan_targets", "UPDATE scan SET deferred = targets + 1 WHERE scan_id = 2"),
    ("scan_end", "UPDATE scan SET finished_at = NULL WHERE scan_id = 2"),
    ("scan_end", "UPDATE scan SET finished_at = NULL, outcome = 'running' WHERE scan_id = 2"),
    ("evaluation_order", "UPDATE evaluation SET valid_to = '2025-01-01T00:00:00Z' WHERE valid_to IS NOT NULL"),
    (
        "evaluation_overlap",
        "INSERT INTO evaluation (resource_id, check_id, status, reason, evidence, valid_from, valid_to)
         SELECT resource_id, check_id, status, reason, evidence, valid_from, '2026-02-01T00:00:00Z'
         FROM evaluation WHERE valid_to IS NULL",
    ),
    ("evaluation_life", "UPDATE resource SET first_seen_at = '2026-03-01T00:00:00Z'"),
    ("evaluation_life", "UPDATE resource SET deleted_at = '2026-01-20T00:00:00Z' WHERE name = 'a'"),
    ("version_order", "UPDATE resource_version SET valid_from = valid_to"),
    ("version_overlap", "UPDATE resource_version SET valid_to = '2026-01-30T00:00:00Z'"),
    ("resource_life", "UPDATE resource SET last_seen_at = NULL WHERE deleted_at IS NOT NULL"),
    ("resource_life", "UPDATE resource SET valid_from = '2025-01-01T00:00:00Z'"),
    ("resource_seen", "UPDATE coverage_period SET outcome = 'failed' WHERE part = 'replication_instance'"),
    ("coverage_order", "UPDATE coverage_period SET valid_to = '2025-01-01T00:00:00Z' WHERE valid_to IS NOT NULL"),
    ("coverage_order", "UPDATE coverage_period SET last_at = NULL WHERE valid_to IS NOT NULL"),
    ("coverage_overlap", "UPDATE coverage_period SET valid_to = NULL, last_at = NULL WHERE period = 1"),
    ("coverage_since", "UPDATE target SET last_attempt_at = '2025-01-01T00:00:00Z'"),
    (
        "coverage_parts",
        "UPDATE coverage_period SET outcome = 'scanned', reason = NULL
         WHERE part = '' AND valid_to IS NULL AND outcome = 'failed'",
    ),
    (
        "coverage_parts",
        "UPDATE coverage_period SET reason = 'throttled' WHERE part = '' AND valid_to IS NULL AND outcome = 'failed'",
    ),
    ("coverage_parts", "DELETE FROM coverage_period WHERE part = '' AND valid_to IS NULL"),
    ("account_order", "UPDATE account_period SET valid_to = '2025-01-01T00:00:00Z' WHERE valid_to IS NOT NULL"),
    ("account_overlap", "UPDATE account SET left_at = '2026-01-05T00:00:00Z' WHERE account_id = '000000000001'"),
    (
        "account_overlap",
        "INSERT INTO account_period SELECT account_id, 9, name, email, ou_path, state, valid_from, NULL
         FROM account_period WHERE valid_to IS NULL",
    ),
    ("finding_state", "UPDATE finding SET state = 'suppressed' WHERE state = 'open'"),
    (
        "finding_state",
        "INSERT INTO finding_event (finding_id, at, event)
         SELECT finding_id, '2026-01-20T00:00:00Z', 'suppressed' FROM finding WHERE state = 'open'",
    ),
    ("finding_state", "INSERT INTO finding (finding_id, resource_id, check_id, severity, state, status, reason, evidence, opened_at,
                              last_seen_at, resolved_at, resolution, times_opened)
      SELECT 999, resource_id, 'x', severity, state, status, reason, evidence,
                              opened_at, last_seen_at, resolved_at, resolution, times_opened FROM finding LIMIT 1"),
    (
        "finding_beginning",
        "INSERT INTO finding_event (finding_id, at, event) VALUES (1, '2026-01-20T00:00:00Z', 'opened')",
    ),
    ("finding_times_opened", "UPDATE finding SET times_opened = times_opened + 1"),
    ("finding_status", "UPDATE finding SET status = 'unknown' WHERE state = 'open'"),
    ("finding_resolution", "UPDATE finding SET resolution = 'fixed' WHERE resolution = 'account_left'"),
    ("finding_life", "UPDATE finding SET last_seen_at = opened_at WHERE state = 'open'"),
    (
        "finding_exception",
        "INSERT INTO exception (exception_id, source, account_id, reason, owner, created_at, expires_at)
         VALUES (7, 'command', '000000000001', 'r', 'o', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z');
         INSERT INTO finding_event (finding_id, at, event, from_status, to_status, reason)
         SELECT finding_id, '2026-01-30T00:00:00Z', 'suppressed', status, status, reason FROM finding WHERE state = 'open';
         UPDATE finding SET state = 'suppressed', exception_id = 7 WHERE state = 'open'",
    ),
    ("daily_numbers", "DELETE FROM day"),
    ("calendar", "DELETE FROM day WHERE day = '2026-01-05'"),
    ("calendar", "DELETE FROM day WHERE day = (SELECT max(day) FROM day)"),
    ("calendar", "DELETE FROM week WHERE sunday = '2026-01-04'"),
    ("finding_evaluated", "DELETE FROM evaluation WHERE valid_to IS NULL AND status = 'fail'"),
    (
        "finding_evaluated",
        "UPDATE evaluation SET status = 'pass', reason = 'customer_managed_key' WHERE valid_to IS NULL",
    ),
    (
        "evaluation_found",
        "UPDATE evaluation SET valid_to = NULL
         WHERE evaluation_id IN (SELECT max(evaluation_id) FROM evaluation e JOIN finding f USING (resource_id, check_id)
                                 WHERE f.state = 'resolved' AND e.status = 'fail' GROUP BY f.finding_id)",
    ),
    ("notification_state", "UPDATE notification SET delivered_at = created_at"),
    ("notification_state", "UPDATE notification SET kind = 'rumour'"),
    ("notification_state", "UPDATE notification SET next_attempt_at = 'soon'"),
    ("notification_payload", "UPDATE notification SET payload = '{\"version\": 1}'"),
    ("notification_told", "UPDATE notification_channel SET last_event_id = 1000000"),
    ("notification_told", "UPDATE notification_channel SET last_loss_id = 1000000"),
    ("finding_account", "UPDATE account SET left_at = last_seen_at"),
    ("report_guards", "DROP TRIGGER report_no_update"),
    (
        "report_issued",
        "INSERT INTO report VALUES ('2026-W01', 'UTC', '2025-12-29T00:00:00Z', '2026-01-05T00:00:00Z',
                                    '2026-01-05T06:00:00Z', '0.1.0', x'')",
    ),
    (
        "report_issued",
        "INSERT INTO report VALUES ('2026-W01', 'UTC', '2025-12-29T00:00:00Z', '2026-01-05T00:00:00Z',
                                    '2026-01-04T06:00:00Z', '0.1.0', x'00')",
    ),
    ("remediation_guards", "DROP TRIGGER remediation_entry_no_delete"),
    (
        "remediation_done",
        "INSERT INTO remediation VALUES (1, 1, 'dms_instance_kms_cmk_encryption', '111111111111', 'eu-west-1', 'arn',
             'replication_instance', 'me', 'x-cmk', NULL, NULL, '2026-01-05T00:00:00Z', '2026-01-05T01:00:00Z',
             '2026-01-05T01:00:00Z', 'done', NULL);
         INSERT INTO remediation_entry VALUES (1, 1, '2026-01-05T00:00:00Z', 'stop_task', 'task', 'started', NULL, NULL)",
    ),
    (
        "remediation_moments",
        "INSERT INTO remediation VALUES (1, 1, 'dms_instance_kms_cmk_encryption', '111111111111', 'eu-west-1', 'arn',
             'replication_instance', 'me', 'x-cmk', NULL, NULL, '2026-01-05T00:00:00Z', '2026-01-04T00:00:00Z', NULL,
             'running', NULL)",
    ),
];

async fn break_it(path: &Path, sql: &str) {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(false)
        .pragma("ignore_check_constraints", "ON");
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut db).await.unwrap();
    assert!(done.rows_affected() > 0 || sql.starts_with("DROP"), "{sql} changed nothing");
    db.close().await.unwrap();
}

#[tokio::test]
async fn each_invariant_is_named_when_it_is_broken() {
    let Lab { writer, path, _dir } = lived().await;
    writer.close().await.unwrap();
    let sound = Reader::open(&path).await.unwrap().check(3).await.unwrap();
    assert_eq!(sound.broken, []);
    assert_eq!((sound.checked, sound.stopped), (invariants().count(), false));

    let copy = _dir.path().join("copy.db");
    for (name, sql) in BREAKAGES {
        fs::copy(&path, &copy).unwrap();
        break_it(&copy, sql).await;
        let report = Reader::open(&copy).await.unwrap().check(1).await.unwrap();
        let found = report.broken.iter().find(|broken| broken.invariant.name == *name);
        let found = found.unwrap_or_else(|| panic!("{name} is not among {:?} after {sql}", report.broken));
        assert!(found.count >= 1 && found.offenders.len() == 1, "{found:?}");
        assert_eq!(report.stopped, *name == "integrity");
    }
    let tried: BTreeSet<&str> = BREAKAGES.iter().map(|(name, _)| *name).collect();
    let all: BTreeSet<&str> = invariants().map(|invariant| invariant.name).collect();
    assert_eq!(tried, all, "every invariant is broken once");
    assert_eq!(all.len(), invariants().count(), "no name stands twice");
}

#[tokio::test]
async fn what_exceptions_do_is_sound() {
    let mut lab = lived().await;
    let everywhere = Exception {
        check_id: None,
        covers: Covers::Account("000000000001".parse().unwrap()),
        reason: "r".to_owned(),
        owner: "o".to_owned(),
        expires_at: "2027-01-01T00:00:00Z".parse().unwrap(),
    };
    let now = "2026-01-30T00:00:00Z".parse().unwrap();
    let (id, settled) = lab.writer.add_exception(&everywhere, now).await.unwrap();
    assert!(settled.suppressed > 0, "there is something to suppress");
    let reader = lab.reader().await;
    assert_eq!(reader.check(3).await.unwrap().broken, []);
    assert!(lab.writer.remove_exception(id, now).await.unwrap().unwrap().reopened > 0);
    assert_eq!(reader.check(3).await.unwrap().broken, []);
}

#[tokio::test]
async fn a_damaged_page_is_an_error_or_named_and_the_rest_is_not_believed() {
    let Lab { writer, path, _dir } = lived().await;
    writer.close().await.unwrap();
    let whole = fs::read(&path).unwrap();
    let (mut named, mut refused) = (0, 0);
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0xAB);
        fs::write(&path, bytes).unwrap();
        let result = match Reader::open(&path).await {
            Ok(reader) => reader.check(3).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(report) => {
                assert_eq!(report.broken[0].invariant.name, "integrity", "page {page}");
                assert!(report.stopped && report.broken.len() == 1);
                named += 1;
            }
            // The pages of the schema and of the list of migrations are needed to open it.
            Err(HistoryError::Corrupt { .. }) => refused += 1,
            Err(other) => panic!("page {page}: {other}"),
        }
    }
    assert!(named > 0 && refused > 0, "{named} named, {refused} refused");
}
