//! What a key is called, whose it is, and who may what with it.

use crate::{
    domain::{AccountId, KeyRef, Region},
    sandbox::{
        answer::Refusal,
        context::Context,
        world::{KeySpec, World},
    },
};

use super::not_found;

/// A key's name, taken apart: whose it is, and the key's id or its alias.
pub(in crate::sandbox) struct Named {
    pub(in crate::sandbox) owner: AccountId,
    pub(in crate::sandbox) key_id: Option<String>,
    pub(in crate::sandbox) alias: Option<String>,
}

pub(in crate::sandbox) fn named(context: &Context<'_>, world: &World, text: &str) -> Result<Named, Refusal> {
    let invalid = |message: String| Refusal::new(400, "InvalidArnException", message);
    let key = KeyRef::parse(text)
        .ok_or_else(|| Refusal::new(400, "ValidationException", "KeyId must not be empty"))?;
    let owner = if text.starts_with("arn:") {
        let home = key.home().ok_or_else(|| invalid(format!("Invalid arn {text}")))?;
        if text.split(':').nth(1) != Some(world.partition.as_str()) {
            return Err(invalid(format!("Invalid partition in {text}")));
        }
        // The words of KMS for an ARN of another Region.
        if home.region != context.call.region {
            return Err(not_found(format!("Invalid arn {}", home.region)));
        }
        home.account
    } else {
        context.caller.account
    };
    let (key_id, alias) = (key.key_id().map(str::to_owned), key.alias_name().map(str::to_owned));
    if key_id.is_none() && alias.is_none() {
        return Err(invalid(format!("Invalid arn {text}")));
    }
    Ok(Named { owner, key_id, alias })
}

pub(in crate::sandbox) fn full_name(world: &World, named: &Named, region: &Region) -> String {
    match (&named.alias, &named.key_id) {
        (Some(alias), _) => format!("arn:{}:kms:{region}:{}:{alias}", world.partition, named.owner),
        (None, id) => world.key_arn(named.owner, region, id.as_deref().unwrap_or_default()),
    }
}

/// The id of the key that is meant, if there is one.
pub(in crate::sandbox) fn key_id(world: &World, named: &Named, region: &Region) -> Option<String> {
    let account = world.accounts.get(&named.owner)?;
    match &named.alias {
        Some(alias) => account.aliases.get(region)?.get(alias).cloned(),
        None => {
            let id = named.key_id.as_ref()?;
            account.keys.get(region)?.contains_key(id).then(|| id.clone())
        }
    }
}

/// A key, if there is such a one.
pub(in crate::sandbox) fn key<'a>(
    world: &'a World,
    owner: AccountId,
    region: &Region,
    id: &str,
) -> Option<&'a KeySpec> {
    world.accounts.get(&owner)?.keys.get(region)?.get(id)
}

/// The key of an ARN, if there is such a one.
pub(in crate::sandbox) fn by_arn<'a>(world: &'a World, arn: &str) -> Option<&'a KeySpec> {
    let named = KeyRef::parse(arn)?;
    let home = named.home()?;
    key(world, home.account, &home.region, named.key_id()?)
}

/// Whether the key's policy lets the caller do that, by itself or by leaving it to the caller's own policies.
pub(in crate::sandbox) fn policy_allows(
    context: &Context<'_>,
    _world: &World,
    key: &KeySpec,
    _action: &str,
    owner: AccountId,
) -> bool {
    let caller = context.caller.account;
    if owner == caller { key.delegates_to_iam } else { key.shared_with.contains(&caller) }
}

/// Refuses unless the caller may do that with the key: by its own policies, and by the key's.
pub(in crate::sandbox) fn allow_key(
    context: &Context<'_>,
    world: &World,
    action: &str,
    owner: AccountId,
    id: &str,
    conditions: &[(&str, &str)],
) -> Result<(), Refusal> {
    let arn = world.key_arn(owner, &context.call.region, id);
    context.allow_action(world, action, &arn, conditions)?;
    let found = key(world, owner, &context.call.region, id);
    match found {
        Some(key) if policy_allows(context, world, key, action, owner) => Ok(()),
        _ => Err(hidden(context, action, &arn)),
    }
}

/// The denial of a key whose policy says nothing of the caller.
pub(in crate::sandbox) fn hidden(context: &Context<'_>, action: &str, resource: &str) -> Refusal {
    context.denied(resource, &format!("because no resource-based policy allows the {action} action"))
}
