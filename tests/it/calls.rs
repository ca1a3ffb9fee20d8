//! Every call costs its owner money: a scan makes as few as can be, and none that writes.

use std::collections::BTreeSet;

use keywatch::{
    domain::{AccountId, Region},
    sandbox::world::{KeySpec, World},
};

use crate::support::scene::{REGIONS, Scene, empty_world};

/// All that a scan may call.
const READING: [&str; 13] = [
    "account:ListRegions",
    "dms:DescribeEndpoints",
    "dms:DescribeReplicationConfigs",
    "dms:DescribeReplicationInstances",
    "kms:DescribeKey",
    "kms:ListAliases",
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
];

/// 45 accounts in three units; two of them hold DMS resources in the first Region, and one is suspended.
fn world() -> (World, AccountId) {
    let mut world = empty_world();
    let root = world.root.clone();
    let unit = world.add_ou(&root, "Shared");
    let nested = world.add_ou(&unit, "Keys");
    let owner = world.add_account_in(&nested, "keys");
    let user = world.add_account_in(&unit, "user");
    let other = world.add_account_in(&unit, "other");
    let gone = world.add_account("gone");
    world.account_mut(gone).state = "SUSPENDED".into();
    while world.accounts.len() < 45 {
        world.add_account("empty");
    }
    let home: Region = REGIONS[0].parse().unwrap();
    let own = world.add_key(user, &home, KeySpec::default());
    // 130 instances are two pages; one key, asked once.
    for n in 0..130 {
        world.add_instance(user, &home, &format!("i-{n}"), Some(&own));
    }
    let managed = world.aws_managed_key(user, &home, "dms");
    world.add_endpoint(user, &home, "e", Some(&managed));
    world.add_endpoint(user, &home, "named", Some("alias/aws/dms"));
    // A key that two accounts use and neither may describe: each is refused, and its owner answers once.
    let foreign = world.add_key(owner, &home, KeySpec::default());
    world.add_endpoint(user, &home, "f", Some(&foreign));
    world.add_endpoint(other, &home, "f", Some(&foreign));
    (world, user)
}

/// A scene whose attempts don't run out of time on a machine that is busy: a second attempt is a second call.
fn unhurried(world: World) -> Scene {
    let scene = Scene::new(world);
    scene.configure("[scan]\nattempt_timeout = \"1m\"\ntarget_timeout = \"5m\"\n");
    scene
}

#[test]
fn a_scan_makes_the_fewest_calls_there_are() {
    let (world, user) = world();
    let units = 1 + world.ous.len() as u64;
    let scene = unhurried(world);
    let scan = scene.scan().exits(3).json();
    let calls = scene.sandbox.calls();

    let scanned = 44;
    let targets = scanned * 2;
    let expected = [
        ("sts:GetCallerIdentity", 1),
        ("organizations:DescribeOrganization", 1),
        ("organizations:ListAccounts", 3),
        ("organizations:ListRoots", 1),
        ("organizations:ListOrganizationalUnitsForParent", units),
        // One unit holds more than a page of 20.
        ("organizations:ListAccountsForParent", calls_for_accounts(&scene)),
        ("sts:AssumeRole", scanned),
        ("account:ListRegions", scanned),
        ("dms:DescribeReplicationInstances", targets + 1),
        ("dms:DescribeEndpoints", targets),
        ("dms:DescribeReplicationConfigs", targets),
        // The own key, the AWS managed one, the foreign one from two accounts and from its owner's.
        ("kms:DescribeKey", 2 + 2 + 1),
        ("kms:ListAliases", 0),
    ];
    for (operation, count) in expected {
        let made = calls.of(operation);
        // The owner may have been left before its key was asked for: then it is entered once more.
        let slack = u64::from(operation == "sts:AssumeRole");
        assert!((count..=count + slack).contains(&made), "{operation}: {made} instead of {count}");
    }
    assert_eq!(scan["scan"]["api_calls"], calls.total, "the scan knows what it cost");
    assert_eq!(calls.of_account("kms:DescribeKey", user), 3);
    assert_eq!((calls.mutations, calls.throttled), (0, 0));
    let made: BTreeSet<&str> = calls.by_target.keys().map(|(operation, ..)| operation.as_str()).collect();
    assert!(made.is_subset(&READING.into()), "{made:?}");
}

