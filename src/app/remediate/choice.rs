//! What is the same for a plan and for carrying it out: what the user chose, and the fresh read.

use anyhow::Context;

use super::{OpenFinding, place::Role};
use crate::{
    config::{Config, KeyPrincipal},
    domain::{KeyRef, ResourceType, Timestamp},
    remediation::{
        Place,
        facts::Facts,
        inputs,
        plan::{Choice, NewKey},
        read::{self, Wanted},
    },
};

/// The key and the name that the user chose.
#[derive(Debug, Clone, Default)]
pub struct KeyOptions {
    /// A key that is there, instead of the config's alias.
    pub key: Option<KeyRef>,
    /// What the replacement is called, instead of the source's name with `-cmk`.
    pub name: Option<String>,
    /// Who administers a key that is made, beside those of the config.
    pub key_administrators: Vec<KeyPrincipal>,
    /// Who uses it.
    pub key_users: Vec<KeyPrincipal>,
}

/// The same with what the config says.
pub fn choice(config: &Config, options: &KeyOptions) -> Choice {
    let remediation = &config.remediation;
    let both = |of_config: &[KeyPrincipal], given: &[KeyPrincipal]| {
        let mut both = of_config.to_vec();
        both.extend(given.iter().filter(|one| !of_config.contains(one)).cloned());
        both
    };
    Choice {
        key: match &options.key {
            Some(key) => NewKey::Given(key.clone()),
            None => NewKey::Alias(remediation.key_alias.clone()),
        },
        name: options.name.clone(),
        administrators: both(&remediation.key_administrators, &options.key_administrators),
        users: both(&remediation.key_users, &options.key_users),
    }
}

/// Reads all that there is to know, for a replacement of that name; `None` if AWS does not have the resource any more.
pub async fn facts(
    place: &Place,
    config: &Config,
    finding: &OpenFinding,
    (choice, name): (&Choice, &str),
    role: Role,
    now: Timestamp,
) -> anyhow::Result<Option<Facts>> {
    let longest = match finding.resource_type {
        ResourceType::ReplicationInstance => inputs::INSTANCE_NAME,
        ResourceType::Endpoint | ResourceType::ReplicationConfig => inputs::NAME,
    };
    if choice.name.is_some() {
        inputs::check_name(name, longest).context("--name")?;
    }
    let key = match &choice.key {
        // A key that is to be mended gets no other.
        NewKey::Given(key) if !finding.is_of_key() => Some(key),
        _ => None,
    };
    let wanted = Wanted {
        account: finding.account,
        resource_type: finding.resource_type,
        arn: &finding.arn,
        name,
        key,
        alias: &config.remediation.key_alias,
    };
    let has_all = match role {
        Role::Audit => "`keywatch iam audit-policy --with-plans` has all that a plan reads",
        Role::Remediation => "`keywatch iam remediation-policy` has all that it needs",
    };
    read::facts(place, &wanted, now).await.map_err(|error| match error.denied_action() {
        Some(action) => anyhow::anyhow!("{error}\nthe {role} role lacks {action}: {has_all}"),
        None => anyhow::anyhow!("{error}"),
    })
}
