//! Organizations made up from a seed: the same options give the same world.

mod keys;
mod migrations;

use fastrand::Rng;
use keys::KeyClass;

use super::{RegionKind, World, names};
use crate::domain::{AccountId, AccountState, Partition, Region, ResourceType, Timestamp};

/// 2018-01-01T00:00:00Z; accounts joined in the four years from then.
const FIRST_ACCOUNT: i64 = 1_514_764_800;
/// 2022-01-01T00:00:00Z; resources were made in the four years from then.
const FIRST_RESOURCE: i64 = 1_640_995_200;
const FOUR_YEARS: i64 = 4 * 365 * 86_400;

/// The Regions that small organizations have.
const COMMON_REGIONS: [&str; 9] = [
    "us-east-1",
    "eu-central-1",
    "eu-west-1",
    "us-west-2",
    "ap-southeast-1",
    "eu-south-2",
    "af-south-1",
    "me-central-1",
    "ap-southeast-3",
];

/// From this many accounts an organization is large: trouble is rare in it, and some target is full.
const LARGE: usize = 50;

/// What to make up.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateOptions {
    /// Accounts, the management account and the hub among them; at least those two are made.
    pub accounts: usize,
    /// Regions, from 1 to all 34; above 3 some of them are opt-in.
    pub regions: usize,
    /// The seed.
    pub seed: u64,
    /// The share of targets with DMS resources, from 0 to 1; by default the smaller the larger the
    /// organization is.
    pub dms_share: Option<f64>,
}

impl Default for GenerateOptions {
    /// Twelve accounts and four Regions, enough to see everything at a glance.
    fn default() -> Self {
        Self { accounts: 12, regions: 4, seed: 1, dms_share: None }
    }
}

/// Trouble that an account is in.
#[derive(Debug, Clone)]
enum Trouble {
    State(AccountState),
    NoRole,
    OtherExternalId,
    Lacks(&'static [&'static str]),
}

impl World {
    /// An organization of the commercial partition as people build them.
    pub fn generate(options: &GenerateOptions) -> Self {
        let mut rng = Rng::with_seed(options.seed);
        let mut world = Self::empty(Partition::Aws);
        // Half the range, so that counting on from there never overflows.
        world.serial = rng.u64(..) >> 1;
        world.keep_regions(options.regions);
        let mut maker = Maker { world, rng, members: Vec::new(), deck: Vec::new() };
        maker.add_accounts(options.accounts);
        maker.make_trouble(options.accounts);
        maker.opt_in();
        maker.fill(options);
        maker.dress();
        maker.world
    }

    /// Keeps that many Regions, about a sixth of them opt-in.
    fn keep_regions(&mut self, count: usize) {
        let of_kind = |kind| {
            let mut regions: Vec<_> =
                self.regions.iter().filter(|(_, k)| **k == kind).map(|(region, _)| region.clone()).collect();
            regions.sort_by_key(|region| {
                COMMON_REGIONS.iter().position(|name| *name == region.as_str()).unwrap_or(usize::MAX)
            });
            regions
        };
        let (default, opt_in) = (of_kind(RegionKind::Default), of_kind(RegionKind::OptIn));
        let wanted_opt_in = if count > 3 { (count / 6).max(1) } else { 0 };
        let defaults = count.saturating_sub(wanted_opt_in).clamp(1, default.len());
        let kept: Vec<_> = default[..defaults]
            .iter()
            .chain(opt_in.iter().take(count.saturating_sub(defaults)))
            .cloned()
            .collect();
        self.regions.retain(|region, _| kept.contains(region));
    }
}

/// A world on its way.
struct Maker {
    world: World,
    rng: Rng,
    /// The accounts beside the management account and the hub.
    members: Vec<AccountId>,
    /// Key classes still to be dealt; a new deck has all of them, so that small worlds have them too.
    deck: Vec<KeyClass>,
}

