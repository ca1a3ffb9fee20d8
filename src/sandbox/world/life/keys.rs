//! Customer keys that are about to be unusable, and their rescue.

use super::{Happening, Life, Plan, accounts::visible, agenda::Key, resources::find};
use crate::{
    domain::{AccountId, KeyManager, KeyRef, Region},
    sandbox::world::{SandboxResource, World},
};

impl Life {
    /// Puts a key that is in use into that state, for some days.
    pub(super) fn spoil_key(&mut self, world: &mut World, state: &str) -> Option<Happening> {
        let mut keys: Vec<Key> = Vec::new();
        for (account, region) in visible(world) {
            for resource in &world.accounts[&account].resources[&region] {
                let seen = world.is_read(account, &region, resource.resource_type);
                let key = locate(world, account, &region, resource).filter(|_| seen);
                let good = |key: &Key| {
                    let spec = &world.accounts[&key.account].keys[&key.region][&key.id];
                    spec.manager == KeyManager::Customer && spec.state == "Enabled"
                };
                keys.extend(key.filter(|key| good(key) && !keys.contains(key)));
            }
        }
        let key = self.pick(keys)?;
        let spec = world.account_mut(key.account).keys.get_mut(&key.region)?.get_mut(&key.id)?;
        state.clone_into(&mut spec.state);
        self.later(4..=8, Plan::EnableKey(key.clone()));
        Some(Happening::KeySpoiled(world.key_arn(key.account, &key.region, &key.id)))
    }

    /// Enables a key again; one whose deletion was scheduled is saved first.
    pub(super) fn enable_key(world: &mut World, key: &Key) -> Option<Happening> {
        let spec = world.accounts.get_mut(&key.account)?.keys.get_mut(&key.region)?.get_mut(&key.id)?;
        if spec.state == "Enabled" {
            return None;
        }
        "Enabled".clone_into(&mut spec.state);
        Some(Happening::KeyEnabled(world.key_arn(key.account, &key.region, &key.id)))
    }

    /// The key of a resource, wherever in the organization it is.
    pub(super) fn key_of(world: &World, arn: &str) -> Option<Key> {
        let (account, region, resource) = find(world, arn)?;
        locate(world, account, &region, &resource)
    }
}

fn locate(world: &World, account: AccountId, region: &Region, resource: &SandboxResource) -> Option<Key> {
    let named = resource.answered_key().and_then(KeyRef::parse)?;
    let owner = world.accounts.get(&named.home().map_or(account, |home| home.account))?;
    let id = match named.alias_name() {
        Some(alias) => owner.aliases.get(region)?.get(alias)?,
        None => named.key_id()?,
    };
    owner.keys.get(region)?.get(id)?;
    Some(Key { account: owner.id, region: region.clone(), id: id.to_owned() })
}
