use std::fmt;

use super::{AccountId, Timestamp};

/// An accepted risk: which findings, who accepted it, why, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The check whose findings it covers; `None` for all checks.
    pub check_id: Option<String>,
    /// What it covers.
    pub covers: Covers,
    /// Why the risk is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What an exception covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covers {
    /// The resource of this ARN.
    Resource(String),
    /// Everything in the account.
    Account(AccountId),
    /// Everything in the accounts of this organizational unit and of those below it, by its path
    /// (`Root/Workloads/Prod`).
    Unit(String),
    /// Every resource with this tag.
    Tag {
        /// The tag's key.
        key: String,
        /// The tag's value.
        value: String,
    },
}

impl fmt::Display for Covers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(arn) => f.write_str(arn),
            Self::Account(account) => write!(f, "account {account}"),
            Self::Unit(path) => write!(f, "OU {path}"),
            Self::Tag { key, value } => write!(f, "tag {key}={value}"),
        }
    }
}

impl Exception {
    /// Whether it can only be applied with the tags of resources at hand.
    pub fn needs_tags(&self) -> bool {
        matches!(self.covers, Covers::Tag { .. })
    }
}
