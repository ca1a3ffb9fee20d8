use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::ParameterError;

/// What can go wrong with the history. Every message names the file and the way out.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is nothing to read yet.
    #[error("there is no history at {}: `keywatch scan` makes one (or name another file with --db)", .0.display())]
    Missing(PathBuf),
    /// The directory of a new database does not exist.
    #[error("cannot make the history {}: its directory {} does not exist; create it, or name another file with --db", .path.display(), .parent.display())]
    NoParent {
        /// The database.
        path: PathBuf,
        /// The directory that is missing.
        parent: PathBuf,
    },
    /// The path is a directory.
    #[error("the history {} is a directory; name a file inside it with --db", .0.display())]
    IsDirectory(PathBuf),
    /// The file or its lock cannot be made or opened.
    #[error("cannot open {}: {source}; keywatch needs to read and write the file and its directory", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite cannot open the file.
    #[error("SQLite cannot open {}: it needs the right to write there, for its -wal and -shm files too, and free space; check the owner and mode of the file and its directory", .0.display())]
    CannotOpen(PathBuf),
    /// It would come back with the next scan.
    #[error("exception {0} stands in the config: take it out there, and the next scan ends it")]
    ExceptionOfConfig(i64),
    /// Another process writes to the database.
    #[error("another keywatch is writing to {}; wait for it to end, or stop it", .0.display())]
    Locked(PathBuf),
    /// Another process is this history's daemon.
    #[error("another `keywatch daemon` runs on {}; there is one for each history: stop it first", .0.display())]
    DaemonRuns(PathBuf),
    /// Another process puts something right.
    #[error("another `keywatch remediate apply` runs on {}; let it end first: one thing is put right at a time", .0.display())]
    Remediating(PathBuf),
    /// Another program holds SQLite's lock.
    #[error("{} is locked by another program; close it, then try again", .0.display())]
    Busy(PathBuf),
    /// The file may be read but not written.
    #[error("{} cannot be written: the file or its directory is read-only; change its mode, or name another file with --db", .0.display())]
    ReadOnly(PathBuf),
    /// The file is no SQLite database, or that of another program.
    #[error("{} is not a keywatch history, or its first page is damaged; name another file with --db, or restore a backup", .0.display())]
    NotKeywatch(PathBuf),
    /// SQLite found the file damaged.
    #[error("{} is damaged ({detail}); restore a backup, or save what is readable with `sqlite3 {} .recover`", .path.display(), .path.display())]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// A newer keywatch wrote the file.
    #[error("{} was written by a newer keywatch (schema {found}, this version knows {known}); update keywatch, or name another file with --db", .path.display())]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// Its schema's version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// An older keywatch wrote the file, and a reader changes nothing.
    #[error("{} has the older schema {found} (this version reads {known}); the next `keywatch scan` brings it up to date", .path.display())]
    OlderSchema {
        /// The database.
        path: PathBuf,
        /// Its schema's version.
        found: i64,
        /// The version needed.
        known: i64,
    },
    /// A migration was changed after it had been applied.
    #[error("the schema of {} is not the one this version made (migration {version} differs); use the keywatch that wrote it, or restore a backup", .path.display())]
    SchemaDiffers {
        /// The database.
        path: PathBuf,
        /// The migration that differs.
        version: i64,
    },
    /// No space left.
    #[error("the disk that holds {} is full; free some space, then try again: nothing is lost", .0.display())]
    DiskFull(PathBuf),
    /// The disk, or what stands between it and SQLite, refused a read or a write.
    #[error("the system refused to read or write {}: look at the disk, its quota, and the process's limit on the size of files (ulimit -f), then try again: nothing is lost", .path.display())]
    Storage {
        /// The file.
        path: PathBuf,
    },
    /// The path is a pipe, a device or a socket.
    #[error("{} is no regular file; name another with --db", .0.display())]
    NotAFile(PathBuf),
    /// What was to be made is there.
    #[error("{} exists, and is not overwritten; name another, or remove it", .0.display())]
    Exists(PathBuf),
    /// A directory that must be empty is not.
    #[error("{} is not empty, and nothing in it is overwritten; name another directory, or empty it", .0.display())]
    NotEmpty(PathBuf),
    /// A file other than the history cannot be written.
    #[error("cannot write {}: {source}; keywatch needs the right to write in its directory, and free space", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory of what was to be made does not exist.
    #[error("cannot make {}: its directory {} does not exist; create it first, or name another", .path.display(), .parent.display())]
    NoDirectory {
        /// What was to be made.
        path: PathBuf,
        /// The directory that is missing.
        parent: PathBuf,
    },
    /// SQLite takes names in Unicode only.
    #[error("the name {} is no Unicode; choose another", .0.display())]
    NotUnicode(PathBuf),
    /// It was asked to stop.
    #[error("stopped; nothing was written")]
    Stopped,
    /// The past up to a day that has not come.
    #[error("{0} is in the future, and what happens until then would go too; name a day in the past")]
    InFuture(String),
    /// Something that stays refers to what was to be removed.
    #[error("nothing was removed from {}: a row of `{table}` refers to one of `{parent}` that would go; run `keywatch db check`, and report this", .path.display())]
    StillReferred {
        /// The database.
        path: PathBuf,
        /// The table that refers.
        table: String,
        /// The table referred to.
        parent: String,
    },
    /// A record was applied to a scan that is not running.
    #[error("scan {scan} is not the running scan of {}; begin one first", .path.display())]
    NotRunning {
        /// The database.
        path: PathBuf,
        /// The scan that was named.
        scan: i64,
    },
    /// A moment was asked for of which the history cannot tell.
    #[error("{asked} is {why}: the history {} covers {first} to {last}, its newest scan; name a time in between", .path.display())]
    NotCovered {
        /// The database.
        path: PathBuf,
        /// The moment.
        asked: String,
        /// What is wrong with it.
        why: &'static str,
        /// When the first scan began.
        first: String,
        /// When the newest ended, or began if it still runs.
        last: String,
    },
    /// User SQL that is more or other than one read.
    #[error("only one statement that reads is allowed: {0}")]
    NotARead(String),
    /// User SQL that SQLite refuses.
    #[error("SQL error: {0}")]
    BadSql(String),
    /// A named query cannot take what it was told.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// User SQL ran longer than it may.
    #[error("the query was stopped after {} s; narrow it, or allow more time", .0.as_secs_f64())]
    TimeLimit(Duration),
    /// User SQL built values larger than it may.
    #[error("the query needs more memory than a query may use; select less at a time")]
    MemoryLimit,
    /// Anything else that SQLite or its driver reports.
    #[error("{}: {source}; if it happens again, check the file with `keywatch db check`", .path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
}

