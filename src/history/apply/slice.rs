use std::collections::{BTreeMap, HashMap};

use sqlx::SqliteConnection;

use super::{
    Applied,
    coverage::{self, NewTargets},
    record::Normal,
    resources::{self, Place},
};
use crate::{
    domain::{Outcome, Target, TargetRecord, iso_utc},
    history::{
        ScanId,
        digest::digest,
        exceptions::settle_targets,
        writer::{Counted, Known, KnownTargets, end_target},
    },
};

/// The records of one transaction, and what they taught.
pub(super) struct Slice<'a> {
    scan: ScanId,
    known: &'a KnownTargets,
    /// What this slice learned of its targets; in memory only until the commit.
    learned: HashMap<Target, Known>,
    next_id: i64,
    /// Targets that said nothing new, by the time they were read.
    unchanged: BTreeMap<String, Vec<i64>>,
    /// Targets that did, and have resources.
    changed: Vec<i64>,
    new: NewTargets,
    applied: Applied,
    counts: Counts,
}

/// What the slice adds to the scan's numbers.
#[derive(Default)]
struct Counts {
    targets: i64,
    scanned: i64,
    failed: i64,
    skipped: i64,
    resources: i64,
}

impl Counts {
    fn add(&mut self, counted: Counted, sign: i64) {
        self.targets += sign;
        self.resources += sign * i64::from(counted.resources);
        match counted.outcome {
            Outcome::Scanned => self.scanned += sign,
            Outcome::Failed => self.failed += sign,
            Outcome::Skipped => self.skipped += sign,
        }
    }
}

impl<'a> Slice<'a> {
    pub(super) fn new(scan: ScanId, known: &'a KnownTargets) -> Self {
        Self {
            scan,
            known,
            learned: HashMap::new(),
            next_id: known.next_id(),
            unchanged: BTreeMap::new(),
            changed: Vec::new(),
            new: NewTargets::default(),
            applied: Applied::default(),
            counts: Counts::default(),
        }
    }

    pub(super) async fn apply(
        &mut self,
        db: &mut SqliteConnection,
        record: &TargetRecord,
    ) -> Result<(), sqlx::Error> {
        let normal = Normal::new(record);
        let digest = digest(&normal);
        let twice = self.learned.get(&record.target).copied();
        let known = twice.or_else(|| self.known.get(&record.target).copied());
        let counted = Counted {
            outcome: normal.whole.outcome,
            resources: u32::try_from(normal.resources()).unwrap_or(u32::MAX),
        };
        self.applied.targets += 1;
        let id = match known {
            Some(Known { id, digest: Some(before), .. }) if before == digest => {
                self.unchanged.entry(iso_utc(record.at)).or_default().push(id);
                id
            }
            Some(Known { id, .. }) => {
                if twice.is_some() {
                    self.flush(db).await?;
                }
                self.applied.changed += 1;
                let again = self.change(db, record, &normal, id).await?;
                sqlx::query!(
                    "UPDATE target SET digest = ?1, last_attempt_at = max(last_attempt_at, ?2), last_scan_id = ?3,
                         streak = iif(?4, streak + (last_scan_id IS NOT ?3), 0)
                     WHERE target_id = ?5",
                    &digest[..],
                    iso_utc(record.at),
                    self.scan.0,
                    again,
                    id
                )
                .execute(&mut *db)
                .await?;
                self.changed.push(id);
                id
            }
            None => {
                let id = self.next_id;
                self.next_id += 1;
                self.applied.changed += 1;
                let at = iso_utc(record.at);
                self.new.push(&record.target, id, digest, &at, &normal);
                if normal.resources() > 0 {
                    // What follows refers to the target's row.
                    self.new.flush(db, self.scan).await?;
                    self.store_parts(db, &normal, id, &at, true).await?;
                    self.changed.push(id);
                }
                id
            }
        };
        if let Some(before) = known.and_then(|known| known.counted) {
            self.counts.add(before, -1);
        }
        self.counts.add(counted, 1);
        self.learned
            .insert(record.target.clone(), Known { id, digest: Some(digest), counted: Some(counted) });
        Ok(())
    }

    /// Compares the record with what is stored. Resources and findings come before coverage: how long they
    /// were seen follows from the coverage before this record. Returns whether it says the same again after all:
    /// of a target without resources, with nothing new but AWS's words for it, such as the id of the request.
    async fn change(
        &mut self,
        db: &mut SqliteConnection,
        record: &TargetRecord,
        normal: &Normal<'_>,
        id: i64,
    ) -> Result<bool, sqlx::Error> {
        let open = coverage::Open::load(db, id).await?;
        let again = normal.resources() == 0 && open.says(normal) && !resources::any(db, id).await?;
        // A clock that was set back must not end a period before it began.
        let at = iso_utc(record.at).max(open.last_attempt_at.clone());
        if let Some(resolution) = normal.ends {
            self.applied.findings_resolved += end_target(db, self.scan, &at, id, resolution).await?;
        }
        self.store_parts(db, normal, id, &at, false).await?;
        open.change(db, id, &at, normal).await?;
        Ok(again)
    }

    async fn store_parts(
        &mut self,
        db: &mut SqliteConnection,
        normal: &Normal<'_>,
        target: i64,
        at: &str,
        new: bool,
    ) -> Result<(), sqlx::Error> {
        for part in &normal.parts {
            if let Some(resources) = &part.resources {
                let place = Place { scan: self.scan, target, kind: part.kind, at, new };
                resources::store(db, &place, resources, &mut self.applied).await?;
            }
        }
        Ok(())
    }

    /// Writes what was put off to be written together.
    pub(super) async fn flush(&mut self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.new.flush(db, self.scan).await?;
        for (at, ids) in std::mem::take(&mut self.unchanged) {
            sqlx::query!(
                // A record that the scan applies twice says nothing again.
                "UPDATE target SET last_attempt_at = max(last_attempt_at, ?1), last_scan_id = ?2,
                     streak = streak + (last_scan_id IS NOT ?2)
                 WHERE target_id IN (SELECT value FROM json_each(?3))",
                at,
                self.scan.0,
                serde_json::json!(ids).to_string()
            )
            .execute(&mut *db)
            .await?;
        }
        Ok(())
    }

    /// Lets the exceptions in force have their say on what changed.
    pub(super) async fn settle(&mut self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        if !self.changed.is_empty() {
            let changed = serde_json::json!(std::mem::take(&mut self.changed)).to_string();
            settle_targets(db, self.scan, &changed).await?;
        }
        Ok(())
    }

    /// Adds this slice's numbers to the scan's.
    pub(super) async fn count(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "UPDATE scan SET targets = targets + ?, scanned = scanned + ?, failed = failed + ?,
                 skipped = skipped + ?, resources = resources + ?, findings_opened = findings_opened + ?,
                 findings_resolved = findings_resolved + ?
             WHERE scan_id = ?",
            self.counts.targets,
            self.counts.scanned,
            self.counts.failed,
            self.counts.skipped,
            self.counts.resources,
            self.applied.findings_opened,
            self.applied.findings_resolved,
            self.scan.0
        )
        .execute(db)
        .await?;
        Ok(())
    }

    pub(super) fn end(self) -> (Applied, HashMap<Target, Known>) {
        (self.applied, self.learned)
    }
}
