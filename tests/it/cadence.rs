//! What is asked when: a steady organization costs a fraction of the calls, and what changes in it is found in time.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use keywatch::{
    domain::{AccountId, Region, Timestamp},
    sandbox::{
        Fault, FaultKind,
        world::{GenerateOptions, KeySpec, World},
    },
};
use serde_json::Value;

use crate::support::{
    Keywatch, Output,
    scene::{REGIONS, Scene, empty_world, findings, gaps},
};

/// The scans that it takes until an answer is trusted: a first one, and three that say the same.
const FULL: i64 = 4;

const INSTANCES: &str = "dms:DescribeReplicationInstances";

/// That many hours after the first scan.
fn at(hour: i64) -> String {
    let begins: Timestamp = "2026-03-02T06:00:00Z".parse().unwrap();
    begins.checked_add(SignedDuration::from_hours(hour)).unwrap().to_string()
}

fn scan_at(scene: &Scene, hour: i64, more: &[&str]) -> Keywatch {
    scene.keywatch(&["scan", "--format", "json", "--sandbox-now", &at(hour)]).args(more)
}

/// A scan whose calls alone are then counted.
fn scan(scene: &Scene, hour: i64, more: &[&str]) -> Output {
    scene.sandbox.reset_calls();
    scan_at(scene, hour, more).run()
}

/// So many accounts of two Regions, the management account and the hub among them; nothing in any of them.
fn world(accounts: usize) -> (World, Vec<AccountId>, [Region; 2]) {
    let mut world = empty_world();
    let mut members = Vec::new();
    while world.accounts.len() < accounts {
        members.push(world.add_account("member"));
    }
    (world, members, [REGIONS[0].parse().unwrap(), REGIONS[1].parse().unwrap()])
}

/// A scene whose attempts don't run out of time on a machine that is busy: a second attempt is a second call.
fn unhurried(world: World, more: &str) -> Scene {
    let scene = Scene::new(world);
    scene.configure(&format!("[scan]\nattempt_timeout = \"1m\"\ntarget_timeout = \"5m\"\n{more}"));
    scene
}

fn count(row: &Value, column: &str) -> i64 {
    row["scan"][column].as_i64().unwrap_or_else(|| panic!("{column} of {row}"))
}

/// Targets, scanned, failed, skipped: the same whether a target was asked or not.
fn counts(row: &Value) -> [i64; 4] {
    ["targets", "scanned", "failed", "skipped"].map(|column| count(row, column))
}

