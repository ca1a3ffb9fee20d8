//! Every named query, on the example, whose answers can be counted by hand from its list of lives.

use std::collections::BTreeSet;

use keywatch::history::NamedQuery;
use serde_json::Value;

use super::keywatch;

/// Noon after the newest scan.
const NOW: &str = "now=2026-03-01T12:00:00Z";

/// The answer's lines, of each the values of these columns.
#[track_caller]
fn ask(name: &str, parameters: &[&str], columns: &[&str]) -> Vec<String> {
    let mut arguments = vec!["query", "--format", "json", "--name", name];
    arguments.extend(parameters.iter().flat_map(|parameter| ["--param", parameter]));
    let rows = keywatch(&arguments).exits(0).json();
    let text = |row: &Value, column: &&str| match &row[*column] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let line = |row| columns.iter().map(|column| text(row, column)).collect::<Vec<_>>().join(" ");
    rows.as_array().unwrap().iter().map(line).collect()
}

#[test]
fn the_newest_scan_and_what_has_been_open_the_longest() {
    assert_eq!(
        ask("newest-scan", &[], &["event", "account_name", "region", "resource_name", "reason"]),
        [
            "coverage_lost analytics us-east-1 null throttled",
            "opened analytics eu-west-1 reports-target default_key",
            "resolved analytics eu-west-1 reports fixed",
        ]
    );
    let columns = ["resource_name", "days_open", "severity", "times_opened"];
    assert_eq!(
        ask("oldest-open", &[NOW], &columns),
        [
            "dwh 55 high 1",
            "clicks 50 high 1",
            "general-ledger 25 high 2",
            "ledger-target 15 critical 1",
            "audit-copy 8 critical 1",
            "reports-target 0 high 1",
        ]
    );
    assert_eq!(ask("oldest-open", &[NOW, "rows=1"], &columns), ["dwh 55 high 1"]);
    // Without a moment it is the present one.
    let days: i64 = ask("oldest-open", &["rows=1"], &["days_open"])[0].parse().unwrap();
    assert!(days > 55);
}

#[test]
fn where_it_is_worst() {
    assert_eq!(
        ask("worst-accounts", &[], &["account_name", "open", "critical", "high", "suppressed", "resources"]),
        ["ledger 3 2 1 0 3", "analytics 2 0 2 0 2", "warehouse 1 0 1 0 1"]
    );
    assert_eq!(
        ask("worst-ous", &[], &["ou_path", "open", "critical", "suppressed", "accounts"]),
        ["Root/Workloads/Prod 3 2 1 1", "Root/Workloads/Dev 2 0 0 1", "Root/Platform 1 0 0 1"]
    );
    assert_eq!(
        ask("regions", &[], &["region", "open", "critical", "suppressed", "oldest"]),
        [
            "eu-west-1 3 1 1 2026-02-04T06:02:00Z",
            "us-east-1 2 1 0 2026-01-10T06:02:00Z",
            "eu-central-1 1 0 0 2026-01-05T06:02:00Z",
        ]
    );
}

#[test]
fn how_the_weeks_went() {
    let columns = ["week", "open", "new", "resolved", "pass", "fail", "suppressed", "compliance", "change"];
    let endpoints: Vec<String> = ask("week-over-week", &["weeks=4"], &[&["check_id"], &columns[..]].concat())
        .into_iter()
        .filter_map(|line| line.strip_prefix("dms_endpoint_kms_cmk_encryption ").map(str::to_owned))
        .collect();
    assert_eq!(
        endpoints,
        [
            // Two pass, one is accepted, one is new.
            "2026-W09 1 1 0 2 1 1 0.5 -16.67",
            "2026-W08 0 0 0 2 0 1 0.6667 0.0",
            "2026-W07 0 0 0 2 0 1 0.6667 0.0",
            "2026-W06 0 0 1 2 0 1 0.6667 33.33",
        ]
    );
    // Four checks, eight weeks.
    assert_eq!(ask("week-over-week", &[], &columns).len(), 32);

    // Three of them Monday to Sunday, the newest scan's minutes of Sunday from 06:04 on aside.
    assert_eq!(
        ask("violation-days", &["account=222222222222", "weeks=3"], &["week", "violation_days", "findings"]),
        [
            "2026-W09 18.76 3",
            // One all week, one all week, one since Saturday 06:02.
            "2026-W08 15.75 3",
            // One all week, one since Saturday 06:02.
            "2026-W07 8.75 2",
        ]
    );
    // It left on Monday, 06:00.
    assert_eq!(
        ask("violation-days", &["account=555555555555", "weeks=2"], &["week", "violation_days"]),
        ["2026-W08 0.25"]
    );
    // The two accounts with the most in two weeks, week by week; the newest scan found one of analytics fixed, and
    // another new.
    assert_eq!(
        ask("violation-days", &["accounts=2", "weeks=2"], &["week", "account_name", "violation_days"]),
        [
            "2026-W09 ledger 18.76",
            "2026-W09 analytics 12.51",
            "2026-W08 ledger 15.75",
            "2026-W08 analytics 14.0"
        ]
    );
}

