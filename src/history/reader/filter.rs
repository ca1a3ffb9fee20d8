use serde_json::json;

use crate::domain::{AccountId, Region};

/// Which findings; an empty list is all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindingFilter {
    /// `open`, `resolved`, `suppressed`.
    pub states: Vec<String>,
    /// Ids of checks.
    pub checks: Vec<String>,
    /// Accounts.
    pub accounts: Vec<AccountId>,
    /// Regions.
    pub regions: Vec<Region>,
}

/// Which targets; an empty list is all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CoverageFilter {
    /// `failed`, `skipped`.
    pub outcomes: Vec<String>,
    /// Accounts.
    pub accounts: Vec<AccountId>,
    /// Regions.
    pub regions: Vec<Region>,
}

impl FindingFilter {
    /// One JSON array per list, or nothing for an empty one.
    pub(super) fn parameters(&self) -> [Option<String>; 4] {
        [
            list(self.states.iter().map(String::as_str)),
            list(self.checks.iter().map(String::as_str)),
            list(self.accounts.iter().map(AccountId::as_str)),
            list(self.regions.iter().map(Region::as_str)),
        ]
    }
}

impl CoverageFilter {
    pub(super) fn parameters(&self) -> [Option<String>; 3] {
        [
            list(self.accounts.iter().map(AccountId::as_str)),
            list(self.regions.iter().map(Region::as_str)),
            list(self.outcomes.iter().map(String::as_str)),
        ]
    }
}

pub(super) fn list<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let words: Vec<&str> = words.collect();
    (!words.is_empty()).then(|| json!(words).to_string())
}