#[test]
fn a_steady_day_costs_a_fraction_and_finds_what_is_new() {
    const ACCOUNTS: usize = 20;
    let (mut world, members, [home, second]) = world(ACCOUNTS);
    let (user, quiet) = (members[0], members[1]);
    let managed = world.aws_managed_key(user, &home, "dms");
    let own = world.add_key(user, &home, KeySpec::default());
    world.add_instance(user, &home, "i", Some(&managed));
    world.add_endpoint(user, &home, "e", Some(&own));
    let scene = unhurried(world, "");

    let first = scan(&scene, 0, &[]).exits(3).json();
    let listing = scene.sandbox.calls().of("organizations:ListAccounts");
    let whole = scene.sandbox.calls();
    let accounts = ACCOUNTS as u64;
    assert_eq!(whole.of("sts:AssumeRole"), accounts);
    assert_eq!(whole.of("account:ListRegions"), accounts);
    assert_eq!(whole.of(INSTANCES), 2 * accounts);
    assert_eq!(whole.of("kms:DescribeKey"), 2);
    assert_eq!((listing, count(&first, "deferred")), (1, 0));

    for hour in 1..FULL {
        let next = scan(&scene, hour, &[]).exits(3).json();
        let calls = scene.sandbox.calls();
        assert_eq!(calls.total, whole.total - 1, "the AWS managed key is remembered, all else is asked");
        assert_eq!(calls.of("kms:DescribeKey"), 1);
        assert_eq!(counts(&next), counts(&first));
    }

    // From here on the targets are asked once a day, all but the one that has something.
    let late = scene.sandbox.edit(|world| {
        let key = world.aws_managed_key(quiet, &second, "dms");
        world.add_instance(quiet, &second, "late", Some(&key))
    });
    let listing_calls = whole.total - 2 * accounts - 3 * 2 * accounts - 2;
    let (mut total, mut asked, mut found) = (0, 0, None);
    for hour in FULL..FULL + 24 {
        let next = scan(&scene, hour, &[]).exits(3);
        let next = next.json();
        let calls = scene.sandbox.calls();
        total += calls.total;
        assert_eq!(counts(&next), counts(&first), "each target is accounted for, asked or not");
        assert!(count(&next, "deferred") > 0, "hour {hour}");
        assert_eq!(calls.by_target[&(INSTANCES.to_owned(), user, home.clone())], 1, "in every scan");
        let in_quiet = calls.by_target.get(&(INSTANCES.to_owned(), quiet, second.clone())).copied();
        if found.is_some() {
            assert_eq!(in_quiet, Some(1), "hour {hour}: what has something is asked in every scan");
        } else if findings(&next).iter().any(|(_, name, ..)| name == "late") {
            found = Some(hour);
        }
        let rest = calls.of(INSTANCES) - 1 - u64::from(found.is_some());
        asked += rest + u64::from(found == Some(hour));
        if calls.of(INSTANCES) == 1 {
            // The organization, and one account that is entered for three lists and its own key.
            assert_eq!(calls.total, listing_calls + 1 + 3 + 1, "hour {hour}");
            assert_eq!(calls.of("account:ListRegions"), 0);
        }
    }
    assert!(found.is_some(), "{late} is there since hour {}", FULL - 1);
    let quiet_targets = 2 * accounts - 1;
    // A scan that is late by a second may take a target an hour early, and then once more.
    assert!((quiet_targets..=quiet_targets + 8).contains(&asked), "{asked} of {quiet_targets} targets");
    let share = total as f64 / (24.0 * whole.total as f64);
    assert!(share < 0.15, "{:.1} % of the calls of full scans", share * 100.0);

    // What they are asked is up to whoever asks.
    let full = scan(&scene, FULL + 24, &["--full"]).exits(3).json();
    let calls = scene.sandbox.calls();
    assert_eq!((count(&full, "deferred"), calls.of(INSTANCES)), (0, 2 * accounts));
    assert_eq!(calls.of("kms:DescribeKey"), 3, "AWS's keys too");
    let one = scan(&scene, FULL + 25, &["--account", &members[5].to_string()]).exits(3).json();
    assert_eq!((count(&one, "deferred"), scene.sandbox.calls().of(INSTANCES)), (0, 2));
    let region = scan(&scene, FULL + 26, &["--region", REGIONS[1]]).exits(3).json();
    assert_eq!((count(&region, "deferred"), scene.sandbox.calls().of(INSTANCES)), (0, accounts));
    scene.keywatch(&["db", "check"]).run().exits(0);
}

#[test]
fn what_is_denied_time_after_time_is_tried_less_often_and_still_shown() {
    let (mut world, members, _) = world(8);
    let (closed, refused) = (members[0], members[1]);
    world.account_mut(closed).roles.clear();
    world.audit_role_mut(refused).denied_actions.insert("dms:DescribeEndpoints".to_owned());
    let scene = unhurried(world, "");
    let first = scan(&scene, 0, &[]).exits(4).json();
    for hour in 1..FULL {
        scan(&scene, hour, &[]).exits(4);
        let calls = scene.sandbox.calls();
        assert_eq!(calls.of_account("sts:AssumeRole", closed), 1);
        assert_eq!(calls.of_account("dms:DescribeEndpoints", refused), 2);
    }
    let gaps = "SELECT account_id, region, outcome, reason FROM coverage WHERE outcome <> 'scanned'";
    let before = scene.ask(gaps);
    assert!(before.iter().any(|row| row["reason"] == "assume_role_denied"));
    let (mut tried, mut refusals) = (0, 0);
    for hour in FULL..FULL + 8 {
        let next = scan(&scene, hour, &[]).exits(4).json();
        assert_eq!(next["scan"]["outcome"], "incomplete");
        // A closed account's targets all fail, those that a list would have told of among them.
        assert_eq!(counts(&next), counts(&first));
        assert_eq!(scene.ask(gaps), before);
        tried += scene.sandbox.calls().of_account("sts:AssumeRole", closed);
        refusals += scene.sandbox.calls().of_account("dms:DescribeEndpoints", refused);
    }
    assert!(tried <= 1, "{tried} times in 8 hours");
    assert!(refusals <= 2, "{refusals} times in 8 hours");
    let old = scene.ask("SELECT min(last_attempt_at) AS at FROM coverage WHERE outcome = 'failed'");
    assert!(old[0]["at"].as_str().unwrap() < at(FULL + 7).as_str(), "its age shows");

    // Opened again, it is found within the day; asked for by name, at once.
    scene.sandbox.edit(|world| {
        let role = world.accounts[&refused].roles.clone();
        world.account_mut(closed).roles = role;
        world.audit_role_mut(closed).denied_actions.clear();
    });
    scan(&scene, FULL + 8, &["--account", &closed.to_string()]).exits(0);
    let open = scene.ask("SELECT DISTINCT outcome, reason FROM coverage WHERE outcome = 'failed'");
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0]["reason"], "access_denied");
    let table = scene.keywatch(&["scan", "--sandbox-now", &at(FULL + 9)]).run().exits(4).stdout;
    assert!(
        table.contains("not asked: what is known of them is younger than 24h (scan --full asks all)"),
        "{table}"
    );
    scene.keywatch(&["db", "check"]).run().exits(0);
}

