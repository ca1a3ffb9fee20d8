//! IAM policies, evaluated as AWS does: an explicit deny wins, else something must allow.
//!
//! Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements". What this does not know is
//! refused aloud, never taken for an allow: a policy that is tested here must be understood whole.

mod condition;
mod glob;
mod keys;
mod principal;
mod statement;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub(super) use keys::Keys;
use principal::Named;
pub(super) use principal::Principal;
use statement::{Effect, statements};

/// What is asked of a policy.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub principal: &'a Principal,
    /// `dms:DescribeEndpoints`.
    pub action: &'a str,
    /// The ARN that the action is about; `*` where AWS has no resource for it.
    pub resource: &'a str,
    pub keys: &'a Keys,
}

/// What policies say of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// A statement allows it, and none denies it.
    Allowed,
    /// No statement is about it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

/// Why a policy can't be evaluated here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sandbox does not understand this policy: {0}")]
pub(super) struct NotUnderstood(String);

impl NotUnderstood {
    fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// What the policies of a role or user say.
///
/// # Errors
/// If there is something in them that the sandbox does not know.
pub(super) fn by_identity(policies: &[Value], request: &Request<'_>) -> Result<Decision, NotUnderstood> {
    let mut decision = Decision::NotAllowed;
    for policy in policies {
        for statement in statements(policy)? {
            if statement.has_principal() {
                return Err(NotUnderstood::new("an identity's policy names no Principal"));
            }
            if statement.is_about(request, true)? {
                decision = decision.and(statement.effect);
            }
        }
    }
    Ok(decision)
}

/// What a role's trust policy says; its resource is the role itself.
///
/// # Errors
/// Like [`by_identity`].
pub(super) fn by_trust(policy: &Value, request: &Request<'_>) -> Result<Decision, NotUnderstood> {
    let mut decision = Decision::NotAllowed;
    for statement in statements(policy)? {
        if statement.names(request.principal)? != Named::Not && statement.is_about(request, false)? {
            decision = decision.and(statement.effect);
        }
    }
    Ok(decision)
}

/// What a key's policy and the caller's own say together. Of the account that owns the key, it is enough that
/// the key's policy names the caller; where it names the account, the caller's own policies decide. Of another
/// account, both must allow. `own` is `None` for a caller who may do everything that nobody denies.
///
/// Source: KMS developer guide, "Key policies in AWS KMS" and "Allowing users in other accounts to use a KMS key".
///
/// # Errors
/// Like [`by_identity`].
pub(super) fn by_key(
    key_policy: &Value,
    owner: crate::domain::AccountId,
    own: Option<&[Value]>,
    request: &Request<'_>,
) -> Result<Decision, NotUnderstood> {
    let own = match own {
        None => Decision::Allowed,
        Some(policies) => by_identity(policies, request)?,
    };
    let (mut named, mut account) = (false, false);
    for statement in statements(key_policy)? {
        let who = statement.names(request.principal)?;
        if who == Named::Not || !statement.is_about(request, true)? {
            continue;
        }
        match (statement.effect, who) {
            (Effect::Deny, _) => return Ok(Decision::Denied),
            (Effect::Allow, Named::Itself) => named = true,
            (Effect::Allow, _) => account = true,
        }
    }
    let at_home = request.principal.account == owner;
    Ok(match own {
        Decision::Denied => Decision::Denied,
        Decision::NotAllowed if at_home && named => Decision::Allowed,
        Decision::Allowed if named || account => Decision::Allowed,
        _ => Decision::NotAllowed,
    })
}

impl Decision {
    /// What is decided with one more statement that is about the request.
    fn and(self, effect: Effect) -> Self {
        match (self, effect) {
            (Self::Denied, _) | (_, Effect::Deny) => Self::Denied,
            (_, Effect::Allow) => Self::Allowed,
        }
    }
}
