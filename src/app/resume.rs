use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::scan::Scope;
use crate::{
    config::Config,
    domain::{AccountId, Region},
    history::CutOff,
};

/// What a scan that goes on where it was cut off need not read again.
#[derive(Debug, Default)]
pub struct Done(HashMap<AccountId, Vec<Region>>);

impl Done {
    /// What that scan has behind it.
    pub fn new(cut_off: CutOff) -> Self {
        let mut done = Self::default();
        for target in cut_off.done {
            done.0.entry(target.account).or_default().push(target.region);
        }
        done
    }

    /// The Regions of the account that are done.
    pub fn regions(&self, account: AccountId) -> &[Region] {
        self.0.get(&account).map_or(&[], Vec::as_slice)
    }

    /// How many targets are done.
    pub fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }
}

/// What a scan sets out to read, for the history to compare: what was asked for, and everything in the config
/// that decides who is entered, how, and where.
pub fn scope_digest(config: &Config, scope: &Scope) -> String {
    let accounts: BTreeSet<&AccountId> = scope.accounts.iter().collect();
    let regions: BTreeSet<&Region> = scope.regions.iter().collect();
    let words = format!("{accounts:?} {regions:?} {:?} {:?}", config.organization, config.regions);
    Sha256::digest(words).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_is_the_question_and_the_filters() {
        let config = Config::default();
        let digest = |accounts: &[&str], regions: &[&str]| {
            let accounts = accounts.iter().map(|id| id.parse().unwrap()).collect();
            let regions = regions.iter().map(|name| name.parse().unwrap()).collect();
            scope_digest(&config, &Scope { accounts, regions, ..Scope::default() })
        };
        let whole = digest(&[], &[]);
        assert_eq!(whole, digest(&[], &[]));
        assert_ne!(whole, digest(&["000000000001"], &[]));
        assert_ne!(whole, digest(&[], &["eu-west-1"]));
        let both = digest(&["000000000001", "000000000002"], &[]);
        assert_eq!(
            both,
            digest(&["000000000002", "000000000001", "000000000002"], &[]),
            "order says nothing"
        );
        let mut other = config.clone();
        other.regions.exclude.push("eu-west-1".parse().unwrap());
        assert_ne!(whole, scope_digest(&other, &Scope::default()));
        other = config.clone();
        other.organization.audit_role = "Other".to_owned();
        assert_ne!(whole, scope_digest(&other, &Scope::default()));
    }
}
