//! What stands in the way of putting a finding right, and what has to be known before: each with what, where and how to mend
//! it. Pure: `remediate plan` writes it down, and the first step of `remediate apply` stops at it.

mod endpoint;
mod handover;
mod instance;
mod key;
mod serverless;
mod tasks;

pub use handover::{position_only_here, task_not_taken_over};
pub use key::{KeyWay, way_back};
pub use serverless::{replication_failed, replication_rests};
pub use tasks::{Standing, standing};

use super::{
    facts::{Facts, Quota},
    inputs::{self, MOST_TAGS, TAG},
};
use crate::domain::ResourceType;

/// How much something is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It can't be done as long as that holds.
    Blocker,
    /// It can be done, but somebody should know.
    Warning,
}

impl Severity {
    /// The word in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocker => "blocker",
            Self::Warning => "warning",
        }
    }
}

/// Something that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hindrance {
    /// How much.
    pub severity: Severity,
    /// Which one, for scripts: `task_not_movable`.
    pub code: &'static str,
    /// The name or ARN of what it is about.
    pub place: String,
    /// What it is, a sentence.
    pub what: String,
    /// What to do about it, a sentence.
    pub fix: String,
}

impl Hindrance {
    fn blocker(code: &'static str, place: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            severity: Severity::Blocker,
            code,
            place: place.to_owned(),
            what: what.into(),
            fix: fix.into(),
        }
    }

    fn warning(code: &'static str, place: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::blocker(code, place, what, fix) }
    }
}

/// All that stands in the way of giving the resource a new key under the name `name`, blockers first.
pub fn of_new_key(facts: &Facts, name: &str) -> Vec<Hindrance> {
    let mut found = Vec::new();
    read_only(facts, &mut found);
    if let Some(key) = &facts.target_key {
        key::fit(key, facts, &mut found);
    }
    taken(facts, name, &mut found);
    too_many_tags(facts, &mut found);
    match facts.resource.resource_type {
        ResourceType::ReplicationInstance => instance::look(facts, &mut found),
        ResourceType::Endpoint => endpoint::look(facts, &mut found),
        ResourceType::ReplicationConfig => serverless::look(facts, &mut found),
    }
    let unknown = inputs::unknown_fields(facts);
    if !unknown.is_empty() {
        found.push(Hindrance::warning(
            "unknown_setting",
            &facts.resource.name,
            format!("AWS answers fields that this version of keywatch does not know: {}", unknown.join(", ")),
            "look whether they are settings; what is one has to be set on the new resource by hand",
        ));
    }
    found.sort_by_key(|hindrance| hindrance.severity);
    found
}

/// All that stands in the way of making the resource's customer managed key usable again, blockers first.
pub fn of_key(facts: &Facts) -> Vec<Hindrance> {
    let mut found = Vec::new();
    key::mend(facts, &mut found);
    found.sort_by_key(|hindrance| hindrance.severity);
    found
}

/// Whether one of them is a blocker.
pub fn block(hindrances: &[Hindrance]) -> bool {
    hindrances.iter().any(|hindrance| hindrance.severity == Severity::Blocker)
}

/// A zero-ETL integration owns it. Source: DMS API, `ReplicationSubnetGroup$IsReadOnly`, `Endpoint$IsReadOnly`,
/// `ReplicationConfig$IsReadOnly`.
fn read_only(facts: &Facts, found: &mut Vec<Hindrance>) {
    let document = facts.document();
    if document["IsReadOnly"] == true || document["ReplicationSubnetGroup"]["IsReadOnly"] == true {
        found.push(Hindrance::blocker(
            "read_only",
            &facts.resource.name,
            "it belongs to a zero-ETL integration, and DMS lets nobody change it",
            "choose the key where the integration is made (KMSKeyId of the integration), or accept the risk with `keywatch \
             exceptions add`",
        ));
    }
}

fn taken(facts: &Facts, name: &str, found: &mut Vec<Hindrance>) {
    let own = |beside: &super::facts::Beside| beside.remediates.as_deref() == Some(&facts.resource.arn);
    let taken = facts.names.iter().any(|other| other.eq_ignore_ascii_case(name));
    match &facts.beside {
        Some(beside) if own(beside) => found.push(Hindrance::warning(
            "begun_before",
            &beside.arn,
            format!("{name} is there and was made in place of this one: an earlier run began"),
            "nothing: the next run goes on with it",
        )),
        Some(beside) => found.push(Hindrance::blocker(
            "name_taken",
            &beside.arn,
            format!("{name} is there, without the tag {TAG} of this source"),
            "choose another name with --name",
        )),
        None if taken => found.push(Hindrance::blocker(
            "name_taken",
            name,
            format!("the name {name} is taken"),
            "choose another name with --name",
        )),
        None => {}
    }
}

fn too_many_tags(facts: &Facts, found: &mut Vec<Hindrance>) {
    let own = facts.tags.keys().filter(|key| inputs::is_settable(key) && *key != TAG).count();
    if own >= MOST_TAGS {
        found.push(Hindrance::blocker(
            "too_many_tags",
            &facts.resource.name,
            format!("it has {own} tags, and AWS allows {MOST_TAGS}: there is no room for {TAG}"),
            "take a tag away from it",
        ));
    }
}

/// A quota that leaves no room for `more`.
fn quota(facts: &Facts, name: &str, more: i64, found: &mut Vec<Hindrance>) {
    // One who is going on already has what is counted.
    if facts.beside.is_some() {
        return;
    }
    let full = |quota: &&Quota| quota.name.eq_ignore_ascii_case(name) && quota.used + more > quota.max;
    if let Some(quota) = facts.quotas.iter().find(full) {
        found.push(Hindrance::blocker(
            "quota_full",
            &quota.name,
            format!(
                "the account uses {} of {} {} in {}, and {more} more are needed while both run",
                quota.used, quota.max, quota.name, facts.region
            ),
            "delete what is not needed, or have the quota raised in Service Quotas (AWS Database Migration Service)",
        ));
    }
}

#[cfg(test)]
mod tests;