#[test]
fn a_scan_that_was_killed_counts_what_waits_once() {
    let options = GenerateOptions { accounts: 12, regions: 3, seed: 5, dms_share: Some(0.3) };
    let world = World::generate(&options);
    let regions: Vec<String> = world.regions.keys().map(ToString::to_string).collect();
    let scene = unhurried(world, &format!("concurrency = 2\n[regions]\ninclude = {regions:?}\n"));
    let mut last = Value::Null;
    for hour in 0..FULL {
        last = scan(&scene, hour, &[]).exits(4).json();
    }
    scene.sandbox.inject(Fault::new(FaultKind::Delay(Duration::from_millis(150))).on(INSTANCES));
    scene.sandbox.reset_calls();
    let running = scan_at(&scene, FULL, &[]).start();
    let deadline = Instant::now() + Duration::from_secs(60);
    let newest = format!("SELECT * FROM scans WHERE scan_id = {} AND targets > 0", FULL + 1);
    while scene.ask(&newest).is_empty() {
        assert!(Instant::now() < deadline, "nothing is written");
    }
    assert!(running.kill(), "it was in the middle");
    scene.keywatch(&["db", "check"]).run().exits(0);
    scene.sandbox.clear_faults();
    let on = scan_at(&scene, FULL, &[]).run().exits(4);
    assert!(on.stderr.contains(&format!("scan {} went on", FULL + 1)), "{}", on.stderr);
    let on = on.json();
    assert!(count(&on, "deferred") > 0);
    assert_eq!(counts(&on), counts(&last));
    scene.keywatch(&["db", "check"]).run().exits(0);
    let full = scan(&scene, FULL + 1, &["--full"]).exits(4).json();
    assert_eq!((counts(&full), count(&full, "deferred")), (counts(&last), 0));
}

#[test]
fn a_region_that_is_enabled_is_found_within_the_longest_age() {
    let (world, members, _) = world(4);
    let scene = unhurried(world, "[cadence]\nafter = 1\nlongest_age = \"2h\"\n");
    let deferred = |hour| count(&scan(&scene, hour, &[]).exits(0).json(), "deferred");
    // With no more to go by than two pauses between scans, only what is younger than half an hour may wait.
    assert_eq!([0, 1, 2].map(deferred), [0, 0, 0]);
    let region = REGIONS[2];
    scene.sandbox.edit(|world| world.account_mut(members[0]).opted_in.insert(region.parse().unwrap()));
    let outcome =
        format!("SELECT outcome FROM coverage WHERE account_id = '{}' AND region = '{region}'", members[0]);
    let (targets, accounts) = (scene.ask("SELECT * FROM coverage").len() as i64, 4);
    assert_eq!(deferred(3), targets, "all of it was asked an hour ago");
    assert_eq!(scene.sandbox.calls().of("sts:AssumeRole"), 0, "nobody is entered for nothing");
    assert_eq!(scene.ask(&outcome)[0]["outcome"], "skipped");
    assert_eq!(deferred(4), 0);
    assert_eq!(scene.ask(&outcome)[0]["outcome"], "scanned");
    assert_eq!(scene.sandbox.calls().of("account:ListRegions"), accounts);
    // What is new has to repeat itself; the rest waits, and the list of Regions tells of those that are not enabled.
    assert_eq!(deferred(5), targets - 1 - (targets / 4 - 3));
    assert_eq!(scene.sandbox.calls().of(INSTANCES), 1);
    scene.configure("[cadence]\nenabled = false\n");
    assert_eq!(deferred(6), 0);
}

