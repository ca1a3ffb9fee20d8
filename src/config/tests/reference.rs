use std::collections::BTreeSet;

use super::accepted;
use crate::{
    config::{Config, REFERENCE, names::KEYS},
    domain::Channel,
};

const EXAMPLE: &str = "# example";

/// The reference with its commented keys switched on, except the examples unless wanted.
fn uncommented(with_examples: bool) -> String {
    let switched_on = |line: &str| match line.strip_prefix('#') {
        Some(rest) if is_key(rest) && (with_examples || !rest.ends_with(EXAMPLE)) => rest.to_owned(),
        _ => line.to_owned(),
    };
    REFERENCE.lines().map(switched_on).collect::<Vec<_>>().join("\n")
}

fn is_key(line: &str) -> bool {
    line.split_once(" = ").is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
}

/// The paths of all keys that a file sets.
fn keys_of(text: &str) -> BTreeSet<String> {
    fn collect(prefix: &str, table: &toml::Table, keys: &mut BTreeSet<String>) {
        for (name, value) in table {
            match value {
                toml::Value::Table(table) => collect(&format!("{prefix}{name}."), table, keys),
                _ => assert!(keys.insert(format!("{prefix}{name}")), "{name}"),
            }
        }
    }
    let mut keys = BTreeSet::new();
    collect("", &text.parse().unwrap(), &mut keys);
    keys
}

#[test]
fn as_it_stands_it_sets_nothing() {
    assert_eq!(accepted(REFERENCE), Config::default());
    assert_eq!(keys_of(REFERENCE), BTreeSet::new());
}

#[test]
fn its_defaults_are_the_defaults() {
    assert_eq!(accepted(&uncommented(false)), Config::default());
}

#[test]
fn it_names_every_key_and_no_other() {
    assert_eq!(keys_of(&uncommented(true)), KEYS.iter().cloned().collect());
}

#[test]
fn its_examples_are_valid_and_belong_to_keys_without_default() {
    let config = accepted(&uncommented(true));
    assert_eq!(config.aws.profile.as_deref(), Some("security"));
    assert!(config.organization.external_id.is_some() && config.organization.reader_role_arn.is_some());
    let with_default = keys_of(&uncommented(false));
    let examples: Vec<&String> = KEYS.iter().filter(|key| !with_default.contains(*key)).collect();
    let (notify, others): (Vec<&String>, _) =
        examples.into_iter().partition(|key| key.starts_with("notify."));
    assert_eq!(
        others,
        [
            "aws.profile",
            "organization.external_id",
            "organization.reader_role_arn",
            "backup.directory",
            "prune.keep_days",
            "report.directory",
            "remediation.key_administrators",
            "remediation.key_users",
            "server.token_file"
        ]
    );
    // Without an address no channel is on.
    assert_eq!(notify.len(), 12, "{notify:?}");
    assert_eq!(config.notify.channels(), Channel::ALL);
}
