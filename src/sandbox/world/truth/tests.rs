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
        (|s| s.world.audit_role_mut(s.account).trusted_account = s.other, ("failed", "assume_role_denied")),
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

#[test]
fn a_denied_region_hides_all_but_the_management_accounts() {
    let mut s = small();
    let arn = s.instance(None);
    let (management, region) = (s.world.management_account, s.region.clone());
    let key = s.foreign(KeySpec::default());
    s.world.add_instance(management, &region, "central", None);
    s.world.add_instance(management, &region, "foreign", Some(&key));
    assert_eq!(s.wrong(), [(CHECK, "fail", "aws_managed_key"); 2], "the foreign key's owner is asked");
    assert!(s.world.is_read(s.account, &region, ResourceType::Endpoint));

    s.world.denied_regions.insert(region.clone());
    let unseen = (USABLE, "unknown", "key_access_denied");
    assert_eq!(s.wrong(), [(CHECK, "fail", "aws_managed_key"), unseen]);
    assert!(s.world.truth().iter().all(|expected| expected.resource_arn != arn));
    let coverage = s.world.expected_coverage();
    assert_eq!(coverage[&(s.account, region.clone())], ("failed", "denied_by_scp"));
    assert_eq!(coverage[&(management, region.clone())], ("scanned", ""));
    assert!(!s.world.is_read(s.account, &region, ResourceType::Endpoint));
}
