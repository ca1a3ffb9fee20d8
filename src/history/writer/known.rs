use std::collections::{HashMap, HashSet};

use sqlx::SqliteConnection;

use super::super::digest::Digest;
use crate::domain::{Outcome, Region, Target};

/// What is held in memory of a target during a scan: enough to tell that nothing changed.
#[derive(Debug, Clone, Copy)]
pub(in crate::history) struct Known {
    pub(in crate::history) id: i64,
    pub(in crate::history) digest: Option<Digest>,
    /// How the running scan counted it, so that a record applied twice counts once.
    pub(in crate::history) counted: Option<Counted>,
}

/// One target's share of the scan's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::history) struct Counted {
    pub(in crate::history) outcome: Outcome,
    pub(in crate::history) resources: u32,
}

/// Every target of the history.
#[derive(Debug, Default)]
pub(in crate::history) struct KnownTargets {
    targets: HashMap<Target, Known>,
    /// One copy of each Region's name, however many targets share it.
    regions: HashSet<Region>,
    next_id: i64,
}

impl KnownTargets {
    pub(in crate::history) async fn load(db: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let rows: Vec<(i64, String, String, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT target_id, account_id, region, digest FROM target").fetch_all(db).await?;
        let mut known = Self { targets: HashMap::with_capacity(rows.len()), ..Self::default() };
        for (id, account, region, digest) in rows {
            let account = account.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            let region: Region = region.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            // A digest of another length is another version's: the target is read anew.
            let digest = digest.and_then(|digest| Digest::try_from(digest.as_slice()).ok());
            known.insert(&Target { account, region }, Known { id, digest, counted: None });
        }
        Ok(known)
    }

    pub(in crate::history) fn get(&self, target: &Target) -> Option<&Known> {
        self.targets.get(target)
    }

    pub(in crate::history) fn next_id(&self) -> i64 {
        self.next_id.max(1)
    }

    pub(in crate::history) fn insert(&mut self, target: &Target, known: Known) {
        self.next_id = self.next_id().max(known.id + 1);
        if let Some(old) = self.targets.get_mut(target) {
            *old = known;
            return;
        }
        let region = match self.regions.get(&target.region) {
            Some(region) => region.clone(),
            None => {
                self.regions.insert(target.region.clone());
                target.region.clone()
            }
        };
        self.targets.insert(Target { account: target.account, region }, known);
    }
}
