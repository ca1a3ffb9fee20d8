#![expect(clippy::disallowed_methods, reason = "the file may be of another schema, or of another program")]

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    Connection, SqliteConnection,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{HistoryError, MIGRATIONS};

/// How long to wait for another program's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// `PRAGMA application_id` of a keywatch database, set by the first migration.
const APPLICATION_ID: i64 = 1_802_986_344;

/// The newest schema that this version knows.
pub(super) fn known_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Opens the database for writing, making it or bringing its schema up to date; the file is the lock.
pub(super) async fn for_writing(path: &Path) -> Result<(SqliteConnection, Lock), HistoryError> {
    refuse_other_kinds(path)?;
    let lock = lock(path, "lock")?;
    create(path)?;
    // First without the pragmas that write, so that a stranger's file stays as it is.
    let plain = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT);
    let mut look = connect(path, &plain).await?;
    check_owner(path, &mut look, true).await?;
    check_version(path, &mut look, Side::Writer).await?;
    look.close().await.map_err(|error| HistoryError::sqlite(path, error))?;

    let mut connection = connect(path, &write_options(path)).await?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| migration(path, error))?;
    Ok((connection, lock))
}

/// Opens a connection for single rows that are written while another writes the history. The file has to be there.
pub(super) async fn beside_the_writer(path: &Path) -> Result<SqliteConnection, HistoryError> {
    let checked = for_reading(path).await?;
    checked.close().await.map_err(|error| HistoryError::sqlite(path, error))?;
    connect(path, &write_options(path)).await
}

/// The same for a journal: what is committed is on the disk, power cuts included.
pub(super) async fn for_journalling(path: &Path) -> Result<SqliteConnection, HistoryError> {
    let checked = for_reading(path).await?;
    checked.close().await.map_err(|error| HistoryError::sqlite(path, error))?;
    connect(path, &write_options(path).synchronous(SqliteSynchronous::Full)).await
}

fn write_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
}

/// The options of a connection that cannot write.
pub(super) fn read_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("query_only", "ON")
        .pragma("trusted_schema", "OFF")
}

/// A directory is no database, and neither is a pipe, which to open would wait for its other end for ever.
pub(super) fn refuse_other_kinds(path: &Path) -> Result<(), HistoryError> {
    match path.metadata() {
        Ok(found) if found.is_dir() => Err(HistoryError::IsDirectory(path.to_owned())),
        Ok(found) if !found.is_file() => Err(HistoryError::NotAFile(path.to_owned())),
        // What can't be looked at is for the opening to say.
        _ => Ok(()),
    }
}

/// The same for statements that write elsewhere: to a new file, or to temporary tables.
pub(super) async fn for_copying(path: &Path) -> Result<SqliteConnection, HistoryError> {
    let checked = for_reading(path).await?;
    checked.close().await.map_err(|error| HistoryError::sqlite(path, error))?;
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
    connect(path, &options).await
}

/// Opens a connection for short writes beside the writer, whose lock it does not take, to a database that is there
/// and up to date.
pub(super) async fn for_delivering(path: &Path) -> Result<SqliteConnection, HistoryError> {
    let checked = for_reading(path).await?;
    checked.close().await.map_err(|error| HistoryError::sqlite(path, error))?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .synchronous(SqliteSynchronous::Normal);
    connect(path, &options).await
}

/// Opens a connection that cannot write, and checks that the database is one this version can read.
pub(super) async fn for_reading(path: &Path) -> Result<SqliteConnection, HistoryError> {
    refuse_other_kinds(path)?;
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Err(HistoryError::Missing(path.to_owned())),
        Err(source) => return Err(HistoryError::Open { path: path.to_owned(), source }),
    }
    let mut connection = connect(path, &read_options(path)).await?;
    check_owner(path, &mut connection, false).await?;
    check_version(path, &mut connection, Side::Reader).await?;
    Ok(connection)
}

async fn connect(path: &Path, options: &SqliteConnectOptions) -> Result<SqliteConnection, HistoryError> {
    SqliteConnection::connect_with(options).await.map_err(|error| HistoryError::sqlite(path, error))
}

/// Where the lock of that kind lies.
pub(super) fn lock_path(path: &Path, kind: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(kind);
    PathBuf::from(name)
}

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    /// A program that was just started has a copy of this file for a moment, which would go on holding the lock.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "a lock goes with its file");
        }
    }
}

