//! The database under bad conditions, and its upkeep, through the binary: each condition is an error that
//! names the file and the way out, loses nothing, and is over once what caused it is mended.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{
    Output, Process,
    scene::{Scene, small_world},
};

/// An organization with one open finding, scanned once.
fn scanned() -> Scene {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "orders", None);
    let scene = Scene::new(world);
    scene.keywatch(&["scan"]).run().exits(3);
    scene
}

/// A run that can't be, and what it has to say.
#[track_caller]
fn refused(scene: &Scene, arguments: &[&str], words: &[&str]) -> Output {
    refused_on(scene, "history.db", arguments, words)
}

#[track_caller]
fn refused_on(scene: &Scene, db: &str, arguments: &[&str], words: &[&str]) -> Output {
    let run = scene.keywatch_on(db, arguments).run().exits(1);
    for word in words {
        assert!(run.stderr.contains(word), "{word:?} is missing: {}", run.stderr);
    }
    assert!(run.stderr.starts_with("error: ") || run.stderr.contains("\nerror: "), "{}", run.stderr);
    run
}

/// The history is sound, and the next scan finds what there is.
#[track_caller]
fn works(scene: &Scene) {
    scene.keywatch(&["db", "check"]).run().exits(0);
    scene.keywatch(&["scan"]).run().exits(3);
    assert_eq!(scene.ask("SELECT count(*) AS n FROM findings WHERE state = 'open'")[0]["n"], 1);
}

fn python(scene: &Scene, script: &str) -> Command {
    let mut command = Command::new("python3");
    command.args(["-c", script]).current_dir(scene.dir.path());
    command
}

#[test]
fn upkeep_does_what_it_says() {
    let scene = scanned();
    let check = scene.keywatch(&["db", "check", "--format", "json"]).run().exits(0);
    assert_eq!(check.json(), Value::Array(vec![]));
    scene.keywatch(&["db", "backup", "copy.db"]).run().exits(0);
    let again = refused(&scene, &["db", "backup", "copy.db"], &["copy.db", "not overwritten"]);
    assert_eq!(again.stdout, "");

    let plan = ["db", "prune", "--before", "2020-01-01", "--format", "json"];
    let tables = scene.keywatch(&plan).run().exits(0).json();
    assert!(tables.as_array().unwrap().iter().all(|row| row["would_remove"] == 0), "{tables}");
    refused(&scene, &["db", "prune", "--before", "2999-01-01", "--yes"], &["2999-01-01", "future"]);
    let typo = scene.keywatch(&["db", "prune", "--before", "yesterday"]).run().exits(2);
    assert!(typo.stderr.contains("2025-01-31"), "{}", typo.stderr);
    scene.keywatch(&["db", "prune", "--before", "2020-01-01", "--yes"]).run().exits(0);
    works(&scene);

    let broken = "import sqlite3; d = sqlite3.connect('copy.db'); d.execute('UPDATE scan SET targets = 99'); d.commit()";
    Process::spawn(python(&scene, broken)).finish(Duration::from_secs(30)).exits(0);
    let found = scene.keywatch_on("copy.db", &["db", "check", "--format", "json"]).run().exits(1).json();
    assert_eq!(found[0]["invariant"], "scan_targets");
    let found = scene.keywatch_on("copy.db", &["db", "check"]).run().exits(1);
    assert!(found.stdout.contains("what to do"), "{}", found.stdout);
}

