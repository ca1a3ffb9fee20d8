//! What a right scan of a world finds, worked out from the world alone: the measure that a scanner is held
//! to, so it shares none of the scanner's code.

use std::collections::BTreeMap;

use super::{KeySpec, Role, SandboxAccount, SandboxResource, World};
use crate::domain::{AccountId, KeyManager, KeyRef, Region, ResourceType};

/// A (check, resource) that a scan with the audit role must report; in the order of its fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// The check's id.
    pub check_id: &'static str,
    /// The resource's ARN.
    pub resource_arn: String,
    /// The account it is in.
    pub account: AccountId,
    /// The Region it is in.
    pub region: Region,
    /// `fail` or `unknown`.
    pub status: &'static str,
    /// Why, in the contract's words.
    pub reason: &'static str,
}

/// Status and reason of a check that a resource does not pass.
type Wrong = (&'static str, &'static str);

/// What is wrong with a resource under both of its checks.
#[derive(Debug, Default, PartialEq, Eq)]
struct Judged {
    encryption: Option<Wrong>,
    usable: Option<Wrong>,
}

impl Judged {
    /// The usability check does not apply to a key that AWS manages.
    const fn encryption(status: &'static str, reason: &'static str) -> Self {
        Self { encryption: Some((status, reason)), usable: None }
    }

    /// Surely a customer's key, in a state that nobody can tell.
    const fn state_unknown(reason: &'static str) -> Self {
        Self { encryption: None, usable: Some(("unknown", reason)) }
    }

    const fn unknown(reason: &'static str) -> Self {
        Self { encryption: Some(("unknown", reason)), usable: Some(("unknown", reason)) }
    }

    fn described(key: &KeySpec) -> Self {
        match key.manager {
            KeyManager::Aws => Self::encryption("fail", "aws_managed_key"),
            KeyManager::Customer => Self { encryption: None, usable: state_problem(&key.state) },
        }
    }
}

fn state_problem(state: &str) -> Option<Wrong> {
    Some(match state {
        "Enabled" | "Updating" => return None,
        "Disabled" => ("fail", "key_disabled"),
        "PendingDeletion" => ("fail", "key_pending_deletion"),
        "PendingReplicaDeletion" => ("fail", "key_pending_replica_deletion"),
        "PendingImport" => ("fail", "key_pending_import"),
        "Unavailable" => ("fail", "key_unavailable"),
        _ => ("unknown", "key_state_unknown"),
    })
}

/// What KMS answers to `DescribeKey`.
enum Description<'a> {
    Key(&'a KeySpec),
    Refused,
    NotFound,
}

/// The DMS action that lists a kind of resource, and the check of its encryption.
const fn action_and_check(resource_type: ResourceType) -> (&'static str, &'static str) {
    match resource_type {
        ResourceType::ReplicationInstance => {
            ("dms:DescribeReplicationInstances", "dms_instance_kms_cmk_encryption")
        }
        ResourceType::Endpoint => ("dms:DescribeEndpoints", "dms_endpoint_kms_cmk_encryption"),
        ResourceType::ReplicationConfig => {
            ("dms:DescribeReplicationConfigs", "dms_serverless_kms_cmk_encryption")
        }
    }
}

impl World {
    /// Everything that a complete scan with the audit role from the hub must report as failing or
    /// unknown, sorted. What the role cannot see is not in it.
    pub fn truth(&self) -> Vec<Expected> {
        let mut expected = Vec::new();
        for (account, role) in self.accounts.values().filter_map(|a| Some((a, self.entered(a)?))) {
            for (region, resources) in &account.resources {
                if !self.is_enabled(account.id, region) || self.is_denied(account.id, region) {
                    continue;
                }
                for resource in resources {
                    let (action, check) = action_and_check(resource.resource_type);
                    if role.denied_actions.contains(action) {
                        continue;
                    }
                    let judged = self.judge(account, role, region, resource);
                    let found = [(check, judged.encryption), ("dms_kms_key_usable", judged.usable)];
                    expected.extend(found.into_iter().filter_map(|(check_id, wrong)| {
                        let (status, reason) = wrong?;
                        let (resource_arn, region) = (resource.arn.clone(), region.clone());
                        Some(Expected { check_id, resource_arn, account: account.id, region, status, reason })
                    }));
                }
            }
        }
        expected.sort();
        expected
    }

    /// The coverage outcome and its reason (empty for `scanned`) of every account in every Region.
    pub fn expected_coverage(&self) -> BTreeMap<(AccountId, Region), (&'static str, &'static str)> {
        let targets = self.accounts.values().flat_map(|a| self.regions.keys().map(move |r| (a, r)));
        targets.map(|(a, region)| ((a.id, region.clone()), self.outcome(a, region))).collect()
    }

    /// Whether a scan reads that kind of resource in that target, whatever becomes of the other kinds.
    pub fn is_read(&self, account: AccountId, region: &Region, resource_type: ResourceType) -> bool {
        let Some(account) = self.accounts.get(&account) else { return false };
        let role = self.entered(account).filter(|_| self.is_enabled(account.id, region));
        role.is_some_and(|role| !role.denied_actions.contains(action_and_check(resource_type).0))
            && !self.is_denied(account.id, region)
    }

