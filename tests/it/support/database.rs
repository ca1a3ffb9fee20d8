//! A history looked at from beside: what `keywatch` says of itself is not what is asked here.

use std::{fs, path::Path};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// A copy of a database in the state that a process left it in, so that looking repairs nothing.
pub struct Database {
    runtime: Runtime,
    connection: SqliteConnection,
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
        Some(Self { runtime, connection, _dir: dir })
    }

    /// The first column of each row, which has to be a text.
    #[track_caller]
    pub fn texts(&mut self, sql: &'static str) -> Vec<String> {
        #[expect(clippy::disallowed_methods, reason = "tests ask what they like")]
        let answer = sqlx::query_scalar(sql).fetch_all(&mut self.connection);
        self.runtime.block_on(answer).unwrap_or_else(|error| panic!("{sql}\n{error}"))
    }

    /// Asserts that SQLite finds no damage, and that what keywatch's tables say agrees. A database in the
    /// middle of its migrations has nothing to say yet.
    #[track_caller]
    pub fn assert_sound(&mut self) {
        assert_eq!(self.texts("PRAGMA integrity_check"), ["ok"]);
        assert_eq!(self.texts(r#"SELECT "table" FROM pragma_foreign_key_check"#), [] as [&str; 0]);
        if self.texts("SELECT name FROM sqlite_schema WHERE name = 'finding_event'").is_empty() {
            return;
        }
        for (what, sql) in INVARIANTS {
            assert_eq!(self.texts(sql), [] as [&str; 0], "{what}");
        }
    }
}

/// What always holds, with the rows in which it does not.
const INVARIANTS: [(&str, &str); 9] = [
    (
        "periods follow each other",
        "SELECT what || ' from ' || valid_from FROM (
             SELECT what, valid_from, valid_to, lead(valid_from) OVER (PARTITION BY what ORDER BY number) AS next
             FROM (SELECT 'coverage ' || target_id || part AS what, period AS number, valid_from, valid_to
                   FROM coverage_period
                   UNION ALL SELECT 'account ' || account_id, period, valid_from, valid_to FROM account_period
                   UNION ALL SELECT 'evaluation ' || resource_id || check_id, evaluation_id, valid_from, valid_to
                   FROM evaluation
                   UNION ALL SELECT 'resource ' || resource_id, version_id, valid_from, valid_to
                   FROM resource_version))
         WHERE valid_to < valid_from OR (next IS NOT NULL AND (valid_to IS NULL OR valid_to > next))",
    ),
    (
        "a finding is what its last event says",
        "SELECT 'finding ' || f.finding_id FROM finding f
         LEFT JOIN finding_event e ON e.event_id =
             (SELECT max(event_id) FROM finding_event WHERE finding_id = f.finding_id)
         WHERE e.event_id IS NULL OR (f.state = 'resolved') <> (e.event = 'resolved')
            OR f.resolution IS NOT e.resolution OR (f.state = 'open' AND e.to_status IS NOT f.status)",
    ),
    (
        "a finding was opened as often as it says",
        "SELECT 'finding ' || finding_id FROM finding f WHERE times_opened <>
             (SELECT count(*) FROM finding_event e
              WHERE e.finding_id = f.finding_id AND event IN ('opened', 'reopened'))",
    ),
    (
        "what does not pass is open, and what is open does not pass",
        "SELECT 'resource ' || resource_id FROM (
             SELECT resource_id, check_id, status FROM evaluation WHERE valid_to IS NULL AND status <> 'pass'
             EXCEPT SELECT resource_id, check_id, status FROM finding WHERE state = 'open')
         UNION ALL SELECT 'finding of ' || resource_id FROM (
             SELECT resource_id, check_id, status FROM finding WHERE state = 'open'
             EXCEPT SELECT resource_id, check_id, status FROM evaluation WHERE valid_to IS NULL)",
    ),
    (
        "a deleted resource is judged no longer",
        "SELECT 'resource ' || resource_id FROM resource JOIN evaluation USING (resource_id)
         WHERE deleted_at IS NOT NULL AND valid_to IS NULL",
    ),
    (
        "a scan's targets are those scanned, failed and skipped",
        "SELECT 'scan ' || scan_id FROM scan WHERE targets <> scanned + failed + skipped",
    ),
    (
        "only the last scan may be unfinished",
        "SELECT 'scan ' || scan_id FROM scan
         WHERE outcome = 'running' AND scan_id <> (SELECT max(scan_id) FROM scan)",
    ),
    (
        "the last scan has an outcome of each target that it counted",
        "SELECT 'scan ' || scan_id FROM scan WHERE scan_id = (SELECT max(scan_id) FROM scan)
             AND targets <> (SELECT count(*) FROM target t WHERE last_scan_id = scan_id AND EXISTS
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
