//! The process itself: how it is stopped, what it leaves, what its exit codes and outputs are.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::support::{
    Keywatch, Process,
    scene::{Scene, small_world},
};
use keywatch::sandbox::{
    CallKey, Fault, FaultKind,
    world::{GenerateOptions, KeySpec, World},
};
use tempfile::TempDir;

/// An organization that takes seconds to scan.
fn slow() -> Scene {
    let options = GenerateOptions { accounts: 30, regions: 4, seed: 3, dms_share: None };
    let world = World::generate(&options);
    let regions: Vec<String> = world.regions.keys().map(ToString::to_string).collect();
    let scene = Scene::with_latency(world, Duration::from_millis(150));
    scene.configure(&format!("[scan]\nconcurrency = 8\n[regions]\ninclude = {regions:?}\n"));
    scene
}

/// Starts a scan and comes back when it is in the middle of its targets.
fn in_the_middle(scene: &Scene) -> Process {
    let scan = scene.keywatch(&["scan", "--format", "json"]).start();
    let deadline = Instant::now() + Duration::from_secs(30);
    while scene.sandbox.calls().of("dms:DescribeReplicationInstances") < 10 {
        assert!(Instant::now() < deadline, "the scan makes no calls");
        std::thread::yield_now();
    }
    scan
}

