use std::collections::{HashMap, HashSet, VecDeque};

use sqlx::SqliteConnection;

use crate::{
    domain::{AccountId, Outcome, Region, Target},
    history::{ScanId, digest::Digest},
};

/// Accounts whose targets are held at a time: far more than are scanned at a time, so that each is read
/// once, and so few that the size of the organization does not show in the memory.
const ACCOUNTS: usize = 256;

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

/// The targets of the accounts that are being scanned. Any account can be forgotten at any time: what the
/// running scan did to it is in the database too.
#[derive(Debug, Default)]
pub(in crate::history) struct KnownTargets {
    targets: HashMap<AccountId, Vec<(Region, Known)>>,
    /// The accounts above, those read first in front.
    order: VecDeque<AccountId>,
    /// One copy of each Region's name, however many targets share it.
    regions: HashSet<Region>,
    next_id: i64,
}

/// A row of `target`, with the outcome that the running scan stored, if it did.
struct Row {
    target_id: i64,
    region: String,
    digest: Option<Vec<u8>>,
    outcome: Option<String>,
    resources: u32,
}

impl KnownTargets {
    /// Nothing yet.
    pub(in crate::history) async fn new(db: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let last = sqlx::query_scalar!(r#"SELECT coalesce(max(target_id), 0) AS "last!: i64" FROM target"#)
            .fetch_one(db)
            .await?;
        Ok(Self { next_id: last + 1, ..Self::default() })
    }

    /// Reads these accounts' targets, if they are not held yet, and makes room for them.
    pub(in crate::history) async fn hold(
        &mut self,
        db: &mut SqliteConnection,
        scan: ScanId,
        accounts: &HashSet<AccountId>,
    ) -> Result<(), sqlx::Error> {
        for account in accounts {
            if !self.targets.contains_key(account) {
                let targets = self.read(&mut *db, scan, *account).await?;
                self.targets.insert(*account, targets);
                self.order.push_back(*account);
            }
        }
        // Each account that is needed now is looked at once; those behind them are free to go.
        for _ in 0..self.order.len() {
            if self.order.len() <= ACCOUNTS {
                break;
            }
            let Some(oldest) = self.order.pop_front() else { break };
            if accounts.contains(&oldest) {
                self.order.push_back(oldest);
            } else {
                self.targets.remove(&oldest);
            }
        }
        Ok(())
    }

    async fn read(
        &mut self,
        db: &mut SqliteConnection,
        scan: ScanId,
        account: AccountId,
    ) -> Result<Vec<(Region, Known)>, sqlx::Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT t.target_id, t.region, t.digest,
                    CASE WHEN t.last_scan_id = ?2 THEN
                      (SELECT c.outcome FROM coverage_period c
                       WHERE c.target_id = t.target_id AND c.part = '' AND c.valid_to IS NULL) END AS outcome,
                    CASE WHEN t.last_scan_id = ?2 THEN
                      (SELECT count(*) FROM resource r JOIN coverage_period p ON p.target_id = r.target_id
                         AND p.part = r.resource_type AND p.valid_to IS NULL AND p.outcome = 'scanned'
                       WHERE r.target_id = t.target_id AND r.deleted_at IS NULL) ELSE 0 END
                      AS "resources!: u32"
             FROM target t WHERE t.account_id = ?1"#,
            account.as_str(),
            scan.0
        )
        .fetch_all(db)
        .await?;
        let mut targets = Vec::with_capacity(rows.len());
        for Row { target_id: id, region, digest, outcome, resources } in rows {
            let region = region.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            // A digest of another length is another version's: the target is read anew.
            let digest = digest.and_then(|digest| Digest::try_from(digest.as_slice()).ok());
            let counted = outcome.map(|outcome| {
                let outcome = match outcome.as_str() {
                    "scanned" => Outcome::Scanned,
                    "skipped" => Outcome::Skipped,
                    _ => Outcome::Failed,
                };
                Counted { outcome, resources }
            });
            targets.push((self.shared(&region), Known { id, digest, counted }));
        }
        Ok(targets)
    }

    pub(in crate::history) fn get(&self, target: &Target) -> Option<&Known> {
        let regions = self.targets.get(&target.account)?;
        regions.iter().find_map(|(region, known)| (*region == target.region).then_some(known))
    }

    pub(in crate::history) fn next_id(&self) -> i64 {
        self.next_id
    }

    /// Keeps what was learned of a target whose account is held.
    pub(in crate::history) fn insert(&mut self, target: &Target, known: Known) {
        self.next_id = self.next_id.max(known.id + 1);
        let region = self.shared(&target.region);
        let Some(regions) = self.targets.get_mut(&target.account) else { return };
        match regions.iter_mut().find(|(held, _)| *held == region) {
            Some((_, old)) => *old = known,
            None => regions.push((region, known)),
        }
    }

    fn shared(&mut self, region: &Region) -> Region {
        if let Some(held) = self.regions.get(region) {
            return held.clone();
        }
        self.regions.insert(region.clone());
        region.clone()
    }
}
