//! Accounts and Regions: who comes, who goes, who lets nobody in.

use super::{Happening, Life, Plan};
use crate::{
    domain::{AccountId, AccountState, Region, ResourceType},
    sandbox::world::{Role, SandboxAccount, World, names},
};

impl Life {
    pub(super) fn join(&mut self, world: &mut World) -> Option<Happening> {
        let units: Vec<String> = world.ous.keys().cloned().collect();
        let unit = self.pick(units).unwrap_or_else(|| world.root.clone());
        self.made += 1;
        let production = self.rng.bool();
        let name = names::account(&mut self.rng, production, 500 + self.made);
        let id = world.add_account_in(&unit, &name);
        world.account_mut(id).joined_at = self.now();
        let regions: Vec<Region> =
            world.regions.keys().filter(|region| world.is_enabled(id, region)).cloned().collect();
        for _ in 0..self.rng.usize(2..=3) {
            if let Some(region) = self.pick(regions.clone()) {
                self.build(world, id, &region, 0.6);
            }
        }
        Some(Happening::Joined(id))
    }

    pub(super) fn leave(&mut self, world: &mut World) -> Option<Happening> {
        let id = self.pick_member(world)?;
        world.accounts.remove(&id).map(|_| Happening::Left(id))
    }

    pub(super) fn close(&mut self, world: &mut World) -> Option<Happening> {
        let id = self.pick_member(world)?;
        let parking = world.ous.iter().find(|(_, unit)| unit.name == "Suspended").map(|(id, _)| id.clone());
        let account = world.account_mut(id);
        account.state = AccountState::Closed;
        // The older `Status` has no word for it.
        account.has_state_field = true;
        account.parent = parking.unwrap_or_else(|| account.parent.clone());
        Some(Happening::Closed(id))
    }

    pub(super) fn suspend(&mut self, world: &mut World) -> Option<Happening> {
        let id = self.pick_member(world)?;
        world.account_mut(id).state = AccountState::Suspended;
        self.later(9..=14, Plan::Reinstate(id));
        Some(Happening::Suspended(id))
    }

    pub(super) fn reinstate(world: &mut World, id: AccountId) -> Option<Happening> {
        world.accounts.get_mut(&id)?.state = AccountState::Active;
        Some(Happening::Reinstated(id))
    }

    pub(super) fn lose_role(&mut self, world: &mut World) -> Option<Happening> {
        let id = self.pick_member(world)?;
        let name = world.audit_role.clone();
        let role = world.account_mut(id).roles.remove(&name)?;
        self.later(4..=7, Plan::RestoreRole(id, role));
        Some(Happening::RoleLost(id))
    }

    pub(super) fn restore_role(world: &mut World, id: AccountId, role: Role) -> Option<Happening> {
        let name = world.audit_role.clone();
        world.accounts.get_mut(&id)?.roles.insert(name, role);
        Some(Happening::RoleRestored(id))
    }

    pub(super) fn grant_rights(&mut self, world: &mut World) -> Option<Happening> {
        let lacks = |account: &SandboxAccount| {
            let role = account.roles.get(&world.audit_role);
            role.is_some_and(|role| role.denied_actions.iter().any(|action| action.starts_with("kms:")))
        };
        let lacking = world.accounts.values().filter(|account| lacks(account)).map(|a| a.id).collect();
        let id = self.pick(lacking)?;
        world.audit_role_mut(id).denied_actions.retain(|action| !action.starts_with("kms:"));
        Some(Happening::RightsGranted(id))
    }

    /// For a week.
    pub(super) fn deny_region(&mut self, world: &mut World) -> Option<Happening> {
        let mut seen: Vec<Region> = visible(world).into_iter().map(|(_, region)| region).collect();
        seen.sort();
        seen.dedup();
        let region = self.pick(seen)?;
        world.denied_regions.insert(region.clone());
        self.later(7..=7, Plan::AllowRegion(region.clone()));
        Some(Happening::RegionDenied(region))
    }

    /// A member in which something is seen, so that what happens to it shows; else any that is well.
    fn pick_member(&mut self, world: &World) -> Option<AccountId> {
        let special = [world.management_account, world.hub_account];
        let is_member = |id: &AccountId| !special.contains(id);
        let mut seen: Vec<AccountId> =
            visible(world).into_iter().map(|(account, _)| account).filter(is_member).collect();
        seen.dedup();
        let well = |account: &&SandboxAccount| {
            is_member(&account.id)
                && account.state == AccountState::Active
                && account.roles.contains_key(&world.audit_role)
        };
        let all = || world.accounts.values().filter(well).map(|account| account.id).collect();
        self.pick(if seen.is_empty() { all() } else { seen })
    }
}

/// The targets in which a scan sees resources, in order.
pub(super) fn visible(world: &World) -> Vec<(AccountId, Region)> {
    let mut targets = Vec::new();
    for account in world.accounts.values() {
        for (region, resources) in &account.resources {
            let read = |kind: ResourceType| world.is_read(account.id, region, kind);
            if resources.iter().any(|resource| read(resource.resource_type)) {
                targets.push((account.id, region.clone()));
            }
        }
    }
    targets
}