impl Maker {
    fn moment(&mut self, from: i64) -> Timestamp {
        Timestamp::from_second(from + self.rng.i64(..FOUR_YEARS)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn add_accounts(&mut self, count: usize) {
        let root = self.world.root.clone();
        let security = self.world.add_ou(&root, "Security");
        self.world.add_ou(&security, "Log archive");
        let hub = self.world.hub_account;
        self.world.account_mut(hub).parent = security;
        let infrastructure = self.world.add_ou(&root, "Infrastructure");
        let sandbox = self.world.add_ou(&root, "Sandbox");
        let workloads = self.world.add_ou(&root, "Workloads (2nd landing zone)");
        let mut departments = names::DEPARTMENTS.to_vec();
        self.rng.shuffle(&mut departments);
        departments.truncate((count / 20).max(3));
        let mut units = vec![(infrastructure, true), (sandbox, false)];
        for name in departments {
            let department = self.world.add_ou(&workloads, name);
            units.push((self.world.add_ou(&department, "Prod"), true));
            units.push((self.world.add_ou(&department, "Non-Prod"), false));
        }
        for number in 1..=count.saturating_sub(2) {
            let (unit, production) = &units[self.rng.usize(..units.len())];
            let name = names::account(&mut self.rng, *production, number);
            let id = self.world.add_account_in(unit, &name);
            self.members.push(id);
        }
        let ids: Vec<_> = self.world.accounts.keys().copied().collect();
        for id in ids {
            let joined_at = self.moment(FIRST_ACCOUNT);
            let old_answer = self.rng.u8(..8) == 0;
            let account = self.world.account_mut(id);
            account.joined_at = joined_at;
            account.has_state_field = !old_answer;
        }
    }

    /// Puts a few members in every kind of trouble; organizations of fewer than eight accounts have none.
    fn make_trouble(&mut self, accounts: usize) {
        if accounts < 8 {
            return;
        }
        let mut troubles = [
            (Trouble::NoRole, 5),
            (Trouble::OtherExternalId, 5),
            (Trouble::Lacks(&["kms:DescribeKey"]), 10),
            (Trouble::Lacks(&["kms:DescribeKey", "kms:ListAliases"]), 5),
            (Trouble::Lacks(&["dms:DescribeEndpoints"]), 0),
        ];
        self.rng.shuffle(&mut troubles);
        let states = [
            (Trouble::State(AccountState::Suspended), 5),
            (Trouble::State(AccountState::Closed), 8),
            (Trouble::State(AccountState::PendingClosure), 3),
            (Trouble::State(AccountState::PendingActivation), 2),
        ];
        let mut members = self.members.clone();
        self.rng.shuffle(&mut members);
        // In a small organization the rest stays well, and some kinds of trouble are left out.
        let at_most = members.len() * 7 / 10;
        let mut members = members.into_iter().take(at_most);
        let parking = self.world.add_ou(&self.world.root.clone(), "Suspended");
        for (trouble, per_mille) in states.into_iter().chain(troubles) {
            let count = (self.members.len() * per_mille / 1000).max(1);
            for id in members.by_ref().take(count) {
                self.apply(&trouble, id, &parking);
            }
        }
    }

    fn apply(&mut self, trouble: &Trouble, id: AccountId, parking: &str) {
        match trouble {
            Trouble::State(state) => {
                let account = self.world.account_mut(id);
                account.state = state.clone();
                if matches!(state, AccountState::Suspended | AccountState::Closed) {
                    account.parent = parking.to_owned();
                }
                // The older `Status` has no words for these.
                account.has_state_field |=
                    matches!(state, AccountState::Closed | AccountState::PendingActivation);
            }
            Trouble::NoRole => self.world.account_mut(id).roles.clear(),
            Trouble::OtherExternalId => {
                self.world.audit_role_mut(id).external_id = Some("left-by-another-tool".to_owned());
            }
            Trouble::Lacks(actions) => {
                let scp_denied = self.rng.bool();
                let role = self.world.audit_role_mut(id);
                role.denied_actions.extend(actions.iter().map(|action| (*action).to_owned()));
                role.scp_denied = scp_denied;
            }
        }
    }

    /// Three in five accounts have enabled an opt-in Region.
    fn opt_in(&mut self) {
        let kinds = self.world.regions.iter();
        let regions: Vec<_> =
            kinds.filter(|(_, kind)| **kind == RegionKind::OptIn).map(|(region, _)| region.clone()).collect();
        for account in self.world.accounts.values_mut() {
            let enabled = regions.iter().filter(|_| self.rng.u8(..5) < 3).cloned();
            account.opted_in = enabled.collect();
        }
    }

    /// Puts DMS resources into some of the targets that a scan sees, and as large a share of the others.
    fn fill(&mut self, options: &GenerateOptions) {
        let usual = match options.accounts {
            0..LARGE => 0.25,
            LARGE..200 => 0.1,
            _ => 0.05,
        };
        let share = options.dms_share.unwrap_or(usual).clamp(0.0, 1.0);
        let (mut seen, mut hidden) = (Vec::new(), Vec::new());
        for account in self.world.accounts.values() {
            for region in self.world.regions.keys() {
                let scanned = self.world.outcome(account, region).0 == "scanned";
                if scanned { &mut seen } else { &mut hidden }.push((account.id, region.clone()));
            }
        }
        let large = options.accounts >= LARGE;
        for (targets, may_be_full) in [(&mut seen, large), (&mut hidden, false)] {
            self.rng.shuffle(targets);
            // At most the number of targets, so nothing is cut off.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let count = (targets.len() as f64 * share).round() as usize;
            for (i, (account, region)) in targets.iter().take(count).enumerate() {
                if may_be_full && i % 200 == 0 {
                    let instances = self.rng.usize(101..140);
                    self.fill_target(*account, region, instances, Some(ResourceType::ReplicationInstance));
                } else {
                    let resources = if large { self.rng.usize(1..=7) } else { self.rng.usize(4..=5) };
                    self.fill_target(*account, region, resources, None);
                }
            }
        }
    }

    fn fill_target(&mut self, account: AccountId, region: &Region, count: usize, only: Option<ResourceType>) {
        for number in 1..=count {
            let class = self.deal();
            let resource_type = only.unwrap_or_else(|| match self.rng.u8(..9) {
                _ if class == KeyClass::StillCreating => ResourceType::ReplicationInstance,
                0..5 => ResourceType::ReplicationInstance,
                5..8 => ResourceType::Endpoint,
                _ => ResourceType::ReplicationConfig,
            });
            let name = names::migration(&mut self.rng, number);
            let key = self.key(class, account, region);
            let created_at = self.moment(FIRST_RESOURCE);
            let public = resource_type == ResourceType::ReplicationInstance && self.rng.u8(..10) == 0;
            self.world.add_resource(account, region, resource_type, &name, key.as_deref());
            let resources = self.world.account_mut(account).resources.get_mut(region);
            if let Some(resource) = resources.and_then(|resources| resources.last_mut()) {
                resource.created_at = created_at;
                // Not drawn: what a seed makes stays what it is.
                let stage = if resource.arn.bytes().map(u32::from).sum::<u32>() % 4 == 0 {
                    "test"
                } else {
                    "production"
                };
                resource.tags.insert("Stage".to_owned(), stage.to_owned());
                resource.public = public;
                match class {
                    KeyClass::Absent => resource.kms_key_id = None,
                    KeyClass::StillCreating => "creating".clone_into(&mut resource.status),
                    _ => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