    /// The coverage outcome and its reason of one target.
    pub(super) fn outcome(&self, account: &SandboxAccount, region: &Region) -> (&'static str, &'static str) {
        if !account.state.is_usable() {
            return ("skipped", "account_not_active");
        }
        let Some(role) = self.entered(account) else {
            return ("failed", "assume_role_denied");
        };
        if !self.is_enabled(account.id, region) {
            return ("skipped", "region_not_enabled");
        }
        if self.is_denied(account.id, region) {
            return ("failed", "denied_by_scp");
        }
        let denied = |kind| role.denied_actions.contains(action_and_check(kind).0);
        match (ResourceType::ALL.into_iter().any(denied), role.scp_denied) {
            (false, _) => ("scanned", ""),
            (true, false) => ("failed", "access_denied"),
            (true, true) => ("failed", "denied_by_scp"),
        }
    }

    /// The audit role of an account, if the hub gets in with the external id.
    fn entered<'a>(&self, account: &'a SandboxAccount) -> Option<&'a Role> {
        let role = account.roles.get(&self.audit_role)?;
        let external_id_fits = role.external_id.as_ref().is_none_or(|id| *id == self.external_id);
        (account.state.is_usable() && role.trusted_account == self.hub_account && external_id_fits)
            .then_some(role)
    }

    fn judge(
        &self,
        account: &SandboxAccount,
        role: &Role,
        region: &Region,
        resource: &SandboxResource,
    ) -> Judged {
        let Some(key) = resource.answered_key().and_then(KeyRef::parse) else {
            return if resource.status == "creating" {
                Judged::encryption("unknown", "resource_creating")
            } else {
                Judged::encryption("fail", "default_key")
            };
        };
        if key.is_aws_alias() {
            return Judged::encryption("fail", "aws_managed_key");
        }
        let owner = key.home().map_or(account.id, |home| home.account);
        match self.describe_key(account.id, role, region, &key) {
            Description::Key(key) => Judged::described(key),
            Description::NotFound if owner == account.id => Judged::unknown("key_not_found"),
            Description::NotFound => Judged::state_unknown("key_not_found"),
            Description::Refused if owner == account.id => judge_by_aliases(account, role, region, &key),
            Description::Refused => self.judge_at_owner(owner, region, &key),
        }
    }

    /// A key of another account that the resource's account may not describe.
    fn judge_at_owner(&self, owner: AccountId, region: &Region, key: &KeyRef) -> Judged {
        let role = self.accounts.get(&owner).and_then(|account| self.entered(account));
        let Some(role) = role.filter(|_| self.is_enabled(owner, region)) else {
            return Judged::state_unknown("key_access_denied");
        };
        match self.describe_key(owner, role, region, key) {
            Description::Key(key) => Judged::described(key),
            Description::NotFound => Judged::state_unknown("key_not_found"),
            Description::Refused => Judged::state_unknown("key_access_denied"),
        }
    }

    /// IAM decides before KMS looks; then a key of an account that this world does not know is one that
    /// the policy hides. KMS knows no key of another Region than its own.
    fn describe_key(&self, caller: AccountId, role: &Role, region: &Region, key: &KeyRef) -> Description<'_> {
        if role.denied_actions.contains("kms:DescribeKey") || self.is_denied(caller, region) {
            return Description::Refused;
        }
        let home = key.home();
        let Some(owner) = self.accounts.get(&home.as_ref().map_or(caller, |home| home.account)) else {
            return Description::Refused;
        };
        let here = home.is_none_or(|home| home.region == *region);
        let id = match key.alias_name() {
            Some(alias) => owner.aliases.get(region).and_then(|a| a.get(alias)).map(String::as_str),
            None => key.key_id(),
        };
        let found = id.filter(|_| here).and_then(|id| owner.keys.get(region)?.get(id));
        match found {
            None => Description::NotFound,
            Some(key) if owner.id == caller && key.delegates_to_iam => Description::Key(key),
            Some(key) if owner.id != caller && key.shared_with.contains(&caller) => Description::Key(key),
            Some(_) => Description::Refused,
        }
    }
}

/// A key of the resource's own account that may not be described: AWS keeps the prefix `alias/aws/` to
/// itself, and every key it manages bears such an alias.
fn judge_by_aliases(account: &SandboxAccount, role: &Role, region: &Region, key: &KeyRef) -> Judged {
    if role.denied_actions.contains("kms:ListAliases") {
        return Judged::unknown("key_access_denied");
    }
    let aliases = account.aliases.get(region);
    let id = match key.alias_name() {
        Some(alias) => aliases.and_then(|a| a.get(alias)).map(String::as_str),
        None => key.key_id(),
    };
    let Some(id) = id else {
        return Judged::unknown("key_not_found");
    };
    let by_aws = |(alias, target): (&String, &String)| alias.starts_with("alias/aws/") && target == id;
    if aliases.is_some_and(|aliases| aliases.iter().any(by_aws)) {
        Judged::encryption("fail", "aws_managed_key")
    } else {
        Judged::state_unknown("key_access_denied")
    }
}

#[cfg(test)]
mod tests;
