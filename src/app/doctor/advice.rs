//! What to do about what failed: pure texts, the same wherever they are shown.

use std::{io, path::Path};

use serde_json::Value;

use super::iam::{self, Facts};
use crate::{
    aws::{CallError, Class},
    deployment::{TrustedRole, scp_exemption},
    domain::CoverageReason,
    history::HistoryError,
};

/// What to do where AWS refuses keywatch's own credentials or knows none.
pub fn credentials(profile: Option<&str>) -> String {
    let profile = match profile {
        Some(name) => format!(
            "aws.profile = {name:?} must stand in the AWS config files that this user reads; one of SSO is renewed \
             with `aws sso login --profile {name}`"
        ),
        None => "set aws.profile, or AWS_PROFILE, to a profile of this user's AWS config files".to_owned(),
    };
    format!(
        "Give this process credentials, in one of these ways:\n\
         - on EC2, ECS, EKS or Lambda, attach a role to the instance, task, pod or function\n\
         - {profile}\n\
         - set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, of a temporary key, AWS_SESSION_TOKEN; a service gets \
         them from the EnvironmentFile of its unit"
    )
}

/// What to do about a call that failed: where it is denied, `statements` go into the policy of `whom`.
pub fn call(error: &CallError, facts: Option<&Facts>, whom: &str, statements: &[Value]) -> String {
    let failure = &error.failure;
    match error.class {
        Class::Denied if failure.reason == CoverageReason::DeniedByScp => by_organization(error, facts),
        Class::Denied if statements.len() > 1 => {
            format!("Add these statements to the policy of {whom}:\n{}", iam::texts(statements))
        }
        Class::Denied => format!("Add this statement to the policy of {whom}:\n{}", iam::texts(statements)),
        _ => unless_denied(error),
    }
}

/// What to do about a denial that lies with the organization and not with the role.
fn by_organization(error: &CallError, facts: Option<&Facts>) -> String {
    let condition = facts.map(|facts| {
        format!(
            ", for instance with this condition in its denying statement:\n{}",
            iam::text(&scp_exemption(&facts.place))
        )
    });
    format!(
        "A policy of the organization (SCP or RCP) denies {}. Exempt keywatch's role there{}",
        error.failure.operation,
        condition.unwrap_or_default()
    )
}

/// What to do where it is the key's own policy that does not let the role describe the key.
pub fn key_policy(role_arn: &str) -> String {
    let statement = serde_json::json!({
        "Effect": "Allow",
        "Principal": { "AWS": role_arn },
        "Action": "kms:DescribeKey",
        "Resource": "*",
    });
    format!(
        "The role may, the key's policy does not let it. Add this statement to the key policy, or let the policy leave the          decision to IAM:\n{}",
        iam::text(&statement)
    )
}

/// What to do where an account can't be entered.
pub fn enter(error: &CallError, facts: &Facts, role_arn: &str) -> String {
    let failure = &error.failure;
    if failure.code.as_deref() == Some("ValidationError") && failure.message.contains("DurationSeconds") {
        return "Set organization.session_duration to no more than the role allows (its MaxSessionDuration; one hour where \
                keywatch's own credentials are a role's): session_duration = \"1h\""
            .to_owned();
    }
    if error.class != Class::Denied {
        return unless_denied(error);
    }
    if failure.message.contains("service control policy") {
        return by_organization(error, Some(facts));
    }
    let trust = format!(
        "{role_arn} must exist, and its trust policy must have this statement{}:\n{}",
        if facts.place.with_external_id {
            " (with the very id that organization.external_id has)"
        } else {
            ""
        },
        iam::text(&facts.trust(TrustedRole::Audit)),
    );
    let own = format!(
        "The policy of {} must have this statement:\n{}",
        facts.own_arn,
        iam::text(&facts.enter_accounts())
    );
    // AWS's newer texts say which side it is; the older one says nothing.
    if failure.message.contains("identity-based policy") {
        own
    } else if failure.message.contains("trust policy") {
        trust
    } else {
        format!("AWS does not say which of the two is missing.\n1. {trust}\n2. {own}")
    }
}

/// What to do where the reader role can't be assumed.
pub fn reader(error: &CallError, facts: &Facts, role_arn: &str) -> String {
    if error.class != Class::Denied {
        return unless_denied(error);
    }
    format!(
        "1. organization.reader_role_arn must name a role that exists, and its trust policy must have this statement:\n{}\n\
         2. The policy of {} must have this statement:\n{}",
        iam::text(&facts.trust(TrustedRole::Reader)),
        facts.own_arn,
        iam::text(&iam::enter_reader(role_arn))
    )
}