#[test]
fn a_key_that_gives_no_answer_is_asked_for_as_seldom_as_a_target_that_gives_none() {
    let (mut world, members, [home, _]) = world(4);
    let user = members[0];
    let hidden = world.add_key(user, &home, KeySpec { delegates_to_iam: false, ..KeySpec::default() });
    world.add_instance(user, &home, "hidden", Some(&hidden));
    world.add_endpoint(user, &home, "missing", Some("alias/none"));
    let outside = "arn:aws:kms:us-east-1:999999999999:key/00000000-0000-4000-8000-000000000001";
    world.add_endpoint(user, &home, "outside", Some(outside));
    let own = world.add_key(user, &home, KeySpec::default());
    world.add_endpoint(user, &home, "own", Some(&own));
    let scene = unhurried(world, "");
    let verdicts = "SELECT resource_arn, check_id, status, reason, valid_from FROM evaluations ORDER BY 1, 2";
    let evidence = "SELECT resource_arn, check_id, evidence FROM findings ORDER BY 1, 2";
    let first = findings(&scan(&scene, 0, &[]).json());
    let before = (scene.ask(verdicts), scene.ask(evidence));
    assert_eq!(before.0.len(), 8, "{:?}", before.0);
    for hour in 1..FULL {
        scan(&scene, hour, &[]);
        assert_eq!(scene.sandbox.calls().of("kms:DescribeKey"), 4);
    }
    let mut refused = 0;
    for hour in FULL..FULL + 24 {
        let next = scan(&scene, hour, &[]).json();
        assert_eq!(findings(&next), first);
        let calls = scene.sandbox.calls();
        let asked = calls.of("kms:DescribeKey");
        if calls.of_account("account:ListRegions", user) == 0 {
            assert_eq!(
                (asked, calls.of("kms:ListAliases")),
                (1, 0),
                "its own key alone, whose state may change"
            );
        } else {
            refused += 1;
            assert_eq!(asked, 4, "hour {hour}");
        }
    }
    assert!((1..=2).contains(&refused), "{refused} times in a day");
    assert_eq!(
        (scene.ask(verdicts), scene.ask(evidence)),
        before,
        "what is remembered says what was answered"
    );
}

/// Nobody has said that the Region was turned off: what is in it is unseen, and not left out.
#[test]
fn a_region_that_refuses_the_token_between_two_lists_is_a_failure() {
    let (mut world, members, _) = world(4);
    let opted: Region = REGIONS[2].parse().unwrap();
    world.account_mut(members[0]).opted_in.insert(opted.clone());
    world.add_instance(members[0], &opted, "i", None);
    let scene = unhurried(world, "");
    for hour in 0..FULL {
        scan(&scene, hour, &[]).exits(3);
    }
    // An hour in which the account is not asked for its Regions.
    let mut hour = FULL;
    loop {
        scan(&scene, hour, &[]).exits(3);
        hour += 1;
        if scene.sandbox.calls().of("account:ListRegions") > 0 {
            break;
        }
        assert!(hour < FULL + 30, "it is never asked");
    }
    scene.sandbox.edit(|world| world.account_mut(members[0]).opted_in.remove(&opted));
    let next = scan(&scene, hour, &[]).exits(4).json();
    assert_eq!(scene.sandbox.calls().of("account:ListRegions"), 0);
    let gap = &gaps(&next)[&(members[0].to_string(), opted.to_string())];
    assert_eq!((gap.0.as_str(), gap.1.as_str()), ("failed", "access_denied"));
    assert_eq!(findings(&next).len(), 1, "the finding stays as it was");
}
