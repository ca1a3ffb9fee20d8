//! DMS resources: made, made again under a customer key, deleted.

use std::collections::BTreeSet;

use super::{Happening, Life, Plan, accounts::visible};
use crate::{
    domain::{AccountId, Region, ResourceType},
    sandbox::world::{KeySpec, ResourceSettings, SandboxResource, World, names},
};

/// The alias of the customer key that an account's resources are moved to.
const ALIAS: &str = "alias/dms-cmk";

/// The share of what is wrong that is mended within the life, if it is there from its start.
const MENDED: f64 = 0.8;
/// The same for keys that are about to be unusable: people are quick where data is in danger.
const KEYS_MENDED: f64 = 0.97;
/// Resources that are made and deleted within the life, as a share of those that are there.
const BUILT: f64 = 0.4;
const TORN_DOWN: f64 = 0.15;
/// The share of new resources for which nobody thought of a key.
const CARELESS: f64 = 0.35;

impl Life {
    /// What was being made yesterday is there today.
    pub(super) fn finish_creating(&self, world: &mut World) {
        let resources = world.accounts.values_mut().flat_map(|a| a.resources.values_mut().flatten());
        for resource in resources.filter(|resource| resource.status == "creating") {
            "available".clone_into(&mut resource.status);
        }
    }

    /// Mends some of what a scan would find.
    pub(super) fn mend(&mut self, world: &mut World, diary: &mut Vec<Happening>) {
        let mut wrong = BTreeSet::new();
        let mut keys = BTreeSet::new();
        for found in world.truth() {
            match (found.check_id, found.status, found.reason) {
                ("dms_kms_key_usable", "fail", _) => keys.insert(found.resource_arn),
                (_, "fail", _) | (_, _, "key_not_found") => wrong.insert(found.resource_arn),
                _ => false,
            };
        }
        for arn in wrong {
            if !self.retiring.contains(&arn) && self.happens(MENDED) {
                diary.extend(self.make_again(world, arn));
            }
        }
        for arn in keys {
            if self.happens(KEYS_MENDED)
                && let Some(key) = Self::key_of(world, &arn)
            {
                diary.extend(Self::enable_key(world, &key));
            }
        }
    }

    /// Makes new resources, deletes old ones.
    pub(super) fn build_and_tear_down(&mut self, world: &mut World, diary: &mut Vec<Happening>) {
        for (account, region) in visible(world) {
            let there: Vec<String> =
                world.accounts[&account].resources[&region].iter().map(|r| r.arn.clone()).collect();
            for arn in there {
                if self.happens(BUILT) {
                    diary.push(Happening::Appeared(self.build(world, account, &region, CARELESS)));
                }
                if !self.retiring.contains(&arn) && self.happens(TORN_DOWN) && remove(world, &arn) {
                    diary.push(Happening::Deleted(arn));
                }
            }
        }
    }

    /// A new resource, at that chance under DMS's default key; returns its ARN.
    pub(super) fn build(
        &mut self,
        world: &mut World,
        account: AccountId,
        region: &Region,
        careless: f64,
    ) -> String {
        self.made += 1;
        let name = names::migration(&mut self.rng, 100 + self.made);
        let kind = match self.rng.u8(..9) {
            0..5 => ResourceType::ReplicationInstance,
            5..8 => ResourceType::Endpoint,
            _ => ResourceType::ReplicationConfig,
        };
        let key = (self.rng.f64() >= careless).then(|| customer_key(world, account, region));
        let arn = world.add_resource(account, region, kind, &name, key.as_deref());
        world.resource_mut(&arn).created_at = self.now();
        arn
    }

    fn make_again(&mut self, world: &mut World, from: String) -> Option<Happening> {
        let (account, region, old) = find(world, &from)?;
        let key = customer_key(world, account, &region);
        let name = format!("{}-cmk", old.name);
        let to = world.add_resource(account, &region, old.resource_type, &name, Some(&key));
        let new = world.resource_mut(&to);
        (new.created_at, new.public, new.settings) = (self.now(), old.public, old.settings);
        take_over(world, (account, &region), &from, &to);
        self.retiring.insert(from.clone());
        self.later(1..=3, Plan::Retire(from.clone()));
        Some(Happening::Recreated { from, to })
    }

    /// Deletes the resource that has a successor.
    pub(super) fn retire(&mut self, world: &mut World, arn: String) -> Option<Happening> {
        self.retiring.remove(&arn);
        remove(world, &arn).then_some(Happening::Deleted(arn))
    }
}

/// The account's customer key for DMS in that Region, made at its first use.
fn customer_key(world: &mut World, account: AccountId, region: &Region) -> String {
    let id = world.accounts.get(&account).and_then(|a| a.aliases.get(region)?.get(ALIAS));
    if let Some(id) = id {
        return world.key_arn(account, region, id);
    }
    let arn = world.add_key(account, region, KeySpec::default());
    world.add_alias(account, region, ALIAS, &arn);
    arn
}

pub(super) fn find(world: &World, arn: &str) -> Option<(AccountId, Region, SandboxResource)> {
    world.accounts.values().find_map(|account| {
        account.resources.iter().find_map(|(region, resources)| {
            let found = resources.iter().find(|resource| resource.arn == arn)?;
            Some((account.id, region.clone(), found.clone()))
        })
    })
}

/// Whether it was there.
fn remove(world: &mut World, arn: &str) -> bool {
    for resources in world.accounts.values_mut().flat_map(|account| account.resources.values_mut()) {
        if let Some(at) = resources.iter().position(|resource| resource.arn == arn) {
            resources.remove(at);
            forget(world, arn);
            return true;
        }
    }
    false
}

/// Deletes what can't be without the resource.
fn forget(world: &mut World, arn: &str) {
    for account in world.accounts.values_mut() {
        for tasks in account.tasks.values_mut() {
            tasks.retain(|task| task.instance != arn && !task.uses_endpoint(arn));
        }
        for connections in account.connections.values_mut() {
            connections.retain(|connection| connection.instance != arn && connection.endpoint != arn);
        }
    }
}

/// Lets a successor have the tasks, the connections and the configs of what it succeeds.
fn take_over(world: &mut World, (account, region): (AccountId, &Region), from: &str, to: &str) {
    let place = world.place_mut(account, region);
    let swap = |arn: &mut String| {
        if *arn == from {
            to.clone_into(arn);
        }
    };
    for task in place.tasks {
        [&mut task.instance, &mut task.source_endpoint, &mut task.target_endpoint].into_iter().for_each(swap);
    }
    for connection in place.connections {
        [&mut connection.instance, &mut connection.endpoint].into_iter().for_each(swap);
    }
    for resource in place.resources {
        if let ResourceSettings::Config(config) = &mut resource.settings {
            [&mut config.source_endpoint, &mut config.target_endpoint].into_iter().for_each(swap);
        }
    }
}
