//! What `db export` writes, read back by an engine that nobody here wrote: DuckDB.

use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Map, Value};

use crate::support::{
    Process, python_with,
    scene::{REGIONS, Scene, empty_world},
};
use keywatch::sandbox::world::KeySpec;

/// Every public view.
const VIEWS: [&str; 16] = [
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

fn scanned() -> Scene {
    let mut world = empty_world();
    for name in ["Payments", "Bücher, \"alt\""] {
        let account = world.add_account(name);
        for region in &REGIONS[..2] {
            let region = region.parse().unwrap();
            let key = world.add_key(account, &region, KeySpec::default());
            world.add_instance(account, &region, "good", Some(&key));
            world.add_instance(account, &region, "bad", None);
        }
    }
    let scene = Scene::new(world);
    let scan = |moment| scene.keywatch(&["scan", "--sandbox-now", moment]).run().exits(3);
    scan("2026-10-31T06:00:00Z");
    // One is accepted, and another one gone.
    let bad = scene.ask("SELECT resource_arn FROM findings ORDER BY finding_id");
    let arn = |n: usize| bad[n]["resource_arn"].as_str().unwrap().to_owned();
    let accept =
        ["--resource", &arn(0), "--reason", "moves,\nsoon", "--owner", "me", "--expires", "2026-12-01"];
    let accept = [&["exceptions", "add", "--sandbox-now", "2026-10-31T07:00:00Z"], &accept[..]].concat();
    scene.keywatch(&accept).run().exits(0);
    scene.sandbox.edit(|world| {
        for here in world.accounts.values_mut().flat_map(|account| account.resources.values_mut()) {
            here.retain(|resource| resource.arn != arn(1));
        }
    });
    scan("2026-11-02T06:00:00Z");
    // And one is being put right.
    scene.configure("[remediation]\npoll_interval = \"10ms\"\n");
    let apply = ["remediate", "apply", &arn(2), "--yes", "--sandbox-now", "2026-11-02T06:30:00Z"];
    scene.keywatch(&apply).run().exits(0);
    watched(&scene);
    scene
}

/// Lets a daemon do its first jobs.
fn watched(scene: &Scene) {
    scene.configure("[server]\nlisten = \"off\"\n");
    let daemon = scene.keywatch(&["daemon", "--sandbox-now", "2026-11-02T07:00:00Z"]).start();
    let deadline = Instant::now() + Duration::from_secs(60);
    let done = "SELECT count(*) AS n FROM scans WHERE finished_at IS NOT NULL";
    while scene.ask(done)[0]["n"] != 4 {
        assert!(Instant::now() < deadline, "the daemon scans nothing");
        thread::sleep(Duration::from_millis(50));
    }
    kill(Pid::from_raw(i32::try_from(daemon.id()).unwrap()), Signal::SIGTERM).unwrap();
    daemon.finish(Duration::from_secs(60)).exits(0);
}

fn read_back(scene: &Scene, dir: &str, format: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = python_with("duckdb", &root.join("tests/duckdb/requirements.txt"));
    let mut command = Command::new(python);
    command.arg(root.join("tests/duckdb/read.py")).arg(scene.dir.path().join(dir)).arg(format);
    Process::spawn(command).finish(Duration::from_secs(120)).exits(0).json()
}

fn sorted(rows: &[Value]) -> Vec<String> {
    let mut rows: Vec<String> = rows
        .iter()
        .map(|row| {
            // By name: a column that became a folder stands last.
            let mut columns: Vec<(&String, &Value)> = row.as_object().unwrap().iter().collect();
            columns.sort_by_key(|(name, _)| name.as_str());
            format!("{columns:?}")
        })
        .collect();
    rows.sort();
    rows
}

#[test]
fn duckdb_reads_the_same_rows_with_their_types() {
    let scene = scanned();
    for format in ["parquet", "jsonl", "csv"] {
        let dir = format!("export-{format}");
        scene.keywatch(&["db", "export", "--format", format, &dir]).run().exits(0);
        let read = read_back(&scene, &dir, format);
        let views: Vec<&str> = read.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(views, VIEWS, "{format}");
        for view in VIEWS {
            let found = &read[view];
            let rows: Vec<Value> = found["rows"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| {
                    let mut row: Map<String, Value> = row.as_object().unwrap().clone();
                    // What only the folders say, and what is as of the moment of asking.
                    for folder in ["at_month", "month", "resolved_month", "year", "age_hours"] {
                        row.remove(folder);
                    }
                    Value::Object(row)
                })
                .collect();
            let mut expected = scene.ask(&format!("SELECT * FROM {view}"));
            for row in &mut expected {
                row.as_object_mut().unwrap().remove("age_hours");
            }
            assert!(!expected.is_empty(), "{view}");
            if format == "csv" {
                for value in expected.iter_mut().flat_map(|row| row.as_object_mut().unwrap().values_mut()) {
                    if value.is_number() {
                        *value = value.to_string().into();
                    }
                }
            }
            if format != "jsonl" {
                assert_eq!(sorted(&rows), sorted(&expected), "{format} {view}");
            }
            assert_eq!(rows.len(), expected.len());
            if format == "parquet" {
                for (column, kind) in found["types"].as_object().unwrap() {
                    let wanted = if column.ends_with("_at")
                        || ["at", "valid_from", "valid_to", "since"].contains(&column.as_str())
                    {
                        "TIMESTAMP WITH TIME ZONE"
                    } else if column == "age_hours" || expected.iter().any(|row| row[column].is_f64()) {
                        "DOUBLE"
                    } else if expected.iter().any(|row| row[column].is_number()) {
                        "BIGINT"
                    } else {
                        "VARCHAR"
                    };
                    assert_eq!(kind, wanted, "{view}.{column}");
                }
            }
        }
    }
    let folders = |view: &str| {
        let entries = fs::read_dir(scene.dir.path().join("export-parquet").join(view)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(folders("finding_events"), ["at_month=2026-10", "at_month=2026-11"]);
    assert_eq!(folders("compliance_daily"), ["month=2026-10", "month=2026-11"]);
    assert_eq!(folders("compliance_weekly"), ["year=2026"]);
    assert_eq!(folders("remediation_times"), ["resolved_month=2026-11"]);
    assert_eq!(folders("findings"), ["region=us-east-1", "region=us-west-2"]);
    assert_eq!(folders("exceptions"), ["part-0.parquet"]);

    let again = scene.keywatch(&["db", "export", "export-csv"]).run().exits(1);
    assert!(again.stderr.contains("not empty"), "{}", again.stderr);
    fs::create_dir(scene.dir.path().join("empty")).unwrap();
    scene.keywatch(&["db", "export", "--format", "csv", "empty"]).run().exits(0);
    let file = scene.keywatch(&["db", "export", "history.db"]).run().exits(1);
    assert!(file.stderr.contains("history.db exists"), "{}", file.stderr);
    for command in [["db", "export", "no/such"], ["db", "backup", "no/such"]] {
        let nowhere = scene.keywatch(&command).run().exits(1);
        assert!(nowhere.stderr.contains("no/such: its directory no does not exist"), "{}", nowhere.stderr);
    }
    let left: Vec<_> =
        fs::read_dir(scene.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}
