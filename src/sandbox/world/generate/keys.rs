//! The keys of made-up resources: of every class, named in every way.

use super::Maker;
use crate::{
    domain::{AccountId, Region},
    sandbox::world::{KeySpec, MultiRegion, RegionKind, World},
};

/// How a resource's key is named and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyClass {
    AwsDefault,
    AwsAlias,
    Absent,
    StillCreating,
    Arn,
    BareId,
    AliasName,
    AliasArn,
    InState(&'static str),
    PendingReplicaDeletion,
    Replica,
    Shared,
    NotShared,
    Outside,
    NotDelegated,
    NotFound,
}

/// How often each class is met, relative to the others.
const CLASSES: [(KeyClass, usize); 20] = [
    (KeyClass::AwsDefault, 5),
    (KeyClass::Arn, 5),
    (KeyClass::AwsAlias, 1),
    (KeyClass::Absent, 1),
    (KeyClass::StillCreating, 1),
    (KeyClass::BareId, 1),
    (KeyClass::AliasName, 1),
    (KeyClass::AliasArn, 1),
    (KeyClass::InState("Disabled"), 1),
    (KeyClass::InState("PendingDeletion"), 1),
    (KeyClass::InState("PendingImport"), 1),
    (KeyClass::InState("Unavailable"), 1),
    (KeyClass::InState("Updating"), 1),
    (KeyClass::PendingReplicaDeletion, 1),
    (KeyClass::Replica, 1),
    (KeyClass::Shared, 1),
    (KeyClass::NotShared, 1),
    (KeyClass::Outside, 1),
    (KeyClass::NotDelegated, 1),
    (KeyClass::NotFound, 1),
];

impl Maker {
    pub(super) fn deal(&mut self) -> KeyClass {
        if self.deck.is_empty() {
            self.deck = CLASSES.iter().flat_map(|(class, count)| vec![*class; *count]).collect();
            self.rng.shuffle(&mut self.deck);
        }
        self.deck.pop().unwrap_or(KeyClass::AwsDefault)
    }

    /// The text of `KmsKeyId`, with the key behind it; `None` leaves it to DMS.
    pub(super) fn key(&mut self, class: KeyClass, account: AccountId, region: &Region) -> Option<String> {
        let arn = |world: &World, owner: AccountId, resource: &str| {
            format!("arn:{}:kms:{region}:{owner}:{resource}", world.partition)
        };
        let spec = KeySpec::default();
        let alias = format!("alias/dms/{:06x}", self.rng.u32(..1 << 24));
        Some(match class {
            KeyClass::AwsDefault | KeyClass::Absent | KeyClass::StillCreating => return None,
            KeyClass::AwsAlias => "alias/aws/dms".to_owned(),
            KeyClass::Arn => self.world.add_key(account, region, spec),
            KeyClass::BareId => {
                let key = self.world.add_key(account, region, spec);
                key.rsplit('/').next().unwrap_or(&key).to_owned()
            }
            KeyClass::AliasName | KeyClass::AliasArn => {
                let key = self.world.add_key(account, region, spec);
                self.world.add_alias(account, region, &alias, &key);
                if class == KeyClass::AliasName { alias } else { arn(&self.world, account, &alias) }
            }
            KeyClass::InState(state) => {
                self.world.add_key(account, region, KeySpec { state: state.to_owned(), ..spec })
            }
            KeyClass::PendingReplicaDeletion => {
                self.multi_region_key(account, region, "PendingReplicaDeletion")
            }
            KeyClass::Replica => self.replica(account, region),
            KeyClass::Shared => self.foreign_key(account, region, true),
            KeyClass::NotShared => self.foreign_key(account, region, false),
            KeyClass::Outside => {
                let owner = self.stranger();
                let id = self.unused_key_id();
                arn(&self.world, owner, &format!("key/{id}"))
            }
            KeyClass::NotDelegated => {
                self.world.add_key(account, region, KeySpec { delegates_to_iam: false, ..spec })
            }
            KeyClass::NotFound if self.rng.bool() => alias,
            KeyClass::NotFound => {
                let id = self.unused_key_id();
                arn(&self.world, account, &format!("key/{id}"))
            }
        })
    }

    fn unused_key_id(&mut self) -> String {
        format!("{:08x}-0000-4000-8000-{:012x}", self.rng.u32(..), self.rng.u64(..1 << 48))
    }

    /// A Region that every account has, other than this one.
    fn other_region(&self, region: &Region) -> Option<Region> {
        let mut defaults = self.world.regions.iter().filter(|(_, kind)| **kind == RegionKind::Default);
        defaults.find(|(other, _)| *other != region).map(|(other, _)| other.clone())
    }

    /// A primary key whose last replica is in another Region, if there is one.
    fn multi_region_key(&mut self, account: AccountId, region: &Region, state: &str) -> String {
        let multi_region = Some(MultiRegion::Primary);
        let primary = KeySpec { state: state.to_owned(), multi_region, ..KeySpec::default() };
        let arn = self.world.add_key(account, region, primary);
        if let (Some(other), Some(id)) = (self.other_region(region), arn.rsplit('/').next()) {
            let multi_region = Some(MultiRegion::ReplicaOf(region.clone()));
            let replica = KeySpec { multi_region, ..KeySpec::default() };
            self.world.add_key_with_id(account, &other, id, replica);
        }
        arn
    }

    /// A replica of a key in another Region; where there is none, a primary key.
    fn replica(&mut self, account: AccountId, region: &Region) -> String {
        let Some(home) = self.other_region(region) else {
            return self.multi_region_key(account, region, "Enabled");
        };
        let primary = self.world.add_key(
            account,
            &home,
            KeySpec { multi_region: Some(MultiRegion::Primary), ..KeySpec::default() },
        );
        let id = primary.rsplit('/').next().unwrap_or(&primary);
        let replica = KeySpec { multi_region: Some(MultiRegion::ReplicaOf(home)), ..KeySpec::default() };
        self.world.add_key_with_id(account, region, id, replica)
    }

    /// A key of another account of the organization that has the Region, now and then disabled.
    fn foreign_key(&mut self, account: AccountId, region: &Region, shared: bool) -> String {
        let mut owner = self.world.hub_account;
        for _ in 0..8 {
            if self.members.is_empty() {
                break;
            }
            let candidate = self.members[self.rng.usize(..self.members.len())];
            if candidate != account && self.world.is_enabled(candidate, region) {
                owner = candidate;
                break;
            }
        }
        if owner == account {
            owner = self.world.management_account;
        }
        let state = if self.rng.u8(..4) == 0 { "Disabled" } else { "Enabled" };
        let mut spec = KeySpec { state: state.to_owned(), ..KeySpec::default() };
        spec.shared_with.extend(shared.then_some(account));
        let key = self.world.add_key(owner, region, spec);
        if self.rng.bool() {
            return key;
        }
        let alias = format!("alias/shared/{:06x}", self.rng.u32(..1 << 24));
        self.world.add_alias(owner, region, &alias, &key);
        format!("arn:{}:kms:{region}:{owner}:{alias}", self.world.partition)
    }

    /// An account outside the organization.
    fn stranger(&mut self) -> AccountId {
        loop {
            let id = format!("{:012}", self.rng.u64(1..1_000_000_000_000)).parse();
            if let Some(id) = id.ok().filter(|id| !self.world.accounts.contains_key(id)) {
                return id;
            }
        }
    }
}
