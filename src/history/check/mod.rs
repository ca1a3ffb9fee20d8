//! Whether a history is sound: SQLite's own checks, and what must hold between our rows.
//!
//! Each invariant is one entry of one list: its name, what it says, what to do where it is broken, and a
//! question whose every row is an offender. Nothing is written; a writer may be at work meanwhile, because
//! all questions look at one moment.

mod files;
mod findings;
mod notifications;
mod periods;
mod remediations;
mod reports;

use futures_util::TryStreamExt;
use sqlx::{Connection, Row, SqliteConnection};

use super::{
    HistoryError, Reader,
    error::{SQLITE_CORRUPT, sqlite_code},
};

/// Something that holds of every history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invariant {
    /// Its name, in every output.
    pub name: &'static str,
    /// What must hold.
    pub sentence: &'static str,
    /// What to do where it does not.
    pub remedy: &'static str,
    /// Answers one text per offender, and nothing if it holds.
    pub sql: &'static str,
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub invariant: Invariant,
    /// How many offenders there are.
    pub count: u64,
    /// The first of them.
    pub offenders: Vec<String>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckReport {
    /// Invariants that were looked at.
    pub checked: usize,
    /// Those that do not hold, in the order of the list.
    pub broken: Vec<Broken>,
    /// Whether the file itself is damaged, so that the rest was not looked at.
    pub stopped: bool,
}

/// Where rows contradict each other, no single row says which of them is right.
const RESTORE: &str = "restore a backup from before (`keywatch db backup` makes them), or keep the file and report \
                       this as a defect of keywatch";
/// Where a coming scan mends it.
const SCAN: &str =
    "run `keywatch scan`, which judges everything anew; if it stays, restore a backup and report it";

/// Every invariant, the file's own first.
pub fn invariants() -> impl Iterator<Item = &'static Invariant> {
    [
        files::INVARIANTS,
        periods::INVARIANTS,
        findings::INVARIANTS,
        notifications::INVARIANTS,
        reports::INVARIANTS,
        remediations::INVARIANTS,
    ]
    .into_iter()
    .flatten()
}

impl Reader {
    /// Checks the whole history; of each broken invariant, at most `limit` offenders are named.
    ///
    /// # Errors
    /// Where the file is so damaged that it can't be looked at, or can't be read.
    pub async fn check(&self, limit: usize) -> Result<CheckReport, HistoryError> {
        let mut db = self.connection().await?;
        check(&mut db, limit).await.map_err(|error| HistoryError::sqlite(&self.path, error))
    }
}

/// The same on an open connection.
#[expect(clippy::disallowed_methods, reason = "the invariants are checked where they are listed")]
pub(super) async fn check(db: &mut SqliteConnection, limit: usize) -> Result<CheckReport, sqlx::Error> {
    let mut report = CheckReport::default();
    // One transaction, so that a writer beside it can't make two answers disagree.
    let mut tx = db.begin().await?;
    for invariant in invariants() {
        let mut found = Broken { invariant: *invariant, count: 0, offenders: Vec::new() };
        let mut rows = sqlx::query(invariant.sql).fetch(&mut *tx);
        loop {
            let offender: String = match rows.try_next().await {
                Ok(Some(row)) => row.try_get(0)?,
                Ok(None) => break,
                // SQLite's own check ends with an error at a page that it can't read.
                Err(error)
                    if invariant.name == files::INTEGRITY && sqlite_code(&error) == Some(SQLITE_CORRUPT) =>
                {
                    found.count += 1;
                    if found.offenders.len() < limit {
                        found.offenders.push(error.to_string());
                    }
                    break;
                }
                Err(error) => return Err(error),
            };
            // How the pragma says that there is none.
            if invariant.name == files::INTEGRITY && offender == "ok" {
                continue;
            }
            found.count += 1;
            if found.offenders.len() < limit {
                found.offenders.push(offender);
            }
        }
        drop(rows);
        report.checked += 1;
        if found.count > 0 {
            report.broken.push(found);
            if invariant.name == files::INTEGRITY {
                // Whatever a damaged file answers says nothing about what was stored.
                report.stopped = true;
                return Ok(report);
            }
        }
    }
    tx.commit().await?;
    Ok(report)
}
