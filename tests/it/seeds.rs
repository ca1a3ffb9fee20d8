//! Fifty organizations that nobody made by hand: what is found is exactly what is there.

use std::thread;

use keywatch::sandbox::world::{GenerateOptions, World};
use serde_json::Value;

use crate::support::scene::{Scene, gaps};

const SEEDS: u64 = 50;

#[test]
fn fifty_organizations_are_judged_exactly() {
    // As many at once as a small machine has cores.
    thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            scope.spawn(move || (0..SEEDS).filter(|seed| seed % 2 == half).for_each(judged_exactly))
        });
        for half in halves {
            half.join().expect("a seed that was judged rightly");
        }
    });
}

fn judged_exactly(seed: u64) {
    let options =
        GenerateOptions { accounts: 12 + (seed as usize % 3) * 6, regions: 4, seed, dms_share: None };
    let world = World::generate(&options);
    let regions: Vec<String> = world.regions.keys().map(ToString::to_string).collect();
    let expected: Vec<[String; 4]> = world
        .truth()
        .into_iter()
        .map(|e| [e.check_id.to_owned(), e.resource_arn, e.status.to_owned(), e.reason.to_owned()])
        .collect();
    let coverage = world.expected_coverage();
    let scene = Scene::new(world);
    scene.configure(&format!("[regions]\ninclude = {regions:?}\n"));

    let failed = coverage.values().any(|(outcome, _)| *outcome == "failed");
    let failing = expected.iter().any(|finding| finding[2] == "fail");
    let code = match (failed, failing) {
        (true, _) => 4,
        (false, true) => 3,
        (false, false) => 0,
    };
    let scan = scene.scan().exits(code).json();

    let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<[String; 4]> = scan["findings"]
        .as_array()
        .expect("a list of findings")
        .iter()
        .map(|row| ["check_id", "resource_arn", "status", "reason"].map(|column| text(row, column)))
        .collect();
    let mut expected = expected;
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "seed {seed}");

    let gaps = gaps(&scan);
    for ((account, region), (outcome, reason)) in &coverage {
        let gap = gaps.get(&(account.to_string(), region.to_string()));
        let seen = gap.map_or(("scanned", ""), |(outcome, reason)| (outcome, reason));
        assert_eq!(seen, (*outcome, *reason), "seed {seed}: {account} {region}");
    }
    let calls = scene.sandbox.calls();
    assert_eq!(calls.mutations, 0, "seed {seed}: looking changes nothing");
    assert!(calls.unknown.is_empty(), "seed {seed}: {:?}", calls.unknown);
}
