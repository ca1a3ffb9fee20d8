//! Killed in the middle, again and again: the history ends up as that of a run that nobody disturbed.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use jiff::SignedDuration;
use keywatch::{
    domain::{ResourceType, Timestamp},
    sandbox::{
        Fault, FaultKind,
        world::{GenerateOptions, Life, LifeOptions, World},
    },
};

use serde_json::Value;

use crate::support::{Output, Process, database::Database, scene::Scene};

/// Kills in all, unless the environment variable `KEYWATCH_TEST_KILLS` asks for others.
const KILLS: u32 = 200;

/// The most kills of the scans of one world.
const KILLS_A_WORLD: u32 = 6;

/// How late DMS answers: long enough for several commits in a scan.
const LATE: Duration = Duration::from_millis(25);

#[test]
fn two_hundred_kills_leave_the_history_of_an_undisturbed_run() {
    let kills = match std::env::var("KEYWATCH_TEST_KILLS") {
        Ok(text) => text.parse().expect("KEYWATCH_TEST_KILLS is a whole number"),
        Err(_) => KILLS,
    };
    // As many at once as a small machine has cores.
    thread::scope(|scope| {
        let halves = [1, 2].map(|seed| scope.spawn(move || survive(seed, kills.div_ceil(2))));
        for half in halves {
            half.join().expect("a history that survived");
        }
    });
}

/// Two histories of the same life: one is disturbed until so many scans were killed.
fn survive(seed: u64, kills: u32) {
    let mut rng = Rng::with_seed(seed);
    let mut world = World::generate(&GenerateOptions { accounts: 9, regions: 2, seed, dms_share: Some(0.5) });
    let begins = "2026-09-01T06:00:00Z".parse().unwrap();
    let mut life = Life::new(LifeOptions { seed, begins, days: 60 }, &world);
    let (disturbed, undisturbed) = (Lab::new(&world), Lab::new(&world));
    disturbed.answer_late();
    let (mut killed, mut resumed) = (0, 0);
    while killed < kills {
        undisturbed.scene.sandbox.reset_calls();
        assert_ran(&undisturbed.start(life.now()).finish(Duration::from_secs(60)));
        let calls = undisturbed.scene.sandbox.calls().total;
        let disturbance = disturbed.disturb(life.now(), (kills - killed).min(KILLS_A_WORLD), calls, &mut rng);
        killed += disturbance.kills;
        resumed += u32::from(disturbance.resumed);
        // The world changes only when both have seen all of it.
        for _ in 0..rng.u32(1..=3) {
            life.live(&mut world);
        }
        for lab in [&disturbed, &undisturbed] {
            lab.scene.sandbox.edit(|served| *served = world.clone());
        }
    }
    assert!(resumed * 10 > kills, "{kills} kills, and only {resumed} scans had something to go on with");
    for lab in [&disturbed, &undisturbed] {
        lab.scene.keywatch(&["db", "check"]).run().exits(0);
    }
    let (mut was, mut is) = (undisturbed.database().unwrap(), disturbed.database().unwrap());
    for sql in CONTENT {
        let (mut was, mut is) = (was.texts(sql), is.texts(sql));
        was.sort();
        is.sort();
        assert!(!was.is_empty(), "nothing to compare: {sql}");
        assert_eq!(is, was, "seed {seed}: {sql}");
    }
}

