//! The dashboard in a real browser, which drives the real daemon.

use std::{
    env,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use keywatch::sandbox::{Fault, FaultKind, world::KeySpec};

use crate::support::{
    Process, python_with,
    scene::{REGIONS, Scene, empty_world},
};

/// What a walk through all pages in four looks may take on a busy machine.
const LONG: Duration = Duration::from_secs(300);

/// The one that `.ci/run` names, or one that is installed; elsewhere there may be none.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = env::var_os("KEYWATCH_CHROMIUM") {
        return Some(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .flat_map(|directory| {
            ["chromium", "chromium-browser", "google-chrome"].map(|name| directory.join(name))
        })
        .find(|file| file.is_file())
}

/// More findings than a page holds, of each kind, and what is not seen.
fn scene() -> Scene {
    let mut world = empty_world();
    let region = REGIONS[0].parse().unwrap();
    for at in 0..4 {
        let account = world.add_account(&format!("Payments {at}"));
        for n in 0..15 {
            world.add_instance(account, &region, &format!("orders-{n}"), None);
        }
        let disabled = KeySpec { state: "Disabled".to_owned(), ..KeySpec::default() };
        let key = world.add_key(account, &region, disabled);
        world.add_endpoint(account, &region, "ledger", Some(&key));
    }
    let failing = *world.accounts.keys().next_back().unwrap();
    let scene = Scene::new(world);
    let denied = Fault::new(FaultKind::AccessDenied).on("dms:DescribeReplicationConfigs");
    scene.sandbox.inject(denied.in_account(failing));
    scene
}

/// Comes back once somebody listens there.
fn wait_for(address: SocketAddr) {
    let deadline = Instant::now() + Duration::from_secs(40);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < deadline, "nobody listens on {address}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn everything_works_without_a_script_and_for_everyone() {
    let Some(chromium) = chromium() else {
        eprintln!(
            "\nSKIPPED: there is no Chromium on this machine, so nothing was clicked. Install it (apt-get install \
             chromium), or name it in KEYWATCH_CHROMIUM.\n"
        );
        return;
    };
    let scene = scene();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    scene.configure(&format!("[server]\nlisten = \"{free}\"\n[scan]\nschedule = \"every 720h\"\n"));
    // A while ago, so that there is a week that is over.
    scene.keywatch(&["scan", "--sandbox-now", "2026-09-02T06:00:00Z"]).run().exits(4);
    let late = ["--sandbox-now", "2026-09-09T06:00:00Z"];
    scene.keywatch(&[&["report", "weekly", "--week", "2026-W36"], &late[..]].concat()).run().exits(0);
    let daemon = scene.keywatch(&[&["daemon"], &late[..]].concat()).start();
    wait_for(free);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let mut walk = Command::new(python_with("browser", &folder.join("requirements.txt")));
    walk.arg(folder.join("walk.py")).arg(format!("http://{free}")).env("KEYWATCH_CHROMIUM", chromium);
    let walked = Process::spawn(walk).finish(LONG).exits(0);
    assert!(walked.stdout.contains("as they should be"), "{}", walked.stdout);
    daemon.terminate(Duration::from_secs(40)).exits(0);
}
