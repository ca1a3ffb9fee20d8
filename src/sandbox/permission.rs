//! Whether the caller may do what it asks for.

use serde_json::Value;

use super::{
    answer::Refusal,
    context::Context,
    policy::{self, Decision, Keys, NotUnderstood, Principal, Request},
    world::{Role, World},
};
use crate::domain::AccountId;

impl Context<'_> {
    /// Refuses unless the caller has the right to this very operation on the resource (its ARN; `*` where AWS knows
    /// none for it), in this Region.
    pub fn allow(&self, world: &World, resource: &str) -> Result<(), Refusal> {
        self.allow_action(world, &self.call.action(), resource, &[])
    }

    /// The same for an action by its name (`dms:AddTagsToResource`), with condition keys beside those that every
    /// request has: `("aws:RequestTag/owner", …)`. A key that has several values is given once for each.
    pub fn allow_action(
        &self,
        world: &World,
        action: &str,
        resource: &str,
        keys: &[(&str, &str)],
    ) -> Result<(), Refusal> {
        self.allow_by_old_means(world, action, resource)?;
        let Some(policies) = self.policies(world) else { return Ok(()) };
        let (principal, keys) = (self.principal(world), self.keys(world, keys));
        let request = Request { principal: &principal, action, resource, keys: &keys };
        let decision = policy::by_identity(policies, &request).map_err(not_understood)?;
        self.refuse_unless_allowed(decision, action, resource)
    }

    /// The same for a KMS action on a key that has a policy as a document: both policies count.
    pub fn allow_with_key_policy(
        &self,
        world: &World,
        action: &str,
        (owner, key_arn, key_policy): (AccountId, &str, &Value),
        keys: &[(&str, &str)],
    ) -> Result<(), Refusal> {
        self.allow_by_old_means(world, action, key_arn)?;
        let (principal, mut keys) = (self.principal(world), self.keys(world, keys));
        keys.add("kms:CallerAccount", self.caller.account.as_str());
        let request = Request { principal: &principal, action, resource: key_arn, keys: &keys };
        let decision =
            policy::by_key(key_policy, owner, self.policies(world), &request).map_err(not_understood)?;
        if decision == Decision::NotAllowed {
            let why = format!("because no resource-based policy allows the {action} action");
            return Err(self.denied_action(action, key_arn, &why));
        }
        self.refuse_unless_allowed(decision, action, key_arn)
    }

    /// Whether a key's policy, by itself or by naming the account, lets the caller change it later. Source: KMS API,
    /// `CreateKey$BypassPolicyLockoutSafetyCheck`.
    pub fn may_change_policy(&self, world: &World, key_policy: &Value) -> Result<bool, Refusal> {
        let (principal, keys) = (self.principal(world), self.keys(world, &[]));
        let request =
            Request { principal: &principal, action: "kms:PutKeyPolicy", resource: "*", keys: &keys };
        let owner = self.caller.account;
        Ok(policy::by_key(key_policy, owner, None, &request).map_err(not_understood)? == Decision::Allowed)
    }

    /// Whether a role's trust policy lets the caller assume it.
    pub fn is_trusted(
        &self,
        world: &World,
        trust: &Value,
        role_arn: &str,
        keys: &[(&str, &str)],
    ) -> Result<bool, Refusal> {
        let (principal, keys) = (self.principal(world), self.keys(world, keys));
        let request =
            Request { principal: &principal, action: "sts:AssumeRole", resource: role_arn, keys: &keys };
        Ok(policy::by_trust(trust, &request).map_err(not_understood)? == Decision::Allowed)
    }

    /// The denials of service control policies, and those that a role lists by name.
    fn allow_by_old_means(&self, world: &World, action: &str, resource: &str) -> Result<(), Refusal> {
        let regional = action.starts_with("dms:") || action.starts_with("kms:");
        let by_scp = || self.denied_action(action, resource, BY_SCP);
        if regional && world.is_denied(self.caller.account, &self.call.region) {
            return Err(by_scp());
        }
        match self.role(world).filter(|role| role.denied_actions.contains(action)) {
            None => Ok(()),
            Some(role) if role.scp_denied => Err(by_scp()),
            Some(_) => self.refuse_unless_allowed(Decision::NotAllowed, action, resource),
        }
    }

    fn refuse_unless_allowed(&self, decision: Decision, action: &str, resource: &str) -> Result<(), Refusal> {
        let why = match decision {
            Decision::Allowed => return Ok(()),
            Decision::NotAllowed => format!("because no identity-based policy allows the {action} action"),
            Decision::Denied => "with an explicit deny in an identity-based policy".to_owned(),
        };
        Err(self.denied_action(action, resource, &why))
    }

    fn role<'w>(&self, world: &'w World) -> Option<&'w Role> {
        world.accounts.get(&self.caller.account)?.roles.get(self.caller.role.as_ref()?)
    }

    /// The caller's policies; `None` where everything is allowed.
    fn policies<'w>(&self, world: &'w World) -> Option<&'w [Value]> {
        match self.caller.role {
            None => world.hub_policies.as_deref(),
            // A role that is gone since the session began allows nothing.
            Some(_) => match self.role(world) {
                Some(role) => role.policies.as_deref(),
                None => Some(&[]),
            },
        }
    }

    fn principal(&self, world: &World) -> Principal {
        let account = self.caller.account;
        let session = self.caller.arn.clone();
        let arn = match &self.caller.role {
            Some(name) => format!("arn:{}:iam::{account}:role/{name}", world.partition),
            None => session.clone(),
        };
        Principal { account, arn, session }
    }

    /// The keys that every request has, and those given. Source: IAM user guide, "AWS global condition context keys".
    fn keys(&self, world: &World, more: &[(&str, &str)]) -> Keys {
        let mut keys: Keys = more.iter().copied().collect();
        keys.add("aws:PrincipalArn", self.principal(world).arn);
        keys.add("aws:PrincipalAccount", self.caller.account.as_str());
        if world.accounts.contains_key(&self.caller.account) {
            keys.add("aws:PrincipalOrgID", &world.organization_id);
        }
        keys.add("aws:RequestedRegion", self.call.region.as_str());
        keys
    }

    /// The service's denial, in AWS's words. Source: IAM user guide, "Troubleshoot access denied error
    /// messages".
    pub fn denied(&self, resource: &str, why: &str) -> Refusal {
        self.denied_action(&self.call.action(), resource, why)
    }

    /// The same for an action that the operation needs beside its own.
    pub fn denied_action(&self, action: &str, resource: &str, why: &str) -> Refusal {
        let arn = &self.caller.arn;
        let why = if why.is_empty() { String::new() } else { format!(" {why}") };
        self.call.service.denied(format!(
            "User: {arn} is not authorized to perform: {action} on resource: {resource}{why}"
        ))
    }

    /// The same where a service control policy is to blame.
    pub fn denied_by_scp(&self, resource: &str) -> Refusal {
        self.denied(resource, BY_SCP)
    }
}

const BY_SCP: &str = "with an explicit deny in a service control policy";

/// No denial, which a test could take for the right answer.
fn not_understood(error: NotUnderstood) -> Refusal {
    Refusal::new(400, "MalformedPolicyDocument", error.to_string())
}