/// What to do where the organization can't be listed.
pub fn organization(error: &CallError, facts: &Facts, lister: &str) -> String {
    if error.failure.code.as_deref() == Some("AWSOrganizationsNotInUseException") {
        return format!(
            "{lister} belongs to no organization: run keywatch with credentials of a member that is a delegated \
             administrator, or of the management account"
        );
    }
    if error.class != Class::Denied || error.failure.reason == CoverageReason::DeniedByScp {
        return call(error, Some(facts), lister, &facts.list_organization());
    }
    format!(
        "1. The account must be the management account or a delegated administrator of any AWS service (in the \
         management account: aws organizations register-delegated-administrator --account-id ACCOUNT \
         --service-principal SERVICE.amazonaws.com); or name a role of such an account in organization.reader_role_arn.\n\
         2. {}",
        call(error, Some(facts), lister, &facts.list_organization())
    )
}

/// What to do where the history can't be written by this user and group.
pub fn history(error: &HistoryError, database: &Path, user: u32, group: u32) -> String {
    let other = "or set database.path (or --db) to another file";
    match error {
        HistoryError::NoParent { parent, .. } => {
            format!("sudo install -d -m 0700 -o {user} -g {group} {}\n{other}", quoted(parent))
        }
        HistoryError::Open { path, source } if source.kind() == io::ErrorKind::PermissionDenied => {
            let rights = if path.is_dir() { "u+rwx" } else { "u+rw" };
            let path = quoted(path);
            format!("sudo chown {user}:{group} {path} && sudo chmod {rights} {path}\n{other}")
        }
        HistoryError::Open { path, source } if source.kind() == io::ErrorKind::ReadOnlyFilesystem => format!(
            "{} lies on a file system that is mounted read-only: mount it to be written (for a container, as a volume; for \
             a unit of systemd, StateDirectory or ReadWritePaths)\n{other}",
            path.display()
        ),
        HistoryError::IsDirectory(path) => {
            format!("Name a file in it: database.path = {:?}", path.join("keywatch.db").display().to_string())
        }
        HistoryError::NotKeywatch(_) | HistoryError::NotAFile(_) => {
            "Set database.path (or --db) to keywatch's own file, or to a new one, which the first scan makes; or restore a \
             backup"
                .to_owned()
        }
        HistoryError::NewerSchema { .. } => format!("Update keywatch to the version that wrote it, {other}"),
        HistoryError::Corrupt { .. } | HistoryError::SchemaDiffers { .. } => {
            let database = quoted(database);
            format!("Stop keywatch, and put a backup (`keywatch db backup`) in the place of {database}")
        }
        HistoryError::Busy(_) => "Find who has it open (sudo fuser -v FILE), and end that".to_owned(),
        _ => format!("Look at the owner, mode and disk of {}, {other}", quoted(database)),
    }
}

/// A path as an argument of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// What to do about everything but a denial.
pub fn unless_denied(error: &CallError) -> String {
    let failure = &error.failure;
    let (service, _) = failure.operation.split_once(':').unwrap_or(("AWS", ""));
    match (error.class, failure.reason) {
        (Class::Expired, _) => "The credentials have expired and nothing renews them: get new ones, or use a role".to_owned(),
        (Class::NotEnabled, _) => "AWS does not know this access key or token: it was deleted or deactivated, is of another \
                                   partition, or the Region is not enabled in the account. Get new credentials, or \
                                   set aws.home_region to a Region of their partition that is enabled"
            .to_owned(),
        (Class::Throttled, _) => format!(
            "Try again in a minute. If it stays, something else uses up the account's quota: find it in CloudTrail, or \
             lower rate_limits.{service}.per_second"
        ),
        (_, CoverageReason::AccessDenied) => "The signature is wrong: either AWS_SECRET_ACCESS_KEY does not belong to the \
                                              access key, or this machine's clock is off (see `clock`)"
            .to_owned(),
        (_, CoverageReason::Cancelled) => "It was stopped: run it again".to_owned(),
        (_, CoverageReason::Timeout | CoverageReason::ServiceError) if error.is_retryable() => format!(
            "This machine must reach the endpoint of {service} over HTTPS: look at its DNS, routes, firewall and VPC \
             endpoints, and at AWS_ENDPOINT_URL. If the network is slow, raise scan.attempt_timeout; if others \
             have the same, look at health.aws.amazon.com"
        ),
        (_, CoverageReason::InvalidResponse) => format!(
            "What answers is not {service}: look for a proxy or a captive portal between, and at AWS_ENDPOINT_URL"
        ),
        _ => format!(
            "Look up the error in the API reference of {service}; if it makes no sense, report it with the request id"
        ),
    }
}

#[cfg(test)]
mod tests;
