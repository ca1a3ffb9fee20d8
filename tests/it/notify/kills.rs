//! Killed at any write, in the life of a message too.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, Instant},
};

use super::{Lab, verified};
use crate::support::{Process, database::Database};

/// Comes back when the database's log has changed so often, or the scan has ended: from its beginning to where a
/// message is marked as delivered.
fn wait_for_writes(lab: &Lab, wanted: u32, scan: &mut Process) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let log = lab.scene.dir.path().join("history.db-wal");
    let state = || fs::metadata(&log).ok().and_then(|log| Some((log.len(), log.modified().ok()?)));
    let (mut last, mut writes) = (state(), 0);
    while !scan.has_ended() && writes < wanted {
        assert!(Instant::now() < deadline, "the scan goes nowhere");
        // Paces the loop: it returns at the next call, if not before.
        let next = lab.scene.sandbox.calls().total + 1;
        lab.scene.sandbox.wait_for_calls(next, Duration::from_millis(1));
        let now = state();
        writes += u32::from(now != last);
        last = now;
    }
}

/// Each round brings a finding and kills the scan somewhere; then one is left alone. Whatever was interrupted, each
/// finding is told of, and once: what comes twice has the same id.
#[test]
fn killed_anywhere_nothing_is_lost_and_every_repeat_can_be_told() {
    let lab = Lab::new();
    lab.scan_at("2026-11-01T00:00:00Z");
    let mut rng = fastrand::Rng::with_seed(7);
    let mut killed = 0;
    let mut told = BTreeMap::new();
    let mut names = BTreeSet::new();
    for round in 0..10 {
        let name = format!("r-{round}");
        lab.add(&name);
        names.insert(name);
        let now = format!("2026-11-{:02}T00:00:00Z", 2 + round);
        let mut scan = lab.scene.keywatch(&["scan", "--sandbox-now", &now]).start();
        wait_for_writes(&lab, rng.u32(1..12), &mut scan);
        killed += u32::from(scan.kill());
        if let Some(mut left) = Database::copy_of(&lab.scene.dir.path().join("history.db")) {
            left.assert_sound();
        }
    }
    assert!(killed > 4, "only {killed} were caught");
    lab.scan_at("2026-11-20T00:00:00Z");
    lab.scan_at("2026-11-20T12:00:00Z");
    for request in lab.receiver.rest() {
        let body = verified(&request);
        let before = told.insert(body["id"].as_str().unwrap().to_owned(), body.clone());
        assert!(before.is_none_or(|before| before == body), "a repeat is word for word");
    }
    let opened = told.values().filter(|body| body["kind"] == "scan");
    let mut seen: Vec<String> = opened
        .flat_map(|body| body["opened"]["findings"].as_array().unwrap())
        .map(|finding| finding["resource_name"].as_str().unwrap().to_owned())
        .collect();
    seen.sort();
    assert_eq!(seen, names.into_iter().collect::<Vec<_>>(), "each once");
    let waiting = lab.messages().iter().filter(|message| message["delivered_at"].is_null()).count();
    assert_eq!(waiting, 0);
}
