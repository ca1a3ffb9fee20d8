//! The texts that IAM and STS put bounds to.

use super::HomeRegion;
use crate::{
    config::{
        ExternalId,
        problem::Wrong,
        values::{Given, only_word_characters, text},
    },
    domain::{AccountId, Partition},
};

/// The characters of a role's and a session's name, beside letters, digits and `_`.
const IN_NAMES: &str = "+=,.@-";

/// A role's name, or `path/name`.
///
/// Source: IAM API, CreateRole: `RoleName` and `Path`.
pub(super) fn assumed_role(given: &Given) -> Result<String, Wrong> {
    let role = text(given)?;
    if role.starts_with("arn:") {
        return Err(Wrong::new(
            format!("{role:?} is an ARN"),
            "the role is assumed in every account: give its name, or path/name, without the account",
        ));
    }
    if is_role(role) {
        return Ok(role.to_owned());
    }
    Err(Wrong::new(
        format!("{role:?} is not a role's name"),
        "allowed: 1 to 64 letters, digits and _+=,.@- after an optional path, as in \"security/KeywatchAudit\"",
    ))
}

fn is_role(role: &str) -> bool {
    let (path, name) = role.rsplit_once('/').map_or((None, role), |(path, name)| (Some(path), name));
    let path_is_good = path.is_none_or(|path| {
        path.len() <= 510
            && path.split('/').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic()))
    });
    path_is_good && (1..=64).contains(&name.len()) && only_word_characters(name, IN_NAMES)
}

/// A whole ARN of a role, of the home Region's partition.
pub(super) fn reader_role_arn(given: &Given, home: &HomeRegion) -> Result<String, Wrong> {
    let arn = text(given)?;
    let partition = home.value.partition();
    let form = format!("write it as in \"arn:{partition}:iam::123456789012:role/KeywatchReader\"");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, named, "iam", "", account, resource] = parts[..] else {
        return Err(Wrong::new(format!("{arn:?} is not the ARN of a role"), form));
    };
    let role = resource.strip_prefix("role/").is_some_and(is_role);
    let known = Partition::from_name(named);
    if !arn.starts_with("arn:") || known.is_none() || !role || account.parse::<AccountId>().is_err() {
        return Err(Wrong::new(format!("{arn:?} is not the ARN of a role"), form));
    }
    match home.origin() {
        Some(origin) if known != Some(partition) => Err(Wrong::new(
            format!(
                "the role lies in the partition {named}, aws.home_region ({}, {origin}) in {partition}",
                home.value
            ),
            "name a role of that partition, or set aws.home_region",
        )),
        _ => Ok(arn.to_owned()),
    }
}

/// The external id. What was given is not repeated in the error.
///
/// Source: STS API, AssumeRole: `ExternalId`.
pub(super) fn external_id(given: &Given) -> Result<ExternalId, Wrong> {
    let id = text(given)?;
    let help = "allowed: 2 to 1224 letters, digits and _+=,.@:/- (the value is not shown here on purpose)";
    if !(2..=1224).contains(&id.chars().count()) {
        return Err(Wrong::new(format!("has {} character(s)", id.chars().count()), help));
    }
    if !only_word_characters(id, "+=,.@:/-") {
        return Err(Wrong::new("has a character that AWS does not allow", help));
    }
    Ok(ExternalId::new(id))
}

/// The name of a session.
///
/// Source: STS API, AssumeRole: `RoleSessionName`.
pub(super) fn session_name(given: &Given) -> Result<String, Wrong> {
    let name = text(given)?;
    if (2..=64).contains(&name.len()) && only_word_characters(name, IN_NAMES) {
        return Ok(name.to_owned());
    }
    Err(Wrong::new(
        format!("{name:?} is not a session's name"),
        "allowed: 2 to 64 letters, digits and _+=,.@-",
    ))
}
