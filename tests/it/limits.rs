//! Accounts and Regions with limits and troubles of their own: each costs its own targets, and no others.

use keywatch::{
    domain::{AccountId, Region},
    sandbox::{
        Fault, FaultKind, Quota,
        world::{KeySpec, World},
    },
};
use serde_json::Value;

use crate::support::scene::{REGIONS, Scene, empty_world, gaps};

fn regions() -> [Region; 2] {
    [REGIONS[0], REGIONS[1]].map(|name| name.parse().unwrap())
}

/// Members with one customer key and one instance in each of two Regions.
fn add_members(world: &mut World, count: usize) -> Vec<AccountId> {
    (0..count)
        .map(|n| {
            let account = world.add_account(&format!("member-{n}"));
            for region in regions() {
                let key = world.add_key(account, &region, KeySpec::default());
                world.add_instance(account, &region, "instance", Some(&key));
            }
            account
        })
        .collect()
}

/// The targets that failed, with why.
fn failed(scan: &Value) -> Vec<(String, String, String)> {
    let gaps = gaps(scan).into_iter();
    gaps.filter(|(_, (outcome, _))| outcome == "failed")
        .map(|((account, region), (_, reason))| (account, region, reason))
        .collect()
}

#[test]
fn quotas_below_what_a_scan_would_like_cost_time_and_nothing_else() {
    let mut world = empty_world();
    let [here, there] = regions();
    let members = add_members(&mut world, 2);
    let shared = world.add_key(members[0], &here, KeySpec::default());
    for n in 0..500 {
        world.add_instance(members[0], &here, &format!("page-{n}"), Some(&shared));
    }
    for (account, region, keys) in [(members[0], &here, 60), (members[1], &there, 25)] {
        for n in 0..keys {
            let key = world.add_key(account, region, KeySpec::default());
            world.add_endpoint(account, region, &format!("endpoint-{n}"), Some(&key));
        }
    }
    let scene = Scene::new(world);
    scene.configure("[scan]\ntarget_timeout = \"50s\"\n");
    scene.sandbox.set_quota("dms", Some(Quota { per_second: 5.0, burst: 5 }));
    scene.sandbox.set_quota("kms", Some(Quota { per_second: 10.0, burst: 10 }));
    let scan = scene.scan().exits(0).json();
    assert_eq!((&scan["scan"]["outcome"], &scan["scan"]["failed"]), (&"complete".into(), &0.into()));
    assert_eq!(scan["scan"]["resources"], 500 + 60 + 25 + 4);

    let calls = scene.sandbox.calls();
    let got_through = |operation: &str| {
        calls.of(operation) - calls.throttled_by.get(operation).copied().unwrap_or_default()
    };
    assert_eq!(got_through("kms:DescribeKey"), 60 + 25 + 1 + 4, "each key once");
    assert_eq!(scan["scan"]["api_calls"], calls.total);
    assert_eq!(scan["scan"]["throttled_calls"], calls.throttled);
    // The first burst finds out, and how many are in it is the machine's affair; at the configured 250 per second,
    // each call would be throttled again and again.
    assert!(
        (1..=60).contains(&calls.throttled),
        "{} of {} calls were throttled",
        calls.throttled,
        calls.total
    );
}

#[test]
fn a_region_that_hangs_is_asked_a_few_times_and_all_others_are_scanned() {
    let mut world = empty_world();
    let members = add_members(&mut world, 40);
    let [_, hanging] = regions();
    let scene = Scene::new(world);
    scene.configure("[scan]\nconcurrency = 16\nattempt_timeout = \"500ms\"\ntarget_timeout = \"20s\"\n");
    scene.sandbox.inject(Fault::new(FaultKind::Hang).in_region(&hanging));
    let scan = scene.scan().exits(4).json();

    // The organization's management account and keywatch's own are scanned too.
    let failed = failed(&scan);
    assert_eq!(failed.len(), members.len() + 2);
    for (account, region, reason) in &failed {
        assert_eq!((region.as_str(), reason.as_str()), (hanging.as_str(), "timeout"), "{account}");
    }
    let message = scan["coverage"].to_string();
    assert!(message.contains("no answer from dms in us-west-2 to the last "), "{message}");
    // Those that have a slot at first, and one at a time while the scan lasts. Attempt by attempt, it would be 42
    // targets with three lists, five times each.
    let calls = scene.sandbox.calls();
    let into_it: u64 =
        calls.by_target.iter().filter(|((.., region), _)| *region == hanging).map(|(_, count)| count).sum();
    assert!((8..=100).contains(&into_it), "{into_it} calls into the Region that hangs");
}

#[test]
fn an_account_that_throttles_for_ever_costs_its_own_targets_only() {
    let mut world = empty_world();
    let members = add_members(&mut world, 12);
    let scene = Scene::new(world);
    // An account that can't be entered can't tell its Regions, so it counts with all that are known.
    scene.configure(&format!(
        "[regions]\ninclude = {:?}\n[rate_limits.dms]\nper_second = 50\n",
        &REGIONS[..2]
    ));
    let (locked, busy) = (members[0], members[1]);
    scene.sandbox.inject(Fault::new(FaultKind::Throttle).in_account(locked));
    let lists = Fault::new(FaultKind::Throttle).on("dms:DescribeReplicationInstances");
    scene.sandbox.inject(lists.in_account(busy));
    let scan = scene.scan().exits(4).json();

    let mut expected: Vec<_> = [locked, busy]
        .iter()
        .flat_map(|account| {
            regions().map(|region| (account.to_string(), region.to_string(), "throttled".into()))
        })
        .collect();
    expected.sort();
    assert_eq!(failed(&scan), expected);
    let calls = scene.sandbox.calls();
    assert_eq!(calls.of_account("sts:AssumeRole", locked), 5, "as often as max_attempts says");
    assert_eq!(calls.of_account("dms:DescribeReplicationInstances", busy), 2 * 5);
}

#[test]
fn while_sts_hangs_accounts_wait_for_it_instead_of_failing() {
    let mut world = empty_world();
    let members = add_members(&mut world, 20);
    let scene = Scene::new(world);
    // 22 accounts have two attempts each: if all were made at once, the last eight would be some accounts' second.
    scene.configure("[scan]\nmax_attempts = 2\nattempt_timeout = \"1s\"\ntarget_timeout = \"50s\"\n");
    scene.sandbox.inject(Fault::new(FaultKind::Hang).on("sts:AssumeRole").times(30));
    let scan = scene.scan().exits(0).json();
    assert_eq!(failed(&scan), []);
    assert_eq!(scan["scan"]["resources"], 2 * members.len());
}
