use std::time::Duration;

use super::{HomeRegion, distinct, role};
use crate::config::{
    KeyPrincipal, Remediation,
    problem::Wrong,
    reader::Reader,
    values::{Bounds, Given, duration, text},
};

const POLL_INTERVAL: Bounds =
    Bounds { shortest: Duration::from_millis(10), longest: Duration::from_secs(10 * 60) };
const STEP_TIMEOUT: Bounds =
    Bounds { shortest: Duration::from_secs(1), longest: Duration::from_secs(24 * 3600) };

impl Remediation {
    pub(super) fn read(from: &mut Reader, home: &HomeRegion) -> Self {
        let default = Self::default();
        let role = from.read("remediation.role", default.role, role::assumed_role);
        let key_alias = from.read("remediation.key_alias", default.key_alias, key_alias);
        let mut principals = |key: &str| {
            let items = from.read_list(key, |given| principal(given, home));
            items.map_or_else(Vec::new, |(_, items)| distinct(items))
        };
        let key_administrators = principals("remediation.key_administrators");
        let key_users = principals("remediation.key_users");
        let poll_interval = from.read("remediation.poll_interval", default.poll_interval, |given| {
            duration(given, &POLL_INTERVAL)
        });
        let step_timeout = from
            .read("remediation.step_timeout", default.step_timeout, |given| duration(given, &STEP_TIMEOUT));
        Self {
            role: role.value,
            key_alias: key_alias.value,
            key_administrators,
            key_users,
            poll_interval: poll_interval.value,
            step_timeout: step_timeout.value,
        }
    }
}

/// Source: KMS API, `CreateAlias$AliasName`.
fn key_alias(given: &Given) -> Result<String, Wrong> {
    let alias = text(given)?;
    let name = alias.strip_prefix("alias/").unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    if name.starts_with("aws/") {
        return Err(Wrong::new(
            format!("{alias:?} is a name that AWS keeps for its own keys"),
            "choose one that does not begin with \"alias/aws/\"",
        ));
    }
    if (1..=250).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(alias.to_owned());
    }
    Err(Wrong::new(
        format!("{alias:?} is not an alias"),
        "write \"alias/\" and 1 to 250 letters, digits and /_-, as in \"alias/dms\"",
    ))
}

fn principal(given: &Given, home: &HomeRegion) -> Result<KeyPrincipal, Wrong> {
    let partition = home.value.partition();
    KeyPrincipal::parse(text(given)?, partition).map_err(|error| {
        Wrong::new(
            error.to_string(),
            format!(
                "write it as in \"arn:{partition}:iam::{{account}}:role/KeyAdministrator\"; {{account}} stands for the \
                 account that the key is made in"
            ),
        )
    })
}
