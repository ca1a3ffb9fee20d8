//! Key policies: read, replaced, checked.

use serde_json::{Value, json};

use super::{
    Refuse, keys,
    names::{self, Purpose},
};
use crate::{
    domain::AccountId,
    sandbox::{answer::Refusal, context::Context, services::require_region, world::World},
};

/// `GetKeyPolicy`.
pub(super) fn get(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    let id = names::own_key(context, &world, "KeyId", Purpose::Read)?;
    let key = names::key(&world, context.caller.account, &context.call.region, &id);
    let policy = key.and_then(|key| key.policy.clone());
    let policy = policy.unwrap_or_else(|| usual(&world, context.caller.account));
    Ok(json!({ "Policy": policy, "PolicyName": "default" }))
}

/// `PutKeyPolicy`.
pub(super) fn put(context: &Context<'_>) -> Result<Value, Refusal> {
    let policy = {
        let world = context.world();
        require_region(context, &world)?;
        names::own_key(context, &world, "KeyId", Purpose::Govern)?;
        checked(context, &world, context.call.required("Policy")?)?
    };
    keys::change(context, Purpose::Govern, |key, _| key.policy = Some(policy)).map(|_| Value::Null)
}

/// The policy that KMS gives a key for which none is given. Source: KMS developer guide, "Default key policy".
pub(super) fn usual(world: &World, account: AccountId) -> String {
    let root = format!("arn:{}:iam::{account}:root", world.partition);
    let policy = json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": root },
            "Action": "kms:*",
            "Resource": "*",
        }],
    });
    policy.to_string()
}

/// The policy that the call gives, if KMS takes it: it is one, its principals exist, and it doesn't lock the caller
/// out unless the call says so. Source: KMS API, `CreateKey$Policy`.
pub(super) fn checked(context: &Context<'_>, world: &World, text: &str) -> Result<String, Refusal> {
    let malformed = |message: &str| Refuse::with("MalformedPolicyDocumentException", message);
    if text.len() > 32_768 {
        return Err(Refuse::with("LimitExceededException", "The policy is longer than 32 kilobytes"));
    }
    let policy: Value = serde_json::from_str(text).map_err(|error| malformed(&error.to_string()))?;
    let statements = match &policy["Statement"] {
        Value::Array(many) => many.iter().collect(),
        one @ Value::Object(_) => vec![one],
        _ => return Err(malformed("The policy has no statements")),
    };
    for statement in statements {
        if statement.get("Principal").is_none() && statement.get("NotPrincipal").is_none() {
            return Err(malformed("A statement of a key policy needs a principal"));
        }
        let named = &statement["Principal"]["AWS"];
        let named = named.as_array().map_or_else(|| vec![named], |many| many.iter().collect());
        if named.into_iter().filter_map(Value::as_str).any(|principal| !exists(world, principal)) {
            return Err(malformed("Policy contains a statement with one or more invalid principals."));
        }
    }
    if context.call.flag("BypassPolicyLockoutSafetyCheck") != Some(true)
        && !context.may_change_policy(world, &policy)?
    {
        return Err(malformed(
            "The new key policy will not allow you to update the key policy in the future.",
        ));
    }
    Ok(text.to_owned())
}

/// Whether there is such a principal; of accounts outside the organization nobody knows.
fn exists(world: &World, principal: &str) -> bool {
    let parts: Vec<&str> = principal.splitn(6, ':').collect();
    let (account, name) = match parts[..] {
        ["*"] => return true,
        [id] => return id.parse::<AccountId>().is_ok(),
        ["arn", partition, "iam" | "sts", "", account, name] if partition == world.partition.as_str() => {
            (account, name)
        }
        _ => return false,
    };
    let Ok(account) = account.parse::<AccountId>() else { return false };
    match (world.accounts.get(&account), name.strip_prefix("role/")) {
        (Some(account), Some(role)) => account.roles.contains_key(role),
        _ => true,
    }
}