#[test]
fn before_what_was_pruned_there_is_no_history() {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "orders", None);
    let scene = Scene::new(world);
    for day in ["2026-10-01", "2026-10-05", "2026-10-15"] {
        scene.keywatch(&["scan", "--sandbox-now", &format!("{day}T06:00:00Z")]).run().exits(3);
    }
    let then = scene.keywatch(&["findings", "list", "--as-of", "2026-10-07", "--format", "json"]);
    let before = then.run().exits(0).stdout;
    // A Wednesday.
    let prune = scene.keywatch(&["db", "prune", "--before", "2026-10-07", "--yes"]).run().exits(0);
    assert!(prune.stderr.contains("removed "), "{}", prune.stderr);
    scene.keywatch(&["db", "check"]).run().exits(0);

    let then = scene.keywatch(&["findings", "list", "--as-of", "2026-10-07", "--format", "json"]);
    assert_eq!(then.run().exits(0).stdout, before, "the day reads as before");
    let gone = scene.keywatch(&["findings", "list", "--as-of", "2026-10-06"]).run().exits(2);
    assert!(
        gone.stderr.contains("db prune") && gone.stderr.contains("2026-10-07T00:00:00Z to"),
        "{}",
        gone.stderr
    );
    let trend = scene.keywatch(&["trend", "--from", "2026-10-01", "--format", "json"]).run().exits(0);
    assert!(trend.stderr.contains("the history begins on 2026-10-07"), "{}", trend.stderr);
    assert!(trend.stderr.contains("a part of 2026-W41 was removed"), "{}", trend.stderr);
    let weeks = trend.json();
    assert_eq!((&weeks[0]["period"], &weeks[0]["new"]), (&"2026-W41".into(), &Value::Null));
    assert_eq!((&weeks[0]["open"], &weeks[1]["new"]), (&1.into(), &0.into()));
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let scene = scanned();
    let made = Command::new("mkfifo").arg("pipe").current_dir(scene.dir.path()).status().unwrap();
    assert!(made.success());
    fs::create_dir(scene.dir.path().join("folder")).unwrap();
    for (name, words) in
        [("pipe", "no regular file"), ("folder", "directory"), ("/dev/null", "no regular file")]
    {
        for command in [&["scan"][..], &["coverage"], &["db", "check"]] {
            let begun = Instant::now();
            refused_on(&scene, name, command, &[name, words, "--db"]);
            assert!(begun.elapsed() < Duration::from_secs(10));
        }
    }
    works(&scene);
}

#[test]
fn a_damaged_history_is_named_and_its_backup_works() {
    let scene = scanned();
    scene.keywatch(&["db", "backup", "copy.db"]).run().exits(0);
    let path = scene.dir.path().join("history.db");
    let whole = fs::read(scene.dir.path().join("copy.db")).unwrap();
    let damage = |from: usize, to: usize| {
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(scene.dir.path().join(format!("history.db{end}")));
        }
        let mut bytes = whole.clone();
        bytes[from..to].fill(0xAB);
        fs::write(&path, bytes).unwrap();
    };
    damage(0, 100);
    for command in [&["scan"][..], &["findings", "list"], &["db", "check"]] {
        refused(&scene, command, &["history.db", "backup"]);
    }
    damage(4096, whole.len());
    for command in [&["scan"][..], &["findings", "list"]] {
        refused(&scene, command, &["history.db", "is damaged", "backup"]);
    }
    // A page somewhere in the middle: only who reads it can know.
    let mut named = 0;
    for page in 2..whole.len() / 4096 {
        damage(page * 4096, (page + 1) * 4096);
        let check = scene.keywatch(&["db", "check"]).run().exits(1);
        named += usize::from(check.stdout.contains("integrity") && check.stdout.contains("backup"));
    }
    assert!(named > 0);
    fs::write(&path, &whole).unwrap();
    works(&scene);
}

#[test]
fn a_newer_history_waits_for_a_newer_keywatch() {
    let scene = scanned();
    let newer = "import sqlite3; d = sqlite3.connect('history.db'); d.execute(\"INSERT INTO _sqlx_migrations \
                 VALUES (9999, 'to come', 0, 1, x'00', 0)\"); d.commit()";
    Process::spawn(python(&scene, newer)).finish(Duration::from_secs(30)).exits(0);
    for command in [&["scan"][..], &["coverage"], &["db", "check"], &["db", "backup", "x.db"]] {
        refused(&scene, command, &["history.db", "newer keywatch", "9999", "update"]);
    }
    let older = newer.replace(
        "INSERT INTO _sqlx_migrations VALUES (9999, 'to come', 0, 1, x'00', 0)",
        "DELETE FROM _sqlx_migrations WHERE version = 9999",
    );
    Process::spawn(python(&scene, &older)).finish(Duration::from_secs(30)).exits(0);
    works(&scene);
}

