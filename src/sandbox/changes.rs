//! What was changed, in order.

use std::sync::{Mutex, PoisonError};

use crate::domain::{AccountId, Region};

/// A call that was carried out and changed something, or left something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What was called, `dms:DeleteReplicationInstance`.
    pub action: String,
    /// The account that it was changed in.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The ARN of what was made, changed or deleted.
    pub arn: String,
}

/// The record, oldest first.
#[derive(Debug, Default)]
pub(super) struct Changes(Mutex<Vec<Change>>);

impl Changes {
    /// Notes a change; called while the world is held, so that the order is the one in which things happened.
    pub fn note(&self, change: Change) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(change);
    }

    pub fn all(&self) -> Vec<Change> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn to_json(&self) -> serde_json::Value {
        let changes = self.all();
        let changes = changes.iter().map(|change| {
            serde_json::json!({
                "action": change.action, "account": change.account.as_str(), "region": change.region.as_str(),
                "arn": change.arn,
            })
        });
        changes.collect()
    }
}
