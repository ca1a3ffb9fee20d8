//! `DescribeKey`.

use serde_json::{Value, json};

use super::{
    CREATED,
    names::{self, full_name, key_id, named},
    not_found,
};
use crate::{
    domain::{AccountId, KeyManager, Region},
    sandbox::{
        answer::Refusal,
        context::Context,
        services::require_region,
        world::{KeySpec, MultiRegion, World},
    },
};

/// Services whose predefined alias KMS knows before any of its keys exists.
const AWS_ALIASES: [&str; 9] = [
    "alias/aws/dms",
    "alias/aws/dynamodb",
    "alias/aws/ebs",
    "alias/aws/elasticfilesystem",
    "alias/aws/kinesis",
    "alias/aws/rds",
    "alias/aws/s3",
    "alias/aws/secretsmanager",
    "alias/aws/sns",
];

/// Describes a key by id, ARN or alias.
pub(super) fn describe(context: &Context<'_>) -> Result<Value, Refusal> {
    let region = &context.call.region;
    let caller = context.caller.account;
    let (named, full_name, known) = {
        let world = context.world();
        require_region(context, &world)?;
        let named = named(context, &world, context.call.text("KeyId").unwrap_or_default())?;
        let full_name = full_name(&world, &named, region);
        let known = key_id(&world, &named, region);
        // IAM asks about the key, whatever it was called.
        match &known {
            Some(id) => names::allow_key(context, &world, "kms:DescribeKey", named.owner, id, &[])?,
            None => {
                let id = named.key_id.as_deref().unwrap_or("*");
                context.allow(&world, &world.key_arn(named.owner, region, id))?;
            }
        }
        (named, full_name, known)
    };
    let own = named.owner == caller;
    let id = match known {
        Some(id) => id,
        None if own => create_for_alias(context, named.alias.as_deref(), region).ok_or_else(|| {
            not_found(match &named.alias {
                Some(_) => format!("Alias {full_name} is not found."),
                None => format!("Key '{full_name}' does not exist"),
            })
        })?,
        // AWS does not tell a stranger whether there is such a key.
        None => return Err(names::hidden(context, "kms:DescribeKey", &full_name)),
    };
    let world = context.world();
    let spec = names::key(&world, named.owner, region, &id);
    let spec = spec.ok_or_else(|| not_found(format!("Key '{full_name}' does not exist")))?;
    Ok(metadata(&world, named.owner, region, &id, spec))
}

/// Makes the key behind a predefined alias that has none yet, as KMS does when it is described; a change
/// in the account, and counted as one. Source: KMS API, `DescribeKey`.
fn create_for_alias(context: &Context<'_>, alias: Option<&str>, region: &Region) -> Option<String> {
    let alias = alias.filter(|alias| AWS_ALIASES.contains(alias))?;
    let service = alias.strip_prefix("alias/aws/")?;
    let arn = context.world_mut().aws_managed_key(context.caller.account, region, service);
    context.changed(&arn);
    arn.rsplit('/').next().map(str::to_owned)
}

/// A key as KMS answers it.
pub(super) fn metadata(world: &World, owner: AccountId, region: &Region, id: &str, spec: &KeySpec) -> Value {
    let description = match spec.manager {
        KeyManager::Aws => "Default key that protects my data when no other key is defined",
        KeyManager::Customer => &spec.description,
    };
    let created = spec.created_at.map_or(CREATED, |at| at.as_millisecond() as f64 / 1000.0);
    let mut key = json!({
        "AWSAccountId": owner.as_str(),
        "KeyId": id,
        "Arn": world.key_arn(owner, region, id),
        "CreationDate": created,
        "Enabled": spec.state == "Enabled",
        "Description": description,
        "KeyUsage": spec.usage,
        "KeyState": spec.state,
        "Origin": spec.origin,
        "KeyManager": spec.manager.as_str(),
        "CustomerMasterKeySpec": spec.spec,
        "KeySpec": spec.spec,
        "MultiRegion": spec.multi_region.is_some(),
        "SandboxExtra": { "Unknown": [1, { "Field": true }] },
    });
    if spec.spec == "SYMMETRIC_DEFAULT" {
        key["EncryptionAlgorithms"] = json!(["SYMMETRIC_DEFAULT"]);
    }
    if spec.state == "PendingDeletion" {
        let deletion = spec.deletion_at.map_or(created + 30.0 * 86_400.0, |at| at.as_second() as f64);
        key["DeletionDate"] = json!(deletion);
    }
    if let Some(part) = &spec.multi_region {
        key["MultiRegionConfiguration"] = multi_region(world, owner, region, id, part);
    }
    json!({ "KeyMetadata": key })
}

fn multi_region(world: &World, owner: AccountId, region: &Region, id: &str, part: &MultiRegion) -> Value {
    let (word, primary) = match part {
        MultiRegion::Primary => ("PRIMARY", region),
        MultiRegion::ReplicaOf(primary) => ("REPLICA", primary),
    };
    let named =
        |region: &Region| json!({ "Arn": world.key_arn(owner, region, id), "Region": region.as_str() });
    let keys = world.accounts.get(&owner).map(|account| &account.keys);
    let replicas: Vec<Value> = keys
        .into_iter()
        .flatten()
        .filter(|(other, keys)| *other != primary && keys.contains_key(id))
        .map(|(other, _)| named(other))
        .collect();
    json!({ "MultiRegionKeyType": word, "PrimaryKey": named(primary), "ReplicaKeys": replicas })
}