// Primary result codes; source: sqlite.org/rescode.html.
pub(super) const SQLITE_ERROR: i64 = 1;
pub(super) const SQLITE_BUSY: i64 = 5;
pub(super) const SQLITE_NOMEM: i64 = 7;
pub(super) const SQLITE_READONLY: i64 = 8;
pub(super) const SQLITE_INTERRUPT: i64 = 9;
pub(super) const SQLITE_IOERR: i64 = 10;
pub(super) const SQLITE_CORRUPT: i64 = 11;
pub(super) const SQLITE_FULL: i64 = 13;
pub(super) const SQLITE_CANTOPEN: i64 = 14;
pub(super) const SQLITE_TOOBIG: i64 = 18;
pub(super) const SQLITE_AUTH: i64 = 23;
pub(super) const SQLITE_NOTADB: i64 = 26;

/// SQLite's primary result code, if the error is SQLite's.
pub(super) fn sqlite_code(error: &sqlx::Error) -> Option<i64> {
    // The extended code's lowest byte is the primary one.
    error.as_database_error()?.code()?.parse::<i64>().ok().map(|code| code & 0xff)
}

impl HistoryError {
    /// Sorts an error of making or writing a file other than the history.
    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.is_dir()) {
            Some(parent) => Self::NoDirectory { parent: parent.to_owned(), path },
            None => Self::Write { path, source },
        }
    }

    /// Sorts an error of the driver.
    pub(super) fn sqlite(path: &Path, error: sqlx::Error) -> Self {
        let path = path.to_owned();
        match sqlite_code(&error) {
            Some(SQLITE_BUSY) => Self::Busy(path),
            Some(SQLITE_READONLY) => Self::ReadOnly(path),
            Some(SQLITE_CORRUPT) => Self::Corrupt { path, detail: error.to_string() },
            Some(SQLITE_FULL) => Self::DiskFull(path),
            Some(SQLITE_CANTOPEN) => Self::CannotOpen(path),
            Some(SQLITE_IOERR) => Self::Storage { path },
            Some(SQLITE_NOTADB) => Self::NotKeywatch(path),
            _ => Self::Sqlite { path, source: error },
        }
    }
}
