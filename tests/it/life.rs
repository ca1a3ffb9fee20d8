//! Twelve weeks of an organization: after every scan the history says what is true, and what was known of the
//! rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
};

use fastrand::Rng;
use keywatch::{
    domain::{AccountId, Region, ResourceType, Timestamp},
    sandbox::world::{GenerateOptions, Life, LifeOptions, World},
};
use serde_json::Value;

use crate::support::scene::{Scene, gaps};

const DAYS: u32 = 84;

#[test]
fn twelve_weeks_are_remembered_exactly() {
    // As many at once as a small machine has cores.
    let ends: Vec<BTreeSet<String>> = thread::scope(|scope| {
        let lives = [1, 2].map(|seed| scope.spawn(move || remembered_exactly(seed)));
        lives.map(|life| life.join().expect("a life that was remembered")).into()
    });
    let ends: BTreeSet<String> = ends.into_iter().flatten().collect();
    let all = ["account_left", "fixed", "reopened", "resource_deleted"].map(str::to_owned);
    assert_eq!(ends, all.into(), "all of it happened");
}

/// What a scan is asked to read.
#[derive(Debug)]
enum Scope {
    Whole,
    Account(AccountId),
    Region(Region),
}

impl Scope {
    fn covers(&self, account: AccountId, region: &Region) -> bool {
        match self {
            Self::Whole => true,
            Self::Account(only) => *only == account,
            Self::Region(only) => only == region,
        }
    }

    fn arguments(&self) -> Vec<String> {
        match self {
            Self::Whole => Vec::new(),
            Self::Account(account) => vec!["--account".to_owned(), account.to_string()],
            Self::Region(region) => vec!["--region".to_owned(), region.to_string()],
        }
    }
}

/// A finding as the history has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    account: AccountId,
    region: Region,
    status: String,
    reason: String,
    /// How it ended; none while it is open.
    resolution: Option<String>,
    times_opened: i64,
}

/// Everything that the history has to know, by check and resource.
#[derive(Default)]
struct Model(BTreeMap<(String, String), Known>);

impl Model {
    /// Learns what a scan of that scope sees.
    fn learn(&mut self, world: &World, scope: &Scope) {
        let there = resources(world);
        let truth = world.truth();
        let still: BTreeSet<(&str, &str)> =
            truth.iter().map(|found| (found.check_id, found.resource_arn.as_str())).collect();
        for ((check, arn), known) in &mut self.0 {
            if known.resolution.is_some() {
                continue;
            }
            let end = match world.accounts.get(&known.account) {
                // Only a scan of everything takes an account that is not listed for one that has left.
                None if matches!(scope, Scope::Whole) => "account_left",
                None => continue,
                // The list of accounts is read whatever the scope.
                Some(account) if !account.state.is_usable() => "account_left",
                Some(_) if !scope.covers(known.account, &known.region) => continue,
                Some(_) => {
                    let read = |kind: &ResourceType| world.is_read(known.account, &known.region, *kind);
                    match there.get(arn) {
                        Some(kind) if read(kind) && !still.contains(&(check, arn)) => "fixed",
                        // Its kind is in its ARN's sixth field, which AWS fixed.
                        None if read(&kind_of(arn)) => "resource_deleted",
                        _ => continue,
                    }
                }
            };
            known.resolution = Some(end.to_owned());
        }
        for found in truth.iter().filter(|found| scope.covers(found.account, &found.region)) {
            let known =
                self.0.entry((found.check_id.to_owned(), found.resource_arn.clone())).or_insert_with(|| {
                    Known {
                        account: found.account,
                        region: found.region.clone(),
                        status: String::new(),
                        reason: String::new(),
                        resolution: Some(String::new()),
                        times_opened: 0,
                    }
                });
            known.times_opened += i64::from(known.resolution.take().is_some());
            (known.status, known.reason) = (found.status.to_owned(), found.reason.to_owned());
        }
    }

    fn open(&self) -> BTreeSet<[String; 4]> {
        self.0
            .iter()
            .filter(|(_, known)| known.resolution.is_none())
            .map(|((check, arn), known)| {
                [check.clone(), arn.clone(), known.status.clone(), known.reason.clone()]
            })
            .collect()
    }

    /// Whether each is open or how it ended, and how often it was opened.
    fn ends(&self) -> BTreeSet<(String, String, String, i64)> {
        let end = |known: &Known| known.resolution.clone().unwrap_or_default();
        self.0
            .iter()
            .map(|((check, arn), known)| (check.clone(), arn.clone(), end(known), known.times_opened))
            .collect()
    }
}

