use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AccountId, KeyManager, Region, Timestamp};

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    /// Who manages it.
    pub manager: KeyManager,
    /// AWS's word: `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable`, …
    pub state: String,
    /// Whether and how it is a multi-Region key.
    pub multi_region: Option<MultiRegion>,
    /// Its key policy, JSON as text. Where there is none, the next two say who may what.
    pub policy: Option<String>,
    /// Whether its policy leaves the decision to the IAM of the account that owns it. If not, nobody may
    /// describe it but through the policy, the audit roles not among them.
    pub delegates_to_iam: bool,
    /// The other accounts that its policy lets describe it.
    pub shared_with: BTreeSet<AccountId>,
    /// Its description.
    pub description: String,
    /// `ENCRYPT_DECRYPT`, or what DMS can't use.
    pub usage: String,
    /// `SYMMETRIC_DEFAULT`, or what DMS can't use.
    pub spec: String,
    /// Where its material comes from: `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    pub origin: String,
    /// When it was made; a fixed day of 2024 where it isn't said.
    pub created_at: Option<Timestamp>,
    /// When it will be deleted; 30 days after it was made where its state says that it will and nothing else is said.
    pub deletion_at: Option<Timestamp>,
    /// Whether KMS renews its material every year.
    pub rotates: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The part that a multi-Region key plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MultiRegion {
    /// The primary key.
    Primary,
    /// A replica of the primary key in that Region, with the same id.
    ReplicaOf(Region),
}

impl Default for KeySpec {
    /// An enabled customer key of one Region, with the usual policy, for its own account only.
    fn default() -> Self {
        Self {
            manager: KeyManager::Customer,
            state: "Enabled".to_owned(),
            multi_region: None,
            policy: None,
            delegates_to_iam: true,
            shared_with: BTreeSet::new(),
            description: String::new(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            origin: "AWS_KMS".to_owned(),
            created_at: None,
            deletion_at: None,
            rotates: false,
            tags: BTreeMap::new(),
        }
    }
}
