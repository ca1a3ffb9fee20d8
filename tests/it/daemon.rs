//! The daemon: its schedule, its signals, its lock, and what it does when things break.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixDatagram,
    thread,
    time::{Duration, Instant},
};

use keywatch::sandbox::{Fault, FaultKind, world::World};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

use crate::support::{
    Keywatch, Process,
    scene::{Scene, empty_world, small_world},
};

/// An hour of the daemon's clock takes a second.
const FAST: [&str; 4] = ["--sandbox-now", "2026-09-01T06:00:00Z", "--sandbox-speed", "3600"];

const HOURLY: &str = "[server]\nlisten = \"off\"\n[scan]\nschedule = \"every 1h\"\njitter = \"0s\"\nattempt_timeout = \"1s\"\ntarget_timeout = \"10s\"\n";

fn scene(world: World) -> Scene {
    let scene = Scene::new(world);
    scene.configure(HOURLY);
    scene
}

fn start(scene: &Scene) -> Process {
    scene.keywatch(&[&["daemon"], &FAST[..]].concat()).start()
}

fn send(process: &Process, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(process.id()).unwrap()), signal).unwrap();
}

/// Comes back once the question's one row has a value that pleases.
#[track_caller]
fn wait_until(scene: &Scene, sql: &str, mut pleases: impl FnMut(&Value) -> bool) -> Value {
    let deadline = Instant::now() + Duration::from_secs(40);
    loop {
        // Without the scene's config, which may be a bad one just now.
        let question = ["--db", "history.db", "query", "--format", "json", sql];
        let output = Keywatch::new(&scene.dir).args(question).run();
        if output.code == Some(0)
            && let Some(row) = output.json().as_array().and_then(|rows| rows.first().cloned())
            && pleases(&row)
        {
            return row;
        }
        if Instant::now() >= deadline {
            let jobs = scene.keywatch(&["status", "--format", "json"]).run().stdout;
            panic!("{sql}: {}{}\n{jobs}", output.stdout, output.stderr);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[track_caller]
fn wait_for_scans(scene: &Scene, at_least: i64) {
    wait_until(scene, "SELECT count(*) AS n FROM scans WHERE outcome IN ('complete', 'incomplete')", |row| {
        row["n"].as_i64() >= Some(at_least)
    });
}

#[track_caller]
fn stop(process: Process) -> String {
    process.terminate(Duration::from_secs(40)).exits(0).stderr
}

#[test]
fn scans_on_schedule_until_told_to_stop() {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "orders", None);
    let scene = scene(world);
    let daemon = start(&scene);
    wait_for_scans(&scene, 4);
    let other = scene.keywatch(&["daemon"]).run().exits(1);
    assert!(other.stderr.contains("another `keywatch daemon` runs"), "{}", other.stderr);
    let status = scene.keywatch(&["status", "--format", "json"]).run().exits(0).json();
    assert_eq!(status["daemon_runs"], true);
    let jobs = status["jobs"].as_array().unwrap();
    assert_eq!(jobs.iter().map(|job| &job["job"]).collect::<Vec<_>>(), ["exceptions", "report", "scan"]);
    assert!(scene.keywatch(&["status"]).run().exits(0).stdout.contains("Daemon: running"));
    stop(daemon);

    let scans = scene.ask(
        "SELECT \"trigger\", unixepoch(started_at) / 60 AS began, targets FROM scans
         WHERE outcome = 'complete' ORDER BY scan_id",
    );
    for pair in scans.windows(2) {
        let apart = pair[1]["began"].as_i64().unwrap() - pair[0]["began"].as_i64().unwrap();
        assert!((30..=200).contains(&apart), "an hour apart, but for what a slow machine takes: {scans:?}");
    }
    assert!(scans.iter().all(|scan| scan["trigger"] == "schedule" && scan["targets"] == scans[0]["targets"]));
    let status = scene.keywatch(&["status", "--format", "json"]).run().exits(0).json();
    assert_eq!(status["daemon_runs"], false, "the lock went with the process");
    scene.keywatch(&["db", "check"]).run().exits(0);
}

#[test]
fn a_killed_daemon_leaves_no_lock_and_its_scan_goes_on() {
    let (world, _, region) = small_world();
    let scene = scene(world);
    scene.sandbox.inject(Fault::new(FaultKind::Hang).on("dms:DescribeEndpoints").in_region(&region));
    scene.configure(&HOURLY.replace("attempt_timeout = \"1s\"", "attempt_timeout = \"9s\""));
    let daemon = start(&scene);
    wait_until(&scene, "SELECT scanned AS n FROM scans WHERE outcome = 'running'", |row| {
        row["n"].as_i64() > Some(0)
    });
    assert!(daemon.kill());
    scene.sandbox.clear_faults();
    let daemon = start(&scene);
    wait_for_scans(&scene, 1);
    stop(daemon);
    let scans = scene.ask("SELECT outcome FROM scans WHERE scan_id = 1");
    assert_eq!(scans[0]["outcome"], "complete", "the first went on");
}

#[test]
fn a_scan_that_was_stopped_goes_on_at_the_next_start() {
    let (world, _, region) = small_world();
    let scene = scene(world);
    scene.sandbox.inject(Fault::new(FaultKind::Hang).on("dms:DescribeEndpoints").in_region(&region));
    scene.configure(&HOURLY.replace("attempt_timeout = \"1s\"", "attempt_timeout = \"9s\""));
    let daemon = start(&scene);
    wait_until(&scene, "SELECT scanned AS n FROM scans WHERE outcome = 'running'", |row| {
        row["n"].as_i64() > Some(0)
    });
    let began = Instant::now();
    stop(daemon);
    assert!(began.elapsed() < Duration::from_secs(9), "what hangs is not waited for");
    let row = scene.ask("SELECT outcome, message FROM jobs WHERE job = 'scan'");
    assert_eq!(row[0]["outcome"], "interrupted", "{row:?}");
    scene.sandbox.clear_faults();
    let daemon = start(&scene);
    wait_until(&scene, "SELECT outcome FROM scans WHERE scan_id = 1", |row| row["outcome"] == "complete");
    stop(daemon);
}

#[test]
fn sighup_reads_the_config_again_and_a_bad_one_is_refused() {
    let (world, account, _) = small_world();
    let scene = scene(world);
    let daemon = start(&scene);
    wait_for_scans(&scene, 1);
    scene.configure(&format!("{HOURLY}colour = \"red\"\n"));
    send(&daemon, Signal::SIGHUP);
    wait_for_scans(&scene, 3);
    scene.configure(&format!("{HOURLY}[organization]\nexclude_accounts = [\"{account}\"]\n"));
    send(&daemon, Signal::SIGHUP);
    let sql = format!(
        "SELECT count(*) AS n FROM coverage WHERE reason = 'account_excluded' AND account_id = '{account}'"
    );
    wait_until(&scene, &sql, |row| row["n"].as_i64() > Some(0));
    let log = stop(daemon);
    assert!(log.contains("scan.colour") && log.contains("stays so"), "{log}");
    assert!(log.contains("a new config is in force"), "{log}");
}

#[test]
fn what_fails_is_tried_again_without_a_restart() {
    let (world, ..) = small_world();
    let scene = scene(world);
    // Neither keywatch's own identity nor any role.
    scene.sandbox.inject(Fault::new(FaultKind::InternalError).on("sts:GetCallerIdentity"));
    let daemon = start(&scene);
    let failed = wait_until(&scene, "SELECT failures, message FROM jobs WHERE job = 'scan'", |row| {
        row["failures"].as_i64() >= Some(2) && row["message"].is_string()
    });
    assert!(failed["message"].as_str().unwrap().contains("credentials"), "{failed}");
    scene.sandbox.clear_faults();
    wait_until(&scene, "SELECT failures, outcome FROM jobs WHERE job = 'scan'", |row| {
        row["failures"] == 0 && row["outcome"] == "done"
    });
    stop(daemon);
}

#[test]
fn an_exception_that_runs_out_reopens_its_findings_between_scans() {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "orders", None);
    let scene = Scene::new(world);
    scene.configure(&HOURLY.replace("every 1h", "every 720h"));
    scene.keywatch(&["scan", "--sandbox-now", "2026-09-01T05:00:00Z"]).run().exits(3);
    scene
        .keywatch(&[
            "exceptions",
            "add",
            "--account",
            account.as_str(),
            "--reason",
            "RISK-1",
            "--owner",
            "a@example.com",
            "--expires",
            "2026-09-01",
            "--sandbox-now",
            "2026-09-01T05:30:00Z",
        ])
        .run()
        .exits(0);
    let daemon = start(&scene);
    wait_until(&scene, "SELECT state FROM findings", |row| row["state"] == "suppressed");
    let reopened = wait_until(
        &scene,
        "SELECT event, scan_id, at FROM finding_events ORDER BY event_id DESC LIMIT 1",
        |row| row["event"] == "reopened",
    );
    assert_eq!(reopened["scan_id"], Value::Null);
    assert!(reopened["at"].as_str().unwrap().starts_with("2026-09-02T0"), "{reopened}");
    stop(daemon);
}

#[test]
fn copies_are_made_and_the_oldest_removed() {
    let (world, ..) = small_world();
    let scene = Scene::new(world);
    let backups = scene.dir.path().join("backups");
    std::fs::create_dir(&backups).unwrap();
    scene.configure(&format!(
        "{HOURLY}[backup]\ndirectory = \"{}\"\nevery = \"1h\"\nkeep = 2\n",
        backups.display()
    ));
    let daemon = start(&scene);
    let names = || {
        let entries = std::fs::read_dir(&backups).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let deadline = Instant::now() + Duration::from_secs(30);
    let whole = |names: &[String]| names.len() == 2 && names.iter().all(|name| !name.starts_with('.'));
    let first = loop {
        let found = names();
        if whole(&found) {
            break found;
        }
        assert!(Instant::now() < deadline, "{found:?}");
        thread::sleep(Duration::from_millis(20));
    };
    loop {
        let found = names();
        if whole(&found) && found[0] > first[1] {
            break;
        }
        assert!(Instant::now() < deadline, "{found:?} after {first:?}");
        thread::sleep(Duration::from_millis(20));
    }
    stop(daemon);
    let copy = backups.join(names().pop().unwrap());
    scene.keywatch_on(copy.to_str().unwrap(), &["db", "check"]).run().exits(0);
}

#[test]
fn the_service_manager_is_told() {
    let (world, ..) = small_world();
    let scene = scene(world);
    let at = scene.dir.path().join("notify");
    let socket = UnixDatagram::bind(&at).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let daemon = scene
        .keywatch(&[&["daemon"], &FAST[..]].concat())
        .env("NOTIFY_SOCKET", &at)
        .env("WATCHDOG_USEC", "200000")
        .start();
    let mut heard = String::new();
    let mut hear_until = |word: &str| {
        let mut buffer = [0; 4096];
        while !heard.contains(word) {
            let length = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{word}: {error}: {heard}"));
            heard.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
            heard.push('\n');
        }
        std::mem::take(&mut heard)
    };
    hear_until("READY=1");
    hear_until("WATCHDOG=1");
    send(&daemon, Signal::SIGHUP);
    assert!(hear_until("RELOADING=1").contains("MONOTONIC_USEC="));
    hear_until("READY=1");
    send(&daemon, Signal::SIGTERM);
    hear_until("STOPPING=1");
    daemon.finish(Duration::from_secs(40)).exits(0);
}

#[test]
fn sessions_that_end_in_the_middle_are_renewed() {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "orders", None);
    let scene = scene(world);
    scene.sandbox.inject(Fault::new(FaultKind::Delay(Duration::from_millis(40))));
    let daemon = start(&scene);
    for scans in 1..=3 {
        wait_until(&scene, "SELECT max(targets) AS n FROM scans WHERE outcome = 'running'", |row| {
            row["n"].as_i64() >= Some(0)
        });
        scene.sandbox.expire_sessions();
        wait_for_scans(&scene, scans);
    }
    stop(daemon);
    let failed = scene.ask("SELECT count(*) AS n FROM scans WHERE outcome = 'incomplete'");
    assert_eq!(failed[0]["n"], 0, "no target was lost to it");
}

#[test]
fn a_disk_that_was_full_for_a_while_costs_neither_the_history_nor_the_process() {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "orders", None);
    let scene = scene(world);
    // A limit on the size of files stands for the disk; its signal would end the process, as no disk does.
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(env!("CARGO_BIN_EXE_keywatch"));
    shell.args(["--config", "keywatch.toml", "--db", "history.db", "daemon"]).args(FAST);
    shell.current_dir(scene.dir.path()).env_clear().env("HOME", scene.dir.path());
    shell.envs(scene.sandbox.environment());
    let daemon = Process::spawn(shell);
    wait_for_scans(&scene, 1);

    let limit = |bytes: &str| {
        let pid = daemon.id().to_string();
        let done =
            std::process::Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}")]).status();
        assert!(done.expect("prlimit, of util-linux").success());
    };
    limit("0:");
    scene.sandbox.reset_calls();
    // It goes on trying: what it asks AWS for is lost each time, but the next scan asks again.
    assert!(scene.sandbox.wait_for_calls(30, Duration::from_secs(30)));
    limit("unlimited:");
    let before = scene.ask("SELECT max(scan_id) AS n FROM scans")[0]["n"].as_i64().unwrap();
    wait_until(&scene, "SELECT max(scan_id) AS n FROM scans WHERE outcome = 'complete'", |row| {
        row["n"].as_i64() > Some(before)
    });
    let log = stop(daemon);
    assert!(log.contains("tried again") || log.contains("could not be noted"), "{log}");
    scene.keywatch(&["db", "check"]).run().exits(0);
}