/// The kind of every resource that exists, by ARN.
fn resources(world: &World) -> BTreeMap<String, ResourceType> {
    let all = world.accounts.values().flat_map(|account| account.resources.values().flatten());
    all.map(|resource| (resource.arn.clone(), resource.resource_type)).collect()
}

fn kind_of(arn: &str) -> ResourceType {
    match arn.split(':').nth(5) {
        Some("rep") => ResourceType::ReplicationInstance,
        Some("endpoint") => ResourceType::Endpoint,
        Some("replication-config") => ResourceType::ReplicationConfig,
        other => panic!("{other:?} of {arn}"),
    }
}

/// Returns what became of findings.
fn remembered_exactly(seed: u64) -> BTreeSet<String> {
    let mut rng = Rng::with_seed(seed);
    let mut world =
        World::generate(&GenerateOptions { accounts: 12, regions: 3, seed, dms_share: Some(0.4) });
    let regions: Vec<String> = world.regions.keys().map(ToString::to_string).collect();
    let scene = Scene::new(world.clone());
    scene.configure(&format!("[regions]\ninclude = {regions:?}\n"));
    let begins = "2026-09-01T06:00:00Z".parse().unwrap();
    let mut life = Life::new(LifeOptions { seed, begins, days: DAYS }, &world);

    let mut model = Model::default();
    for day in 0..=DAYS {
        // Every third day all of it, and now and then a part of it in between.
        let scope = match day % 3 {
            0 => Some(Scope::Whole),
            1 if rng.u8(..4) == 0 => {
                let ids: Vec<AccountId> = world.accounts.keys().copied().collect();
                Some(Scope::Account(ids[rng.usize(..ids.len())]))
            }
            2 if rng.u8(..4) == 0 => {
                let regions: Vec<&Region> = world.regions.keys().collect();
                Some(Scope::Region(regions[rng.usize(..regions.len())].clone()))
            }
            _ => None,
        };
        if let Some(scope) = scope {
            model.learn(&world, &scope);
            let what = format!("seed {seed}, day {day}, {scope:?}");
            check(&scene, &world, &scope, life.now(), &model, &what);
        }
        life.live(&mut world);
        scene.sandbox.edit(|served| *served = world.clone());
    }
    let reopened = model.0.values().any(|known| known.times_opened > 1);
    let ends = model.0.into_values().filter_map(|known| known.resolution);
    ends.chain(reopened.then(|| "reopened".to_owned())).collect()
}

/// Scans, and compares all that is said.
fn check(scene: &Scene, world: &World, scope: &Scope, now: Timestamp, model: &Model, what: &str) {
    let expected = world.expected_coverage();
    let failed = expected.iter().any(|((a, r), (outcome, _))| *outcome == "failed" && scope.covers(*a, r));
    let code = match (failed, model.open().iter().any(|finding| finding[2] == "fail")) {
        (true, _) => 4,
        (false, true) => 3,
        (false, false) => 0,
    };
    let now = now.to_string();
    let scan = scene
        .keywatch(&["scan", "--format", "json", "--sandbox-now", &now])
        .args(scope.arguments())
        .run()
        .exits(code)
        .json();
    let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    let found: BTreeSet<[String; 4]> = scan["findings"]
        .as_array()
        .expect("a list of findings")
        .iter()
        .map(|row| ["check_id", "resource_arn", "status", "reason"].map(|column| text(row, column)))
        .collect();
    assert_eq!(found, model.open(), "{what}");
    scene.keywatch(&["db", "check"]).run().exits(0);
    if !matches!(scope, Scope::Whole) {
        return;
    }

    let gaps = gaps(&scan);
    for ((account, region), (outcome, reason)) in &expected {
        let gap = gaps.get(&(account.to_string(), region.to_string()));
        let seen = gap.map_or(("scanned", ""), |(outcome, reason)| (outcome, reason));
        assert_eq!(seen, (*outcome, *reason), "{what}: {account} {region}");
    }
    let members: BTreeSet<String> = world.accounts.keys().map(ToString::to_string).collect();
    assert!(gaps.keys().all(|(account, _)| members.contains(account)), "{what}: {gaps:?}");
    let all = scene.keywatch(&["findings", "list", "--format", "json"]).run().exits(0).json();
    let ends: BTreeSet<(String, String, String, i64)> = all
        .as_array()
        .expect("a list of findings")
        .iter()
        .map(|row| {
            let opened = row["times_opened"].as_i64().unwrap_or_default();
            (text(row, "check_id"), text(row, "resource_arn"), text(row, "resolution"), opened)
        })
        .collect();
    assert_eq!(ends, model.ends(), "{what}");
}
