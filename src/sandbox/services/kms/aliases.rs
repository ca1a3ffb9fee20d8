//! Aliases: listed, made, pointed elsewhere, deleted.

use serde_json::{Value, json};

use super::{
    CREATED, Refuse,
    names::{self, Purpose},
};
use crate::sandbox::{answer::Refusal, context::Context, services::require_region, world::World};

/// `ListAliases`.
pub(super) fn list(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    context.allow(&world, "*")?;
    // Source: KMS API, `ListAliases$Limit`: 1 to 100, default 50.
    let size = context.size("Limit", 1..=100, 50, Refuse::validation)?;
    let (account, region) = (context.caller.account, &context.call.region);
    let aliases = world.accounts.get(&account).and_then(|account| account.aliases.get(region));
    let of_key = context.call.text("KeyId").map(|key| key.rsplit('/').next().unwrap_or(key));
    let all: Vec<_> =
        aliases.into_iter().flatten().filter(|(_, id)| of_key.is_none_or(|wanted| wanted == *id)).collect();
    let page = context.page("Marker", size, all.len()).ok_or_else(Refuse::marker)?;
    let items: Vec<Value> = all[page.items]
        .iter()
        .map(|(alias, id)| {
            json!({
                "AliasName": alias,
                "AliasArn": arn(context, &world, alias),
                "TargetKeyId": id,
                "CreationDate": CREATED,
                "LastUpdatedDate": CREATED,
            })
        })
        .collect();
    Ok(match page.next {
        Some(marker) => json!({ "Aliases": items, "NextMarker": marker, "Truncated": true }),
        None => json!({ "Aliases": items, "Truncated": false }),
    })
}

fn arn(context: &Context<'_>, world: &World, alias: &str) -> String {
    format!("arn:{}:kms:{}:{}:{alias}", world.partition, context.call.region, context.caller.account)
}

/// The alias that the call names. Source: KMS API, `CreateAlias$AliasName`.
fn name<'a>(context: &'a Context<'_>) -> Result<&'a str, Refusal> {
    let name = context.call.required("AliasName")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    let tail = name.strip_prefix("alias/").filter(|tail| !tail.is_empty() && tail.bytes().all(allowed));
    match tail {
        Some(tail) if !tail.starts_with("aws/") => Ok(name),
        Some(_) => Err(Refuse::with("NotAuthorizedException", "")),
        None => Err(Refuse::with("InvalidAliasNameException", format!("Alias name {name} is not valid"))),
    }
}

/// The key that an alias of the caller's points at.
fn target(context: &Context<'_>, world: &World, alias: &str) -> Option<String> {
    let account = world.accounts.get(&context.caller.account)?;
    account.aliases.get(&context.call.region)?.get(alias).cloned()
}

/// `CreateAlias`.
pub(super) fn create(context: &Context<'_>) -> Result<Value, Refusal> {
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let alias = name(context)?;
    let alias_arn = arn(context, &world, alias);
    context.allow(&world, &alias_arn)?;
    let id = names::own_key(context, &world, "TargetKeyId", Purpose::Change)?;
    if target(context, &world, alias).is_some() {
        let message = format!("An alias with the name {alias_arn} already exists");
        return Err(Refuse::with("AlreadyExistsException", message));
    }
    world.add_alias(context.caller.account, &context.call.region, alias, &id);
    context.changed(&alias_arn);
    Ok(Value::Null)
}

/// `UpdateAlias`: needs the right to the alias, to the key that it points at, and to the one that it will point at.
pub(super) fn update(context: &Context<'_>) -> Result<Value, Refusal> {
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let alias = name(context)?;
    let alias_arn = arn(context, &world, alias);
    context.allow(&world, &alias_arn)?;
    let before = target(context, &world, alias).ok_or_else(|| missing(&alias_arn))?;
    names::allow_key(context, &world, &context.call.action(), context.caller.account, &before, &[])?;
    let id = names::own_key(context, &world, "TargetKeyId", Purpose::Change)?;
    world.add_alias(context.caller.account, &context.call.region, alias, &id);
    context.changed(&alias_arn);
    Ok(Value::Null)
}

/// `DeleteAlias`.
pub(super) fn delete(context: &Context<'_>) -> Result<Value, Refusal> {
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let alias = name(context)?;
    let alias_arn = arn(context, &world, alias);
    context.allow(&world, &alias_arn)?;
    let id = target(context, &world, alias).ok_or_else(|| missing(&alias_arn))?;
    names::allow_key(context, &world, &context.call.action(), context.caller.account, &id, &[])?;
    let account = world.account_mut(context.caller.account);
    if let Some(aliases) = account.aliases.get_mut(&context.call.region) {
        aliases.remove(alias);
    }
    context.changed(&alias_arn);
    Ok(Value::Null)
}

fn missing(arn: &str) -> Refusal {
    super::not_found(format!("Alias {arn} is not found."))
}
