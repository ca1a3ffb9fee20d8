//! The key that something new is to have.

use super::refusals::key as refusal;
use crate::{
    domain::{KeyManager, Partition},
    sandbox::{
        answer::Refusal,
        context::Context,
        services::kms::names::{self, Named},
        world::World,
    },
};

/// The ARN of the key that a parameter names, or of `aws/dms`, which is made at its first use. The caller has to be
/// allowed to describe the key and to grant DMS its use, by the key's policy and by its own. Source: DMS user guide,
/// "Setting an encryption key and specifying AWS KMS permissions".
///
/// # Errors
/// `KMSKeyNotAccessibleFault` for all that is wrong with the key: the one error about keys that these calls have in
/// DMS's model.
pub(super) fn key_for(
    context: &Context<'_>,
    world: &mut World,
    given: Option<&str>,
) -> Result<String, Refusal> {
    let region = &context.call.region;
    let Some(text) = given.filter(|text| !text.is_empty()) else {
        return Ok(world.aws_managed_key(context.caller.account, region, "dms"));
    };
    let not_there = || refusal(format!("The specified KMS key {text} does not exist or is not enabled"));
    let named: Named = names::named(context, world, text).map_err(|why| refusal(why.message))?;
    let id = match (names::key_id(world, &named, region), named.alias.as_deref()) {
        (Some(id), _) => id,
        (None, Some("alias/aws/dms")) if named.owner == context.caller.account => {
            return Ok(world.aws_managed_key(named.owner, region, "dms"));
        }
        (None, _) => return Err(not_there()),
    };
    let arn = world.key_arn(named.owner, region, &id);
    let suffix = match world.partition {
        Partition::China => "amazonaws.com.cn",
        Partition::Eusc => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    let via = format!("dms.{region}.{suffix}");
    for action in ["kms:DescribeKey", "kms:CreateGrant"] {
        let conditions = [("kms:ViaService", &*via), ("kms:GrantIsForAWSResource", "true")];
        names::allow_key(context, world, action, named.owner, &id, &conditions)
            .map_err(|why| refusal(why.message))?;
    }
    usable(world, &arn)?;
    Ok(arn)
}

/// Refuses a key that can't be used now, or that DMS never uses. Source: DMS user guide: symmetric keys only.
pub(super) fn usable(world: &World, arn: &str) -> Result<(), Refusal> {
    let found = names::by_arn(world, arn);
    // A key outside this organization: nobody knows.
    let Some(key) = found else { return Ok(()) };
    if key.state != "Enabled" && key.state != "Updating" {
        return Err(refusal(format!(
            "The specified KMS key {arn} is not accessible: its state is {}",
            key.state
        )));
    }
    if key.manager == KeyManager::Customer
        && (key.spec != "SYMMETRIC_DEFAULT" || key.usage != "ENCRYPT_DECRYPT")
    {
        return Err(refusal(format!("The specified KMS key {arn} is no symmetric encryption key")));
    }
    Ok(())
}