#[test]
fn another_programs_lock_is_waited_for_and_then_named() {
    let scene = scanned();
    let lock = "import sqlite3, sys; d = sqlite3.connect('history.db', isolation_level=None); \
                d.execute('PRAGMA locking_mode = EXCLUSIVE'); d.execute('BEGIN EXCLUSIVE'); \
                d.execute('UPDATE scan SET targets = targets'); print('held', flush=True); sys.stdin.read()";
    let mut holder = Process::spawn(python(&scene, lock));
    assert_eq!(holder.line(Duration::from_secs(30)), "held\n");
    refused(&scene, &["scan"], &["history.db", "locked by another program", "close it"]);
    drop(holder);
    works(&scene);
}

#[test]
fn a_full_disk_loses_nothing() {
    let scene = scanned();
    let before = scene.ask("SELECT * FROM findings");
    // No file may grow beyond what the database has already, as on a disk without room; the shell ignores the
    // signal, so that the write itself is refused.
    let blocks = fs::metadata(scene.dir.path().join("history.db")).unwrap().len() / 1024;
    let limited = |arguments: &str, blocks: u64| {
        let mut command = Command::new("bash");
        let line = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" --config keywatch.toml --db history.db {arguments}"
        );
        command.args(["-c", &line, env!("CARGO_BIN_EXE_keywatch")]).current_dir(scene.dir.path());
        command.env_clear().env("HOME", scene.dir.path());
        for (name, value) in scene.sandbox.environment() {
            command.env(name, value);
        }
        Process::spawn(command).finish(Duration::from_secs(60))
    };
    let scan = limited("scan", 8).exits(1);
    for word in ["history.db", "ulimit", "nothing is lost"] {
        assert!(scan.stderr.contains(word), "{word}: {}", scan.stderr);
    }
    let backup = limited("db backup copy.db", blocks / 2).exits(1);
    assert!(backup.stderr.contains("copy.db"), "{}", backup.stderr);
    let left: Vec<_> =
        fs::read_dir(scene.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("copy.db")), "{left:?}");
    assert_eq!(scene.ask("SELECT * FROM findings"), before);
    works(&scene);
}

#[cfg(unix)]
#[test]
fn what_may_not_be_written_is_named() {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt};
    let scene = scanned();
    let dir = scene.dir.path();
    // Root writes everywhere, so it becomes someone else; the binary must be where that one may run it.
    let root = fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let binary = dir.join("keywatch");
    fs::copy(env!("CARGO_BIN_EXE_keywatch"), &binary).unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&binary);
        command.args(["--config", "keywatch.toml", "--db", "history.db"]).args(arguments).current_dir(dir);
        command.env_clear().env("HOME", dir).envs(scene.sandbox.environment());
        if root {
            command.uid(65534).gid(65534);
        }
        Process::spawn(command).finish(Duration::from_secs(60))
    };
    let all = || fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| *path != binary);
    for path in all() {
        mode(&path, 0o444);
    }
    mode(dir, 0o555);
    let scan = run(&["scan"]).exits(1);
    assert!(scan.stderr.contains("history.db"), "{}", scan.stderr);
    assert!(scan.stderr.contains("write"), "{}", scan.stderr);
    let backup = run(&["db", "backup", "copy.db"]).exits(1);
    assert!(backup.stderr.contains("copy.db"), "{}", backup.stderr);
    mode(dir, 0o755);
    for path in all() {
        mode(&path, 0o644);
    }
    works(&scene);
}