/// Takes a lock, the writer's or the daemon's. It lies beside the database and not on it: closing any handle of
/// the database file itself would drop the locks that SQLite holds on it. The system frees it when the process
/// ends, however it ends; the empty file may stay.
pub(super) fn lock(path: &Path, kind: &str) -> Result<Lock, HistoryError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent.filter(|parent| !parent.is_dir()) {
        return Err(HistoryError::NoParent { path: path.to_owned(), parent: parent.to_owned() });
    }
    let name = lock_path(path, kind);
    let open = |source| HistoryError::Open { path: name.clone(), source };
    let file =
        private(OpenOptions::new().write(true).create(true).truncate(false)).open(&name).map_err(open)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(HistoryError::Locked(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(open(source)),
    }
}

/// Makes an empty database file that only its owner may read; SQLite gives its -wal and -shm the same mode.
fn create(path: &Path) -> Result<(), HistoryError> {
    match private(OpenOptions::new().write(true).create_new(true)).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(HistoryError::Open { path: path.to_owned(), source }),
    }
}

#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Refuses another program's database.
async fn check_owner(path: &Path, db: &mut SqliteConnection, may_be_new: bool) -> Result<(), HistoryError> {
    let (id, tables): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)",
    )
    .fetch_one(&mut *db)
    .await
    .map_err(|error| HistoryError::sqlite(path, error))?;
    match (id, tables) {
        (APPLICATION_ID, _) => Ok(()),
        // Empty, or made but not filled because the process was killed at its first migration.
        (0, 0) if may_be_new => Ok(()),
        (0, 0) => Err(HistoryError::Missing(path.to_owned())),
        (0, 1..=2) if may_be_new && only_bookkeeping(path, db).await? => Ok(()),
        _ => Err(HistoryError::NotKeywatch(path.to_owned())),
    }
}

/// Whether there is nothing but the empty list of migrations.
async fn only_bookkeeping(path: &Path, db: &mut SqliteConnection) -> Result<bool, HistoryError> {
    let others: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE tbl_name <> '_sqlx_migrations'")
            .fetch_one(&mut *db)
            .await
            .map_err(|error| HistoryError::sqlite(path, error))?;
    if others > 0 {
        return Ok(false);
    }
    let applied: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations")
        .fetch_one(db)
        .await
        .map_err(|error| HistoryError::sqlite(path, error))?;
    Ok(applied == 0)
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Writer,
    Reader,
}

async fn check_version(path: &Path, db: &mut SqliteConnection, side: Side) -> Result<(), HistoryError> {
    let fail = |error| HistoryError::sqlite(path, error);
    let listed: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'")
            .fetch_one(&mut *db)
            .await
            .map_err(fail)?;
    let applied: Vec<i64> = if listed == 0 {
        Vec::new()
    } else {
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version")
            .fetch_all(&mut *db)
            .await
            .map_err(fail)?
    };
    let path = path.to_owned();
    let known = known_version();
    // The highest first: a file that is newer too is above all newer.
    if let Some(&version) = applied.iter().rev().find(|version| !MIGRATIONS.version_exists(**version)) {
        return Err(if version > known {
            HistoryError::NewerSchema { path, found: version, known }
        } else {
            HistoryError::SchemaDiffers { path, version }
        });
    }
    // Not the highest number: one below it can be missing, where the file is of a version that did not have it.
    let missing = MIGRATIONS.iter().map(|migration| migration.version).find(|known| !applied.contains(known));
    if let (Side::Reader, Some(missing)) = (side, missing) {
        let found = applied.iter().copied().filter(|version| *version < missing).max().unwrap_or(0);
        return Err(HistoryError::OlderSchema { path, found, known });
    }
    Ok(())
}

fn migration(path: &Path, error: MigrateError) -> HistoryError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            HistoryError::sqlite(path, error)
        }
        MigrateError::VersionMismatch(version) => {
            HistoryError::SchemaDiffers { path: path.to_owned(), version }
        }
        MigrateError::VersionMissing(found) => {
            HistoryError::NewerSchema { path: path.to_owned(), found, known: known_version() }
        }
        other => {
            HistoryError::Sqlite { path: path.to_owned(), source: sqlx::Error::Migrate(Box::new(other)) }
        }
    }
}
