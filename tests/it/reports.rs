//! The report's formats, read by what their owners or others wrote: Python's csv, openpyxl, JSON Schema, the published
//! schemas of OCSF, the model of Security Hub's API.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use keywatch::reports::{ReportFormat, Weekly, render};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Process, python_with};

const FORMATS: [ReportFormat; 5] =
    [ReportFormat::Csv, ReportFormat::Json, ReportFormat::Xlsx, ReportFormat::Ocsf, ReportFormat::Asff];

/// The week of every sample.
const WEEK: &str = "2026-W47";

/// The report that the library's own sample is: its unit tests hold these files to it.
fn sample(name: &str) -> Weekly {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/reports/{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A folder with the report in every format.
fn write(root: &TempDir, name: &str, weekly: &Weekly) -> PathBuf {
    let dir = root.path().join(name);
    fs::create_dir(&dir).unwrap();
    for format in FORMATS {
        fs::write(dir.join(format.file_name(WEEK)), render(weekly, format).unwrap()).unwrap();
    }
    dir
}

/// The sample with one of its files spoilt.
fn spoil(root: &TempDir, name: &str, format: ReportFormat, change: impl Fn(String) -> Vec<u8>) {
    let path = write(root, name, &sample("weekly")).join(format.file_name(WEEK));
    let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
    let spoilt = change(text.clone());
    assert_ne!(spoilt, text.into_bytes(), "{name} is not spoilt");
    fs::write(path, spoilt).unwrap();
}

fn spoilt_in_every_format(root: &TempDir) {
    let replace =
        |from: &'static str, to: &'static str| move |text: String| text.replace(from, to).into_bytes();
    spoil(root, "spoilt csv", ReportFormat::Csv, replace(",shop-prod,", ", =shop-prod,"));
    spoil(root, "spoilt json", ReportFormat::Json, replace("\"is_over\": true", "\"is_over\": \"true\""));
    spoil(root, "spoilt ocsf", ReportFormat::Ocsf, replace("\"status_id\":1", "\"status_id\":11"));
    spoil(root, "spoilt ocsf name", ReportFormat::Ocsf, replace("\"provider\"", "\"vendor\""));
    spoil(root, "spoilt asff", ReportFormat::Asff, replace("\"FAILED\"", "\"FAIL\""));
    spoil(root, "spoilt asff form", ReportFormat::Asff, replace("\"Title\"", "\"Name\""));
    spoil(root, "spoilt xlsx", ReportFormat::Xlsx, |_| {
        let mut book = Workbook::new();
        book.add_worksheet().write_formula(0, 0, "=1+1").unwrap();
        book.save_to_buffer().unwrap()
    });
}

/// Names that a writer of workbooks may take for something of its own, and what the samples have none of.
fn odd() -> Weekly {
    let mut weekly = sample("weekly");
    let names = ["<r><t>x</t></r>", "_x000D_", "https://example.com/", "\u{1b}[31m\0", "{=1}", "TRUE"];
    for (finding, name) in weekly.findings.iter_mut().zip(names.into_iter().cycle()) {
        finding.resource_name = name.to_owned();
        finding.account_name = name.to_owned();
    }
    weekly.findings[1].resource_type = "replication_config".to_owned();
    weekly.findings[2].severity = "of a later version".to_owned();
    weekly.findings[3].state = "resolved".to_owned();
    weekly.findings[3].resolution = Some("resource_deleted".to_owned());
    weekly.findings[4].resource_name = "ä".repeat(2_000);
    weekly
}

fn checked(root: &TempDir) -> Value {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = python_with("reports", &here.join("tests/reports/requirements.txt"));
    let mut command = Command::new(python);
    command
        .arg(here.join("tests/reports/check.py"))
        .arg(here.join("docs/report.schema.json"))
        .arg(root.path());
    // Else Python leaves its compiled files among the sources.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    Process::spawn(command).finish(Duration::from_secs(300)).exits(0).json()
}

#[test]
fn others_read_every_format() {
    let root = tempfile::tempdir().unwrap();
    for name in ["weekly", "hostile", "empty"] {
        write(&root, name, &sample(name));
    }
    write(&root, "odd", &odd());
    spoilt_in_every_format(&root);
    let checked = checked(&root);
    for name in ["weekly", "hostile", "empty", "odd"] {
        assert_eq!(checked[name]["problems"], json!([]), "{name}");
    }
    for (name, problem) in [
        ("spoilt csv", "csv: a formula: ' =shop-prod'"),
        ("spoilt json", "json: $.period.is_over: 'true' is not of type 'boolean'"),
        ("spoilt ocsf", "ocsf: 1.7.0: $.status_id: 11 is not one of"),
        ("spoilt ocsf name", "ocsf: 1.7.0: $.cloud: 'provider' is a required property"),
        ("spoilt asff", "asff: .Compliance.Status: 'FAIL' is none of"),
        ("spoilt asff form", "Missing required parameter in Findings[0]: \"Title\""),
        ("spoilt xlsx", "xlsx: Sheet1!A1 is a formula"),
    ] {
        let found = checked[name]["problems"].to_string();
        // The problems are JSON, in which quotes are escaped.
        assert!(found.replace("\\\"", "\"").contains(problem), "{name}: {found}");
    }
    let Value::Object(sheets) = &checked["weekly"]["sheets"] else { panic!("no sheets") };
    let lines = sheets.iter().flat_map(|(name, rows)| {
        let rows = rows.as_array().unwrap().iter().map(Value::to_string);
        [format!("# {name}")].into_iter().chain(rows)
    });
    insta::assert_snapshot!("workbook", lines.collect::<Vec<_>>().join("\n"));
}
