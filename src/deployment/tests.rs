mod files;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{
    config::{Organization, Remediation as RemediationSection},
    domain::Partition,
};

/// The place of the defaults.
fn place() -> Place {
    Place::of(Partition::Aws, &Organization::default(), &RemediationSection::default(), None)
}

fn with_topic() -> Place {
    Place { topic_arn: Some("arn:aws:sns:eu-west-1:111122223333:keywatch".to_owned()), ..place() }
}

fn policies() -> [(Role, Policy); 4] {
    [
        (Role::Hub, hub(&with_topic(), true)),
        (Role::Audit, audit(&place(), false)),
        (Role::AuditWithPlans, audit(&place(), true)),
        (Role::Remediation, remediation(&place(), true)),
    ]
}

#[test]
fn each_action_is_in_the_policies_of_the_roles_that_call_it_and_in_no_other() {
    for (role, policy) in policies() {
        let calls = Operation::all().filter(|operation| roles_that_call(*operation).contains(&role));
        let mut needed: BTreeSet<&str> = calls.map(Operation::name).collect();
        if role == Role::Remediation {
            needed.extend(INDIRECT.map(|(action, _)| action));
        }
        let mut granted = BTreeMap::<&str, u32>::new();
        policy.actions().for_each(|action| *granted.entry(action).or_default() += 1);
        assert_eq!(granted.keys().copied().collect::<BTreeSet<_>>(), needed, "{role:?}");
        assert!(granted.values().all(|times| *times == 1), "{role:?}: {granted:?}");
    }
}

#[test]
fn no_action_is_a_pattern_and_no_role_that_reads_can_change_anything() {
    for (role, policy) in policies() {
        for action in policy.actions() {
            let (_, operation) = action.split_once(':').unwrap();
            assert!(operation.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{role:?}: {action}");
            let reads = ["Describe", "List"].iter().any(|word| operation.starts_with(word));
            if matches!(role, Role::Audit | Role::AuditWithPlans) {
                assert!(reads, "{role:?}: {action}");
            }
            if matches!(role, Role::Hub) {
                assert!(reads || ["AssumeRole", "Publish"].contains(&operation), "{action}");
            }
        }
    }
}

#[test]
fn whatever_is_made_must_bear_the_tag_and_keys_are_used_through_dms_alone() {
    let policy = remediation(&place(), true);
    for action in policy.actions() {
        let statement = policy.allowing(action).unwrap().json();
        let condition = &statement["Condition"];
        if action.starts_with("dms:Create") || action == "dms:AddTagsToResource" {
            assert_eq!(condition["Null"]["aws:RequestTag/keywatch:remediates"], "false", "{action}");
        }
        if ["kms:CreateGrant", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"].contains(&action) {
            assert_eq!(condition["StringLike"]["kms:ViaService"][0], "dms.*.amazonaws.com", "{action}");
        }
        // What AWS has no resource for.
        let without =
            ["dms:Describe", "kms:List", "kms:CreateKey"].iter().any(|start| action.starts_with(start));
        assert_eq!(statement["Resource"] == "*", without, "{action}");
    }
    let grant = policy.allowing("kms:CreateGrant").unwrap().json();
    assert_eq!(grant["Condition"]["Bool"]["kms:GrantIsForAWSResource"], "true");
    let pass = policy.allowing("iam:PassRole").unwrap().json();
    let to = ["dms.amazonaws.com", "dms.*.amazonaws.com"];
    assert_eq!(pass["Condition"]["StringLike"]["iam:PassedToService"], serde_json::json!(to));
    assert!(
        remediation(&place(), false)
            .actions()
            .all(|action| !action.contains("Delete") || action == "kms:CancelKeyDeletion")
    );
}

/// Source: IAM user guide, "IAM and AWS STS quotas": a role's inline policies 10,240 characters, white space not
/// counted; a trust policy 2,048.
#[test]
fn policies_are_as_small_as_iam_wants_them() {
    for (role, policy) in policies() {
        let length = policy.json().to_string().len();
        assert!(length < 6_000, "{role:?}: {length}");
    }
}

#[test]
fn the_hub_reads_the_organization_itself_or_through_a_reader() {
    let all = hub(&with_topic(), true).json();
    let statements = all["Statement"].as_array().unwrap();
    let sids: Vec<_> = statements.iter().map(|statement| statement["Sid"].as_str().unwrap()).collect();
    assert_eq!(sids, ["ListTheOrganization", "ReadItsTree", "EnterEachAccount", "TellTheTopic"]);
    let roles = ["arn:aws:iam::*:role/KeywatchAudit", "arn:aws:iam::*:role/KeywatchRemediation"];
    assert_eq!(statements[2]["Resource"], serde_json::json!(roles));
    assert_eq!(statements[3]["Resource"], "arn:aws:sns:eu-west-1:111122223333:keywatch");
    let reader_role = "arn:aws:iam::999999999999:role/Reader".to_owned();
    let place = Place { reader_role_arn: Some(reader_role.clone()), ..place() };
    let policy = hub(&place, false).json();
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(
        policy["Statement"][0]["Resource"],
        serde_json::json!(["arn:aws:iam::*:role/KeywatchAudit", reader_role])
    );
    let place = Place { organization_id: Some("o-example1234".to_owned()), ..place };
    assert_eq!(
        reader(&place).json()["Statement"][1]["Resource"][1],
        "arn:aws:organizations::*:ou/o-example1234/ou-*"
    );
}

#[test]
fn a_trust_policy_names_the_role_the_organization_and_the_external_id() {
    let place = Place {
        organization_id: Some("o-example1234".to_owned()),
        with_external_id: true,
        partition: "aws-cn".to_owned(),
        ..place()
    };
    let account = "222222222222".parse().unwrap();
    let role = RoleOfHub::parse("security/keywatch", Partition::China).unwrap();
    let hub = Hub::named(Partition::China, account, &role);
    insta::assert_snapshot!(format!("{:#}", trust(&place, &hub, TrustedRole::Audit, EXTERNAL_ID)), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "LetKeywatchIn",
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws-cn:iam::222222222222:root"
          },
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "aws:PrincipalOrgID": "o-example1234",
              "sts:ExternalId": "EXTERNAL_ID"
            },
            "ArnLike": {
              "aws:PrincipalArn": "arn:aws-cn:iam::222222222222:role/security/keywatch"
            }
          }
        }
      ]
    }
    "#);
    let reader = trust(&place, &hub, TrustedRole::Reader, EXTERNAL_ID).to_string();
    assert!(!reader.contains("ExternalId") && reader.contains("o-example1234"), "{reader}");
}

