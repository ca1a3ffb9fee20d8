//! What `db export` writes, read back by an engine that nobody here wrote: DuckDB.

use std::{fs, path::Path, process::Command, time::Duration};

use serde_json::{Map, Value};

use crate::support::{
    Process, python_with,
    scene::{REGIONS, Scene, empty_world},
};
use keywatch::sandbox::world::KeySpec;

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
    scene.keywatch(&["scan"]).run().exits(3);
    scene.keywatch(&["scan"]).run().exits(3);
    scene
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
        let views: Vec<&String> = read.as_object().unwrap().keys().collect();
        for view in
            ["accounts", "coverage", "evaluations", "finding_events", "findings", "resources", "scans"]
        {
            assert!(views.iter().any(|name| *name == view), "{view} is not in {views:?}");
            let found = &read[view];
            let rows: Vec<Value> = found["rows"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| {
                    let mut row: Map<String, Value> = row.as_object().unwrap().clone();
                    // What only the folders say.
                    row.remove("at_month");
                    Value::Object(row)
                })
                .collect();
            let mut expected = scene.ask(&format!("SELECT * FROM {view}"));
            assert!(!expected.is_empty());
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
                    } else if expected.iter().any(|row| row[column].is_number()) || column == "exception_id" {
                        "BIGINT"
                    } else {
                        "VARCHAR"
                    };
                    assert_eq!(kind, wanted, "{view}.{column}");
                }
            }
        }
    }
    let month = fs::read_dir(scene.dir.path().join("export-parquet/finding_events")).unwrap();
    let folders: Vec<String> = month.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(folders.iter().all(|name| name.starts_with("at_month=20")), "{folders:?}");
    assert!(scene.dir.path().join("export-parquet/findings/region=us-east-1/part-0.parquet").is_file());

    let again = scene.keywatch(&["db", "export", "export-csv"]).run().exits(1);
    assert!(again.stderr.contains("not empty"), "{}", again.stderr);
    fs::create_dir(scene.dir.path().join("empty")).unwrap();
    scene.keywatch(&["db", "export", "--format", "csv", "empty"]).run().exits(0);
    let left: Vec<_> =
        fs::read_dir(scene.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}
