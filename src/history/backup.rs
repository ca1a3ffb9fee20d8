//! A copy of the history while others use it.
//!
//! `VACUUM INTO` and not SQLite's backup API: that one begins anew whenever another process writes, so under
//! a scan it may never end, or must hold up the copy in one step. `VACUUM INTO` reads one snapshot, which in
//! WAL mode no writer waits for, and its copy is compact and needs no log beside it.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use sqlx::{Connection, SqliteConnection};
use tokio_util::sync::CancellationToken;

use super::{HistoryError, Reader, open};

/// Steps of SQLite's machine between two looks at whether the copy is still wanted.
const STEPS: i32 = 10_000;

impl Reader {
    /// Writes a copy of the history as it is now to a new file, which only its owner may read. It stands under
    /// its name only once it is whole and checked; stopped before, it leaves nothing. Returns its bytes.
    ///
    /// # Errors
    /// [`HistoryError::Exists`] where something has that name; the others where the history can't be read, the
    /// copy can't be written, or is not whole; [`HistoryError::Stopped`] where `stop` was cancelled.
    pub async fn backup(&self, to: &Path, stop: &CancellationToken) -> Result<u64, HistoryError> {
        if to.symlink_metadata().is_ok() {
            return Err(HistoryError::Exists(to.to_owned()));
        }
        let fail = |source| HistoryError::write(to, source);
        let copy = Unfinished::new(to).map_err(fail)?;
        let mut db = open::for_copying(&self.path).await?;
        // Ends the statement where this future is dropped, too.
        let stop = stop.child_token();
        let _dropped = stop.clone().drop_guard();
        let looked_at = stop.clone();
        db.lock_handle()
            .await
            .map_err(|error| HistoryError::sqlite(&self.path, error))?
            .set_progress_handler(STEPS, move || !looked_at.is_cancelled());
        // SQLite takes an empty file for a new one, and keeps its mode.
        let name = copy.path.to_str().ok_or_else(|| HistoryError::NotUnicode(to.to_owned()))?;
        sqlx::query("VACUUM INTO ?").bind(name).execute(&mut db).await.map_err(|error| {
            if stop.is_cancelled() {
                return HistoryError::Stopped;
            }
            // SQLite does not say which of the two files it means; only the copy is written.
            match HistoryError::sqlite(&self.path, error) {
                HistoryError::DiskFull(_) => HistoryError::DiskFull(to.to_owned()),
                HistoryError::Storage { .. } => HistoryError::Storage { path: to.to_owned() },
                HistoryError::CannotOpen(_) => HistoryError::CannotOpen(to.to_owned()),
                other => other,
            }
        })?;
        db.close().await.map_err(|error| HistoryError::sqlite(&self.path, error))?;
        quick_check(&copy.path).await?;
        if stop.is_cancelled() {
            return Err(HistoryError::Stopped);
        }
        copy.finish(to)
    }
}

async fn quick_check(path: &Path) -> Result<(), HistoryError> {
    let fail = |error| HistoryError::sqlite(path, error);
    let mut db = SqliteConnection::connect_with(&open::read_options(path)).await.map_err(fail)?;
    let answer: String =
        sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut db).await.map_err(fail)?;
    db.close().await.map_err(fail)?;
    if answer == "ok" { Ok(()) } else { Err(HistoryError::Corrupt { path: path.to_owned(), detail: answer }) }
}

/// A file under a temporary name beside the one it will have; removed when dropped.
struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    fn new(to: &Path) -> io::Result<Self> {
        let mut name = OsString::from(".");
        name.push(to.file_name().ok_or(io::ErrorKind::InvalidInput)?);
        name.push(format!(".{}.tmp", std::process::id()));
        let path = to.with_file_name(name);
        // One that a killed process of the same number left behind is nobody's.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        open::private(OpenOptions::new().write(true).create_new(true)).open(&path)?;
        Ok(Self { path })
    }

    /// Gives the file its name, once it is on the disk.
    fn finish(self, to: &Path) -> Result<u64, HistoryError> {
        let fail = |source| HistoryError::write(to, source);
        let file = File::open(&self.path).map_err(fail)?;
        file.sync_all().map_err(fail)?;
        let bytes = file.metadata().map_err(fail)?.len();
        // Unlike a rename, a link never replaces what someone made meanwhile.
        match fs::hard_link(&self.path, to) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(HistoryError::Exists(to.to_owned()));
            }
            // Some file systems have no links.
            Err(_) if to.symlink_metadata().is_err() => fs::rename(&self.path, to).map_err(fail)?,
            Err(_) => return Err(HistoryError::Exists(to.to_owned())),
        }
        if let Some(parent) = to.parent() {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            File::open(parent).and_then(|parent| parent.sync_all()).map_err(fail)?;
        }
        Ok(bytes)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename it is no longer there.
        let _ = fs::remove_file(&self.path);
    }
}
