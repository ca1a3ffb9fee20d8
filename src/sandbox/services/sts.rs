use std::time::Duration;

use super::require_region;
use crate::{
    domain::{AccountId, Timestamp, iso_utc},
    sandbox::{
        answer::{Answer, Refusal, escape},
        auth::{Caller, Session},
        context::Context,
        world::{Role, World},
    },
};

pub(super) fn get_caller_identity(context: &Context<'_>) -> Result<Answer, Refusal> {
    let Caller { account, arn, user_id, .. } = context.caller;
    let result =
        format!("<Arn>{}</Arn><UserId>{}</UserId><Account>{account}</Account>", escape(arn), escape(user_id));
    Ok(Answer::query("GetCallerIdentity", &result, context.request_id))
}

pub(super) fn assume_role(context: &Context<'_>) -> Result<Answer, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    let role_arn = context.call.text("RoleArn").unwrap_or_default();
    let session_name = session_name(context)?;
    let duration = duration(context)?;
    context.allow(&world, role_arn)?;
    let (account, role_name, max_session) = trusting_role(context, &world, role_arn)?
        .ok_or_else(|| context.denied(role_arn, ""))
        .map(|(account, name, role)| (account, name, role.max_session))?;
    if duration > u64::from(max_session) {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    // Role chaining. Source: STS API, `AssumeRole$DurationSeconds`.
    if context.caller.role.is_some() && duration > 3600 {
        return Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    let partition = world.partition;
    let short_name = role_name.rsplit('/').next().unwrap_or(&role_name);
    let role_id = format!("AROA{:016X}", fastrand::u64(..));
    let caller = Caller {
        account,
        arn: format!("arn:{partition}:sts::{account}:assumed-role/{short_name}/{session_name}"),
        user_id: format!("{role_id}:{session_name}"),
        role: Some(role_name),
    };
    let access_key = format!("ASIA{:016X}", fastrand::u64(..));
    let secret = format!("{:040x}", fastrand::u128(..));
    let token: String = (0..12).map(|_| format!("{:016x}", fastrand::u64(..))).collect();
    let expires_at = context.shared.time_here() + Duration::from_secs(duration);
    let expiration = Timestamp::try_from(expires_at).map(iso_utc).unwrap_or_default();
    let result = format!(
        "<AssumedRoleUser><AssumedRoleId>{}</AssumedRoleId><Arn>{}</Arn></AssumedRoleUser><Credentials>\
         <AccessKeyId>{access_key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
         <SessionToken>{token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
         <PackedPolicySize>6</PackedPolicySize>",
        escape(&caller.user_id),
        escape(&caller.arn),
    );
    context.shared.sessions.insert(access_key, Session { secret, token, caller, expires_at });
    Ok(Answer::query("AssumeRole", &result, context.request_id))
}

/// The role, if it exists in a usable account and trusts the caller. AWS gives one denial for every way
/// in which it doesn't.
fn trusting_role(
    context: &Context<'_>,
    world: &World,
    arn: &str,
) -> Result<Option<(AccountId, String, Role)>, Refusal> {
    let Some((account, name)) = named_role(world, arn) else { return Ok(None) };
    let Some(target) = world.accounts.get(&account) else { return Ok(None) };
    let Some(role) = target.roles.get(name) else { return Ok(None) };
    let external_id = context.call.text("ExternalId");
    let trusted = match &role.trust {
        None => {
            role.trusted_account == context.caller.account
                && role.external_id.as_deref().is_none_or(|wanted| external_id == Some(wanted))
        }
        Some(policy) => {
            let session_name = context.call.text("RoleSessionName").unwrap_or_default();
            let mut keys = vec![("sts:RoleSessionName", session_name)];
            keys.extend(external_id.map(|id| ("sts:ExternalId", id)));
            context.is_trusted(world, policy, arn, &keys)?
        }
    };
    Ok((target.state.is_usable() && trusted).then(|| (account, name.to_owned(), role.clone())))
}

/// The account and the name, with its path, of the role that an ARN of this partition names.
fn named_role<'a>(world: &World, arn: &'a str) -> Option<(AccountId, &'a str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else { return None };
    let name = resource.strip_prefix("role/")?;
    (partition == world.partition.as_str()).then_some((account.parse().ok()?, name))
}

/// Source: STS API, `AssumeRole$RoleSessionName`: 2 to 64 of `[\w+=,.@-]`.
fn session_name<'a>(context: &'a Context<'_>) -> Result<&'a str, Refusal> {
    let name = context.call.text("RoleSessionName").unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (2..=64).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(name)
    } else {
        Err(invalid(&format!(
            "1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint"
        )))
    }
}

/// Source: STS API, `AssumeRole$DurationSeconds`: 900 to 43,200, default 3,600.
fn duration(context: &Context<'_>) -> Result<u64, Refusal> {
    let Some(text) = context.call.text("DurationSeconds") else { return Ok(3600) };
    text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds)).ok_or_else(|| {
        invalid(&format!(
            "1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy constraint"
        ))
    })
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "ValidationError", message)
}
