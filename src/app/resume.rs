use std::collections::{BTreeSet, HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::scan::Scope;
use crate::{
    config::Config,
    domain::{AccountId, Outcome, Region},
    history::{ScanId, Writer},
};

/// What a scan that goes on where it was cut off need not read again.
#[derive(Debug, Default)]
pub struct Done {
    targets: HashMap<AccountId, HashSet<Region>>,
    count: u64,
    /// Targets among them that failed.
    pub failed: u64,
}

impl Done {
    /// What the running scan has behind it; nothing where it is a new one.
    pub fn of(writer: &Writer) -> Self {
        let mut done = Self::default();
        for (target, outcome) in writer.done() {
            done.targets.entry(target.account).or_default().insert(target.region);
            done.count += 1;
            done.failed += u64::from(outcome == Outcome::Failed);
        }
        done
    }

    /// The Regions of the account that are done; `None` if there are none.
    pub fn regions(&self, account: AccountId) -> Option<&HashSet<Region>> {
        self.targets.get(&account)
    }

    /// Says that a scan went on, once it is known how many more targets it read.
    pub fn note(&self, scan: ScanId, read: u64) -> Option<String> {
        (self.count > 0).then(|| {
            let (before, all) = (self.count, self.count + read);
            format!("scan {scan} went on: {before} of {all} targets were read before it was interrupted")
        })
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
