//! A history looked at from beside, in the state that a process left it in.

use std::{
    fs,
    path::{Path, PathBuf},
};

use keywatch::history::{HistoryError, Reader};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// A copy of a database in the state that a process left it in, so that looking repairs nothing.
pub struct Database {
    runtime: Runtime,
    connection: SqliteConnection,
    path: PathBuf,
    _dir: TempDir,
}

impl Database {
    /// Copies the database with its log; `None` if there is none yet.
    pub fn copy_of(path: &Path) -> Option<Self> {
        let dir = TempDir::new().unwrap();
        let copy = dir.path().join("copy.db");
        if !path.exists() {
            return None;
        }
        fs::copy(path, &copy).unwrap();
        let log = path.with_extension("db-wal");
        if log.exists() {
            fs::copy(log, copy.with_extension("db-wal")).unwrap();
        }
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let options = SqliteConnectOptions::new().filename(&copy);
        let connection = runtime.block_on(SqliteConnection::connect_with(&options)).unwrap();
        Some(Self { runtime, connection, path: copy, _dir: dir })
    }

    /// The first column of each row, which has to be a text.
    #[track_caller]
    pub fn texts(&mut self, sql: &'static str) -> Vec<String> {
        #[expect(clippy::disallowed_methods, reason = "tests ask what they like")]
        let answer = sqlx::query_scalar(sql).fetch_all(&mut self.connection);
        self.runtime.block_on(answer).unwrap_or_else(|error| panic!("{sql}\n{error}"))
    }

    /// Asserts that `db check` finds nothing, and what only holds right after a scan. A database in the middle of
    /// its migrations has nothing to say yet, but is whole.
    #[track_caller]
    pub fn assert_sound(&mut self) {
        let report = self.runtime.block_on(async {
            match Reader::open(&self.path).await {
                Ok(reader) => Some(reader.check(3).await),
                Err(HistoryError::Missing(_) | HistoryError::OlderSchema { .. }) => None,
                Err(error) => panic!("{error}"),
            }
        });
        let Some(report) = report else {
            assert_eq!(self.texts("PRAGMA integrity_check"), ["ok"]);
            return;
        };
        let report = report.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(report.broken, []);
        assert!(report.checked > 20, "{report:?}");
        for (what, sql) in AFTER_A_SCAN {
            assert_eq!(self.texts(sql), [] as [&str; 0], "{what}");
        }
    }
}

/// What holds until something is pruned, with the rows in which it does not.
const AFTER_A_SCAN: [(&str, &str); 2] = [
    (
        "the last scan has an outcome of each target that it counted and asked",
        "SELECT 'scan ' || scan_id FROM scan WHERE scan_id = (SELECT max(scan_id) FROM scan)
             AND targets - deferred <> (SELECT count(*) FROM target t WHERE last_scan_id = scan_id AND EXISTS
                 (SELECT * FROM coverage_period c
                  WHERE c.target_id = t.target_id AND part = '' AND valid_to IS NULL))",
    ),
    (
        "a member's target has one outcome, and that of one who left none",
        "SELECT 'target ' || target_id FROM target t JOIN account a USING (account_id)
         WHERE (SELECT count(*) FROM coverage_period c
                WHERE c.target_id = t.target_id AND part = '' AND valid_to IS NULL)
             <> (a.left_at IS NULL OR a.left_at <= t.last_attempt_at)",
    ),
];
