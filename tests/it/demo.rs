//! `keywatch demo`: a past that is made up, and nothing else than what is its own touched.

use std::fs;

use keywatch::domain::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Keywatch, Output};

const SCANS: &str = "SELECT started_at, outcome, julianday(started_at) - lag(julianday(started_at)) OVER \
                     (ORDER BY scan_id) AS days FROM scans ORDER BY scan_id";

/// A short one, in an environment that would lead astray.
fn demo(dir: &TempDir) -> Output {
    Keywatch::new(dir)
        .args(["demo", "--dir", "d", "--weeks", "3", "--accounts", "9", "--regions", "2"])
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .env("AWS_PROFILE", "production")
        .env("KEYWATCH_DB", "production.db")
        .env("KEYWATCH_SCAN__CONCURRENCY", "none")
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .run()
}

fn ask(dir: &TempDir, sql: &str) -> Vec<Value> {
    let run = Keywatch::new(dir).args(["--db", "d/keywatch.db", "query", "--format", "json", sql]).run();
    run.exits(0).json().as_array().expect("rows").clone()
}

#[test]
fn a_demo_has_a_past_and_begins_anew_each_time() {
    let dir = TempDir::new().unwrap();
    for _ in 0..2 {
        let shown = demo(&dir).exits(0);
        assert!(shown.stdout.contains("lives 3 weeks"), "{}", shown.stdout);
        assert!(shown.stdout.contains("COMPLIANCE"), "{}", shown.stdout);
        assert!(shown.stdout.contains("Scan 8: "), "only today's scan is shown: {}", shown.stdout);
        assert!(!shown.stdout.contains("Scan 7: ") && !shown.stderr.contains("week"), "{}", shown.stderr);
        let scans = ask(&dir, SCANS);
        assert_eq!(scans.len(), 8);
        assert!(scans.iter().all(|scan| scan["outcome"] != "interrupted"), "{scans:?}");
        for scan in &scans[1..] {
            let days = scan["days"].as_f64().unwrap();
            assert!((days - 3.0).abs() < 0.01, "{days}");
        }
        let last: Timestamp = scans[7]["started_at"].as_str().unwrap().parse().unwrap();
        #[expect(clippy::disallowed_methods, reason = "the end of the demo is today")]
        let age = Timestamp::now().duration_since(last);
        assert!(age.as_secs() < 120, "{age}");
    }
    assert!(!dir.path().join("production.db").exists());
    let times = "SELECT count(*) AS n FROM findings WHERE opened_at > (SELECT max(finished_at) FROM scans)
                 UNION ALL SELECT count(*) FROM findings WHERE opened_at < datetime('now', '-20 days')";
    let counts = ask(&dir, times);
    assert_eq!(counts[0]["n"], 0);
    assert!(counts[1]["n"].as_i64().unwrap() > 0, "what the first scan found is as old as it");
}

#[test]
fn a_demo_keeps_away_from_a_history_that_is_not_its_own() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("d")).unwrap();
    fs::write(dir.path().join("d/keywatch.db"), "years of it").unwrap();
    let refused = demo(&dir).exits(1);
    assert!(refused.stderr.contains("--dir"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(dir.path().join("d/keywatch.db")).unwrap(), "years of it");
    assert!(!dir.path().join("d/keywatch.toml").exists());
}
