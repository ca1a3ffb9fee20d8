use std::collections::BTreeSet;

use super::*;
use crate::sandbox::world::{Expected, GenerateOptions};

const DAYS: u32 = 84;

fn begin(seed: u64) -> (World, Life) {
    let world = World::generate(&GenerateOptions { seed, ..GenerateOptions::default() });
    let begins = "2026-09-01T06:00:00Z".parse().unwrap();
    let life = Life::new(LifeOptions { seed, begins, days: DAYS }, &world);
    (world, life)
}

/// What each day brought, and what a scan would find after it.
fn lived(seed: u64) -> Vec<(Vec<Happening>, Vec<Expected>)> {
    let (mut world, mut life) = begin(seed);
    (0..DAYS).map(|_| (life.live(&mut world), world.truth())).collect()
}

#[test]
fn the_seed_alone_decides() {
    assert_eq!(lived(7), lived(7));
    assert_ne!(lived(7), lived(8));
}

#[test]
fn even_a_small_organization_meets_everything() {
    let word = |happening: &Happening| format!("{happening:?}").split(['(', ' ']).next().unwrap().to_owned();
    let all: BTreeSet<String> =
        (1..=5).flat_map(lived).flat_map(|(diary, _)| diary).map(|h| word(&h)).collect();
    let expected = [
        "Appeared",
        "Closed",
        "Deleted",
        "Joined",
        "KeyEnabled",
        "KeySpoiled",
        "Left",
        "Recreated",
        "RegionAllowed",
        "RegionDenied",
        "Reinstated",
        "RightsGranted",
        "RoleLost",
        "RoleRestored",
        "Suspended",
    ];
    assert_eq!(all.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn most_of_what_was_wrong_is_mended_and_some_comes_new() {
    for seed in 1..=10 {
        let (world, _) = begin(seed);
        let failing = |truth: &[Expected]| -> BTreeSet<String> {
            truth.iter().filter(|e| e.status == "fail").map(|e| e.resource_arn.clone()).collect()
        };
        let first = failing(&world.truth());
        let life = lived(seed);
        let last = failing(&life.last().unwrap().1);
        let ever: BTreeSet<String> = life.iter().flat_map(|(_, truth)| failing(truth)).collect();
        let left = first.intersection(&last).count();
        assert!(left * 2 < first.len(), "seed {seed}: {left} of {} are left", first.len());
        assert!(ever.difference(&first).count() > 0, "seed {seed}: nothing new");
        assert!(last.len() < first.len(), "seed {seed}: {} came to {}", first.len(), last.len());
    }
}

#[test]
fn a_region_is_denied_for_a_week_and_a_new_resource_is_as_old_as_the_day() {
    let (mut world, mut life) = begin(1);
    let mut denied = 0;
    for day in 1..=DAYS {
        let diary = life.live(&mut world);
        denied += usize::from(!world.denied_regions.is_empty());
        assert_eq!(life.now().duration_since(life.options.begins).as_hours(), 24 * i64::from(day));
        for happening in diary {
            if let Happening::Appeared(arn) | Happening::Recreated { to: arn, .. } = happening {
                assert_eq!(world.resource_mut(&arn).created_at, life.now());
            }
        }
    }
    assert_eq!(denied, 7);
}

/// A successor is under a customer key, and what it succeeds is there a while longer.
#[test]
fn a_resource_is_made_again_before_it_is_deleted() {
    let (mut world, mut life) = begin(3);
    let mut successors = 0;
    for _ in 0..DAYS {
        for happening in life.live(&mut world) {
            let Happening::Recreated { from, to } = happening else { continue };
            successors += 1;
            let key = Life::key_of(&world, &to).unwrap();
            assert_eq!(
                world.accounts[&key.account].keys[&key.region][&key.id].manager,
                crate::domain::KeyManager::Customer
            );
            assert!(resources::find(&world, &from).is_some(), "{from}");
            assert!(life.retiring.contains(&from));
        }
    }
    assert!(successors > 3, "{successors}");
}

/// Tasks go over to the successor of what they hang on, and end with what has none.
#[test]
fn no_task_outlives_what_it_hangs_on() {
    let (mut world, mut life) = begin(5);
    for _ in 0..DAYS {
        life.live(&mut world);
        for account in world.accounts.values() {
            for task in account.tasks.values().flatten() {
                for arn in [&task.instance, &task.source_endpoint, &task.target_endpoint] {
                    assert!(world.resource(arn).is_some(), "{arn} of {}", task.arn);
                }
            }
        }
    }
}
