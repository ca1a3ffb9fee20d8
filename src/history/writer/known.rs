use std::collections::{HashMap, HashSet};

use sqlx::SqliteConnection;

use crate::{
    domain::{AccountId, Outcome, Region, Target},
    history::{ScanId, digest::Digest},
};

/// Regions that an account's list grows by; the commercial partition has twice as many with DMS.
const GROWTH: usize = 17;

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
    /// By account: most have the same few dozen Regions, and a list of them is far smaller than a map.
    targets: HashMap<AccountId, Vec<(Region, Known)>>,
    /// One copy of each Region's name, however many targets share it.
    regions: HashSet<Region>,
    next_id: i64,
}

impl KnownTargets {
    pub(in crate::history) async fn load(db: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let rows: Vec<(i64, String, String, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT target_id, account_id, region, digest FROM target").fetch_all(db).await?;
        let mut known = Self::default();
        for (id, account, region, digest) in rows {
            let account = account.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            let region: Region = region.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            // A digest of another length is another version's: the target is read anew.
            let digest = digest.and_then(|digest| Digest::try_from(digest.as_slice()).ok());
            known.insert(&Target { account, region }, Known { id, digest, counted: None });
        }
        Ok(known)
    }

    /// The same in the middle of a scan: what it counted already is counted.
    pub(in crate::history) async fn reload(
        db: &mut SqliteConnection,
        scan: ScanId,
    ) -> Result<Self, sqlx::Error> {
        let mut known = Self::load(&mut *db).await?;
        let done: Vec<(i64, String, u32)> = sqlx::query_as(
            "SELECT t.target_id, c.outcome,
                    (SELECT count(*) FROM resource r JOIN coverage_period p ON p.target_id = r.target_id
                       AND p.part = r.resource_type AND p.valid_to IS NULL AND p.outcome = 'scanned'
                     WHERE r.target_id = t.target_id AND r.deleted_at IS NULL)
             FROM target t
             JOIN coverage_period c ON c.target_id = t.target_id AND c.part = '' AND c.valid_to IS NULL
             WHERE t.last_scan_id = ?",
        )
        .bind(scan.0)
        .fetch_all(db)
        .await?;
        let done: HashMap<i64, Counted> = done
            .into_iter()
            .map(|(id, outcome, resources)| {
                let outcome = match outcome.as_str() {
                    "scanned" => Outcome::Scanned,
                    "skipped" => Outcome::Skipped,
                    _ => Outcome::Failed,
                };
                (id, Counted { outcome, resources })
            })
            .collect();
        for (_, target) in known.targets.values_mut().flatten() {
            target.counted = done.get(&target.id).copied();
        }
        Ok(known)
    }

    pub(in crate::history) fn get(&self, target: &Target) -> Option<&Known> {
        let regions = self.targets.get(&target.account)?;
        regions.iter().find_map(|(region, known)| (*region == target.region).then_some(known))
    }

    /// The targets that the running scan has counted.
    pub(in crate::history) fn counted(&self) -> impl Iterator<Item = (Target, Counted)> {
        self.targets.iter().flat_map(|(account, regions)| {
            regions.iter().filter_map(|(region, known)| {
                let counted = known.counted?;
                Some((Target { account: *account, region: region.clone() }, counted))
            })
        })
    }

    pub(in crate::history) fn next_id(&self) -> i64 {
        self.next_id.max(1)
    }

    pub(in crate::history) fn insert(&mut self, target: &Target, known: Known) {
        self.next_id = self.next_id().max(known.id + 1);
        let regions = self.targets.entry(target.account).or_default();
        if let Some((_, old)) = regions.iter_mut().find(|(region, _)| *region == target.region) {
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
        // Doubling would leave half of it empty.
        if regions.len() == regions.capacity() {
            regions.reserve_exact(GROWTH);
        }
        regions.push((region, known));
    }
}
