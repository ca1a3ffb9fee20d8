//! The daemon under fire: a fifth of all calls go wrong, roles and Regions come and go, and the process is stopped,
//! killed and told to reload at random, for as many scans as the environment variable `KEYWATCH_TEST_FIRE` asks for.

use std::{
    collections::BTreeSet,
    fs, thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use keywatch::{
    domain::{AccountId, Region, ResourceType},
    history::Reader,
    sandbox::{
        Fault, FaultKind, Quota,
        world::{GenerateOptions, World},
    },
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::support::{Process, database::Database, scene::Scene};

/// Scans, unless the environment asks for others.
const SCANS: u64 = 24;

/// From so many scans on, a process lives long enough for its memory to tell something.
const TELLING: u64 = 200;

/// Of a thousand calls, how many meet each of these.
const FAULTS: [(FaultKind, u16); 11] = [
    (FaultKind::Throttle, 5),
    (FaultKind::InternalError, 45),
    (FaultKind::AccessDenied, 20),
    (FaultKind::ExpiredToken, 20),
    (FaultKind::Disconnect, 35),
    (FaultKind::TruncatedJson, 15),
    (FaultKind::TruncatedBody, 15),
    (FaultKind::Html500, 15),
    (FaultKind::DeniedByScp, 10),
    (FaultKind::EmptyObject, 10),
    (FaultKind::Hang, 5),
];

#[test]
fn every_scan_accounts_for_every_target_whatever_happens() {
    let scans = match std::env::var("KEYWATCH_TEST_FIRE") {
        Ok(text) => text.parse().expect("KEYWATCH_TEST_FIRE is a whole number"),
        Err(_) => SCANS,
    };
    let mut fire = Fire::new(7);
    fire.disturb(scans / 2);
    fire.endure(scans - scans / 2);
    fire.ends_in_the_truth();
}

struct Fire {
    scene: Scene,
    world: World,
    rng: Rng,
    daemon: Option<Process>,
    /// When the next one begins: the daemons' clock never goes back.
    hours: i64,
    runtime: Runtime,
}

impl Fire {
    fn new(seed: u64) -> Self {
        let world = World::generate(&GenerateOptions { accounts: 8, regions: 3, seed, dms_share: Some(0.4) });
        let scene = Scene::new(world.clone());
        let regions: Vec<String> = world.regions.keys().map(ToString::to_string).collect();
        scene.configure(&format!(
            "[server]\nlisten = \"off\"\n[scan]\nschedule = \"every 1h\"\njitter = \"10m\"\nattempt_timeout = \"300ms\"\ntarget_timeout = \"5s\"\n\
             [regions]\ninclude = {regions:?}\n"
        ));
        // Below what the scan would like, so that the rest is throttled.
        for service in ["dms", "kms"] {
            assert!(scene.sandbox.set_quota(service, Some(Quota { per_second: 4.0, burst: 5 })));
        }
        for (kind, share) in FAULTS {
            scene.sandbox.inject(Fault::new(kind).per_thousand(share));
        }
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { scene, world, rng: Rng::with_seed(seed), daemon: None, hours: 0, runtime }
    }

    fn start(&mut self) {
        let now = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000 + self.hours);
        let arguments = ["daemon", "--sandbox-now", &now.to_string(), "--sandbox-speed", "3600"];
        self.daemon = Some(self.scene.keywatch(&arguments).start());
    }

    /// The number of the newest scan that came to its end, and what the clock of the history shows.
    fn newest(&mut self) -> (u64, i64) {
        let path = self.scene.dir.path().join("history.db");
        let Some(rows) = self.runtime.block_on(async {
            let reader = Reader::open(&path).await.ok()?;
            reader.last_scan().await.ok()
        }) else {
            return (0, 0);
        };
        let Some(row) = rows.rows.first() else { return (0, 0) };
        let value = |name: &str| &row[rows.columns.iter().position(|column| column == name).unwrap()];
        let at = value("finished_at").as_str().or(value("started_at").as_str()).unwrap();
        let hour = at.parse::<jiff::Timestamp>().unwrap().as_second() / 3600 - 500_000;
        let ended = value("outcome") != "running";
        (value("scan_id").as_u64().unwrap() - u64::from(!ended), hour)
    }

    /// Comes back when that scan has ended.
    fn wait_for(&mut self, scan: u64) {
        let deadline = Instant::now() + Duration::from_secs(120);
        while self.newest().0 < scan {
            if self.daemon.as_mut().expect("a daemon").has_ended() {
                let output = self.daemon.take().expect("a daemon").finish(Duration::from_secs(5));
                panic!("the daemon ended by itself: {output:?}");
            }
            assert!(Instant::now() < deadline, "scan {scan} never ends");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, signal: Signal) {
        let id = self.daemon.as_ref().expect("a daemon").id();
        kill(Pid::from_raw(i32::try_from(id).unwrap()), signal).unwrap();
    }

    /// Ends the daemon with that signal, in whatever it is doing.
    fn end(&mut self, signal: Signal) {
        self.signal(signal);
        let output = self.daemon.take().expect("a daemon").finish(Duration::from_secs(40));
        // A process that is too young to listen for it ends as any other does.
        if signal == Signal::SIGTERM && output.stderr.contains("on watch") {
            output.exits(0);
        }
        // A day later, so that no time comes twice.
        self.hours = self.newest().1.max(self.hours) + 2;
        if let Some(mut left) = Database::copy_of(&self.scene.dir.path().join("history.db")) {
            left.assert_sound();
        }
    }

    /// So many scans in which the process does not live long.
    fn disturb(&mut self, scans: u64) {
        self.start();
        let first = self.newest().0;
        let mut scan = first;
        while scan < first + scans {
            self.change_the_world();
            match self.rng.u8(..6) {
                0 | 1 => {
                    thread::sleep(Duration::from_millis(self.rng.u64(..1500)));
                    self.end(Signal::SIGKILL);
                    self.start();
                }
                2 => {
                    thread::sleep(Duration::from_millis(self.rng.u64(..1500)));
                    self.end(Signal::SIGTERM);
                    self.start();
                }
                3 => {
                    // Not before it listens for it.
                    self.wait_for(scan + 1);
                    self.signal(Signal::SIGHUP);
                }
                _ => self.wait_for(scan + 1),
            }
            scan = self.newest().0;
        }
        self.end(Signal::SIGTERM);
    }

    /// So many scans of one process, which may grow neither in memory nor in open files.
    fn endure(&mut self, scans: u64) {
        self.start();
        let first = self.newest().0;
        let (mut memory, mut files) = (Vec::new(), Vec::new());
        for scan in first + 1..=first + scans {
            self.change_the_world();
            if self.rng.u8(..8) == 0 {
                self.signal(Signal::SIGHUP);
            }
            self.wait_for(scan);
            let id = self.daemon.as_ref().unwrap().id();
            let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
            let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
            memory.push(resident.trim().trim_end_matches(" kB").parse::<u64>().unwrap());
            files.push(fs::read_dir(format!("/proc/{id}/fd")).unwrap().count() as u64);
        }
        self.end(Signal::SIGTERM);
        let quarter = memory.len() / 4;
        let mean = |of: &[u64]| of.iter().sum::<u64>() as f64 / of.len().max(1) as f64;
        for (what, of) in [("memory in kB", &memory), ("open files", &files)] {
            let (second, last) = (mean(&of[quarter..2 * quarter]), mean(&of[of.len() - quarter..]));
            println!(
                "{what}: {second:.0} in the second quarter of {} scans, {last:.0} in the last",
                of.len()
            );
            if scans >= TELLING {
                assert!(last <= second * 1.05, "{what}: {of:?}");
            }
        }
        assert!(files.iter().all(|open| *open < 200), "{files:?}");
    }

    /// Roles, Regions and resources come and go; accounts stay, so that the number of targets is known.
    fn change_the_world(&mut self) {
        let accounts: Vec<AccountId> = self.world.accounts.keys().copied().collect();
        let account = accounts[self.rng.usize(..accounts.len())];
        let regions: Vec<Region> = self.world.regions.keys().cloned().collect();
        let region = &regions[self.rng.usize(..regions.len())];
        match self.rng.u8(..4) {
            0 => {
                let role = self.world.audit_role_mut(account);
                role.scp_denied = !role.scp_denied;
            }
            1 if !self.world.denied_regions.remove(region) => {
                self.world.denied_regions.insert(region.clone());
            }
            2 => {
                let name = format!("fire-{}", self.rng.u32(..));
                self.world.add_instance(account, region, &name, None);
            }
            _ => {
                if let Some(resources) = self.world.account_mut(account).resources.get_mut(region) {
                    resources.pop();
                }
            }
        }
        let world = self.world.clone();
        self.scene.sandbox.edit(|served| *served = world);
    }

    /// Once the fire is out, everything is as it is.
    fn ends_in_the_truth(&mut self) {
        self.scene.sandbox.clear_faults();
        for account in self.world.accounts.keys().copied().collect::<Vec<_>>() {
            self.world.audit_role_mut(account).scp_denied = false;
        }
        self.world.denied_regions.clear();
        let world = self.world.clone();
        self.scene.sandbox.edit(|served| *served = world);
        let now = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000 + self.hours);
        let scan = ["scan", "--full", "--format", "json", "--sandbox-now", &now.to_string()];
        let scan = self.scene.keywatch(&scan).run().json();
        let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
        let columns = ["check_id", "resource_arn", "status", "reason"];
        let open: BTreeSet<[String; 4]> = scan["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| {
                let kind = ResourceType::ALL.into_iter().find(|kind| row["resource_type"] == kind.as_str());
                let (account, region) = (text(row, "account_id").parse(), text(row, "region").parse());
                self.world.is_read(account.unwrap(), &region.unwrap(), kind.unwrap())
            })
            .map(|row| columns.map(|column| text(row, column)))
            .collect();
        let truth = self.world.truth().into_iter().map(|found| {
            [found.check_id.to_owned(), found.resource_arn, found.status.to_owned(), found.reason.to_owned()]
        });
        assert_eq!(open, truth.collect());
        self.scene.keywatch(&["db", "check"]).run().exits(0);
        let wrong = format!(
            "SELECT scan_id, targets FROM scans WHERE outcome IN ('complete', 'incomplete')
             AND targets <> {} * (SELECT count(DISTINCT region) FROM coverage)",
            self.world.accounts.len()
        );
        assert_eq!(self.scene.ask(&wrong), [] as [Value; 0], "each scan has an outcome of each target");
    }
}
