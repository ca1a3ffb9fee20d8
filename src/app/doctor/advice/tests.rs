use std::path::PathBuf;

use super::{super::iam::tests::facts, *};
use crate::domain::Failure;

fn error(class: Class, reason: CoverageReason, operation: &'static str, message: &str) -> CallError {
    let failure = Failure { reason, operation, code: None, message: message.to_owned(), request_id: None };
    CallError { class, failure }
}

fn coded(class: Class, code: &str, message: &str) -> CallError {
    let mut error = error(class, CoverageReason::ServiceError, "sts:AssumeRole", message);
    error.failure.code = Some(code.to_owned());
    error
}

const ROLE: &str = "arn:aws:iam::111122223333:role/security/KeywatchAudit";

#[test]
fn a_right_that_is_missing_is_given_as_a_statement() {
    let denied = error(Class::Denied, CoverageReason::AccessDenied, "kms:ListAliases", "no");
    let statement = facts().audit("kms:ListAliases");
    insta::assert_snapshot!(call(&denied, Some(&facts()), ROLE, &[statement]), @r#"
    Add this statement to the policy of arn:aws:iam::111122223333:role/security/KeywatchAudit:
    {
      "Sid": "ListAliases",
      "Effect": "Allow",
      "Action": "kms:ListAliases",
      "Resource": "*"
    }
    "#);
}

#[test]
fn a_policy_of_the_organization_is_not_mended_in_the_role() {
    let denied = error(Class::Denied, CoverageReason::DeniedByScp, "dms:DescribeEndpoints", "no");
    insta::assert_snapshot!(call(&denied, Some(&facts()), ROLE, &[]), @r#"
    A policy of the organization (SCP or RCP) denies dms:DescribeEndpoints. Exempt keywatch's role there, for instance with this condition in its denying statement:
    {
      "ArnNotLike": {
        "aws:PrincipalArn": "arn:aws:iam::*:role/security/KeywatchAudit"
      }
    }
    "#);
    let denied = error(
        Class::Denied,
        CoverageReason::AssumeRoleDenied,
        "sts:AssumeRole",
        "explicit deny in a service control policy",
    );
    assert!(enter(&denied, &facts(), ROLE).starts_with("A policy of the organization"));
}

#[test]
fn a_role_that_lets_nobody_in_has_two_sides() {
    let said = |message| {
        let denied = error(Class::Denied, CoverageReason::AssumeRoleDenied, "sts:AssumeRole", message);
        enter(&denied, &facts(), ROLE)
    };
    let both = said("not authorized to perform: sts:AssumeRole");
    assert!(both.contains("1. arn:aws:iam::111122223333:role/security/KeywatchAudit must exist"), "{both}");
    assert!(both.contains("sts:ExternalId") && both.contains("aws:PrincipalOrgID"), "{both}");
    assert!(
        both.contains("2. The policy of arn:aws:sts::222222222222:assumed-role/keywatch/i-0123"),
        "{both}"
    );
    assert!(both.contains("arn:aws:iam::*:role/security/KeywatchAudit"), "{both}");
    let own = said("because no identity-based policy allows the sts:AssumeRole action");
    assert!(!own.contains("must exist") && own.contains("\"Action\": \"sts:AssumeRole\""), "{own}");
    let theirs = said("because no role trust policy allows the sts:AssumeRole action");
    assert!(theirs.contains("must exist") && !theirs.contains("The policy of"), "{theirs}");
}

#[test]
fn the_reader_role_takes_no_external_id() {
    let denied = error(Class::Denied, CoverageReason::AssumeRoleDenied, "sts:AssumeRole", "no");
    let fix = reader(&denied, &facts(), "arn:aws:iam::999999999999:role/Reader");
    assert!(!fix.contains("ExternalId"), "{fix}");
    assert!(fix.contains("\"Resource\": \"arn:aws:iam::999999999999:role/Reader\""), "{fix}");
}

#[test]
fn who_may_not_list_the_organization_is_told_who_may() {
    let denied = error(Class::Denied, CoverageReason::AccessDenied, "organizations:ListAccounts", "no");
    let fix = organization(&denied, &facts(), "arn:aws:iam::222222222222:role/keywatch");
    assert!(fix.contains("delegated administrator") && fix.contains("organizations:ListRoots"), "{fix}");
    let fix = organization(&coded(Class::Defect, "AWSOrganizationsNotInUseException", ""), &facts(), "it");
    assert!(fix.contains("belongs to no organization"), "{fix}");
}

#[test]
fn every_class_of_error_has_something_to_do() {
    use CoverageReason as R;
    let cases = [
        (Class::Throttled, R::Throttled, "rate_limits.dms.per_second"),
        (Class::Transient, R::Timeout, "scan.attempt_timeout"),
        (Class::Transient, R::ServiceError, "AWS_ENDPOINT_URL"),
        (Class::Transient, R::InvalidResponse, "proxy"),
        (Class::Transient, R::AccessDenied, "clock"),
        (Class::Expired, R::ExpiredCredentials, "expired"),
        (Class::NotEnabled, R::AccessDenied, "aws.home_region"),
        (Class::Defect, R::Timeout, "API reference"),
        (Class::Defect, R::Cancelled, "again"),
        (Class::NotFound, R::ServiceError, "request id"),
    ];
    for (class, reason, word) in cases {
        let fix = unless_denied(&error(class, reason, "dms:DescribeEndpoints", "…"));
        assert!(fix.contains(word), "{class:?} {reason:?}: {fix}");
    }
    let long = coded(
        Class::Defect,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration",
    );
    assert!(enter(&long, &facts(), ROLE).contains("organization.session_duration"));
}

#[test]
fn credentials_come_from_the_profile_of_the_config() {
    assert!(credentials(Some("security")).contains("aws sso login --profile security"));
    assert!(credentials(None).contains("AWS_PROFILE"));
}

#[test]
fn a_history_that_cannot_be_written_is_mended_with_a_command() {
    let database = PathBuf::from("/data/my history/k.db");
    let parent = database.parent().unwrap().to_owned();
    let fix = |error| history(&error, &database, 1000, 1001);
    let missing = fix(HistoryError::NoParent { path: database.clone(), parent: parent.clone() });
    assert!(missing.starts_with("sudo install -d -m 0700 -o 1000 -g 1001 '/data/my history'\n"), "{missing}");
    let denied = |path, kind: io::ErrorKind| HistoryError::Open { path, source: kind.into() };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    assert_eq!(
        fix(denied(path.clone(), io::ErrorKind::PermissionDenied)).lines().next().unwrap(),
        format!("sudo chown 1000:1001 {0} && sudo chmod u+rwx {0}", path.display())
    );
    assert!(fix(denied(parent, io::ErrorKind::ReadOnlyFilesystem)).contains("read-only"));
    assert!(fix(HistoryError::IsDirectory("/data".into())).contains("\"/data/keywatch.db\""));
    assert!(fix(HistoryError::NotKeywatch(database.clone())).contains("database.path"));
    assert!(fix(HistoryError::DiskFull(database.clone())).contains("'/data/my history/k.db'"));
    assert_eq!(quoted(Path::new("it's")), r"'it'\''s'");
}