#[test]
fn how_long_it_took() {
    let columns = ["check_id", "remedied", "mean_hours", "median_hours", "p90_hours", "still_open"];
    assert_eq!(
        ask("time-to-remediate", &[], &columns),
        [
            // dwh-source, from the end of its exception on; what it took before does not count.
            "dms_endpoint_kms_cmk_encryption 1 288.0 288.0 288.0 1",
            // general-ledger 10 days, orders 16, refunds 21, reports 34. The account that left is none.
            "dms_instance_kms_cmk_encryption 4 486.0 384.0 816.0 2",
            "(all) 5 446.4 384.0 816.0 6",
        ]
    );
    // The newest scan was on 1 March: the last remedy before reports was dwh-source, 22 days earlier.
    assert_eq!(ask("time-to-remediate", &["days=7"], &["remedied"]), ["1", "1"]);
    assert_eq!(
        ask("reopened", &[], &["resource_name", "state", "times_opened", "reopened_at", "reason"]),
        [
            "general-ledger open 2 2026-02-04T06:02:00Z aws_managed_key",
            "dwh-source resolved 2 2026-01-26T06:00:00Z exception_expired",
        ]
    );
}

#[test]
fn what_is_about_to_happen() {
    assert_eq!(
        ask("keys-in-danger", &[], &["key_state", "key_account", "instances", "endpoints", "resource_arns"]),
        [
            "PendingDeletion 222222222222 0 1 arn:aws:dms:eu-west-1:222222222222:endpoint:LEDGER-TARGET",
            "Disabled 222222222222 1 0 arn:aws:dms:us-east-1:222222222222:rep:AUDIT-COPY",
        ]
    );
    let columns = ["days_left", "owner", "covers", "findings"];
    let ending = "18 payments arn:aws:dms:eu-west-1:111111111111:endpoint:ORDERS-SOURCE 1";
    assert_eq!(ask("exceptions-ending", &[NOW], &columns), [ending]);
    assert_eq!(ask("exceptions-ending", &[NOW, "days=18"], &columns), [""; 0]);
}

#[test]
fn what_was_not_seen() {
    let columns = ["account_name", "region", "outcome", "reason", "days_unseen"];
    let gaps = ask("coverage-gaps", &[NOW, "days=7"], &columns);
    assert_eq!(
        gaps,
        [
            "acquired eu-central-1 failed assume_role_denied 55",
            "acquired eu-west-1 failed assume_role_denied 55",
            "acquired us-east-1 failed assume_role_denied 55",
            "warehouse us-east-1 failed access_denied 11",
            "payments eu-central-1 skipped region_not_enabled 55",
        ]
    );
    assert_eq!(ask("coverage-gaps", &[NOW, "days=12"], &columns).len(), 4);
    // The one of this morning.
    assert_eq!(ask("coverage-gaps", &[NOW, "days=0"], &columns).len(), 6);
    assert_eq!(
        ask("never-scanned", &[], &["account_name", "targets", "why"]),
        ["acquired 3 assume_role_denied"]
    );
}

#[test]
fn the_list_names_every_file_and_needs_no_history() {
    let empty = tempfile::TempDir::new().unwrap();
    let listed = crate::support::Keywatch::new(&empty)
        .args(["query", "--list", "--format", "json"])
        .run()
        .exits(0)
        .json();
    let names: BTreeSet<String> =
        listed.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/history/named");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|file| {
            file.unwrap().file_name().into_string().unwrap().strip_suffix(".sql").map(str::to_owned)
        })
        .collect();
    assert_eq!(names, files);
    assert_eq!(listed[1]["description"], "The findings that have been open the longest");
    assert_eq!(listed[1]["parameters"], "rows=50 now");
    let shown = keywatch(&["query", "--name", "regions", "--show"]).exits(0).stdout;
    assert!(shown.starts_with("-- The Regions with the most open findings"), "{shown}");
}

#[test]
fn each_file_says_what_it_answers_and_names_its_parameters() {
    for query in NamedQuery::all() {
        let title = query.title();
        assert!((10..=100).contains(&title.len()) && !title.ends_with('.'), "{}: {title:?}", query.name);
        let named: BTreeSet<&str> = query.parameters().iter().map(|parameter| parameter.name).collect();
        let lines = query.sql.lines().filter(|line| line.starts_with("-- param ")).count();
        assert_eq!(named.len(), lines, "{}: a parameter's line is not read", query.name);
        // What stands behind a colon, those of the time's form aside.
        let used: BTreeSet<&str> = query
            .sql
            .lines()
            .filter(|line| !line.starts_with("--"))
            .flat_map(|line| line.split(':').skip(1))
            .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default())
            .filter(|word| word.chars().all(|c| c.is_ascii_lowercase()) && word.len() > 2)
            .filter(|word| !["key", "kms", "alias"].contains(word))
            .collect();
        assert_eq!(used, named, "{}", query.name);
    }
}

#[test]
fn what_cannot_be_asked_is_a_usage_error_that_says_what_can() {
    let refused = |arguments: &[&str], says: &str| {
        let output = keywatch(&[&["query"], arguments].concat()).exits(2);
        assert!(output.stderr.contains(says), "{}", output.stderr);
    };
    refused(&["--name", "oldest-opn"], "oldest-open");
    refused(&["--name", "oldest-open", "--param", "days=3"], "it takes rows, now");
    refused(&["--name", "regions", "--param", "days=3"], "it takes none");
    refused(&["--name", "oldest-open", "--param", "rows=many"], "rows is a whole number");
    refused(&["--name", "oldest-open", "--param", "rows=-1"], "rows is a whole number");
    refused(&["--name", "oldest-open", "--param", "now=monday"], "2026-11-24T09:30:00Z");
    refused(&["--name", "oldest-open", "--param", "rows"], "KEY=VALUE");
    refused(&["--param", "rows=1", "SELECT 1"], "cannot be used with");
    refused(&["--param", "rows=1"], "SQL");
    refused(&["--name", "regions", "SELECT 1"], "cannot be used with");
    // A value is a value, whatever stands in it.
    let odd = "account=' OR 1=1; DROP VIEW findings; --";
    assert_eq!(ask("violation-days", &[odd], &["week"]), [""; 0]);
}