#[test]
fn a_caller_is_known_by_its_role_with_any_path() {
    let account = "222222222222".parse().unwrap();
    let session = Hub::calling(account, "arn:aws:sts::222222222222:assumed-role/keywatch/i-0123");
    let role = |path: &str| format!("arn:aws:iam::222222222222:role/{path}keywatch");
    assert_eq!(session.arns, [role(""), role("*/")]);
    let user = "arn:aws:iam::222222222222:user/ops/keywatch";
    assert_eq!(Hub::calling(account, user).arns, [user]);
}

#[test]
fn the_hubs_role_is_a_name_or_an_arn() {
    let parse = |text: &str| RoleOfHub::parse(text, Partition::Aws);
    for name in ["keywatch", "a/b/keywatch", "key+watch=,.@-_"] {
        assert_eq!(parse(name), Ok(RoleOfHub::Name(name.to_owned())), "{name}");
    }
    let arn = "arn:aws:iam::222222222222:user/ops/keywatch";
    assert!(matches!(parse(arn), Ok(RoleOfHub::Arn { account, .. }) if account.as_str() == "222222222222"));
    for bad in [
        "",
        "*",
        "key watch",
        "/keywatch",
        "a//b",
        "a*/keywatch",
        "${x}",
        "arn:aws:iam::2:role/x",
        "arn:aws:sts::222222222222:assumed-role/a/b",
        "arn:aws:iam::222222222222:role/*",
    ] {
        assert!(matches!(parse(bad), Err(InvalidHub::Form(_))), "{bad}");
    }
    assert!(matches!(parse("arn:aws-cn:iam::222222222222:role/x"), Err(InvalidHub::Partition { .. })));
}
