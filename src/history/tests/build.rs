//! Small words to build records with.

use std::path::PathBuf;

use serde_json::Value;
use sqlx::{Column, Executor, Row, SqliteConnection};
use tempfile::TempDir;

use crate::{
    domain::{
        Account, AccountId, AccountState, CoverageReason, Evidence, Failure, JudgedResource, KeyKnowledge,
        KeyManager, PartRecord, Reading, Reason, Resource, ResourceType, Rows, Severity, Skip, Status,
        Target, TargetRecord, Timestamp, Verdict,
    },
    history::{Deferred, NewScan, Reader, ScanEnd, ScanId, ScanOutcome, Writer},
};

pub(crate) const CHECK: &str = "dms_instance_kms_cmk_encryption";
pub(crate) const USABLE: &str = "dms_kms_key_usable";

/// Hour `h` of the test's time.
pub(crate) fn hour(h: i64) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    start + jiff::SignedDuration::from_hours(h)
}

pub(crate) fn iso(h: i64) -> String {
    crate::domain::iso_utc(hour(h))
}

pub(crate) fn account_id(n: u64) -> AccountId {
    format!("{n:012}").parse().unwrap()
}

pub(crate) fn account(n: u64) -> Account {
    Account {
        id: account_id(n),
        name: format!("account {n}"),
        email: format!("{n}@example.com"),
        ou_path: Some("Root/Workloads".to_owned()),
        state: AccountState::Active,
        joined_at: Some(hour(-1000)),
    }
}

pub(crate) fn target(n: u64, region: &str) -> Target {
    Target { account: account_id(n), region: region.parse().unwrap() }
}

pub(crate) fn record(target: Target, h: i64, reading: Reading) -> TargetRecord {
    TargetRecord { target, at: hour(h), reading }
}

pub(crate) fn read(resource_type: ResourceType, resources: Vec<JudgedResource>) -> PartRecord {
    PartRecord { resource_type, resources: Ok(resources) }
}

/// All three kinds read: these instances, and nothing else.
pub(crate) fn instances(resources: Vec<JudgedResource>) -> Reading {
    Reading::Read(vec![
        read(ResourceType::ReplicationInstance, resources),
        read(ResourceType::Endpoint, vec![]),
        read(ResourceType::ReplicationConfig, vec![]),
    ])
}

pub(crate) fn failure(reason: CoverageReason) -> Failure {
    Failure {
        reason,
        operation: "dms:DescribeEndpoints",
        code: Some("AccessDeniedException".to_owned()),
        message: "no".to_owned(),
        request_id: Some("r-1".to_owned()),
    }
}

pub(crate) fn skip(reason: CoverageReason) -> Reading {
    Reading::Skipped(Skip { reason, detail: "by the config".to_owned() })
}

/// An instance with a verdict of the first check, and of `dms_kms_key_usable` where a key is the customer's.
pub(crate) fn instance(name: &str, status: Status, reason: Reason) -> JudgedResource {
    let arn = format!("arn:aws:dms:eu-west-1:000000000001:rep:{name}");
    let verdict = |check_id, severity, status, reason| Verdict {
        check_id,
        severity,
        resource_arn: arn.clone(),
        resource_type: ResourceType::ReplicationInstance,
        status,
        reason,
        evidence: Evidence::DescribeKey,
    };
    let mut verdicts = vec![verdict(CHECK, Severity::High, status, reason)];
    if status == Status::Pass {
        verdicts.push(verdict(USABLE, Severity::Critical, Status::Pass, Reason::KeyEnabled));
    }
    let manager = match status {
        Status::Pass => Some(KeyManager::Customer),
        Status::Fail if reason != Reason::DefaultKey => Some(KeyManager::Aws),
        _ => None,
    };
    JudgedResource {
        resource: Resource {
            arn: arn.clone(),
            resource_type: ResourceType::ReplicationInstance,
            name: name.to_owned(),
            status: Some("available".to_owned()),
            key: None,
            document: format!(r#"{{"ReplicationInstanceIdentifier":"{name}"}}"#),
        },
        key: KeyKnowledge { arn: None, manager, state: None },
        verdicts,
        tags: None,
    }
}

pub(crate) fn failing(name: &str) -> JudgedResource {
    instance(name, Status::Fail, Reason::AwsManagedKey)
}

pub(crate) fn passing(name: &str) -> JudgedResource {
    instance(name, Status::Pass, Reason::CustomerManagedKey)
}

pub(crate) fn unknown(name: &str) -> JudgedResource {
    instance(name, Status::Unknown, Reason::KeyAccessDenied)
}

/// A history in a directory of its own.
pub(crate) struct Lab {
    pub(crate) writer: Writer,
    pub(crate) path: PathBuf,
    pub(crate) _dir: TempDir,
}

impl Lab {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keywatch.db");
        let writer = Writer::open(&path, hour(0)).await.unwrap();
        Self { writer, path, _dir: dir }
    }

    pub(crate) async fn begin(&mut self, h: i64, accounts: &[Account]) -> ScanId {
        self.writer
            .begin_scan(&NewScan {
                trigger: "manual",
                started_at: hour(h),
                accounts,
                complete_roster: true,
                scope: None,
                resumes: None,
            })
            .await
            .unwrap()
    }

    pub(crate) async fn finish(&mut self, scan: ScanId, h: i64) {
        let end = ScanEnd {
            finished_at: hour(h),
            outcome: ScanOutcome::Complete,
            api_calls: 7,
            throttled_calls: 1,
            deferred: Deferred::default(),
        };
        self.writer.finish_scan(scan, &end).await.unwrap();
    }

    /// One whole scan.
    pub(crate) async fn scan(&mut self, h: i64, accounts: &[Account], records: &[TargetRecord]) -> ScanId {
        let scan = self.begin(h, accounts).await;
        self.writer.apply(scan, records).await.unwrap();
        self.finish(scan, h).await;
        scan
    }

    pub(crate) async fn reader(&self) -> Reader {
        Reader::open(&self.path).await.unwrap()
    }

    pub(crate) async fn rows(&mut self, sql: &'static str) -> Vec<Vec<Value>> {
        rows(&mut self.writer.db, sql).await
    }
}

pub(crate) async fn rows(db: &mut SqliteConnection, sql: &'static str) -> Vec<Vec<Value>> {
    let rows = db.fetch_all(sql).await.unwrap();
    rows.iter().map(|row| crate::history::reader::row_values(row).unwrap()).collect()
}

/// The rows of every table but the scans and the calendar: what must not grow without a change.
pub(crate) async fn sizes(db: &mut SqliteConnection) -> Vec<(String, i64)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN ('scan', 'day', 'week') ORDER BY name",
    )
    .fetch_all(&mut *db)
    .await
    .unwrap();
    let mut sizes = Vec::new();
    for table in tables {
        let count = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&mut *db)
            .await
            .unwrap();
        assert_eq!(count.columns()[0].name(), "count(*)");
        sizes.push((table, count.get(0)));
    }
    sizes
}

/// The values of one column.
pub(crate) fn column(rows: &Rows, name: &str) -> Vec<Value> {
    let at = rows.columns.iter().position(|column| column == name).unwrap();
    rows.rows.iter().map(|row| row[at].clone()).collect()
}
