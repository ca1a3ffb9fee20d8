use super::{CoverageReason, Outcome, Timestamp};

/// What the scans so far know of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What became of it when it was last asked.
    pub outcome: Outcome,
    /// Why, if it was not scanned.
    pub reason: Option<CoverageReason>,
    /// Whether it has a resource, as far as is known: one that could not be looked at since is still there.
    pub has_resources: bool,
    /// How often in a row it has said the same again.
    pub streak: u32,
    /// When it was last asked.
    pub last_attempt_at: Timestamp,
}
