//! The API of a daemon that runs, over a history that scans have made.

mod client;
mod hostile;
mod lists;
mod peers;

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use keywatch::sandbox::{Fault, FaultKind, world::KeySpec};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{
    Process,
    scene::{REGIONS, Scene, empty_world},
};
use client::Client;

const TOKEN: &str = "a-token-of-0123456789";

/// Longer than anything here takes.
const SOON: Duration = Duration::from_secs(60);

/// A daemon that has nothing to do any more, and how it is asked.
struct Daemon {
    scene: Scene,
    process: Process,
    address: SocketAddr,
}

impl Daemon {
    /// After two scans by hand, between which something was fixed, and its own first.
    fn new() -> Self {
        let scene = scanned();
        Self::on(scene, "every 24h", &[])
    }

    fn on(scene: Scene, schedule: &str, arguments: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let token = scene.dir.path().join("token");
        fs::write(&token, TOKEN).unwrap();
        scene.configure(&format!(
            "[server]\nlisten = \"{address}\"\ntoken_file = {token:?}\n[scan]\nschedule = \"{schedule}\"\n\
             jitter = \"0s\"\nattempt_timeout = \"1s\"\ntarget_timeout = \"10s\"\n"
        ));
        let process = scene.keywatch(&[&["daemon"], arguments].concat()).start();
        let daemon = Self { scene, process, address };
        daemon.wait_until("its first scan is done", |daemon| {
            let jobs = daemon.scene.ask("SELECT outcome FROM jobs WHERE job = 'scan'");
            jobs.first().is_some_and(|job| job["outcome"] == "done")
        });
        daemon
    }

    fn client(&self) -> Client {
        Client { address: self.address, head: format!("Authorization: Bearer {TOKEN}\r\n") }
    }

    fn token_file(&self) -> PathBuf {
        self.scene.dir.path().join("token")
    }

    #[track_caller]
    fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + SOON;
        while !is_so(self) {
            assert!(Instant::now() < deadline, "{what}: it never was");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(self) {
        self.signal(Signal::SIGTERM);
        self.process.finish(SOON).exits(0);
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), signal).unwrap();
    }
}

/// Three accounts with findings of each kind; in one, a Region fails; then one account's instance is fixed.
fn scanned() -> Scene {
    let mut world = empty_world();
    for name in ["Payments", "Billing", "Ünits & \"more\""] {
        let account = world.add_account(name);
        for region in &REGIONS[..2] {
            let region = region.parse().unwrap();
            let key = world.add_key(account, &region, KeySpec::default());
            world.add_instance(account, &region, "good", Some(&key));
            world.add_instance(account, &region, "bad", None);
            world.add_endpoint(account, &region, "bad", None);
        }
    }
    let failing = *world.accounts.keys().next_back().unwrap();
    let scene = Scene::new(world);
    scene.scan().exits(3);
    let denied = Fault::new(FaultKind::AccessDenied).on("dms:DescribeReplicationInstances");
    scene.sandbox.inject(denied.in_account(failing));
    scene.sandbox.edit(|world| {
        for account in world.accounts.values_mut().take(2) {
            for resources in account.resources.values_mut() {
                let key = resources.iter().find_map(|resource| resource.kms_key_id.clone());
                for resource in resources.iter_mut().filter(|resource| resource.arn.contains(":endpoint:")) {
                    resource.kms_key_id.clone_from(&key);
                }
            }
        }
    });
    scene.scan().exits(4);
    scene
}

#[test]
fn a_token_that_changes_is_read_again_at_sighup() {
    let daemon = Daemon::new();
    let (old, mut new) = (daemon.client(), daemon.client());
    "Authorization: Bearer another-token-0123456789\r\n".clone_into(&mut new.head);
    assert_eq!((old.get("jobs").status, new.get("jobs").status), (200, 401));
    fs::write(daemon.token_file(), "another-token-0123456789\n").unwrap();
    assert_eq!(old.get("jobs").status, 200, "nobody has said that it changed");
    daemon.signal(Signal::SIGHUP);
    daemon.wait_until("the new token is known", |_| new.get("jobs").status == 200);
    assert_eq!(old.get("jobs").status, 401);
    daemon.stop();
}

#[test]
fn clients_that_hang_hold_up_no_scan() {
    use std::{io::Write, net::TcpStream};
    // A day takes 24 seconds, so a scan is due every second.
    let fast = ["--sandbox-now", "2026-09-01T06:00:00Z", "--sandbox-speed", "3600"];
    let daemon = Daemon::on(scanned(), "every 1h", &fast);
    let slow: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(daemon.address).unwrap();
            stream.write_all(b"GET /api/v1/coverage HTTP/1.1\r\nX-Slow: ").unwrap();
            stream
        })
        .collect();
    let scans = |daemon: &Daemon| {
        let done = "SELECT count(*) AS n FROM scans WHERE outcome IN ('complete', 'incomplete')";
        daemon.scene.ask(done)[0]["n"].as_i64().unwrap()
    };
    let before = scans(&daemon);
    daemon.wait_until("three more scans are done", |daemon| scans(daemon) >= before + 3);
    // They are let go one after another, and then it is the next one's turn.
    assert_eq!(daemon.client().get("scans?limit=1").status, 200);
    drop(slow);
    daemon.stop();
}
