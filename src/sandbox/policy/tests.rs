use serde_json::{Value, json};

use super::{glob, *};
use crate::domain::AccountId;

const ACTION: &str = "dms:DescribeEndpoints";
const ROLE: &str = "arn:aws:iam::111111111111:role/audit/Reader";
const KEY: &str = "arn:aws:kms:us-east-1:222222222222:key/1";

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn principal() -> Principal {
    Principal {
        account: account("111111111111"),
        arn: ROLE.to_owned(),
        session: "arn:aws:sts::111111111111:assumed-role/Reader/me".to_owned(),
    }
}

fn policy(statements: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn asked(
    action: &str,
    resource: &str,
    keys: &[(&str, &str)],
    policies: &[Value],
) -> Result<Decision, NotUnderstood> {
    let keys: Keys = keys.iter().copied().collect();
    by_identity(policies, &Request { principal: &principal(), action, resource, keys: &keys })
}

#[track_caller]
fn decides(statement: Value, keys: &[(&str, &str)], expected: Decision) {
    assert_eq!(asked(ACTION, "*", keys, &[policy(json!([statement]))]), Ok(expected));
}

/// What a condition makes of an allow.
#[track_caller]
fn holds(condition: Value, keys: &[(&str, &str)], expected: bool) {
    let statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition });
    decides(statement, keys, if expected { Decision::Allowed } else { Decision::NotAllowed });
}

#[test]
fn a_pattern_stands_for_whole_texts() {
    for (pattern, text, fits) in [
        ("*", "", true),
        ("", "", true),
        ("a*c", "abbc", true),
        ("a*c", "abb", false),
        ("*b*", "abc", true),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("*ab*ab", "ababab", true),
        ("arn:aws:dms:*:*:rep:*", "arn:aws:dms:eu-west-1:1:rep:X", true),
        ("arn:aws:dms:*:*:rep:*", "arn:aws:dms:eu-west-1:1:task:X", false),
        ("x", "xy", false),
    ] {
        assert_eq!(glob::matches(pattern, text), fits, "{pattern} {text}");
    }
    assert!(glob::arn_matches("arn:aws:iam::*:role/*/keywatch", "arn:aws:iam::1:role/a/keywatch"));
    assert!(!glob::arn_matches("arn:*", "arn:aws:iam::1:role/a"), "each part is compared by itself");
}

#[test]
fn what_nobody_allows_is_not_allowed_and_a_deny_wins() {
    let allow = |action: &str| json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
    decides(allow("dms:Describe*"), &[], Decision::Allowed);
    decides(allow("DMS:describeendpoints"), &[], Decision::Allowed);
    decides(allow("kms:*"), &[], Decision::NotAllowed);
    let deny = json!({ "Effect": "Deny", "NotAction": "kms:*", "Resource": "*" });
    for order in [[allow("*"), deny.clone()], [deny, allow("*")]] {
        let both = policy(json!(order));
        assert_eq!(asked(ACTION, "*", &[], std::slice::from_ref(&both)), Ok(Decision::Denied));
        assert_eq!(asked("kms:ListKeys", "*", &[], &[both]), Ok(Decision::Allowed));
    }
    assert_eq!(asked(ACTION, "*", &[], &[]), Ok(Decision::NotAllowed));
}

