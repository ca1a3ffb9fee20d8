//! The one connection that writes.

mod end;
mod known;
mod resume;
mod roster;
mod scans;

use std::path::{Path, PathBuf};

use sqlx::{Connection, Sqlite, SqliteConnection, Transaction};

use super::{HistoryError, ScanId, open};
use crate::domain::Timestamp;
use resume::{Interrupt, interrupt};

pub(super) use end::{end_resources, end_target, update_last_seen};
pub(super) use known::{Counted, Known, KnownTargets};
pub use resume::CutOff;
pub use scans::{Deferred, NewScan, ScanEnd, ScanOutcome};

/// Writes to one history. There is at most one at a time, over all processes.
#[derive(Debug)]
pub struct Writer {
    pub(super) path: PathBuf,
    pub(super) db: SqliteConnection,
    pub(super) running: Option<Running>,
    /// Held as long as the writer lives.
    _lock: open::Lock,
}

/// The scan that records are applied to.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) scan: ScanId,
    pub(super) targets: KnownTargets,
    /// An apply failed or was dropped half way: whether it was committed is not known here, so what is
    /// known must be read again.
    pub(super) stale: bool,
}

impl Writer {
    /// Opens the history, makes it if it is not there (readable by its owner only), and brings its schema
    /// up to date. A scan that a dead process left `running` more than a day before `now` is marked
    /// `interrupted`; a younger one can be gone on with.
    pub async fn open(path: &Path, now: Timestamp) -> Result<Self, HistoryError> {
        let (db, lock) = open::for_writing(path).await?;
        let mut writer = Self { path: path.to_owned(), db, running: None, _lock: lock };
        let interrupted = interrupt(&mut writer.db, now, Interrupt::Stale).await;
        interrupted.map_err(|error| HistoryError::sqlite(path, error))?;
        Ok(writer)
    }

    /// Closes the file in good order: the write-ahead log is folded into it.
    pub async fn close(self) -> Result<(), HistoryError> {
        let Self { path, db, .. } = self;
        db.close().await.map_err(|error| HistoryError::sqlite(&path, error))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Begins a transaction that may write from its first statement on, so that it never fails half way
/// because someone else wrote in between. Dropped without a commit, it changes nothing.
pub(super) async fn begin<'a>(
    path: &Path,
    db: &'a mut SqliteConnection,
) -> Result<Transaction<'a, Sqlite>, HistoryError> {
    db.begin_with("BEGIN IMMEDIATE").await.map_err(|error| HistoryError::sqlite(path, error))
}