fn signal(process: &Process, name: &str) {
    let status =
        Command::new("kill").args([&format!("-{name}"), &process.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_ends_a_scan_within_two_seconds_and_loses_nothing() {
    let scene = slow();
    let scan = in_the_middle(&scene);
    let begun = Instant::now();
    signal(&scan, "INT");
    let output = scan.finish(Duration::from_secs(10)).exits(4);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let scan = output.json()["scan"].clone();
    assert_eq!(scan["outcome"], "interrupted");
    assert!(scan["targets"].as_i64().unwrap() > 0, "what was read is kept: {scan}");
    assert_eq!(scene.ask("SELECT count(*) AS n FROM coverage WHERE reason = 'cancelled'")[0]["n"], 0);

    scene.sandbox.reset_calls();
    let next = scene.scan().exits(4).json();
    assert_eq!(next["scan"]["outcome"], "incomplete", "some roles are missing in this organization");
    let check =
        "import sqlite3; print(sqlite3.connect('history.db').execute('PRAGMA integrity_check').fetchall())";
    let output = Command::new("python3").args(["-c", check]).current_dir(scene.dir.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "[('ok',)]\n");
}

#[test]
fn a_scan_that_is_stopped_while_it_looks_up_keys_judges_none_of_them() {
    let (mut world, account, region) = small_world();
    let key = world.add_key(account, &region, KeySpec::default());
    world.add_instance(account, &region, "good", Some(&key));
    let scene = Scene::new(world);
    scene.configure("[scan]\nattempt_timeout = \"30s\"\ntarget_timeout = \"60s\"\n");
    scene.scan().exits(0);
    scene.sandbox.reset_calls();
    scene.sandbox.inject(Fault::new(FaultKind::Hang).on("kms:DescribeKey"));
    let scan = scene.keywatch(&["scan", "--format", "json"]).start();
    let deadline = Instant::now() + Duration::from_secs(30);
    while scene.sandbox.calls().of("kms:DescribeKey") == 0 {
        assert!(Instant::now() < deadline, "no key is looked up");
        std::thread::yield_now();
    }
    signal(&scan, "INT");
    scan.finish(Duration::from_secs(10)).exits(4);
    assert_eq!(scene.ask("SELECT * FROM findings"), [] as [serde_json::Value; 0]);
    let verdicts = scene.ask("SELECT DISTINCT status FROM evaluations WHERE valid_to IS NULL");
    assert_eq!(verdicts.len(), 1);
    assert_eq!(verdicts[0]["status"], "pass", "what was known stays");
}

/// The targets that the newest scan has an outcome for so far, and those of them that did not fail.
fn done(scene: &Scene) -> (i64, i64) {
    let row =
        &scene.ask("SELECT targets, targets - failed AS read FROM scans ORDER BY scan_id DESC LIMIT 1")[0];
    (row["targets"].as_i64().unwrap(), row["read"].as_i64().unwrap())
}

#[test]
fn a_scan_that_was_killed_goes_on_where_it_was() {
    let scene = slow();
    let scan = in_the_middle(&scene);
    let deadline = Instant::now() + Duration::from_secs(30);
    while scene.ask("SELECT * FROM scans WHERE scanned > 0").is_empty() {
        assert!(Instant::now() < deadline, "nothing is written");
    }
    signal(&scan, "KILL");
    assert_eq!(scan.finish(Duration::from_secs(10)).code, None);
    let (_, before) = done(&scene);
    let seen = scene.ask("SELECT account_id, region FROM coverage WHERE outcome = 'scanned'");
    assert!(!seen.is_empty());
    scene.sandbox.reset_calls();
    let next = scene.scan().exits(4);
    assert!(
        next.stderr.contains(&format!("scan 1 went on: {before} of {} targets", done(&scene).0)),
        "{}",
        next.stderr
    );
    let scans = scene.ask("SELECT outcome, targets, scanned + failed + skipped AS sum FROM scans");
    assert_eq!(scans.len(), 1, "it is the same scan: {scans:?}");
    assert_eq!((&scans[0]["outcome"], &scans[0]["targets"]), (&"incomplete".into(), &scans[0]["sum"]));
    assert_eq!(scene.ask("SELECT count(*) AS n FROM coverage")[0]["n"], scans[0]["targets"]);
    let calls = scene.sandbox.calls();
    for target in &seen {
        let read = |(operation, account, region): &&CallKey| {
            operation.starts_with("dms:")
                && target["account_id"] == account.as_str()
                && target["region"] == region.as_str()
        };
        assert_eq!(calls.by_target.keys().find(read), None, "what was seen is not read again");
    }
    let truth = scene.sandbox.edit(|world| world.truth().len());
    assert_eq!(scene.ask("SELECT count(*) AS n FROM findings WHERE state = 'open'")[0]["n"], truth);
}

/// `scan.concurrency`.
const IN_FLIGHT: u64 = 64;

#[test]
fn a_scan_that_was_stopped_goes_on_only_if_asked_to() {
    let scene = slow();
    let scan = in_the_middle(&scene);
    signal(&scan, "INT");
    scan.finish(Duration::from_secs(10)).exits(4);
    let other = scene.keywatch(&["scan", "--resume", "--region", "us-east-1"]).run().exits(4);
    assert!(other.stderr.contains("no scan of the same to go on with"), "another scope: {}", other.stderr);

    scene.sandbox.reset_calls();
    let scan = in_the_middle(&scene);
    signal(&scan, "INT");
    scan.finish(Duration::from_secs(10)).exits(4);
    let (_, before) = done(&scene);
    let calls = |scan: usize| {
        let scans = scene.ask("SELECT api_calls FROM scans ORDER BY scan_id");
        scans[scan]["api_calls"].as_u64().unwrap()
    };
    // Of the calls that were on their way at Ctrl-C, some never arrived.
    let (first_half, arrived) = (calls(2), scene.sandbox.calls().total);
    assert!((arrived..=arrived + IN_FLIGHT).contains(&first_half), "{first_half} for {arrived}");
    scene.sandbox.reset_calls();
    let resumed = scene.keywatch(&["scan", "--resume"]).run().exits(4);
    assert!(resumed.stderr.contains(&format!("scan 3 went on: {before} of")), "{}", resumed.stderr);
    let scans = scene.ask("SELECT outcome FROM scans ORDER BY scan_id");
    let outcomes: Vec<_> = scans.iter().map(|scan| scan["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["interrupted", "incomplete", "incomplete"]);
    assert_eq!(calls(2), first_half + scene.sandbox.calls().total, "both halves are counted");
}

#[test]
fn only_one_scan_writes_at_a_time() {
    let scene = slow();
    let first = in_the_middle(&scene);
    let second = scene.scan().exits(1);
    assert!(second.stderr.contains("history.db"), "{}", second.stderr);
    signal(&first, "INT");
    first.finish(Duration::from_secs(10)).exits(4);
}

#[test]
fn what_cannot_run_says_why_and_exits_with_1() {
    let dir = TempDir::new().unwrap();
    let no_database = Keywatch::new(&dir).args(["findings", "list"]).run().exits(1);
    assert!(no_database.stderr.contains("keywatch scan"), "{}", no_database.stderr);

    let no_credentials = Keywatch::new(&dir).arg("scan").run().exits(1);
    assert!(no_credentials.stderr.contains("no AWS credentials"), "{}", no_credentials.stderr);

    let (world, ..) = small_world();
    let scene = Scene::new(world);
    let wrong = scene.keywatch(&["scan"]).env("AWS_SECRET_ACCESS_KEY", "planted-secret").run().exits(1);
    assert!(wrong.stderr.contains("SignatureDoesNotMatch"), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("planted-secret"));
    let nobody = scene.keywatch(&["scan"]).env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").run().exits(1);
    assert!(nobody.stderr.contains("sts:GetCallerIdentity"), "{}", nobody.stderr);
    let typo = scene.keywatch(&["scan", "--region", "us-esat-1"]).run().exits(1);
    assert!(typo.stderr.contains("us-esat-1"), "a scan of nothing is no good scan: {}", typo.stderr);
    let stranger = scene.keywatch(&["scan", "--account", "999999999999"]).run().exits(1);
    assert!(stranger.stderr.contains("999999999999"), "{}", stranger.stderr);
}

#[test]
fn what_is_typed_wrong_exits_with_2_and_names_every_problem() {
    let dir = TempDir::new().unwrap();
    Keywatch::new(&dir).args(["scan", "--acount", "1"]).run().exits(2);
    std::fs::write(dir.path().join("k.toml"), "[scan]\nconcurency = 1\nmax_attempts = 0\n").unwrap();
    let bad = Keywatch::new(&dir).args(["--config", "k.toml", "config", "check"]).run().exits(2);
    for part in ["k.toml:2:1", "concurrency", "k.toml:3:16"] {
        assert!(bad.stderr.contains(part), "{part}: {}", bad.stderr);
    }
    Keywatch::new(&dir).args(["--config", "missing.toml", "scan"]).run().exits(2);
}

#[test]
fn init_writes_a_config_that_is_sound_and_keeps_one_that_is_there() {
    let dir = TempDir::new().unwrap();
    Keywatch::new(&dir).arg("init").run().exits(0);
    Keywatch::new(&dir).args(["config", "check"]).run().exits(0);
    let again = Keywatch::new(&dir).arg("init").run().exits(1);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
}

#[test]
fn secrets_reach_no_output_log_or_file() {
    let (mut world, account, region) = small_world();
    world.external_id = "planted-external-id".to_owned();
    for account in world.accounts.values_mut() {
        for role in account.roles.values_mut() {
            role.external_id = Some("planted-external-id".to_owned());
        }
    }
    world.audit_role_mut(account).external_id = Some("another".to_owned());
    world.add_instance(account, &region, "i", None);
    let scene = Scene::new(world);
    let secret = scene
        .sandbox
        .environment()
        .into_iter()
        .find_map(|(name, value)| (name == "AWS_SECRET_ACCESS_KEY").then_some(value))
        .unwrap();
    for format in ["text", "json"] {
        let run = scene
            .keywatch(&["-vv", "--log-format", format, "scan"])
            .env("KEYWATCH_LOG", "trace")
            .run()
            .exits(4);
        let mut all = run.stdout + &run.stderr;
        for file in ["history.db", "history.db-wal"] {
            all += &std::fs::read(scene.dir.path().join(file))
                .map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
        }
        for planted in ["planted-external-id", &secret, "SessionToken", "X-Amz-Security-Token"] {
            assert!(!all.contains(planted), "{planted}");
        }
    }
}

#[test]
fn every_list_speaks_json_csv_and_to_people() {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "i", None);
    let scene = Scene::new(world);
    scene.keywatch(&["scan"]).run().exits(3);
    let arn = scene.ask("SELECT resource_arn FROM findings")[0]["resource_arn"].as_str().unwrap().to_owned();
    for command in
        [vec!["findings", "list"], vec!["coverage"], vec!["query", "SELECT * FROM accounts"], vec!["scan"]]
    {
        for format in ["json", "csv", "table"] {
            let run = scene.keywatch(&command).args(["--format", format]).run();
            assert!(matches!(run.code, Some(0 | 3)), "{command:?} {format}: {}", run.stderr);
            assert!(!run.stdout.is_empty());
            if format == "json" {
                run.json();
            }
        }
    }
    let shown = scene.keywatch(&["findings", "show", &arn]).run().exits(0);
    for word in ["opened", "aws_managed_key", "Payments"] {
        assert!(shown.stdout.contains(word), "{word}: {}", shown.stdout);
    }
    let names = scene.ask("SELECT DISTINCT account_name, account_id FROM findings");
    assert_eq!(
        (names[0]["account_name"].as_str(), names[0]["account_id"].as_str()),
        (Some("Payments"), Some(account.to_string().as_str()))
    );
    let refused = scene.keywatch(&["query", "DELETE FROM finding"]).run().exits(2);
    assert!(refused.stderr.contains("DELETE") || refused.stderr.contains("read"), "{}", refused.stderr);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (world, ..) = small_world();
    let scene = Scene::new(world);
    scene.scan();
    let many =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n";
    for format in ["csv", "json"] {
        let pipe = format!(
            "\"$0\" --db history.db query --format {format} \"$1\" | head -n 1; echo ${{PIPESTATUS[0]}}"
        );
        let mut command = Command::new("bash");
        command.args(["-c", &pipe, env!("CARGO_BIN_EXE_keywatch"), many]).current_dir(scene.dir.path());
        let output = Process::spawn(command).finish(Duration::from_secs(30)).exits(0);
        assert!(output.stdout.ends_with("\n0\n"), "{}", output.stdout);
        assert_eq!(output.stderr, "");
    }
}

/// The command line names the checks so that a mistyped one is an error; it may not drift from them.
#[test]
fn the_command_line_knows_every_check() {
    let ids: Vec<&str> = keywatch::evaluation::CHECKS.iter().map(|check| check.id).collect();
    assert_eq!(keywatch::domain::CHECK_IDS.to_vec(), ids);
}
