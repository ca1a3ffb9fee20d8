//! The history's past, asked through the binary: a history of three weeks is made with times of its own.

use std::path::Path;

use keywatch::{
    domain::{
        Account, AccountState, CoverageReason, Evidence, Failure, JudgedResource, KeyKnowledge, PartRecord,
        Reading, Reason, Resource, ResourceType, Severity, Status, Target, TargetRecord, Timestamp, Verdict,
    },
    history::{Deferred, NewScan, ScanEnd, ScanOutcome, Writer},
};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Keywatch, Output};

const CHECK: &str = "dms_instance_kms_cmk_encryption";
const KIND: ResourceType = ResourceType::ReplicationInstance;

fn instance(name: &str, status: Status, reason: Reason) -> JudgedResource {
    let arn = format!("arn:aws:dms:eu-west-1:000000000001:rep:{name}");
    JudgedResource {
        resource: Resource {
            arn: arn.clone(),
            resource_type: KIND,
            name: name.to_owned(),
            status: Some("available".to_owned()),
            key: None,
            document: "{}".to_owned(),
        },
        key: KeyKnowledge { arn: None, manager: None, state: None },
        verdicts: vec![Verdict {
            check_id: CHECK,
            severity: Severity::High,
            resource_arn: arn,
            resource_type: KIND,
            status,
            reason,
            evidence: Evidence::DescribeKey,
        }],
        tags: None,
    }
}

/// One scan of one target.
async fn scan(writer: &mut Writer, at: &str, reading: Reading) {
    let at: Timestamp = at.parse().unwrap();
    let account = Account {
        id: "000000000001".parse().unwrap(),
        name: "Payments".to_owned(),
        email: "payments@example.com".to_owned(),
        ou_path: Some("Root".to_owned()),
        state: AccountState::Active,
        joined_at: None,
    };
    let target = Target { account: account.id, region: "eu-west-1".parse().unwrap() };
    let new = NewScan {
        trigger: "manual",
        started_at: at,
        accounts: &[account],
        complete_roster: true,
        scope: None,
        resumes: None,
    };
    let scan = writer.begin_scan(&new).await.unwrap();
    writer.apply(scan, &[TargetRecord { target, at, reading }]).await.unwrap();
    let end = ScanEnd {
        finished_at: at,
        outcome: ScanOutcome::Complete,
        api_calls: 1,
        throttled_calls: 0,
        deferred: Deferred::default(),
    };
    writer.finish_scan(scan, &end).await.unwrap();
}

/// Two instances fail; a week later one is fixed, and the next week the target can't be read.
fn history(path: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut writer = Writer::open(path, "2026-01-05T09:00:00Z".parse().unwrap()).await.unwrap();
        let bad = |name| instance(name, Status::Fail, Reason::AwsManagedKey);
        let good = |name| instance(name, Status::Pass, Reason::CustomerManagedKey);
        let read = |found| Reading::Read(vec![PartRecord { resource_type: KIND, resources: Ok(found) }]);
        scan(&mut writer, "2026-01-05T09:00:00Z", read(vec![bad("a"), bad("b")])).await;
        scan(&mut writer, "2026-01-14T09:00:00Z", read(vec![good("a"), bad("b")])).await;
        let denied = Failure {
            reason: CoverageReason::AssumeRoleDenied,
            operation: "sts:AssumeRole",
            code: Some("AccessDenied".to_owned()),
            message: "no".to_owned(),
            request_id: None,
        };
        scan(&mut writer, "2026-01-20T09:00:00Z", Reading::Failed(denied)).await;
        writer.close().await.unwrap();
    });
}

struct Lab(TempDir);

impl Lab {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        history(&dir.path().join("history.db"));
        Self(dir)
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Output {
        Keywatch::new(&self.0).args(["--db", "history.db"]).args(arguments).run()
    }
}