/// Here a scan that goes on has seen the first half of another world than the second. The history holds what it
/// saw, without contradiction, and the next scan sets all of it right.
#[test]
fn a_world_that_changes_before_a_killed_scan_goes_on_is_seen_by_the_next() {
    let mut rng = Rng::with_seed(3);
    let mut world =
        World::generate(&GenerateOptions { accounts: 9, regions: 2, seed: 3, dms_share: Some(0.5) });
    let mut now: Timestamp = "2026-09-01T06:00:00Z".parse().unwrap();
    let mut life = Life::new(LifeOptions { seed: 3, begins: now, days: 60 }, &world);
    // The world lives for days while the clock goes on by minutes: nothing may be taken as known.
    let lab = Lab { arguments: &["--full"], ..Lab::new(&world) };
    lab.answer_late();
    let mut resumed = 0;
    for _ in 0..8 {
        for _ in 0..4 {
            lab.scene.sandbox.reset_calls();
            let mut scan = lab.start(now);
            lab.wait_for(&Moment::Calls(rng.u64(20..120)), &mut scan);
            if scan.kill() {
                lab.database().iter_mut().for_each(Database::assert_sound);
            }
            // The clock goes on by minutes, so that the scan is not too old to go on.
            now = now.checked_add(SignedDuration::from_mins(5)).unwrap();
            for _ in 0..rng.u32(1..=3) {
                life.live(&mut world);
            }
            lab.scene.sandbox.edit(|served| *served = world.clone());
        }
        resumed += u32::from(assert_ran(&lab.start(now).finish(Duration::from_secs(60))));
        lab.database().unwrap().assert_sound();
        let whole = lab.start(now).finish(Duration::from_secs(60));
        assert!(!assert_ran(&whole), "nothing is left to go on with: {}", whole.stderr);
        lab.database().unwrap().assert_sound();
        assert_true(&whole.json(), &world);
    }
    assert!(resumed > 3, "{resumed}");
}

/// Asserts that all is open that is wrong, and nothing else but what could not be read.
fn assert_true(scan: &Value, world: &World) {
    let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    let columns = ["check_id", "resource_arn", "status", "reason"];
    let rows = scan["findings"].as_array().expect("a list of findings");
    let read = |row: &&Value| {
        let (account, region) =
            (text(row, "account_id").parse().unwrap(), text(row, "region").parse().unwrap());
        let kind = ResourceType::ALL.into_iter().find(|kind| row["resource_type"] == kind.as_str()).unwrap();
        world.is_read(account, &region, kind)
    };
    let open: BTreeSet<[String; 4]> =
        rows.iter().filter(read).map(|row| columns.map(|column| text(row, column))).collect();
    let truth = world.truth().into_iter().map(|found| {
        [found.check_id.to_owned(), found.resource_arn, found.status.to_owned(), found.reason.to_owned()]
    });
    assert_eq!(open, truth.collect());
}

/// A moment to kill a scan at, by what it has done.
#[derive(Debug)]
enum Moment {
    /// So many calls.
    Calls(u64),
    /// So many changes of the database's log.
    Writes(u32),
}

/// What became of a world's scans.
struct Disturbance {
    kills: u32,
    /// The last scan had the work of a killed one to go on with.
    resumed: bool,
}

/// An organization that is scanned on its own clock.
struct Lab {
    scene: Scene,
    /// More arguments of each scan.
    arguments: &'static [&'static str],
}

impl Lab {
    fn new(world: &World) -> Self {
        let regions: Vec<String> = world.regions.keys().map(ToString::to_string).collect();
        let scene = Scene::new(world.clone());
        scene.configure(&format!("[scan]\nconcurrency = 2\n[regions]\ninclude = {regions:?}\n"));
        Self { scene, arguments: &[] }
    }

    fn answer_late(&self) {
        for operation in ["DescribeReplicationInstances", "DescribeEndpoints", "DescribeReplicationConfigs"] {
            let late = Fault::new(FaultKind::Delay(LATE)).on(&format!("dms:{operation}"));
            self.scene.sandbox.inject(late);
        }
    }

    fn start(&self, now: Timestamp) -> Process {
        let now = now.to_string();
        self.scene.keywatch(&["scan", "--format", "json", "--sandbox-now", &now]).args(self.arguments).start()
    }

    fn path(&self) -> PathBuf {
        self.scene.dir.path().join("history.db")
    }

    fn database(&self) -> Option<Database> {
        Database::copy_of(&self.path())
    }

    /// Scans until a scan comes to its end, killing it at most so many times.
    fn disturb(&self, now: Timestamp, at_most: u32, calls: u64, rng: &mut Rng) -> Disturbance {
        let mut kills = 0;
        while kills < at_most {
            let moment = match rng.u8(..4) {
                0 => Moment::Writes(rng.u32(1..=8)),
                _ => Moment::Calls(rng.u64(..=calls)),
            };
            self.scene.sandbox.reset_calls();
            let mut scan = self.start(now);
            self.wait_for(&moment, &mut scan);
            if scan.has_ended() {
                return Disturbance { kills, resumed: assert_ran(&scan.finish(Duration::from_secs(10))) };
            }
            if !scan.kill() {
                return Disturbance { kills, resumed: false };
            }
            kills += 1;
            let Some(mut left) = self.database() else { continue };
            left.assert_sound();
            // It may have been about to say that it is done.
            if left.ended_at(now) {
                return Disturbance { kills, resumed: false };
            }
        }
        let resumed = assert_ran(&self.start(now).finish(Duration::from_secs(60)));
        self.database().expect("a scan leaves a history").assert_sound();
        Disturbance { kills, resumed }
    }

