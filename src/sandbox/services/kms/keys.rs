//! Keys: made, listed, switched on and off, given up and saved.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Refuse, describe,
    names::{self, Purpose},
    policies, tags,
};
use crate::{
    domain::{KeyManager, Timestamp},
    sandbox::{
        answer::Refusal,
        context::Context,
        services::require_region,
        world::{KeySpec, MultiRegion, World},
    },
};

/// `CreateKey`.
pub(super) fn create(context: &Context<'_>) -> Result<Value, Refusal> {
    let call = context.call;
    let (account, region) = (context.caller.account, &call.region);
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let tags = tags::given(context)?;
    let text = |name: &str, default: &str| call.text(name).unwrap_or(default).to_owned();
    let spec = call.text("KeySpec").or_else(|| call.text("CustomerMasterKeySpec"));
    let (spec, usage) = (spec.unwrap_or("SYMMETRIC_DEFAULT").to_owned(), text("KeyUsage", "ENCRYPT_DECRYPT"));
    let origin = text("Origin", "AWS_KMS");
    let conditions = tags::conditions(&tags);
    let mut conditions: Vec<(&str, &str)> = conditions.iter().map(|(k, v)| (&**k, &**v)).collect();
    conditions.extend([("kms:KeySpec", &*spec), ("kms:KeyUsage", &*usage), ("kms:KeyOrigin", &*origin)]);
    context.allow_action(&world, &call.action(), "*", &conditions)?;
    if !tags.is_empty() {
        context.allow_action(&world, "kms:TagResource", "*", &conditions)?;
    }
    let multi_region = call.flag("MultiRegion").unwrap_or(false).then_some(MultiRegion::Primary);
    let given = call.text("Policy").map(|policy| policies::checked(context, &world, policy)).transpose()?;
    let policy = given.unwrap_or_else(|| policies::usual(&world, account));
    let key = KeySpec {
        manager: KeyManager::Customer,
        state: if origin == "EXTERNAL" { "PendingImport" } else { "Enabled" }.to_owned(),
        multi_region,
        policy: Some(policy),
        description: text("Description", ""),
        usage,
        spec,
        origin,
        created_at: Some(context.now()),
        tags,
        ..KeySpec::default()
    };
    let arn = world.add_key(account, region, key);
    context.changed(&arn);
    let id = arn.rsplit('/').next().unwrap_or_default();
    let made = names::key(&world, account, region, id);
    Ok(made.map_or(Value::Null, |key| describe::metadata(&world, account, region, id, key)))
}

/// `ListKeys`. Source: KMS API, `ListKeys$Limit`: 1 to 1000, default 100.
pub(super) fn list(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    context.allow(&world, "*")?;
    let (account, region) = (context.caller.account, &context.call.region);
    let size = context.size("Limit", 1..=1000, 100, Refuse::validation)?;
    let keys = world.accounts.get(&account).and_then(|account| account.keys.get(region));
    let all: Vec<&String> = keys.into_iter().flat_map(|keys| keys.keys()).collect();
    let page = context.page("Marker", size, all.len()).ok_or_else(Refuse::marker)?;
    let items: Vec<Value> = all[page.items]
        .iter()
        .map(|id| json!({ "KeyId": id, "KeyArn": world.key_arn(account, region, id) }))
        .collect();
    Ok(match page.next {
        Some(marker) => json!({ "Keys": items, "NextMarker": marker, "Truncated": true }),
        None => json!({ "Keys": items, "Truncated": false }),
    })
}

/// `EnableKey`.
pub(super) fn enable(context: &Context<'_>) -> Result<Value, Refusal> {
    change(context, Purpose::Change, |key, _| "Enabled".clone_into(&mut key.state)).map(|_| Value::Null)
}

/// `DisableKey`.
pub(super) fn disable(context: &Context<'_>) -> Result<Value, Refusal> {
    change(context, Purpose::Change, |key, _| "Disabled".clone_into(&mut key.state)).map(|_| Value::Null)
}

/// `EnableKeyRotation`.
pub(super) fn rotate(context: &Context<'_>) -> Result<Value, Refusal> {
    change(context, Purpose::Change, |key, _| key.rotates = true).map(|_| Value::Null)
}

/// `ScheduleKeyDeletion`. Source: KMS API, `ScheduleKeyDeletion$PendingWindowInDays`: 7 to 30, default 30.
pub(super) fn schedule_deletion(context: &Context<'_>) -> Result<Value, Refusal> {
    let days = context.size("PendingWindowInDays", 7..=30, 30, Refuse::validation)? as u64;
    let at = context.shared.time_here() + Duration::from_secs(days * 86_400);
    let at = Timestamp::try_from(at).unwrap_or(Timestamp::MAX);
    let arn = change(context, Purpose::Change, |key, has_replicas| {
        let state = if has_replicas { "PendingReplicaDeletion" } else { "PendingDeletion" };
        state.clone_into(&mut key.state);
        key.deletion_at = Some(at);
    })?;
    Ok(json!({
        "KeyId": arn,
        "DeletionDate": at.as_second() as f64,
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": days,
    }))
}

/// `CancelKeyDeletion`: the key is left disabled.
pub(super) fn cancel_deletion(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = change(context, Purpose::Save, |key, _| {
        "Disabled".clone_into(&mut key.state);
        key.deletion_at = None;
    })?;
    Ok(json!({ "KeyId": arn }))
}

/// Changes the key that the call names, if it is the caller's and in a state for that; returns its ARN. The change is
/// told whether the key has replicas in other Regions.
pub(super) fn change(
    context: &Context<'_>,
    purpose: Purpose,
    change: impl FnOnce(&mut KeySpec, bool),
) -> Result<String, Refusal> {
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let id = names::own_key(context, &world, "KeyId", purpose)?;
    let (account, region) = (context.caller.account, &context.call.region);
    let arn = world.key_arn(account, region, &id);
    let replicas = has_replicas(context, &world, &id);
    let keys = world.account_mut(account).keys.entry(region.clone()).or_default();
    if let Some(key) = keys.get_mut(&id) {
        change(key, replicas);
    }
    context.changed(&arn);
    Ok(arn)
}

fn has_replicas(context: &Context<'_>, world: &World, id: &str) -> bool {
    let (account, region) = (context.caller.account, &context.call.region);
    let primary = names::key(world, account, region, id)
        .is_some_and(|key| key.multi_region == Some(MultiRegion::Primary));
    let keys = world.accounts.get(&account).map(|account| &account.keys);
    primary && keys.into_iter().flatten().any(|(other, keys)| other != region && keys.contains_key(id))
}