#[test]
fn a_resource_is_matched_with_patterns_and_variables() {
    let tasks = policy(json!({ "Effect": "Allow", "Action": ACTION,
        "Resource": ["arn:aws:dms:*:${aws:PrincipalAccount}:task:*"] }));
    let task = |account: &str, keys: &[(&str, &str)]| {
        asked(ACTION, &format!("arn:aws:dms:us-east-1:{account}:task:X"), keys, std::slice::from_ref(&tasks))
    };
    let mine = [("aws:principalaccount", "111111111111")];
    assert_eq!(task("111111111111", &mine), Ok(Decision::Allowed));
    assert_eq!(task("222222222222", &mine), Ok(Decision::NotAllowed));
    assert_eq!(
        task("111111111111", &[]),
        Ok(Decision::NotAllowed),
        "a variable without a value fits nothing"
    );
    let others =
        policy(json!({ "Effect": "Allow", "Action": ACTION, "NotResource": "arn:aws:dms:*:*:task:*" }));
    assert_eq!(asked(ACTION, "*", &[], std::slice::from_ref(&others)), Ok(Decision::Allowed));
    assert_eq!(asked(ACTION, "arn:aws:dms:r:1:task:X", &[], &[others]), Ok(Decision::NotAllowed));
}

#[test]
fn conditions_go_by_their_operator() {
    let org = [("aws:PrincipalOrgID", "o-1")];
    holds(json!({ "StringEquals": { "aws:principalorgid": ["o-2", "o-1"] } }), &org, true);
    holds(json!({ "StringEquals": { "aws:PrincipalOrgID": "O-1" } }), &org, false);
    holds(json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } }), &[], false);
    holds(json!({ "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-1" } }), &[], true);
    holds(
        json!({ "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-1" } }),
        &[("aws:PrincipalOrgID", "o-9")],
        false,
    );
    holds(json!({ "StringNotEquals": { "aws:PrincipalOrgID": ["o-2", "o-1"] } }), &org, false);
    holds(json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-2" } }), &[], true);
    let service = [("kms:ViaService", "dms.eu-west-1.amazonaws.com")];
    holds(json!({ "StringLike": { "kms:ViaService": "dms.*.amazonaws.com" } }), &service, true);
    holds(json!({ "StringLike": { "kms:ViaService": "rds.*.amazonaws.com" } }), &service, false);
    holds(
        json!({ "Bool": { "kms:GrantIsForAWSResource": true } }),
        &[("kms:GrantIsForAWSResource", "true")],
        true,
    );
    holds(json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } }), &[], false);
    holds(json!({ "Null": { "aws:RequestTag/a": "true" } }), &[], true);
    holds(json!({ "Null": { "aws:RequestTag/a": "false" } }), &[], false);
    holds(
        json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/audit/*" } }),
        &[("aws:PrincipalArn", ROLE)],
        true,
    );
    holds(
        json!({ "ArnEquals": { "aws:PrincipalArn": ROLE }, "StringEquals": { "x": "y" } }),
        &[("aws:PrincipalArn", ROLE)],
        false,
    );
}

#[test]
fn several_values_are_taken_together() {
    let tags = [("aws:TagKeys", "a"), ("aws:TagKeys", "b")];
    let all = json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b", "c"] } });
    holds(all.clone(), &tags, true);
    holds(all.clone(), &[("aws:TagKeys", "d")], false);
    holds(all, &[], true);
    let any = json!({ "ForAnyValue:StringLike": { "aws:TagKeys": "b*" } });
    holds(any.clone(), &tags, true);
    holds(any, &[], false);
}

#[test]
fn what_is_not_known_is_refused_and_never_taken_for_an_allow() {
    let with = |condition: Value| json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition });
    let tags = [("aws:TagKeys", "a"), ("aws:TagKeys", "b")];
    for statement in [
        with(json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } })),
        with(json!({ "ForSomeValues:StringEquals": { "a": "b" } })),
        with(json!({ "StringEquals": { "aws:TagKeys": "a" } })),
        with(json!({ "StringEquals": { "a": 7 } })),
        json!({ "Effect": "Allow", "Action": "*" }),
        json!({ "Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*" }),
        json!({ "Effect": "allow", "Action": "*", "Resource": "*" }),
        json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "NotPrincipal": "*" }),
        json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*" }),
    ] {
        assert!(asked(ACTION, "*", &tags, &[policy(json!([statement]))]).is_err(), "{statement}");
    }
    let old = json!({ "Version": "2008-10-17", "Statement": [] });
    assert!(asked(ACTION, "*", &[], &[old]).is_err());
    // Not even where the action is another.
    let other = json!({ "Effect": "Allow", "Action": "kms:X", "Resource": "*", "Condition": { "What": { "a": "b" } } });
    assert!(asked(ACTION, "*", &[], &[policy(other)]).is_err());
}

#[test]
fn a_trust_policy_names_the_caller_or_its_account() {
    let keys: Keys = [("aws:PrincipalArn", ROLE), ("sts:ExternalId", "x")].into_iter().collect();
    let trusts = |principal_element: Value, condition: Value| {
        let document = policy(json!({ "Effect": "Allow", "Principal": principal_element,
            "Action": "sts:AssumeRole", "Condition": condition }));
        let request =
            Request { principal: &principal(), action: "sts:AssumeRole", resource: "*", keys: &keys };
        by_trust(&document, &request).map(|decision| decision == Decision::Allowed)
    };
    let id = json!({ "StringEquals": { "sts:ExternalId": "x" } });
    for (element, expected) in [
        (json!({ "AWS": "arn:aws:iam::111111111111:root" }), true),
        (json!({ "AWS": ["999999999999", "111111111111"] }), true),
        (json!({ "AWS": ROLE }), true),
        (json!("*"), true),
        (json!({ "AWS": "arn:aws:iam::999999999999:root" }), false),
        (json!({ "AWS": "arn:aws:iam::111111111111:role/Reader" }), false),
        (json!({ "Service": "ec2.amazonaws.com" }), false),
    ] {
        assert_eq!(trusts(element.clone(), id.clone()), Ok(expected), "{element}");
    }
    assert_eq!(trusts(json!("*"), json!({ "StringEquals": { "sts:ExternalId": "y" } })), Ok(false));
    assert!(trusts(json!({ "AWS": "arn:aws:iam::*:root" }), id).is_err());
}

#[test]
fn a_key_asks_its_own_policy_and_the_callers() {
    let root = |account: &str| json!({ "AWS": format!("arn:aws:iam::{account}:root") });
    let key = |principal: Value, effect: &str| {
        policy(
            json!([{ "Effect": effect, "Principal": principal, "Action": "kms:DescribeKey", "Resource": "*" }]),
        )
    };
    let may = [policy(json!({ "Effect": "Allow", "Action": "kms:DescribeKey", "Resource": KEY }))];
    let denied = [policy(json!({ "Effect": "Deny", "Action": "kms:*", "Resource": "*" }))];
    let keys = Keys::default();
    let request = Request { principal: &principal(), action: "kms:DescribeKey", resource: KEY, keys: &keys };
    let (home, elsewhere) = (account("111111111111"), account("222222222222"));
    let none: &[Value] = &[];
    for (document, owner, own, expected) in [
        (key(root("111111111111"), "Allow"), home, Some(&may[..]), Decision::Allowed),
        (key(root("111111111111"), "Allow"), home, None, Decision::Allowed),
        (key(root("111111111111"), "Allow"), home, Some(none), Decision::NotAllowed),
        (key(json!({ "AWS": ROLE }), "Allow"), home, Some(none), Decision::Allowed),
        (key(json!({ "AWS": ROLE }), "Allow"), home, Some(&denied[..]), Decision::Denied),
        (key(json!({ "AWS": ROLE }), "Allow"), elsewhere, Some(none), Decision::NotAllowed),
        (key(json!({ "AWS": ROLE }), "Allow"), elsewhere, Some(&may[..]), Decision::Allowed),
        (key(root("999999999999"), "Allow"), home, Some(&may[..]), Decision::NotAllowed),
        (key(root("111111111111"), "Deny"), home, Some(&may[..]), Decision::Denied),
    ] {
        assert_eq!(by_key(&document, owner, own, &request), Ok(expected), "{document} {own:?}");
    }
}