    /// Comes back at that moment, or when the scan ends before it.
    fn wait_for(&self, moment: &Moment, scan: &mut Process) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let log = self.path().with_extension("db-wal");
        let state = || fs::metadata(&log).ok().and_then(|log| Some((log.len(), log.modified().ok()?)));
        let (mut last, mut writes) = (state(), 0);
        while !scan.has_ended() {
            assert!(Instant::now() < deadline, "the scan goes nowhere");
            let reached = match moment {
                Moment::Calls(calls) => self.scene.sandbox.wait_for_calls(*calls, Duration::from_millis(5)),
                Moment::Writes(wanted) => {
                    let now = state();
                    writes += u32::from(now != last);
                    last = now;
                    // Paces the loop: it returns at the next call, if not before.
                    let next = self.scene.sandbox.calls().total + 1;
                    writes >= *wanted || {
                        self.scene.sandbox.wait_for_calls(next, Duration::from_millis(1));
                        false
                    }
                }
            };
            if reached {
                return;
            }
        }
    }
}

impl Database {
    /// Whether the scan of that moment came to its end.
    fn ended_at(&mut self, now: Timestamp) -> bool {
        let begun = "SELECT substr(started_at, 1, 10) FROM scan WHERE outcome IN ('complete', 'incomplete')
                     ORDER BY scan_id DESC LIMIT 1";
        if self.texts("SELECT name FROM sqlite_schema WHERE name = 'scan'").is_empty() {
            return false;
        }
        self.texts(begun) == [now.to_string()[..10].to_owned()]
    }
}

/// Asserts that a scan came to its end; tells whether it went on with one that was killed.
#[track_caller]
fn assert_ran(output: &Output) -> bool {
    assert!(matches!(output.code, Some(0 | 3 | 4)), "{:?}\n{}", output.code, output.stderr);
    output.stderr.contains("went on")
}

/// Everything that the history holds, without row numbers, the hours of the day and what AWS makes up for each
/// call. Both were on the same simulated clock, so days and scans are the same.
const CONTENT: [&str; 8] = [
    "SELECT json_array(arn, check_id, account_id, region, severity, state, f.status, reason, evidence,
                       date(opened_at), date(f.last_seen_at), date(resolved_at), resolution, times_opened)
     FROM finding f JOIN resource USING (resource_id) JOIN target USING (target_id)",
    "SELECT json_array(arn, check_id, row_number() OVER (PARTITION BY finding_id ORDER BY event_id), date(at),
                       scan_id, event, from_status, to_status, e.reason, e.evidence, e.resolution)
     FROM finding_event e JOIN finding USING (finding_id) JOIN resource USING (resource_id)",
    "SELECT json_array(arn, check_id, e.status, reason, evidence, date(e.valid_from), date(valid_to))
     FROM evaluation e JOIN resource USING (resource_id)",
    "SELECT json_array(arn, resource_type, name, status, key_arn, key_manager, key_state, document,
                       date(valid_from), date(first_seen_at), date(last_seen_at), date(deleted_at))
     FROM resource",
    "SELECT json_array(account_id, region, part, period, outcome, reason, error_code, error_message,
                       date(valid_from), date(valid_to), date(last_at))
     FROM coverage_period JOIN target USING (target_id)",
    "SELECT json_array(account_id, region, date(last_attempt_at), last_scan_id) FROM target",
    "SELECT json_array(account_id, a.name, a.ou_path, a.state, date(left_at), date(last_seen_at), period, p.name,
                       p.ou_path, p.state, date(valid_from), date(valid_to))
     FROM account a LEFT JOIN account_period p USING (account_id)",
    r#"SELECT json_array(scan_id, "trigger", date(started_at), date(finished_at), outcome, targets, scanned, failed,
                         skipped, resources, findings_opened, findings_resolved) FROM scan"#,
];
