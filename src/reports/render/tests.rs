//! The samples in every format. `KEYWATCH_WRITE_DOCS=1 cargo test --lib reports::render` writes anew what is kept in
//! the repository; read the difference.

use std::{env, fs, path::Path};

use serde_json::Value;

use super::*;
use crate::reports::{
    Change, Finding,
    sample::{empty, hostile, weekly},
};

const FORMATS: [ReportFormat; 5] =
    [ReportFormat::Csv, ReportFormat::Json, ReportFormat::Xlsx, ReportFormat::Ocsf, ReportFormat::Asff];

fn text(weekly: &Weekly, format: ReportFormat) -> String {
    String::from_utf8(render(weekly, format).unwrap()).unwrap()
}

fn events(weekly: &Weekly) -> Vec<Value> {
    text(weekly, ReportFormat::Ocsf).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn entries(weekly: &Weekly) -> Vec<Value> {
    serde_json::from_str(&text(weekly, ReportFormat::Asff)).unwrap()
}

/// Fails if the file does not hold the text; with `KEYWATCH_WRITE_DOCS` it does from then on.
#[track_caller]
fn assert_kept(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if env::var_os("KEYWATCH_WRITE_DOCS").is_some() {
        fs::write(&path, text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == text,
        "{file} is behind: KEYWATCH_WRITE_DOCS=1 writes it anew"
    );
}

#[test]
fn the_schema_is_that_of_the_types() {
    assert_kept("docs/report.schema.json", &format!("{:#}\n", report_schema()));
}

/// `tests/it/reports.rs` renders these.
#[test]
fn the_samples_are_kept_as_json() {
    for (name, weekly) in [("weekly", weekly()), ("hostile", hostile()), ("empty", empty())] {
        let json = text(&weekly, ReportFormat::Json);
        assert_kept(&format!("tests/reports/{name}.json"), &json);
        assert_eq!(serde_json::from_str::<Weekly>(&json).unwrap(), weekly);
    }
}

#[test]
fn a_finding_has_the_columns_of_the_view() {
    let Value::Object(fields) = serde_json::to_value(Finding::default()).unwrap() else {
        panic!("no object")
    };
    let names: Vec<&str> = finding::COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(names, fields.keys().collect::<Vec<_>>());
}

#[test]
fn the_same_report_is_the_same_bytes() {
    for weekly in [weekly(), hostile(), empty()] {
        for format in FORMATS {
            assert!(render(&weekly, format).unwrap() == render(&weekly, format).unwrap(), "{format:?}");
        }
    }
}

#[test]
fn the_formats_look_like_this() {
    // A snapshot has one kind of line's end.
    insta::assert_snapshot!("csv", text(&weekly(), ReportFormat::Csv).replace("\r\n", "\n"));
    insta::assert_snapshot!("csv_hostile", text(&hostile(), ReportFormat::Csv).replace('\r', "\\r"));
    let lines = |values: Vec<Value>| values.iter().map(|value| format!("{value:#}\n")).collect::<String>();
    insta::assert_snapshot!("ocsf", lines(events(&weekly())));
    insta::assert_snapshot!("asff", lines(entries(&weekly())));
}

#[test]
fn nothing_found_is_no_row() {
    let header = text(&empty(), ReportFormat::Csv);
    assert!(header.starts_with("week,finding_id,check_id,") && header.ends_with(",exception_expires_at\r\n"));
    assert_eq!(header.lines().count(), 1);
    assert_eq!(text(&empty(), ReportFormat::Ocsf), "");
    assert_eq!(text(&empty(), ReportFormat::Asff), "[]\n");
}

#[test]
fn a_finding_stands_once_however_often_it_changed() {
    let mut weekly = weekly();
    let back = weekly.findings[1].clone();
    let twice = weekly.changes.resolved[0].clone();
    // One was resolved and opened again, another one resolved twice.
    weekly.changes.resolved.push(Change { finding: back, ..twice.clone() });
    weekly.changes.resolved.push(twice);
    assert_eq!(finding::listed(&weekly).len(), 6);
    assert_eq!(events(&weekly).len(), 6);
    assert_eq!(entries(&weekly).len(), 6);
}

/// What each format says of the sample's first finding as it is made here.
fn told(change: impl Fn(&mut Finding)) -> [String; 5] {
    let mut weekly = weekly();
    change(&mut weekly.findings[0]);
    let (event, entry) = (&events(&weekly)[0], &entries(&weekly)[0]);
    [
        &event["activity_name"],
        &event["status"],
        &event["compliance"]["status"],
        &entry["Compliance"]["Status"],
        &entry["Workflow"]["Status"],
    ]
    .map(|word| word.as_str().unwrap().to_owned())
}

#[test]
fn only_what_was_fixed_passes() {
    let set = |state: &str, status: &str, reason: &str, resolution: Option<&str>| {
        told(|finding| {
            (finding.state, finding.status, finding.reason) = (state.into(), status.into(), reason.into());
            finding.resolution = resolution.map(str::to_owned);
        })
    };
    let open = |status, reason| set("open", status, reason, None);
    assert_eq!(open("fail", "aws_managed_key"), ["Update", "New", "Fail", "FAILED", "NEW"]);
    assert_eq!(open("unknown", "key_access_denied"), ["Update", "New", "Warning", "WARNING", "NEW"]);
    assert_eq!(open("unknown", "key_lookup_failed"), ["Update", "New", "Warning", "NOT_AVAILABLE", "NEW"]);
    let suppressed = |status, reason| set("suppressed", status, reason, None);
    let [fails, unjudged] = [
        ["Update", "Suppressed", "Fail", "FAILED", "SUPPRESSED"],
        ["Update", "Suppressed", "Warning", "WARNING", "SUPPRESSED"],
    ];
    assert_eq!(suppressed("fail", "default_key"), fails);
    assert_eq!(suppressed("unknown", "key_not_found"), unjudged);
    let resolved = |resolution| set("resolved", "fail", "default_key", Some(resolution));
    assert_eq!(resolved("fixed"), ["Close", "Resolved", "Pass", "PASSED", "RESOLVED"]);
    for gone in ["resource_deleted", "account_left", "no_longer_in_scope"] {
        assert_eq!(resolved(gone), ["Close", "Resolved", gone, "NOT_AVAILABLE", "RESOLVED"]);
    }
}

#[test]
fn a_finding_keeps_its_id_and_its_partition() {
    let mut weekly = weekly();
    weekly.findings[0].resource_arn = "arn:aws-cn:dms:cn-north-1:111122223333:rep:A".to_owned();
    weekly.findings[1].resource_arn = "no ARN".to_owned();
    weekly.findings[1].region = "us-gov-west-1".to_owned();
    weekly.findings[2].resource_arn = "ä".repeat(600);
    let (events, entries) = (events(&weekly), entries(&weekly));
    let id = "dms_kms_key_usable/arn:aws-cn:dms:cn-north-1:111122223333:rep:A";
    assert_eq!((&events[0]["finding_info"]["uid"], &entries[0]["Id"]), (&id.into(), &id.into()));
    assert_eq!(events[0]["cloud"]["cloud_partition"], "aws-cn");
    assert!(entries[0]["ProductArn"].as_str().unwrap().starts_with("arn:aws-cn:securityhub:eu-west-1:"));
    assert_eq!(entries[1]["Resources"][0]["Partition"], "aws-us-gov");
    let long = entries[2]["Id"].as_str().unwrap();
    assert_eq!((long.chars().count(), &events[2]["finding_info"]["uid"]), (512, &entries[2]["Id"]));
    weekly.findings[2].resource_arn.push('b');
    assert_ne!(self::entries(&weekly)[2]["Id"], long);
}

#[test]
fn times_are_those_of_the_finding() {
    let events = events(&weekly());
    let time = |at: &str| at.parse::<crate::domain::Timestamp>().unwrap().as_millisecond();
    // Open: seen, and reopened in the week.
    assert_eq!(events[0]["time"], time("2026-11-22T22:00:00Z"));
    assert_eq!(events[0]["finding_info"]["modified_time"], time("2026-11-20T06:00:00Z"));
    // Opened in the week, and resolved in the week.
    assert_eq!(events[2]["activity_name"], "Create");
    assert_eq!(events[5]["time"], time("2026-11-18T10:00:00Z"));
    let mut broken = weekly();
    broken.findings[0].opened_at = "yesterday".to_owned();
    let error = render(&broken, ReportFormat::Ocsf).unwrap_err().to_string();
    assert_eq!(error, "\"yesterday\" is no moment such as 2026-11-24T09:30:00Z");
}