/// Pages of 20 for each root and unit, at least one.
fn calls_for_accounts(scene: &Scene) -> u64 {
    scene.sandbox.edit(|world| {
        let parents = std::iter::once(&world.root).chain(world.ous.keys());
        parents
            .map(|parent| {
                let below =
                    world.accounts.values().filter(|account| account.parent == *parent).count() as u64;
                below.div_ceil(20).max(1)
            })
            .sum()
    })
}

#[test]
fn a_second_scan_of_the_same_adds_one_row_and_no_other() {
    let (world, _) = world();
    let scene = unhurried(world);
    scene.scan().exits(3);
    let before = rows(&scene);
    let calls = scene.sandbox.calls().total;
    scene.sandbox.reset_calls();
    scene.scan().exits(3);
    assert!(
        (scene.sandbox.calls().total + 1).abs_diff(calls) <= 1,
        "the same calls, but for AWS's key, which is remembered, and for entering a key's owner"
    );
    let mut after = rows(&scene);
    for (table, count) in &mut after {
        if table == "scan" {
            *count -= 1;
        }
    }
    assert_eq!(after, before);
}

/// How many rows each table has.
fn rows(scene: &Scene) -> Vec<(String, i64)> {
    let tables = scene
        .ask("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1");
    assert!(tables.len() > 5);
    tables
        .iter()
        .map(|row| {
            let table = row["name"].as_str().unwrap();
            let count = scene.ask(&format!("SELECT count(*) AS n FROM {table}"))[0]["n"].as_i64().unwrap();
            (table.to_owned(), count)
        })
        .collect()
}

#[test]
fn pages_are_asked_for_only_where_there_are_more() {
    for (accounts, pages) in [(20, 1), (21, 2), (40, 2)] {
        let mut world = empty_world();
        while world.accounts.len() < accounts {
            world.add_account("member");
        }
        let scene = unhurried(world);
        scene.scan().exits(0);
        assert_eq!(scene.sandbox.calls().of("organizations:ListAccounts"), pages, "{accounts} accounts");
    }
    for (instances, pages) in [(100, 1), (101, 2), (250, 3)] {
        let mut world = empty_world();
        let account = world.add_account("many");
        let home: Region = REGIONS[0].parse().unwrap();
        let key = world.add_key(account, &home, KeySpec::default());
        for n in 0..instances {
            world.add_instance(account, &home, &format!("i-{n}"), Some(&key));
        }
        let scene = unhurried(world);
        let scan = scene.scan().exits(0).json();
        assert_eq!(scan["scan"]["resources"], instances);
        let made = scene.sandbox.calls();
        let in_home = made.by_target[&("dms:DescribeReplicationInstances".to_owned(), account, home)];
        assert_eq!(in_home, pages, "{instances} instances");
        assert_eq!(made.of("kms:DescribeKey"), 1, "one key, however many use it");
    }
}

#[test]
fn a_key_id_in_two_regions_is_two_keys() {
    let mut world = empty_world();
    let account = world.add_account("global");
    for name in [REGIONS[0], REGIONS[1]] {
        let region: Region = name.parse().unwrap();
        let arn = world.add_key_with_id(
            account,
            &region,
            "mrk-00000000000000000000000000000001",
            KeySpec::default(),
        );
        world.add_instance(account, &region, "i", Some(&arn));
    }
    let scene = unhurried(world);
    scene.scan().exits(0);
    assert_eq!(scene.sandbox.calls().of("kms:DescribeKey"), 2);
}

#[test]
fn another_accounts_key_is_asked_once_where_it_is_shared() {
    let mut world = empty_world();
    let [owner, one, two] = ["keys", "one", "two"].map(|name| world.add_account(name));
    let home: Region = REGIONS[0].parse().unwrap();
    let shared =
        world.add_key(owner, &home, KeySpec { shared_with: [one, two].into(), ..KeySpec::default() });
    world.add_instance(one, &home, "i", Some(&shared));
    world.add_instance(two, &home, "i", Some(&shared));
    let scene = unhurried(world);
    scene.scan().exits(0);
    let calls = scene.sandbox.calls();
    assert_eq!(calls.of("kms:DescribeKey"), 1, "whoever came first asked for both");
    assert_eq!(calls.of_account("kms:DescribeKey", owner), 0);
}
