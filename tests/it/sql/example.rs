//! Eight weeks of a small company, scanned every morning from Monday, 5 January 2026: the history that the
//! questions of docs/sql.md and the named queries are asked about.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use keywatch::{
    domain::{
        Account, AccountState, CoverageReason, Evidence, Failure, JudgedResource, KeyKnowledge, KeyManager,
        PartRecord, Reading, Reason, Resource, ResourceType, Severity, Skip, Status, Target, TargetRecord,
        Verdict,
    },
    history::{Deferred, NewScan, ScanEnd, ScanOutcome, Writer},
};
use serde_json::json;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use ResourceType::{Endpoint, ReplicationConfig, ReplicationInstance};
use Under::{AwsKey, DefaultKey, Disabled, Gone, Hidden, OwnKey, PendingDeletion};

/// Days that are scanned.
const DAYS: i64 = 56;

const REGIONS: [&str; 3] = ["eu-central-1", "eu-west-1", "us-east-1"];

/// Account id, name, OU.
const ACCOUNTS: [(&str, &str, &str); 6] = [
    ("111111111111", "payments", "Root/Workloads/Prod"),
    ("222222222222", "ledger", "Root/Workloads/Prod"),
    ("333333333333", "analytics", "Root/Workloads/Dev"),
    ("444444444444", "warehouse", "Root/Platform"),
    (LEGACY, "legacy", "Root/Legacy"),
    (ACQUIRED, "acquired", "Root"),
];
/// It leaves on day 42.
const LEGACY: &str = "555555555555";
/// Its role was never made.
const ACQUIRED: &str = "666666666666";

/// What a resource is encrypted with.
#[derive(Clone, Copy, PartialEq)]
enum Under {
    AwsKey,
    DefaultKey,
    OwnKey,
    Disabled,
    PendingDeletion,
    /// A key that keywatch may not look at.
    Hidden,
    Gone,
}