#[test]
fn the_trend_is_told_by_week_and_by_day_in_every_format() {
    let lab = Lab::new();
    let weeks = lab.run(&["trend", "--format", "json"]).exits(0).json();
    let row = |period, open, new, resolved, pass, compliance: f64| {
        json!({
            "period": period, "open": open, "new": new, "resolved": resolved, "reopened": 0, "pass": pass,
            "fail": open, "unknown": 0, "suppressed": 0, "compliance": compliance,
        })
    };
    assert_eq!(
        weeks,
        json!([
            row("2026-W02", 2, 2, 0, 0, 0.0),
            row("2026-W03", 1, 0, 1, 1, 0.5),
            // A target that could not be read changes nothing.
            row("2026-W04", 1, 0, 0, 1, 0.5),
        ])
    );
    let sums =
        "SELECT week AS period, sum(pass) AS pass, sum(fail) AS fail FROM compliance_weekly GROUP BY 1";
    for (trend, view) in weeks
        .as_array()
        .unwrap()
        .iter()
        .zip(lab.run(&["query", "--format", "json", sums]).json().as_array().unwrap())
    {
        assert_eq!(
            [&trend["period"], &trend["pass"], &trend["fail"]],
            [&view["period"], &view["pass"], &view["fail"]]
        );
    }
    let days = lab
        .run(&["trend", "--by", "day", "--from", "2026-01-13", "--to", "2026-01-14", "--format", "csv"])
        .exits(0);
    assert_eq!(
        days.stdout,
        "period,open,new,resolved,reopened,pass,fail,unknown,suppressed,compliance\n\
         2026-01-13,2,0,0,0,0,2,0,0,0.0\n\
         2026-01-14,1,0,1,0,1,1,0,0,0.5\n"
    );
    let people = lab.run(&["trend", "--check", CHECK, "--account", "000000000001"]).exits(0);
    assert!(people.stdout.contains("2026-W03") && people.stdout.contains("50.0 %"), "{}", people.stdout);
    assert!(!people.stdout.contains('▁'), "a pipe is no terminal: {}", people.stdout);
    let none = lab.run(&["trend", "--from", "2026-03-01"]).exits(0);
    assert_eq!(none.stdout, "No history in that time: it covers 2026-01-05 to 2026-01-20.\n");
    let turned = lab.run(&["trend", "--from", "2026-01-14", "--to", "2026-01-13"]).exits(2);
    assert!(turned.stderr.contains("--from 2026-01-14 is after --to 2026-01-13"), "{}", turned.stderr);
    lab.run(&["trend", "--from", "last week"]).exits(2);
}

#[test]
fn every_list_can_be_asked_as_of_a_day() {
    let lab = Lab::new();
    let open = |as_of: &str| {
        let rows = lab
            .run(&["findings", "list", "--state", "open", "--as-of", as_of, "--format", "json"])
            .exits(0)
            .json();
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["resource_name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(open("2026-01-05"), ["a", "b"]);
    assert_eq!(open("2026-01-14T08:59:59Z"), ["a", "b"]);
    assert_eq!(open("2026-01-14T09:00:00Z"), ["b"]);
    assert_eq!(open("2026-02-01"), ["b"], "after the newest scan, what was last known holds");

    let then = lab.run(&["findings", "show", "1", "--as-of", "2026-01-13"]).exits(0);
    assert!(
        then.stdout.contains("Then       open since 2026-01-05") && !then.stdout.contains("resolved"),
        "{}",
        then.stdout
    );
    let now = lab.run(&["findings", "show", "1"]).exits(0);
    assert!(now.stdout.contains("Now        resolved 2026-01-14"), "{}", now.stdout);
    assert_eq!(
        lab.run(&["coverage", "--as-of", "2026-01-19"]).exits(0).stdout,
        "Every target was scanned.\n"
    );
    let gaps = lab.run(&["coverage", "--as-of", "2026-01-20", "--format", "json"]).exits(0).json();
    assert_eq!(
        (&gaps[0]["reason"], &gaps[0]["last_scanned_at"]),
        (&json!("assume_role_denied"), &json!("2026-01-14T09:00:00Z"))
    );
    let trend = lab.run(&["trend", "--as-of", "2026-01-13", "--format", "json"]).exits(0).json();
    assert_eq!((trend.as_array().unwrap().len(), &trend[1]["open"]), (2, &json!(2)));
}

#[test]
fn a_time_that_the_history_does_not_cover_is_refused() {
    let lab = Lab::new();
    for (as_of, why) in [("2026-01-04", "before the first scan"), ("2999-01-01", "in the future")] {
        for command in [&["findings", "list"][..], &["findings", "show", "1"], &["coverage"], &["trend"]] {
            let refused = lab.run(&[command, &["--as-of", as_of]].concat()).exits(2);
            assert!(refused.stderr.contains(why), "{}", refused.stderr);
            assert!(
                refused.stderr.contains("2026-01-05T09:00:00Z to 2026-01-20T09:00:00Z"),
                "{}",
                refused.stderr
            );
        }
    }
    let unclear = lab.run(&["coverage", "--as-of", "monday"]).exits(2);
    assert!(unclear.stderr.contains("2026-11-24T09:30:00Z"), "{}", unclear.stderr);
}
