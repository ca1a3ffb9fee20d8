//! Which targets a scan asks, account by account, and what it need not ask because it is remembered.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use super::scan::Scope;
use crate::{
    collection::Remembered,
    config::{Cadence, Config},
    domain::{AccountId, CoverageReason, Outcome, Region, Standing, Timestamp},
    history::{Deferred, HistoryError, Reader, ScanId},
    targets::{Plan, Planned, Turn, expect_next, turn},
};

/// Decides for one scan.
#[derive(Debug)]
pub struct Due {
    reader: Reader,
    /// `None` where every target is asked.
    sparing: Option<Sparing>,
    /// Whether keys that are known to be AWS's are taken as known.
    remembers: bool,
    /// The scan that goes on: what failed in it is tried once more.
    resumes: Option<ScanId>,
    deferred: Mutex<Deferred>,
}

#[derive(Debug, Clone, Copy)]
struct Sparing {
    cadence: Cadence,
    next_at: Timestamp,
}

/// What is to be done in one account.
#[derive(Debug, Default)]
pub struct AccountDue {
    /// Targets that wait, by Region.
    waits: BTreeMap<Region, Standing>,
    /// Outcomes of those that wait because only a list of Regions tells of them.
    unlisted: Vec<Outcome>,
    /// Whether the account is asked for its Regions; what waits knows them.
    pub lists: bool,
    /// Whether nothing at all is asked.
    pub rests: bool,
    /// Keys that need not be asked for.
    pub keys: Arc<Remembered>,
}

impl Due {
    /// Reads the history that the scan begins with; the writer has made sure that it is there.
    pub async fn new(
        path: &Path,
        config: &Config,
        scope: &Scope,
        started_at: Timestamp,
        resumes: Option<ScanId>,
    ) -> Result<Self, HistoryError> {
        let reader = Reader::open(path).await?;
        let cadence = config.cadence;
        // Who names an account or a Region wants it read.
        let sparing = if cadence.enabled && scope.is_whole() && !scope.full {
            let next_at = match scope.next_at {
                Some(next_at) => Some(next_at),
                None => {
                    let mut starts = reader.last_starts(4).await?;
                    if resumes.is_none() {
                        starts.insert(0, started_at);
                    }
                    expect_next(&starts, &cadence)
                }
            };
            next_at.map(|next_at| Sparing { cadence, next_at: next_at.max(started_at) })
        } else {
            None
        };
        Ok(Self { reader, sparing, remembers: !scope.full, resumes, deferred: Mutex::default() })
    }

    /// What is to be done in an account, of whose plan without a list of Regions this is left to do.
    pub async fn of(&self, account: AccountId, left: &Plan, done: &[Region]) -> AccountDue {
        let mut due = match self.decide(account, left, done).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(account.id = %account, "what is known of it can't be read, so all is asked: {error}");
                AccountDue { lists: true, ..AccountDue::default() }
            }
        };
        if self.remembers && !due.rests {
            match self.keys(account, &due).await {
                Ok(keys) => due.keys = Arc::new(keys),
                Err(error) => {
                    tracing::warn!(account.id = %account, "its keys are asked for again: {error}");
                }
            }
        }
        due
    }

    /// The keys that are AWS's; and where it is not the quiet targets' turn, which comes within the longest age, those
    /// that denied an answer or did not exist: they are as quiet.
    async fn keys(&self, account: AccountId, due: &AccountDue) -> Result<Remembered, HistoryError> {
        let managed = self.reader.aws_managed_keys(account).await?.into_iter().collect::<Remembered>();
        let unanswered = if due.lists { Vec::new() } else { self.reader.unanswered_keys(account).await? };
        Ok(managed.with_unanswered(unanswered))
    }

    async fn decide(
        &self,
        account: AccountId,
        left: &Plan,
        done: &[Region],
    ) -> Result<AccountDue, HistoryError> {
        let mut due = AccountDue { lists: true, ..AccountDue::default() };
        let Some(Sparing { cadence, next_at }) = self.sparing else { return Ok(due) };
        let known = self.reader.standing(account).await?;
        let mut known: BTreeMap<Region, (Standing, Option<ScanId>)> =
            known.into_iter().map(|target| (target.region, (target.standing, target.last_scan))).collect();
        let (mut always, mut turned) = (false, false);
        for (region, planned) in &left.regions {
            let known = known.remove(region);
            if matches!(planned, Planned::Skip(_)) {
                continue;
            }
            match known {
                // It counts for the scan already, and is counted anew by being asked.
                Some((_, last)) if last.is_some() && last == self.resumes => always = true,
                Some((standing, _)) => match turn(account, &standing, &cadence, next_at) {
                    // What was left out without a look is as good as new once it no longer is.
                    Turn::Always if standing.outcome == Outcome::Skipped => turned = true,
                    Turn::Always => always = true,
                    Turn::Due => turned = true,
                    Turn::Wait => {
                        due.waits.insert(region.clone(), standing);
                    }
                },
                None => turned = true,
            }
        }
        // Whatever waits was asked together with the list, so that is no older.
        due.lists = turned || due.waits.is_empty();
        due.rests = !due.lists && !always;
        if !due.lists {
            let listed = known.into_iter().filter(|(region, (standing, last))| {
                let counted = last.is_some() && *last == self.resumes;
                standing.outcome == Outcome::Skipped && !done.contains(region) && !counted
            });
            due.unlisted = listed.map(|(_, (standing, _))| standing.outcome).collect();
        }
        Ok(due)
    }

    /// Counts what waits in an account that is done.
    pub fn defer(&self, due: &AccountDue) {
        let mut deferred = self.deferred.lock().unwrap_or_else(PoisonError::into_inner);
        due.outcomes().for_each(|outcome| deferred.add(outcome));
    }

    /// What was not asked, of all accounts that are done. Nothing is read any more: a log that somebody reads is not
    /// folded into the file when the writer closes it.
    pub async fn close(&self) -> Deferred {
        self.reader.close().await;
        *self.deferred.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AccountDue {
    /// Whether the target in that Region waits.
    pub fn waits(&self, region: &Region) -> bool {
        self.waits.contains_key(region)
    }

    /// The account has told its Regions: what it says of those that wait is news, or as good as asked.
    pub fn told(&mut self, plan: &Plan) {
        self.unlisted.clear();
        self.waits.retain(|region, known| {
            let scanned = matches!(plan.regions.get(region), Some(Planned::Scan { .. }));
            scanned && known.reason != Some(CoverageReason::RegionNotEnabled)
        });
    }

    /// The account has told what holds for all of its targets, those that wait among them.
    pub fn told_all(&mut self) {
        self.unlisted.clear();
        self.waits.clear();
    }

    /// How many targets wait.
    pub fn count(&self) -> usize {
        self.outcomes().count()
    }

    fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        self.waits.values().map(|known| known.outcome).chain(self.unlisted.iter().copied())
    }
}
