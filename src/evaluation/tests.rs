use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    AccountId, Aliases, CoverageReason, Evidence, Failure, KeyFailure, KeyManager, KeyMetadata, KeyRef, Part,
    Reason, Status, Target,
};

const OWN: &str = "111122223333";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
const FOREIGN: &str = "arn:aws:kms:eu-west-1:999988887777:key/1234abcd";

fn failure() -> Failure {
    Failure {
        reason: CoverageReason::AccessDenied,
        operation: "kms:DescribeKey",
        code: None,
        message: String::new(),
        request_id: None,
    }
}

fn described(manager: Option<KeyManager>, state: &str) -> KeyFacts {
    let metadata = KeyMetadata { arn: KEY.to_owned(), manager, state: state.to_owned() };
    KeyFacts { described: Some(Ok(metadata)), aliases: None }
}

fn refused(failure: KeyFailure, aliases: Option<Result<Aliases, KeyFailure>>) -> KeyFacts {
    KeyFacts { described: Some(Err(failure)), aliases }
}

fn resource(key: Option<&str>, status: &str) -> Resource {
    Resource {
        arn: "arn:aws:dms:eu-west-1:111122223333:rep:A".to_owned(),
        resource_type: ResourceType::ReplicationInstance,
        name: "a".to_owned(),
        status: Some(status.to_owned()),
        key: key.and_then(KeyRef::parse),
        document: "{}".to_owned(),
    }
}

/// `encryption status/reason/evidence`, then the same of the key's use or `-`.
fn verdict(key: Option<&str>, status: &str, facts: &KeyFacts) -> String {
    let account: AccountId = OWN.parse().unwrap();
    let judged = judge(resource(key, status), account, facts);
    let word = |id: &str| {
        judged.verdicts.iter().find(|verdict| verdict.check_id == id).map_or("-".to_owned(), |verdict| {
            format!("{} {} {}", verdict.status.as_str(), verdict.reason.as_str(), verdict.evidence.as_str())
        })
    };
    format!("{} | {}", word("dms_instance_kms_cmk_encryption"), word("dms_kms_key_usable"))
}

#[test]
fn every_way_a_key_can_be_judged() {
    use Aliases::{AwsManaged, NoSuchAlias, NotAwsManaged};
    use KeyFailure::{Denied, NotFound, Other};
    let none = KeyFacts::default();
    let denied = |aliases| refused(Denied(failure()), aliases);
    let aws = Some(KeyManager::Aws);
    let customer = Some(KeyManager::Customer);
    let cases: Vec<(Option<&str>, KeyFacts, &str)> = vec![
        (None, none.clone(), "fail default_key none | -"),
        (Some("alias/aws/dms"), none.clone(), "fail aws_managed_key none | -"),
        (Some("arn:aws:kms:eu-west-1:111122223333:alias/aws/dms"), none, "fail aws_managed_key none | -"),
        (Some(KEY), described(aws, "Enabled"), "fail aws_managed_key describe_key | -"),
        (
            Some("1234abcd"),
            described(customer, "Enabled"),
            "pass customer_managed_key describe_key | pass key_enabled describe_key",
        ),
        (
            Some("alias/mine"),
            described(customer, "Disabled"),
            "pass customer_managed_key describe_key | fail key_disabled describe_key",
        ),
        (
            Some(KEY),
            described(customer, "PendingDeletion"),
            "pass customer_managed_key describe_key | fail key_pending_deletion describe_key",
        ),
        (
            Some(KEY),
            described(customer, "SomethingNew"),
            "pass customer_managed_key describe_key | unknown key_state_unknown describe_key",
        ),
        (
            Some(KEY),
            described(None, "Enabled"),
            "unknown key_lookup_failed none | unknown key_lookup_failed none",
        ),
        (
            Some(FOREIGN),
            described(customer, "Enabled"),
            "pass customer_managed_key describe_key | pass key_enabled describe_key",
        ),
        (
            Some(FOREIGN),
            denied(None),
            "pass customer_managed_key_other_account arn_account | unknown key_access_denied none",
        ),
        (
            Some(FOREIGN),
            refused(NotFound(failure()), None),
            "pass customer_managed_key_other_account arn_account | unknown key_not_found none",
        ),
        (Some(KEY), denied(Some(Ok(AwsManaged))), "fail aws_managed_key list_aliases | -"),
        (
            Some(KEY),
            denied(Some(Ok(NotAwsManaged))),
            "pass customer_managed_key list_aliases | unknown key_access_denied none",
        ),
        (
            Some("alias/gone"),
            denied(Some(Ok(NoSuchAlias))),
            "unknown key_not_found none | unknown key_not_found none",
        ),
        (
            Some(KEY),
            denied(Some(Err(Denied(failure())))),
            "unknown key_access_denied none | unknown key_access_denied none",
        ),
        (
            Some(KEY),
            refused(NotFound(failure()), None),
            "unknown key_not_found none | unknown key_not_found none",
        ),
        (
            Some(KEY),
            refused(Other(failure()), None),
            "unknown key_lookup_failed none | unknown key_lookup_failed none",
        ),
        (Some(KEY), KeyFacts::default(), "unknown key_lookup_failed none | unknown key_lookup_failed none"),
    ];
    for (key, facts, expected) in cases {
        assert_eq!(verdict(key, "available", &facts), expected, "{key:?} {facts:?}");
    }
    assert_eq!(verdict(None, "creating", &KeyFacts::default()), "unknown resource_creating none | -");
}

