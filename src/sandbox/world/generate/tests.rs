use std::collections::BTreeSet;

use super::*;
use crate::sandbox::world::MultiRegion;
use crate::{domain::KeyRef, sandbox::world::SandboxResource};

fn seeded(seed: u64) -> World {
    World::generate(&GenerateOptions { seed, ..GenerateOptions::default() })
}

fn large(seed: u64) -> World {
    World::generate(&GenerateOptions { accounts: 400, regions: 17, seed, dms_share: None })
}

fn resources(world: &World) -> impl Iterator<Item = (AccountId, &Region, &SandboxResource)> {
    world.accounts.values().flat_map(|account| {
        let targets = account.resources.iter();
        targets.flat_map(move |(region, resources)| resources.iter().map(move |r| (account.id, region, r)))
    })
}

#[test]
fn the_seed_alone_decides() {
    let text = |seed| format!("{:?}", seeded(seed));
    for seed in [0, 1, u64::MAX] {
        assert_eq!(text(seed), text(seed));
    }
    let worlds: BTreeSet<_> = (0..20).map(text).collect();
    assert_eq!(worlds.len(), 20);
}

#[test]
fn there_are_as_many_accounts_and_regions_as_asked_for() {
    for (accounts, regions) in [(2, 1), (3, 2), (8, 3), (12, 4), (40, 17), (9, 34)] {
        let options = GenerateOptions { accounts, regions, seed: 7, dms_share: Some(1.0) };
        let world = World::generate(&options);
        assert_eq!((world.accounts.len(), world.regions.len()), (accounts, regions));
        let opt_in = world.regions.values().filter(|kind| **kind == RegionKind::OptIn).count();
        assert_eq!(opt_in > 0, regions > 3, "{regions} Regions");
        assert!(world.regions.contains_key(&world.home_region()));
        assert!(world.accounts.values().all(|a| a.resources.len() == regions), "in every target");
    }
    let none = World::generate(&GenerateOptions { dms_share: Some(0.0), ..GenerateOptions::default() });
    assert_eq!(resources(&none).count(), 0);
}

#[test]
fn a_demo_shows_twenty_to_forty_resources() {
    for seed in 0..200 {
        let world = seeded(seed);
        let coverage = world.expected_coverage();
        let seen = |(account, region, _): &(AccountId, &Region, _)| {
            coverage[&(*account, (*region).clone())].0 == "scanned"
        };
        let count = resources(&world).filter(seen).count();
        assert!((20..=40).contains(&count), "{count} with seed {seed}");
    }
}

#[test]
fn parents_exist_and_lead_to_the_root() {
    for world in [seeded(3), large(3)] {
        for account in world.accounts.values() {
            let mut at = &account.parent;
            while *at != world.root {
                at = &world.ous[at].parent;
            }
        }
        let depth = |unit: &str| {
            std::iter::successors(Some(unit), |at| Some(world.ous.get(*at)?.parent.as_str())).count()
        };
        assert!(world.ous.keys().any(|unit| depth(unit) == 4), "three levels below the root");
    }
}

