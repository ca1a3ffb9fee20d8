use std::{collections::BTreeMap, fmt};

use super::{AccountId, Failure, KeyMetadata, KeyRef, Region, Resource, ResourceType, Timestamp};

/// One account in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// What a target answered for one kind of resource: all of them, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The kind.
    pub resource_type: ResourceType,
    /// Every resource of that kind, or the failure; a page that failed fails the whole part.
    pub resources: Result<Vec<Resource>, Failure>,
}

/// What one target answered. It holds facts only; what they mean is judged in `evaluation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Where.
    pub target: Target,
    /// When the reading ended.
    pub at: Timestamp,
    /// One part for each kind of resource.
    pub parts: Vec<Part>,
    /// What is known of each distinct key that the resources name.
    pub keys: BTreeMap<KeyRef, KeyFacts>,
}

/// What was asked about a key, and what came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyFacts {
    /// `kms:DescribeKey`, asked in the resource's account or in the key's own; `None` where it was not
    /// asked, because an `alias/aws/…` name is itself the answer.
    pub described: Option<Result<KeyMetadata, KeyFailure>>,
    /// `kms:ListAliases`, asked only where `DescribeKey` was refused in the key's own account.
    pub aliases: Option<Result<Aliases, KeyFailure>>,
}

/// Why a key could not be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFailure {
    /// IAM, the key policy or an SCP refused.
    Denied(Failure),
    /// KMS knows no such key.
    NotFound(Failure),
    /// Anything else: throttled, timed out, an answer that makes no sense.
    Other(Failure),
}

/// What the complete list of an account's aliases says of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aliases {
    /// An alias under `alias/aws/` points to it.
    AwsManaged,
    /// No alias under `alias/aws/` points to it.
    NotAwsManaged,
    /// The resource names an alias, and the list does not have it.
    NoSuchAlias,
}