/// Account, Region, kind, name, and from which day on it was what.
type Life = (usize, &'static str, ResourceType, &'static str, &'static [(i64, Under)]);

const LIVES: [Life; 14] = [
    (0, "eu-west-1", ReplicationInstance, "orders", &[(0, AwsKey), (16, Gone)]),
    (0, "eu-west-1", ReplicationInstance, "orders-cmk", &[(15, OwnKey)]),
    (0, "eu-west-1", Endpoint, "orders-source", &[(0, DefaultKey)]),
    (0, "us-east-1", ReplicationInstance, "refunds", &[(3, AwsKey), (24, Gone)]),
    (1, "eu-west-1", ReplicationInstance, "general-ledger", &[(0, AwsKey), (10, OwnKey), (30, AwsKey)]),
    (1, "eu-west-1", Endpoint, "ledger-target", &[(0, OwnKey), (40, PendingDeletion)]),
    (1, "us-east-1", ReplicationInstance, "audit-copy", &[(0, OwnKey), (47, Disabled)]),
    (2, "us-east-1", ReplicationConfig, "clicks", &[(5, Hidden), (12, AwsKey)]),
    (2, "us-east-1", ReplicationInstance, "events", &[(0, OwnKey)]),
    (2, "eu-west-1", ReplicationInstance, "reports", &[(21, AwsKey), (55, OwnKey)]),
    (2, "eu-west-1", Endpoint, "reports-target", &[(55, DefaultKey)]),
    (3, "eu-central-1", ReplicationInstance, "dwh", &[(0, AwsKey)]),
    (3, "eu-central-1", Endpoint, "dwh-source", &[(0, AwsKey), (33, OwnKey)]),
    (4, "eu-west-1", ReplicationInstance, "mainframe", &[(0, DefaultKey)]),
];

/// Writes the history.
pub async fn write(path: &Path) {
    let mut writer = Writer::open(path, morning(0)).await.unwrap();
    for day in 0..DAYS {
        if let Some(exceptions) = exceptions(day) {
            writer.close().await.unwrap();
            let options = SqliteConnectOptions::new().filename(path).foreign_keys(true);
            let mut db = SqliteConnection::connect_with(&options).await.unwrap();
            #[expect(clippy::disallowed_methods, reason = "tests write what they like")]
            sqlx::raw_sql(exceptions).execute(&mut db).await.unwrap();
            db.close().await.unwrap();
            writer = Writer::open(path, morning(day)).await.unwrap();
        }
        scan(&mut writer, day).await;
    }
    writer.close().await.unwrap();
}

async fn scan(writer: &mut Writer, day: i64) {
    let accounts: Vec<Account> = ACCOUNTS
        .iter()
        .filter(|(id, ..)| day < 42 || *id != LEGACY)
        .map(|(id, name, ou_path)| Account {
            id: id.parse().unwrap(),
            name: (*name).to_owned(),
            email: format!("{name}@example.com"),
            ou_path: Some((*ou_path).to_owned()),
            state: AccountState::Active,
            joined_at: Some("2024-03-01T10:00:00Z".parse().unwrap()),
        })
        .collect();
    let at = morning(day) + SignedDuration::from_mins(2);
    let records: Vec<TargetRecord> = accounts
        .iter()
        .flat_map(|account| REGIONS.map(|region| (account, region)))
        .map(|(account, region)| TargetRecord {
            target: Target { account: account.id, region: region.parse().unwrap() },
            at,
            reading: reading(account.id.as_str(), region, day),
        })
        .collect();
    let new = NewScan {
        trigger: "schedule",
        started_at: morning(day),
        accounts: &accounts,
        complete_roster: true,
        scope: None,
        resumes: None,
    };
    let id = writer.begin_scan(&new).await.unwrap();
    writer.apply(id, &records).await.unwrap();
    let end = ScanEnd {
        finished_at: morning(day) + SignedDuration::from_mins(4),
        outcome: ScanOutcome::Incomplete,
        api_calls: 60,
        throttled_calls: u64::from(day % 7 == 2),
        deferred: Deferred::default(),
    };
    writer.finish_scan(id, &end).await.unwrap();
}

/// 06:00 UTC of a day.
fn morning(day: i64) -> Timestamp {
    "2026-01-05T06:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * day)
}

fn reading(account: &str, region: &str, day: i64) -> Reading {
    let refused = |reason, code: &str, message: &str| {
        Reading::Failed(Failure {
            reason,
            operation: "sts:AssumeRole",
            code: Some(code.to_owned()),
            message: message.to_owned(),
            request_id: None,
        })
    };
    match (account, region, day) {
        (ACQUIRED, ..) => refused(CoverageReason::AssumeRoleDenied, "AccessDenied", "no such role"),
        ("111111111111", "eu-central-1", _) => Reading::Skipped(Skip {
            reason: CoverageReason::RegionNotEnabled,
            detail: "the account has not enabled it".to_owned(),
        }),
        ("333333333333", "us-east-1", 20..27) => {
            refused(CoverageReason::DeniedByScp, "AccessDeniedException", "explicit deny in a policy")
        }
        ("333333333333", "us-east-1", 55) => {
            refused(CoverageReason::Throttled, "ThrottlingException", "rate exceeded")
        }
        ("444444444444", "us-east-1", 45..) => {
            refused(CoverageReason::AccessDenied, "AccessDeniedException", "not authorized")
        }
        _ => Reading::Read(
            ResourceType::ALL
                .map(|kind| PartRecord {
                    resource_type: kind,
                    resources: Ok(found(account, region, kind, day)),
                })
                .into(),
        ),
    }
}

fn found(account: &str, region: &str, kind: ResourceType, day: i64) -> Vec<JudgedResource> {
    LIVES
        .iter()
        .filter(|(of, place, what, ..)| ACCOUNTS[*of].0 == account && *place == region && *what == kind)
        .filter_map(|(.., name, life)| {
            let (_, under) = life.iter().rev().find(|(from, _)| *from <= day)?;
            (*under != Gone).then(|| judged(account, region, kind, name, *under))
        })
        .collect()
}

fn judged(account: &str, region: &str, kind: ResourceType, name: &str, under: Under) -> JudgedResource {
    let (word, check_id) = match kind {
        ReplicationInstance => ("rep", "dms_instance_kms_cmk_encryption"),
        Endpoint => ("endpoint", "dms_endpoint_kms_cmk_encryption"),
        ReplicationConfig => ("replication-config", "dms_serverless_kms_cmk_encryption"),
    };
    let arn = format!("arn:aws:dms:{region}:{account}:{word}:{}", name.to_uppercase());
    let key = match under {
        AwsKey => Some("aws-dms"),
        DefaultKey | Gone => None,
        OwnKey | Disabled | PendingDeletion => Some(if kind == Endpoint { "endpoints" } else { "storage" }),
        Hidden => Some("hidden"),
    };
    let key = key.map(|id| format!("arn:aws:kms:{region}:{account}:key/{id}"));
    let (status, reason, evidence) = match under {
        AwsKey => (Status::Fail, Reason::AwsManagedKey, Evidence::DescribeKey),
        DefaultKey | Gone => (Status::Fail, Reason::DefaultKey, Evidence::None),
        Hidden => (Status::Unknown, Reason::KeyAccessDenied, Evidence::None),
        OwnKey | Disabled | PendingDeletion => {
            (Status::Pass, Reason::CustomerManagedKey, Evidence::DescribeKey)
        }
    };
    let verdict = |check_id, severity, status, reason, evidence| Verdict {
        check_id,
        severity,
        resource_arn: arn.clone(),
        resource_type: kind,
        status,
        reason,
        evidence,
    };
    let mut verdicts = vec![verdict(check_id, Severity::High, status, reason, evidence)];
    let usable = match under {
        OwnKey => Some((Status::Pass, Reason::KeyEnabled, "Enabled")),
        Disabled => Some((Status::Fail, Reason::KeyDisabled, "Disabled")),
        PendingDeletion => Some((Status::Fail, Reason::KeyPendingDeletion, "PendingDeletion")),
        _ => None,
    };
    if let Some((status, reason, _)) = usable {
        let check = "dms_kms_key_usable";
        verdicts.push(verdict(check, Severity::Critical, status, reason, Evidence::DescribeKey));
    }
    let manager = match under {
        AwsKey => Some(KeyManager::Aws),
        OwnKey | Disabled | PendingDeletion => Some(KeyManager::Customer),
        DefaultKey | Hidden | Gone => None,
    };
    let document = match kind {
        ReplicationInstance => json!({
            "EngineVersion": if name.len().is_multiple_of(2) { "3.5.4" } else { "3.6.1" },
            "MultiAZ": name.len().is_multiple_of(3),
            "PubliclyAccessible": name == "events",
            "ReplicationInstanceClass": "dms.r6i.large",
            "ReplicationInstanceIdentifier": name,
        }),
        Endpoint => json!({"EndpointIdentifier": name, "EngineName": "postgres"}),
        ReplicationConfig => json!({"ReplicationConfigIdentifier": name, "ReplicationType": "cdc"}),
    };
    JudgedResource {
        resource: Resource {
            arn: arn.clone(),
            resource_type: kind,
            name: name.to_owned(),
            status: Some("available".to_owned()),
            key: None,
            document: document.to_string(),
        },
        key: KeyKnowledge {
            arn: key,
            manager,
            state: usable
                .map(|(.., state)| state.to_owned())
                .or((under == AwsKey).then(|| "Enabled".to_owned())),
        },
        verdicts,
        tags: None,
    }
}

/// Two accepted risks, straight into the tables: one of `dwh-source`, which expires after two weeks, and one of
/// `orders-source`, which is in force.
fn exceptions(day: i64) -> Option<&'static str> {
    match day {
        7 => Some(
            "INSERT INTO exception (source, resource_arn, reason, owner, created_at, expires_at)
             SELECT 'command', arn, 'moves in January', 'data platform', '2026-01-11T15:00:00Z', '2026-01-25T15:00:00Z'
             FROM resource WHERE name = 'dwh-source';
             INSERT INTO finding_event (finding_id, at, event, from_status, to_status, exception_id)
             SELECT finding_id, '2026-01-11T15:00:00Z', 'suppressed', finding.status, finding.status, 1
             FROM finding JOIN resource USING (resource_id) WHERE name = 'dwh-source';
             UPDATE finding SET state = 'suppressed', exception_id = 1
             WHERE resource_id = (SELECT resource_id FROM resource WHERE name = 'dwh-source');",
        ),
        21 => Some(
            "UPDATE exception SET ended_at = '2026-01-26T06:00:00Z', ended_by = 'expired' WHERE exception_id = 1;
             INSERT INTO finding_event (finding_id, at, event, from_status, to_status, reason, exception_id)
             SELECT finding_id, '2026-01-26T06:00:00Z', 'reopened', status, status, 'exception_expired', 1
             FROM finding WHERE exception_id = 1;
             UPDATE finding SET state = 'open', exception_id = NULL, opened_at = '2026-01-26T06:00:00Z',
                                times_opened = times_opened + 1
             WHERE exception_id = 1;",
        ),
        28 => Some(
            "INSERT INTO exception (source, resource_arn, reason, owner, created_at, expires_at)
             SELECT 'command', arn, 'vendor migration', 'payments', '2026-02-01T12:00:00Z', '2026-03-20T00:00:00Z'
             FROM resource WHERE name = 'orders-source';
             INSERT INTO finding_event (finding_id, at, event, from_status, to_status, exception_id)
             SELECT finding_id, '2026-02-01T12:00:00Z', 'suppressed', finding.status, finding.status, 2
             FROM finding JOIN resource USING (resource_id) WHERE name = 'orders-source';
             UPDATE finding SET state = 'suppressed', exception_id = 2
             WHERE resource_id = (SELECT resource_id FROM resource WHERE name = 'orders-source');",
        ),
        _ => None,
    }
}
