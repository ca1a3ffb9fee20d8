use serde_json::{Value, json};

pub(super) mod names;

use self::names::{full_name, key_id, named};
use super::{require_region, unknown};
use crate::{
    domain::{AccountId, KeyManager, Region},
    sandbox::{
        answer::Refusal,
        context::Context,
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

const CREATED: f64 = 1_704_067_200.123;

pub(super) fn answer(context: &Context<'_>, operation: &str) -> Result<Value, Refusal> {
    match operation {
        "DescribeKey" => describe_key(context),
        "ListAliases" => list_aliases(context),
        _ => Err(unknown(context, context.call.service, operation)),
    }
}

fn not_found(message: String) -> Refusal {
    Refusal::new(400, "NotFoundException", message)
}

fn describe_key(context: &Context<'_>) -> Result<Value, Refusal> {
    let region = &context.call.region;
    let caller = context.caller.account;
    let (named, full_name, known) = {
        let world = context.world();
        require_region(context, &world)?;
        let named = named(context, &world, context.call.text("KeyId").unwrap_or_default())?;
        let full_name = full_name(&world, &named, region);
        let known = key_id(&world, &named, region);
        // IAM asks about the key, whatever it was called.
        let id = known.as_deref().or(named.key_id.as_deref()).unwrap_or("*");
        context.allow(&world, &world.key_arn(named.owner, region, id))?;
        (named, full_name, known)
    };
    let own = named.owner == caller;
    let hidden = || names::hidden(context, "kms:DescribeKey", &full_name);
    let id = match known {
        Some(id) => id,
        None if own => create_for_alias(context, named.alias.as_deref(), region).ok_or_else(|| {
            not_found(match &named.alias {
                Some(_) => format!("Alias {full_name} is not found."),
                None => format!("Key '{full_name}' does not exist"),
            })
        })?,
        // AWS does not tell a stranger whether there is such a key.
        None => return Err(hidden()),
    };
    let world = context.world();
    let spec = names::key(&world, named.owner, region, &id);
    let spec = spec.ok_or_else(|| not_found(format!("Key '{full_name}' does not exist")))?;
    if !names::policy_allows(context, &world, spec, "kms:DescribeKey", named.owner) {
        return Err(hidden());
    }
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

fn metadata(world: &World, owner: AccountId, region: &Region, id: &str, spec: &KeySpec) -> Value {
    let description = match spec.manager {
        KeyManager::Aws => "Default key that protects my data when no other key is defined",
        KeyManager::Customer => "",
    };
    let mut key = json!({
        "AWSAccountId": owner.as_str(),
        "KeyId": id,
        "Arn": world.key_arn(owner, region, id),
        "CreationDate": CREATED,
        "Enabled": spec.state == "Enabled",
        "Description": description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": spec.state,
        "Origin": "AWS_KMS",
        "KeyManager": spec.manager.as_str(),
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": spec.multi_region.is_some(),
        "SandboxExtra": { "Unknown": [1, { "Field": true }] },
    });
    if spec.state == "PendingDeletion" {
        key["DeletionDate"] = json!(CREATED + 30.0 * 86_400.0);
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

fn list_aliases(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    context.allow(&world, "*")?;
    // Source: KMS API, `ListAliases$Limit`: 1 to 100, default 50.
    let size =
        context.size("Limit", 1..=100, 50, |message| Refusal::new(400, "ValidationException", message))?;
    let (account, region) = (context.caller.account, &context.call.region);
    let aliases = world.accounts.get(&account).and_then(|account| account.aliases.get(region));
    let of_key = context.call.text("KeyId").map(|key| key.rsplit('/').next().unwrap_or(key));
    let all: Vec<_> =
        aliases.into_iter().flatten().filter(|(_, id)| of_key.is_none_or(|wanted| wanted == *id)).collect();
    let page = context
        .page("Marker", size, all.len())
        .ok_or_else(|| Refusal::new(400, "InvalidMarkerException", "Could not deserialize marker"))?;
    let items: Vec<Value> = all[page.items]
        .iter()
        .map(|(alias, id)| {
            json!({
                "AliasName": alias,
                "AliasArn": format!("arn:{}:kms:{region}:{account}:{alias}", world.partition),
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
