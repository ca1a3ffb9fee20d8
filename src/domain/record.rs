use std::collections::BTreeMap;

use super::{Failure, KeyKnowledge, Outcome, Resource, ResourceType, Skip, Target, Timestamp, Verdict};

/// What one scan learned of one target: the unit that history stores whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRecord {
    /// Where.
    pub target: Target,
    /// When.
    pub at: Timestamp,
    /// Left out without a call, or read part by part.
    pub reading: Reading,
}

/// How a target went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Nothing was asked.
    Skipped(Skip),
    /// Nothing could be asked: the account could not be entered, or the scan was stopped first.
    Failed(Failure),
    /// It was asked; each kind of resource has an outcome of its own.
    Read(Vec<PartRecord>),
}

/// One kind of resource in one target, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRecord {
    /// The kind.
    pub resource_type: ResourceType,
    /// Every resource of that kind with what the checks say, or why it could not be read. Only a part
    /// that was read may resolve findings.
    pub resources: Result<Vec<JudgedResource>, Failure>,
}

/// A resource, its key, and what every check that applies to it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedResource {
    /// The resource.
    pub resource: Resource,
    /// What is known of its key.
    pub key: KeyKnowledge,
    /// The verdicts, one for each check that applies.
    pub verdicts: Vec<Verdict>,
    /// Its tags; `None` where nobody asked for them. Only exceptions by tag need them.
    pub tags: Option<BTreeMap<String, String>>,
}

impl TargetRecord {
    /// The target as a whole: scanned only if every part was.
    pub fn outcome(&self) -> Outcome {
        match &self.reading {
            Reading::Skipped(_) => Outcome::Skipped,
            Reading::Failed(_) => Outcome::Failed,
            Reading::Read(parts) if parts.iter().all(|part| part.resources.is_ok()) => Outcome::Scanned,
            Reading::Read(_) => Outcome::Failed,
        }
    }

    /// The first failure, which stands for the target where several parts failed.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.reading {
            Reading::Skipped(_) => None,
            Reading::Failed(failure) => Some(failure),
            Reading::Read(parts) => parts.iter().find_map(|part| part.resources.as_ref().err()),
        }
    }
}
