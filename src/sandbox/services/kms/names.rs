//! What a key is called, whose it is, and who may what with it.

use crate::{
    domain::{AccountId, KeyManager, KeyRef, Region},
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

/// Refuses unless the caller may do that with the key: by its own policies, and by the key's.
pub(in crate::sandbox) fn allow_key(
    context: &Context<'_>,
    world: &World,
    action: &str,
    owner: AccountId,
    id: &str,
    conditions: &[(&str, &str)],
) -> Result<(), Refusal> {
    let caller = context.caller.account;
    let arn = world.key_arn(owner, &context.call.region, id);
    let found = key(world, owner, &context.call.region, id);
    if let Some(policy) = found.and_then(|key| key.policy.as_deref()) {
        let policy = serde_json::from_str(policy)
            .map_err(|error| Refusal::new(400, "MalformedPolicyDocumentException", error.to_string()))?;
        return context.allow_with_key_policy(world, action, (owner, &arn, &policy), conditions);
    }
    context.allow_action(world, action, &arn, conditions)?;
    match found {
        Some(key) if owner == caller && key.delegates_to_iam => Ok(()),
        Some(key) if owner != caller && key.shared_with.contains(&caller) => Ok(()),
        _ => Err(hidden(context, action, &arn)),
    }
}

/// What an operation needs the key for, and so which states it may be in. Source: KMS developer guide, "Key states of
/// AWS KMS keys".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Purpose {
    /// To look at it, in any state.
    Read,
    /// To change its policy, in any state.
    Govern,
    /// To change it, unless it is about to be deleted.
    Change,
    /// To save it from being deleted.
    Save,
}

/// The id of the key that the parameter names, by its ARN or id: one of the caller's own, with which it may do this,
/// and in a state for it.
pub(in crate::sandbox) fn own_key(
    context: &Context<'_>,
    world: &World,
    parameter: &str,
    purpose: Purpose,
) -> Result<String, Refusal> {
    let text = context.call.required(parameter)?;
    let (account, region) = (context.caller.account, &context.call.region);
    let named = named(context, world, text)?;
    let id = named.key_id.as_deref().ok_or_else(|| not_found(format!("Invalid keyId {text}")))?;
    let arn = world.key_arn(named.owner, region, id);
    if named.owner != account {
        return Err(hidden(context, &context.call.action(), &arn));
    }
    let Some(found) = key(world, account, region, id) else {
        context.allow(world, &arn)?;
        return Err(not_found(format!("Key '{arn}' does not exist")));
    };
    allow_key(context, world, &context.call.action(), account, id, &[])?;
    if found.manager == KeyManager::Aws && purpose != Purpose::Read {
        return Err(hidden(context, &context.call.action(), &arn));
    }
    let is_pending = found.state.ends_with("Deletion");
    let wrong = match purpose {
        Purpose::Read | Purpose::Govern => None,
        Purpose::Change => is_pending.then_some("is pending deletion."),
        Purpose::Save => (!is_pending).then_some("is not pending deletion."),
    };
    match wrong {
        Some(why) => Err(Refusal::new(400, "KMSInvalidStateException", format!("{arn} {why}"))),
        None => Ok(id.to_owned()),
    }
}

/// The denial of a key whose policy says nothing of the caller.
pub(in crate::sandbox) fn hidden(context: &Context<'_>, action: &str, resource: &str) -> Refusal {
    context.denied(resource, &format!("because no resource-based policy allows the {action} action"))
}