#[test]
fn every_state_outcome_and_kind_of_key_occurs() {
    let (mut states, mut coverage, mut verdicts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for world in (0..50).map(seeded) {
        states.extend(world.accounts.values().map(|a| a.state.as_str().to_owned()));
        coverage.extend(world.expected_coverage().into_values());
        verdicts.extend(world.truth().into_iter().map(|e| (e.status, e.reason)));
        let specs = world.accounts.values().flat_map(|a| a.keys.values()).flat_map(|k| k.values());
        for spec in specs {
            keys.insert(spec.state.clone());
            keys.extend(
                matches!(spec.multi_region, Some(MultiRegion::ReplicaOf(_))).then(|| "replica".to_owned()),
            );
            keys.extend((!spec.delegates_to_iam).then(|| "not delegated".to_owned()));
            keys.extend((!spec.shared_with.is_empty()).then(|| "shared".to_owned()));
        }
        for (account, _, resource) in resources(&world) {
            let Some(key) = resource.answered_key().and_then(KeyRef::parse) else {
                names.insert(if resource.status == "creating" { "creating" } else { "absent" });
                continue;
            };
            names.insert(match (key.home().map(|home| home.account), key.alias_name()) {
                (None, None) => "id",
                (None, Some(_)) if key.is_aws_alias() => "aws alias",
                (None, Some(_)) => "alias",
                (Some(owner), None) if owner == account => "ARN",
                (Some(owner), Some(_)) if owner == account => "alias ARN",
                (Some(owner), _) if !world.accounts.contains_key(&owner) => "ARN from outside",
                (Some(_), None) => "foreign ARN",
                (Some(_), Some(_)) => "foreign alias ARN",
            });
        }
    }
    assert_eq!(
        Vec::from_iter(states),
        ["ACTIVE", "CLOSED", "PENDING_ACTIVATION", "PENDING_CLOSURE", "SUSPENDED"]
    );
    assert_eq!(
        Vec::from_iter(coverage),
        [
            ("failed", "access_denied"),
            ("failed", "assume_role_denied"),
            ("failed", "denied_by_scp"),
            ("scanned", ""),
            ("skipped", "account_not_active"),
            ("skipped", "region_not_enabled"),
        ]
    );
    assert_eq!(
        Vec::from_iter(verdicts),
        [
            ("fail", "aws_managed_key"),
            ("fail", "default_key"),
            ("fail", "key_disabled"),
            ("fail", "key_pending_deletion"),
            ("fail", "key_pending_import"),
            ("fail", "key_pending_replica_deletion"),
            ("fail", "key_unavailable"),
            ("unknown", "key_access_denied"),
            ("unknown", "key_not_found"),
            ("unknown", "resource_creating"),
        ]
    );
    assert_eq!(
        Vec::from_iter(names),
        [
            "ARN",
            "ARN from outside",
            "absent",
            "alias",
            "alias ARN",
            "aws alias",
            "creating",
            "foreign ARN",
            "foreign alias ARN",
            "id",
        ]
    );
    assert_eq!(
        Vec::from_iter(keys),
        [
            "Disabled",
            "Enabled",
            "PendingDeletion",
            "PendingImport",
            "PendingReplicaDeletion",
            "Unavailable",
            "Updating",
            "not delegated",
            "replica",
            "shared",
        ]
    );
}

#[test]
fn names_are_such_as_aws_accepts_and_siblings_differ() {
    for world in [seeded(5), large(5)] {
        for (account, region, resource) in resources(&world) {
            let name = &resource.name;
            let accepted = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            assert!(accepted && name.len() <= 63 && !name.contains("--"), "{name}");
            let same = world.accounts[&account].resources[region].iter().filter(|r| r.name == *name);
            assert_eq!(same.count(), 1, "{name}");
        }
        let siblings: BTreeSet<_> = world.ous.values().map(|unit| (&unit.parent, &unit.name)).collect();
        assert_eq!(siblings.len(), world.ous.len());
    }
}

#[test]
fn a_large_organization_is_sparse_and_some_target_has_more_than_a_page() {
    let world = large(11);
    let targets = || world.accounts.values().flat_map(|account| account.resources.values());
    let expected = world.accounts.len() * world.regions.len() / 20;
    assert!(targets().count().abs_diff(expected) <= 1, "{} of about {expected}", targets().count());
    assert!(targets().all(|resources| !resources.is_empty()));
    assert!(targets().any(|resources| resources.len() > 100));
    assert!(world.accounts.values().any(|account| !account.has_state_field));
    assert!(world.accounts.values().all(|account| account.keys.values().all(|keys| !keys.is_empty())));
}

#[test]
fn tasks_run_on_reached_endpoints_and_instances_are_of_many_kinds() {
    let (mut statuses, mut classes, mut tasks) = (BTreeSet::new(), BTreeSet::new(), 0);
    for seed in 0..20 {
        let world = seeded(seed);
        classes
            .extend(resources(&world).filter_map(|(.., resource)| Some(resource.instance()?.class.clone())));
        for account in world.accounts.values() {
            for (region, there) in &account.tasks {
                let place = world.place(account.id, region);
                for task in there {
                    tasks += 1;
                    statuses.insert(task.status.clone());
                    assert!(place.find(ResourceType::ReplicationInstance, &task.instance).is_some());
                    for (arn, word) in [(&task.source_endpoint, "SOURCE"), (&task.target_endpoint, "TARGET")]
                    {
                        let endpoint = place.find(ResourceType::Endpoint, arn).unwrap().endpoint().unwrap();
                        assert_eq!(endpoint.endpoint_type, word);
                        let reached = |c: &crate::sandbox::world::Connection| {
                            c.instance == task.instance && c.endpoint == *arn && c.status == "successful"
                        };
                        assert!(place.connections.iter().any(reached));
                    }
                }
            }
        }
    }
    assert!(tasks > 20 * 3, "{tasks} tasks in 20 organizations");
    assert!(classes.len() > 3 && statuses.len() > 2, "{classes:?} {statuses:?}");
}