#[test]
fn checks_are_named_as_the_contract_names_them() {
    let ids: Vec<_> = CHECKS.iter().map(|check| check.id).collect();
    assert_eq!(
        ids,
        [
            "dms_instance_kms_cmk_encryption",
            "dms_endpoint_kms_cmk_encryption",
            "dms_serverless_kms_cmk_encryption",
            "dms_kms_key_usable",
        ]
    );
    assert!(CHECKS.iter().all(|check| !check.controls.is_empty() && !check.rationale.is_empty()));
}

fn any_facts() -> impl Strategy<Value = KeyFacts> {
    let failed = prop_oneof![
        Just(KeyFailure::Denied(failure())),
        Just(KeyFailure::NotFound(failure())),
        Just(KeyFailure::Other(failure())),
    ];
    let manager = prop_oneof![Just(None), Just(Some(KeyManager::Aws)), Just(Some(KeyManager::Customer))];
    let state = prop_oneof![Just("Enabled"), Just("Disabled"), Just("Creating"), Just("?")];
    let answered = (manager, state).prop_map(|(manager, state)| {
        Ok(KeyMetadata { arn: KEY.to_owned(), manager, state: state.to_owned() })
    });
    let described = prop::option::of(prop_oneof![answered, failed.clone().prop_map(Err)]);
    let aliases = prop::option::of(prop_oneof![
        Just(Ok(Aliases::AwsManaged)),
        Just(Ok(Aliases::NotAwsManaged)),
        Just(Ok(Aliases::NoSuchAlias)),
        failed.prop_map(Err),
    ]);
    (described, aliases).prop_map(|(described, aliases)| KeyFacts { described, aliases })
}

proptest! {
    /// A pass always rests on evidence, and a failed lookup in the own account never passes without it.
    #[test]
    fn nothing_unseen_passes(
        key in prop::option::of(prop_oneof![Just(KEY), Just(FOREIGN), Just("1234"), Just("alias/x"), Just("alias/aws/x")]),
        facts in any_facts(),
    ) {
        let judged = judge(resource(key, "available"), OWN.parse().unwrap(), &facts);
        for verdict in &judged.verdicts {
            if verdict.status == Status::Pass {
                prop_assert_ne!(verdict.evidence, Evidence::None);
            }
            if verdict.status == Status::Pass && verdict.reason == Reason::CustomerManagedKey {
                let by_key = matches!(&facts.described, Some(Ok(m)) if m.manager == Some(KeyManager::Customer));
                let by_alias = matches!(&facts.aliases, Some(Ok(Aliases::NotAwsManaged)));
                prop_assert!(by_key || by_alias);
            }
        }
    }

    /// The order in which a target lists its resources changes no verdict.
    #[test]
    fn order_does_not_matter(mut keys in prop::collection::vec(prop_oneof![Just(KEY), Just(FOREIGN), Just("")], 0..6)) {
        let evaluated = |keys: &[&str]| {
            let resources = keys.iter().map(|key| resource(Some(key), "available")).collect();
            let part = Part { resource_type: ResourceType::ReplicationInstance, resources: Ok(resources) };
            let target = Target { account: OWN.parse().unwrap(), region: "eu-west-1".parse().unwrap() };
            let at = crate::domain::Timestamp::UNIX_EPOCH;
            let record = evaluate(Observation { target, at, parts: vec![part], keys: BTreeMap::new() });
            let Reading::Read(parts) = record.reading else { unreachable!("it was read") };
            let mut lines: Vec<String> = parts[0].resources.as_ref().unwrap().iter().map(|r| format!("{r:?}")).collect();
            lines.sort();
            lines
        };
        let before = evaluated(&keys);
        keys.reverse();
        prop_assert_eq!(before, evaluated(&keys));
    }
}
