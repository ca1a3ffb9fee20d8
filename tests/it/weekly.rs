//! The weekly report: by hand, and by the daemon.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use keywatch::sandbox::world::World;
use serde_json::Value;

use crate::support::{
    MailServer, Output,
    scene::{Scene, small_world},
};

/// Sunday evening of 2026-W36.
const SUNDAY: &str = "2026-09-06T21:00:00Z";
/// The Monday after.
const MONDAY: &str = "2026-09-07T08:00:00Z";

fn scene() -> (Scene, String) {
    let (mut world, account, region) = small_world();
    let instance = world.add_instance(account, &region, "orders", None);
    (Scene::new(world), instance)
}

fn at(scene: &Scene, now: &str, arguments: &[&str]) -> Output {
    scene.keywatch(&[arguments, &["--sandbox-now", now]].concat()).run()
}

fn weekly(scene: &Scene, now: &str, more: &[&str]) -> Output {
    at(scene, now, &[&["report", "weekly"], more].concat())
}

#[test]
fn a_week_is_the_same_for_ever_once_it_was_reported() {
    let (scene, _) = scene();
    at(&scene, SUNDAY, &["scan"]).exits(3);
    let before = weekly(&scene, MONDAY, &["--format", "json"]).exits(0);
    let report = before.json();
    assert_eq!((&report["period"]["week"], &report["period"]["is_over"]), (&"2026-W36".into(), &true.into()));
    assert_eq!(report["changes"]["opened"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(scene.ask("SELECT week, issued_at FROM reports")[0]["issued_at"], MONDAY);

    // All of it changes afterwards: names, findings, coverage.
    scene.sandbox.edit(|world: &mut World| {
        for account in world.accounts.values_mut() {
            account.name = format!("{} renamed", account.name);
        }
    });
    at(&scene, "2026-09-09T08:00:00Z", &["scan"]).exits(3);
    let after = weekly(&scene, "2026-09-10T08:00:00Z", &["--week", "2026-W36", "--format", "json"]).exits(0);
    assert_eq!(before.stdout, after.stdout);

    // Neither does a report that nobody had asked for before.
    let path = scene.dir.path().join("history.db");
    fs::copy(&path, scene.dir.path().join("copy.db")).unwrap();
    let week = ["report", "weekly", "--week", "2026-W37", "--format", "json", "--sandbox-now"];
    let first = scene.keywatch(&[&week[..], &["2026-09-14T08:00:00Z"]].concat()).run().exits(0).stdout;
    at(&scene, "2026-09-20T08:00:00Z", &["scan"]).exits(3);
    let later = scene.keywatch_on("copy.db", &[&week[..], &["2026-10-20T08:00:00Z"]].concat()).run().exits(0);
    assert_eq!(first, later.stdout);
}

#[test]
fn every_format_comes_out_whole_and_twice_the_same() {
    let (scene, _) = scene();
    at(&scene, SUNDAY, &["scan"]).exits(3);
    let write = |dir: &str| {
        let all = ["--out", dir, "--format", "html,md,csv,json,xlsx,ocsf,asff"];
        let output = weekly(&scene, MONDAY, &all).exits(0);
        let paths: Vec<PathBuf> = output.stdout.lines().map(|line| scene.dir.path().join(line)).collect();
        assert_eq!(paths.len(), 7, "{}", output.stdout);
        paths.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    let first = write("first");
    assert!(first.iter().all(|content| content.len() > 100));
    assert_eq!(first, write("second/below"));
    let page = String::from_utf8(first[0].clone()).unwrap();
    assert!(page.contains("2026-W36") && page.contains("orders") && !page.contains("<script"), "{page}");
    let markdown = weekly(&scene, MONDAY, &[]).exits(0).stdout;
    assert_eq!(markdown.as_bytes(), first[1], "Markdown is what a terminal gets");
}

#[test]
fn what_cannot_be_reported_is_said_with_the_way_out() {
    let (scene, _) = scene();
    let nothing = weekly(&scene, MONDAY, &[]).exits(1);
    assert!(nothing.stderr.contains("history.db"), "{}", nothing.stderr);
    at(&scene, MONDAY, &["scan"]).exits(3);
    for (arguments, told) in [
        (&["--week", "2026-W36"][..], "2026-09-07T08:00:00Z"),
        (&["--week", "2026-W38"], "in the future"),
        (&["--week", "2026-37"], "2026-W47"),
        (&["--format", "pdf"], "html"),
        (&["--format", "md,html"], "--out"),
    ] {
        let refused = weekly(&scene, MONDAY, arguments).exits(2);
        assert!(refused.stderr.contains(told), "{arguments:?}: {}", refused.stderr);
    }
    // The week in progress is reported, but not kept: it will change.
    let now = weekly(&scene, MONDAY, &["--week", "2026-W37", "--format", "json"]).exits(0).json();
    assert_eq!((&now["period"]["is_over"], &now["period"]["as_of"]), (&false.into(), &MONDAY.into()));
    assert_eq!(scene.ask("SELECT count(*) AS n FROM reports")[0]["n"], 0);
    let file = scene.dir.path().join("taken");
    fs::write(&file, "").unwrap();
    let refused = weekly(&scene, MONDAY, &["--week", "2026-W37", "--out", "taken"]).exits(1);
    assert!(refused.stderr.contains("taken"), "{}", refused.stderr);
}

/// Comes back once the question's first row has this value in `n`.
#[track_caller]
fn wait_for(scene: &Scene, sql: &str, wanted: i64) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let output = scene.keywatch(&["query", "--format", "json", sql]).run();
        let found = (output.code == Some(0)).then(|| output.json()[0]["n"].as_i64()).flatten();
        if found == Some(wanted) {
            return;
        }
        assert!(Instant::now() < deadline, "{sql}: {found:?}, not {wanted}\n{}", output.stderr);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_daemon_neither_skips_nor_repeats_a_week() {
    let (scene, _) = scene();
    let mails = MailServer::start(scene.dir.path(), &[]);
    let reports = scene.dir.path().join("reports");
    fs::create_dir(&reports).unwrap();
    scene.configure(&format!(
        "[server]\nlisten = \"off\"\n[scan]\nschedule = \"every 12h\"\njitter = \"0s\"\nattempt_timeout = \"1s\"\n\
         target_timeout = \"10s\"\n[report]\ntime = \"01:00\"\nkeep = 2\nformats = [\"html\", \"json\"]\n\
         directory = {reports:?}\n[notify]\non = [\"report\"]\n[notify.email]\nhost = \"127.0.0.1\"\nport = {}\n\
         tls = \"none\"\nfrom = \"keywatch@example.com\"\nto = [\"a@example.com\"]\n",
        mails.port()
    ));
    let lives = |from: &str, weeks: i64, told: i64| {
        // An hour in a second.
        let daemon = scene.keywatch(&["daemon", "--sandbox-now", from, "--sandbox-speed", "3600"]).start();
        wait_for(&scene, "SELECT count(*) AS n FROM reports", weeks);
        wait_for(&scene, "SELECT count(*) AS n FROM notification WHERE delivered_at IS NOT NULL", told);
        // Another scan, and it has had every occasion to do it again.
        let scans = scene.ask("SELECT max(scan_id) + 1 AS n FROM scans WHERE finished_at IS NOT NULL");
        let next = scans[0]["n"].as_i64().unwrap();
        wait_for(
            &scene,
            &format!("SELECT count(*) AS n FROM scans WHERE scan_id = {next} AND finished_at IS NOT NULL"),
            1,
        );
        daemon.terminate(Duration::from_secs(40)).exits(0);
    };
    lives("2026-09-06T22:00:00Z", 1, 1);
    lives("2026-09-07T20:00:00Z", 1, 1);
    // Three weeks without it: all are made up for, and the newest is told of.
    lives("2026-09-28T06:00:00Z", 4, 2);

    let weeks = scene.ask("SELECT week FROM reports ORDER BY week");
    let weeks: Vec<&str> = weeks.iter().map(|row| row["week"].as_str().unwrap()).collect();
    assert_eq!(weeks, ["2026-W36", "2026-W37", "2026-W38", "2026-W39"]);
    let mut files: Vec<String> = fs::read_dir(&reports)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let kept = ["2026-W38.html", "2026-W38.json", "2026-W39.html", "2026-W39.json"];
    assert_eq!(files, kept.map(|name| format!("keywatch-{name}")));
    let printed =
        scene.keywatch(&["report", "weekly", "--week", "2026-W39", "--format", "html"]).run().exits(0);
    assert_eq!(fs::read_to_string(reports.join("keywatch-2026-W39.html")).unwrap(), printed.stdout);

    let told: Vec<Value> = mails.mails();
    assert_eq!(told.len(), 2, "{told:?}");
    for (mail, week) in told.iter().zip(["2026-W36", "2026-W39"]) {
        let content = mail["content"].as_str().unwrap();
        assert!(content.contains("Content-Type: multipart/mixed"), "{content}");
        assert!(content.contains(&format!("filename=\"keywatch-{week}.xlsx\"")), "{content}");
        assert!(content.contains(&format!("Subject: keywatch: weekly report {week}")), "{content}");
        assert!(content.contains("text/html"), "{content}");
    }
    scene.keywatch(&["db", "check"]).run().exits(0);
}
