//! The plan of one finding: what is to be made in its place, what stands in the way, and the files that tell a person and a
//! shell what to do. Pure: the same facts give the same bytes.

mod bash;
mod cloudformation;
mod folder;
mod index;
mod markdown;
mod runbook;
mod script;
mod terraform;

use serde_json::Value;

pub use folder::folder_names;
pub use index::{Missed, index};

use super::{
    blockers::{self, Hindrance, Severity},
    facts::Facts,
    inputs,
    policy::key_policy,
};
use crate::{
    config::KeyPrincipal,
    domain::{KEY_USABLE, KeyRef, ResourceType},
};

/// What the history says of a finding: which one it is, never how things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its number.
    pub id: i64,
    /// The check.
    pub check_id: String,
    /// How grave it is.
    pub severity: String,
    /// Why it fails.
    pub reason: String,
    /// Since when it is open, `2026-11-24T09:30:00Z`.
    pub opened_at: String,
    /// The account's name; anything can stand in it.
    pub account_name: String,
    /// Its resource.
    pub resource_arn: String,
    /// The resource's name.
    pub resource_name: String,
}

/// What is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A replication instance gets another key.
    Instance,
    /// An endpoint does.
    Endpoint,
    /// A DMS Serverless config does.
    Serverless,
    /// The key becomes usable again.
    Key,
}

impl Kind {
    /// What a finding of that check about such a resource needs.
    pub fn of(check_id: &str, resource_type: ResourceType) -> Self {
        match (check_id, resource_type) {
            (KEY_USABLE, _) => Self::Key,
            (_, ResourceType::ReplicationInstance) => Self::Instance,
            (_, ResourceType::Endpoint) => Self::Endpoint,
            (_, ResourceType::ReplicationConfig) => Self::Serverless,
        }
    }

    /// The word in a folder's name and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Endpoint => "endpoint",
            Self::Serverless => "serverless",
            Self::Key => "key",
        }
    }
}

/// The key that data is moved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewKey {
    /// The one behind an alias of the account, which is made where there is none.
    Alias(String),
    /// One that is there.
    Given(KeyRef),
}

impl NewKey {
    /// As AWS takes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Alias(alias) => alias,
            Self::Given(key) => key.as_str(),
        }
    }
}

/// What the user chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The key.
    pub key: NewKey,
    /// The new resource's name; otherwise one is made of the source's.
    pub name: Option<String>,
    /// Who administers a key that is made.
    pub administrators: Vec<KeyPrincipal>,
    /// Who uses a key that is made.
    pub users: Vec<KeyPrincipal>,
}

impl Choice {
    /// The name of what is made in the place of a source of that name.
    pub fn name_beside(&self, resource_type: ResourceType, source: &str) -> String {
        let longest = match resource_type {
            ResourceType::ReplicationInstance => inputs::INSTANCE_NAME,
            ResourceType::Endpoint | ResourceType::ReplicationConfig => inputs::NAME,
        };
        self.name.clone().unwrap_or_else(|| inputs::beside(source, longest))
    }
}

/// A file of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its content.
    pub content: String,
    /// Whether it is to be run.
    pub executable: bool,
}

impl File {
    fn text(name: impl Into<String>, content: impl Into<String>) -> Self {
        Self { name: name.into(), content: content.into(), executable: false }
    }

    fn json(name: impl Into<String>, content: &Value) -> Self {
        Self::text(name, format!("{content:#}\n"))
    }
}

/// Why no plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    /// It would become part of a script's filters.
    #[error("AWS names it {0:?}, which is no ARN that a script could be written for")]
    Arn(String),
}

/// The plan of one finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The finding.
    pub finding: Finding,
    /// What is put right.
    pub kind: Kind,
    /// How things stand.
    pub facts: Facts,
    /// The name of what is made.
    pub new_name: String,
    /// What the user chose.
    pub choice: Choice,
    /// What stands in the way.
    pub hindrances: Vec<Hindrance>,
}

impl Plan {
    /// Makes the plan.
    ///
    /// # Errors
    /// Where AWS's own names are none.
    pub fn new(finding: Finding, facts: Facts, choice: Choice) -> Result<Self, NoPlan> {
        let arns = facts.tasks.iter().map(|task| &task.arn).chain([&facts.resource.arn]);
        if let Some(arn) = arns.into_iter().find(|arn| !is_plain_arn(arn)) {
            return Err(NoPlan::Arn(arn.clone()));
        }
        let kind = Kind::of(&finding.check_id, facts.resource.resource_type);
        let new_name = choice.name_beside(facts.resource.resource_type, &facts.resource.name);
        let hindrances = match kind {
            Kind::Key => blockers::of_key(&facts),
            _ => blockers::of_new_key(&facts, &new_name),
        };
        Ok(Self { finding, kind, facts, new_name, choice, hindrances })
    }

    /// How many hindrances of a kind there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.hindrances.iter().filter(|hindrance| hindrance.severity == severity).count()
    }

    /// The policy of the key, should it be made.
    pub fn key_policy(&self) -> Value {
        let (administrators, users) = (&self.choice.administrators, &self.choice.users);
        key_policy(self.facts.partition(), self.facts.account, administrators, users)
    }

    /// Whether the script makes the key.
    pub fn makes_key(&self) -> bool {
        self.kind != Kind::Key
            && matches!(self.choice.key, NewKey::Alias(_))
            && self.facts.target_key.is_none()
    }

    /// Every file of its folder.
    pub fn files(&self) -> Vec<File> {
        let mut files = vec![File::text("runbook.md", runbook::render(self))];
        if self.can_be_done() {
            files.extend(script::files(self));
        }
        if self.kind != Kind::Key {
            files.push(File::json("key-policy.json", &self.key_policy()));
        }
        files
    }

    /// What a zero-ETL integration owns nobody but it can change: there is nothing to run.
    fn can_be_done(&self) -> bool {
        !self
            .hindrances
            .iter()
            .any(|hindrance| matches!(hindrance.code, "read_only" | "key_needs_a_person" | "key_not_read"))
    }
}

/// Whether a text is safe in a filter and in a list of a script's: the letters of every ARN of DMS.
fn is_plain_arn(text: &str) -> bool {
    text.starts_with("arn:")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/_.+=,@-".contains(&byte))
}

#[cfg(test)]
mod tests;