#[test]
fn after_a_restart_the_accounts_known_for_longest_come_first() {
    let mut world = empty_world();
    // Listed in the order of their ids.
    let accounts: Vec<_> = (0..30).map(|number| world.add_account(&format!("Account {number}"))).collect();
    let scene = scene(world);
    scene.configure(&HOURLY.replace("[scan]\n", "[scan]\nconcurrency = 1\n"));
    scene.keywatch(&["scan", "--sandbox-now", "2026-08-30T00:00:00Z"]).run().exits(0);
    // All but the last were read since.
    let mut since = vec!["scan".to_owned(), "--sandbox-now".to_owned(), "2026-08-31T00:00:00Z".to_owned()];
    since.extend(accounts[..29].iter().flat_map(|account| ["--account".to_owned(), account.to_string()]));
    scene.keywatch(&since.iter().map(String::as_str).collect::<Vec<_>>()).run().exits(0);
    let daemon = start(&scene);
    wait_for_scans(&scene, 3);
    stop(daemon);
    let rank = format!(
        "SELECT count(DISTINCT account_id) AS n FROM coverage WHERE outcome = 'scanned' AND last_attempt_at <
             (SELECT min(last_attempt_at) FROM coverage WHERE account_id = '{}')",
        accounts[29]
    );
    // A few were begun before the end of the list was read.
    let before = scene.ask(&rank)[0]["n"].as_i64().unwrap();
    assert!(before < 24, "{before} accounts came before the one known for longest");
}

#[test]
fn its_server_tells_how_it_goes() {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "orders", None);
    let scene = Scene::new(world);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    scene.configure(&HOURLY.replace("\"off\"", &format!("\"{free}\"")));
    let daemon = start(&scene);
    wait_for_scans(&scene, 1);
    let get = |path: &str| {
        let mut stream = TcpStream::connect(free).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(get("/healthz").starts_with("HTTP/1.1 200"), "{}", get("/healthz"));
    assert!(get("/readyz").starts_with("HTTP/1.1 200"), "{}", get("/readyz"));
    let numbers = get("/metrics");
    let value = |name: &str| {
        let line = numbers
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_else(|| panic!("{name}: {numbers}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let asked = "keywatch_aws_requests_total{service=\"dms\",operation=\"DescribeReplicationInstances\",outcome=\"ok\"}";
    assert!(value(asked) > 1.0, "{numbers}");
    assert!(value("keywatch_job_last_success_timestamp_seconds{job=\"scan\"}") > 1.7e9, "{numbers}");
    assert!(value("keywatch_scans_total{outcome=\"complete\"}") >= 1.0, "{numbers}");
    stop(daemon);
}
