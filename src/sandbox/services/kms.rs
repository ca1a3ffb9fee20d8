use serde_json::{Value, json};

use super::{require_region, unknown};
use crate::{
    domain::{AccountId, KeyManager, KeyRef, Region},
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

/// A key's name, taken apart: whose it is, and the key's id or its alias.
struct Named {
    owner: AccountId,
    key_id: Option<String>,
    alias: Option<String>,
}

fn describe_key(context: &Context<'_>) -> Result<Value, Refusal> {
    let region = &context.call.region;
    let caller = context.caller.account;
    let (named, full_name, known) = {
        let world = context.world();
        require_region(context, &world)?;
        let named = named(context, &world, context.call.text("KeyId").unwrap_or_default())?;
        let full_name = full_name(&world, &named, region);
        context.allow(&world, &full_name)?;
        let known = key_id(&world, &named, region);
        (named, full_name, known)
    };
    let own = named.owner == caller;
    let hidden =
        || context.denied(&full_name, "because no resource-based policy allows the kms:DescribeKey action");
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
    let spec = world.accounts.get(&named.owner).and_then(|account| account.keys.get(region)?.get(&id));
    match spec {
        Some(spec) if (own && spec.delegates_to_iam) || (!own && spec.shared_with.contains(&caller)) => {
            Ok(metadata(&world, named.owner, region, &id, spec))
        }
        None if own => Err(not_found(format!("Key '{full_name}' does not exist"))),
        _ => Err(hidden()),
    }
}

fn named(context: &Context<'_>, world: &World, text: &str) -> Result<Named, Refusal> {
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

fn full_name(world: &World, named: &Named, region: &Region) -> String {
    match (&named.alias, &named.key_id) {
        (Some(alias), _) => format!("arn:{}:kms:{region}:{}:{alias}", world.partition, named.owner),
        (None, id) => world.key_arn(named.owner, region, id.as_deref().unwrap_or_default()),
    }
}

/// The id of the key that is meant, if there is one.
fn key_id(world: &World, named: &Named, region: &Region) -> Option<String> {
    let account = world.accounts.get(&named.owner)?;
    match &named.alias {
        Some(alias) => account.aliases.get(region)?.get(alias).cloned(),
        None => {
            let id = named.key_id.as_ref()?;
            account.keys.get(region)?.contains_key(id).then(|| id.clone())
        }
    }
}

/// Makes the key behind a predefined alias that has none yet, as KMS does when it is described; a change
/// in the account, and counted as one. Source: KMS API, `DescribeKey`.
fn create_for_alias(context: &Context<'_>, alias: Option<&str>, region: &Region) -> Option<String> {
    let alias = alias.filter(|alias| AWS_ALIASES.contains(alias))?;
    let service = alias.strip_prefix("alias/aws/")?;
    let arn = context.shared.world_mut().aws_managed_key(context.caller.account, region, service);
    context.shared.counter.change(|calls| calls.mutations += 1);
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
