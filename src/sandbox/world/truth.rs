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
                if !self.is_enabled(account.id, region) {
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
        if role.denied_actions.contains("kms:DescribeKey") {
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
mod tests {
    use super::*;
    use crate::{
        domain::{AccountState, Partition},
        sandbox::world::RegionKind,
    };

    const CHECK: &str = "dms_instance_kms_cmk_encryption";
    const USABLE: &str = "dms_kms_key_usable";

    struct Small {
        world: World,
        account: AccountId,
        other: AccountId,
        region: Region,
    }

    fn small() -> Small {
        let mut world = World::empty(Partition::Aws);
        let (account, other) = (world.add_account("app"), world.add_account("keys"));
        let region = world.home_region();
        Small { world, account, other, region }
    }

    impl Small {
        fn key(&mut self, spec: KeySpec) -> String {
            self.world.add_key(self.account, &self.region, spec)
        }

        fn foreign(&mut self, spec: KeySpec) -> String {
            self.world.add_key(self.other, &self.region, spec)
        }

        fn instance(&mut self, key: Option<&str>) -> String {
            self.world.add_instance(self.account, &self.region, "db", key)
        }

        fn deny(&mut self, account: AccountId, action: &str) {
            self.world.audit_role_mut(account).denied_actions.insert(action.to_owned());
        }

        /// Check, status and reason of everything wrong.
        fn wrong(&self) -> Vec<(&'static str, &'static str, &'static str)> {
            self.world.truth().iter().map(|e| (e.check_id, e.status, e.reason)).collect()
        }
    }

    fn both(reason: &'static str) -> Vec<(&'static str, &'static str, &'static str)> {
        vec![(CHECK, "unknown", reason), (USABLE, "unknown", reason)]
    }

    #[test]
    fn a_resource_that_names_no_key_uses_the_default_one_unless_it_is_being_made() {
        let mut s = small();
        let arn = s.instance(None);
        s.world.resource_mut(&arn).kms_key_id = None;
        assert_eq!(s.wrong(), [(CHECK, "fail", "default_key")]);
        s.world.resource_mut(&arn).status = "creating".to_owned();
        assert_eq!(s.wrong(), [(CHECK, "unknown", "resource_creating")]);
    }

    #[test]
    fn each_kind_of_resource_has_its_own_check() {
        let mut s = small();
        let key = s.world.aws_managed_key(s.account, &s.region, "dms");
        for (kind, check) in [
            (ResourceType::Endpoint, "dms_endpoint_kms_cmk_encryption"),
            (ResourceType::ReplicationInstance, "dms_instance_kms_cmk_encryption"),
            (ResourceType::ReplicationConfig, "dms_serverless_kms_cmk_encryption"),
        ] {
            let arn = s.world.add_resource(s.account, &s.region, kind, "r", Some(&key));
            let expected = Expected {
                check_id: check,
                resource_arn: arn,
                account: s.account,
                region: s.region.clone(),
                status: "fail",
                reason: "aws_managed_key",
            };
            assert!(s.world.truth().contains(&expected), "{check}");
        }
        let truth = s.world.truth();
        assert!(truth.is_sorted() && truth.len() == 3);
    }

    #[test]
    fn an_alias_that_aws_reserves_is_itself_the_answer() {
        let mut s = small();
        s.instance(Some("alias/aws/dms"));
        let arn = format!("arn:aws:kms:{}:{}:alias/aws/dms", s.region, s.account);
        s.instance(Some(&arn));
        assert_eq!(s.wrong(), [(CHECK, "fail", "aws_managed_key"); 2]);
    }

    #[test]
    fn a_customer_key_is_judged_by_its_state_however_it_is_named() {
        let cases = [
            ("Enabled", None),
            ("Updating", None),
            ("Disabled", Some(("fail", "key_disabled"))),
            ("PendingDeletion", Some(("fail", "key_pending_deletion"))),
            ("PendingReplicaDeletion", Some(("fail", "key_pending_replica_deletion"))),
            ("PendingImport", Some(("fail", "key_pending_import"))),
            ("Unavailable", Some(("fail", "key_unavailable"))),
            ("Creating", Some(("unknown", "key_state_unknown"))),
            ("Melting", Some(("unknown", "key_state_unknown"))),
        ];
        for (state, wrong) in cases {
            let mut s = small();
            let arn = s.key(KeySpec { state: state.to_owned(), ..KeySpec::default() });
            s.world.add_alias(s.account, &s.region, "alias/app", &arn);
            let id = arn.rsplit('/').next().unwrap().to_owned();
            let alias_arn = format!("arn:aws:kms:{}:{}:alias/app", s.region, s.account);
            for name in [arn.as_str(), &id, "alias/app", &alias_arn] {
                s.instance(Some(name));
            }
            let expected: Vec<_> =
                wrong.into_iter().flat_map(|(status, reason)| [(USABLE, status, reason); 4]).collect();
            assert_eq!(s.wrong(), expected, "{state}");
        }
    }

    #[test]
    fn a_key_that_is_not_there_leaves_both_checks_unknown() {
        let names = |s: &Small| {
            let arn = |what: &str| format!("arn:aws:kms:{}:{}:{what}", s.region, s.account);
            ["gone".to_owned(), "alias/gone".to_owned(), arn("key/gone"), arn("alias/gone")]
        };
        for i in 0..4 {
            let mut s = small();
            let name = names(&s)[i].clone();
            s.instance(Some(&name));
            assert_eq!(s.wrong(), both("key_not_found"), "{name}");
        }
    }

    #[test]
    fn refused_in_the_own_account_the_aliases_tell_aws_keys_from_customer_keys() {
        let mut s = small();
        s.deny(s.account, "kms:DescribeKey");
        s.instance(None);
        assert_eq!(s.wrong(), [(CHECK, "fail", "aws_managed_key")]);

        let mut s = small();
        s.deny(s.account, "kms:DescribeKey");
        let key = s.key(KeySpec::default());
        s.world.add_alias(s.account, &s.region, "alias/app", &key);
        s.instance(Some("alias/app"));
        assert_eq!(s.wrong(), [(USABLE, "unknown", "key_access_denied")]);
        s.world.account_mut(s.account).aliases.clear();
        assert_eq!(s.wrong(), both("key_not_found"));

        let mut s = small();
        let key = s.key(KeySpec { delegates_to_iam: false, ..KeySpec::default() });
        s.instance(Some(&key));
        assert_eq!(s.wrong(), [(USABLE, "unknown", "key_access_denied")]);
        s.deny(s.account, "kms:ListAliases");
        assert_eq!(s.wrong(), both("key_access_denied"));
    }

    #[test]
    fn a_foreign_key_is_described_where_it_may_be() {
        let disabled = || KeySpec { state: "Disabled".to_owned(), ..KeySpec::default() };
        let seen = [(USABLE, "fail", "key_disabled")];

        let mut s = small();
        let shared = KeySpec { shared_with: [s.account].into(), delegates_to_iam: false, ..disabled() };
        let key = s.foreign(shared);
        s.instance(Some(&key));
        assert_eq!(s.wrong(), seen, "the policy names the account");
        s.deny(s.account, "kms:DescribeKey");
        assert_eq!(s.wrong(), [(USABLE, "unknown", "key_access_denied")]);

        let mut s = small();
        let key = s.foreign(disabled());
        s.world.add_alias(s.other, &s.region, "alias/lent", &key);
        s.instance(Some(&format!("arn:aws:kms:{}:{}:alias/lent", s.region, s.other)));
        assert_eq!(s.wrong(), seen, "the owner's role may");
        s.deny(s.account, "kms:DescribeKey");
        assert_eq!(s.wrong(), seen, "whatever the other role may");
        s.deny(s.other, "kms:DescribeKey");
        assert_eq!(s.wrong(), [(USABLE, "unknown", "key_access_denied")]);
    }

    #[test]
    fn the_state_of_a_foreign_key_stays_unknown_where_nobody_may_look() {
        let denied = [(USABLE, "unknown", "key_access_denied")];
        let mut s = small();
        s.instance(Some(&format!("arn:aws:kms:{}:999999999999:key/there", s.region)));
        assert_eq!(s.wrong(), denied);

        let shut: [fn(&mut Small); 3] = [
            |s| s.world.account_mut(s.other).state = AccountState::Closed,
            |s| s.world.account_mut(s.other).roles.clear(),
            |s| s.world.audit_role_mut(s.other).external_id = Some("another".to_owned()),
        ];
        for shut in shut {
            let mut s = small();
            let key = s.foreign(KeySpec::default());
            s.instance(Some(&key));
            assert_eq!(s.wrong(), []);
            shut(&mut s);
            assert_eq!(s.wrong(), denied);
        }

        let mut s = small();
        s.instance(Some(&format!("arn:aws:kms:{}:{}:key/gone", s.region, s.other)));
        assert_eq!(s.wrong(), [(USABLE, "unknown", "key_not_found")]);
    }

    #[test]
    fn what_the_audit_role_cannot_see_is_not_expected_and_the_coverage_says_so() {
        let hide: [(fn(&mut Small), _); 7] = [
            (
                |s| s.world.account_mut(s.account).state = AccountState::Suspended,
                ("skipped", "account_not_active"),
            ),
            (|s| s.world.account_mut(s.account).roles.clear(), ("failed", "assume_role_denied")),
            (
                |s| s.world.audit_role_mut(s.account).trusted_account = s.other,
                ("failed", "assume_role_denied"),
            ),
            (
                |s| s.world.audit_role_mut(s.account).external_id = Some("another".to_owned()),
                ("failed", "assume_role_denied"),
            ),
            (
                |s| {
                    s.world.regions.insert(s.region.clone(), RegionKind::OptIn);
                },
                ("skipped", "region_not_enabled"),
            ),
            (|s| s.deny(s.account, "dms:DescribeReplicationInstances"), ("failed", "access_denied")),
            (
                |s| {
                    s.deny(s.account, "dms:DescribeReplicationInstances");
                    s.world.audit_role_mut(s.account).scp_denied = true;
                },
                ("failed", "denied_by_scp"),
            ),
        ];
        for (hide, outcome) in hide {
            let mut s = small();
            s.instance(None);
            let target = (s.account, s.region.clone());
            assert_eq!(s.world.expected_coverage()[&target], ("scanned", ""));
            assert_eq!(s.wrong().len(), 1);
            hide(&mut s);
            assert_eq!(s.wrong(), [], "{outcome:?}");
            assert_eq!(s.world.expected_coverage()[&target], outcome);
        }
    }

    #[test]
    fn an_account_that_is_being_closed_still_works_and_other_kinds_stay_visible() {
        let mut s = small();
        s.world.account_mut(s.account).state = AccountState::PendingClosure;
        s.instance(None);
        s.world.add_endpoint(s.account, &s.region, "e", None);
        assert_eq!(s.wrong().len(), 2);
        s.deny(s.account, "dms:DescribeEndpoints");
        assert_eq!(s.wrong(), [(CHECK, "fail", "aws_managed_key")]);
        let coverage = s.world.expected_coverage();
        assert_eq!(coverage.len(), s.world.accounts.len() * s.world.regions.len());
        assert_eq!(coverage[&(s.account, s.region.clone())], ("failed", "access_denied"));
    }
}
