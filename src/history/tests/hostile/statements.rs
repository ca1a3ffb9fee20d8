//! What one would type to do harm.

/// Everything here is more, or other, than one statement that reads.
const NO_READS: &[&str] = &[
    "",
    "   ",
    ";",
    "-- SELECT 1",
    "/* SELECT 1 */",
    "INSERT INTO scan (\"trigger\", started_at) VALUES ('x', 'y')",
    "insert into finding_event (finding_id, at, event) values (1, '', 'opened')",
    "UPDATE finding SET state = 'resolved'",
    "DELETE FROM finding",
    "REPLACE INTO account (account_id) VALUES ('1')",
    "DROP TABLE finding",
    "DROP VIEW findings",
    "CREATE TABLE t (a)",
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE VIRTUAL TABLE v USING fts5(a)",
    "CREATE TRIGGER t AFTER UPDATE ON scan BEGIN SELECT 1; END",
    "ALTER TABLE finding RENAME TO x",
    "ATTACH 'other.db' AS other",
    "ATTACH DATABASE ':memory:' AS other",
    "DETACH main",
    "VACUUM",
    "VACUUM INTO 'stolen.db'",
    "REINDEX",
    "ANALYZE",
    "PRAGMA writable_schema = ON",
    "PRAGMA query_only = OFF",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA hard_heap_limit = 0",
    "PRAGMA table_info(finding)",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "SAVEPOINT s",
    "EXPLAIN PRAGMA writable_schema = ON",
    "EXPLAIN QUERY PLAN DELETE FROM finding",
    "EXPLAIN ATTACH 'x' AS y",
    "WITH x AS (SELECT 1) INSERT INTO scan (\"trigger\", started_at) SELECT 'x', 'y' FROM x",
    "WITH x AS (SELECT 1) DELETE FROM finding",
    "WITH RECURSIVE x(a) AS (SELECT 1) UPDATE finding SET state = 'resolved'",
    "WITH x AS (SELECT ')') REPLACE INTO account (account_id) VALUES ('1')",
    "WITH \"select\" AS (SELECT 1) DELETE FROM finding",
    "WITH [select] AS (SELECT 1) DELETE FROM finding",
    "SELECT 1; DELETE FROM finding",
    "SELECT 1; SELECT 2",
    "SELECT 1 /* ; */ ; /* */ DROP TABLE finding",
    "SELECT ';' ; -- \n DELETE FROM finding",
    "SELECT 'it''s'; DELETE FROM finding",
    "/* SELECT */ DELETE FROM finding",
    "-- SELECT\nDELETE FROM finding",
    "-- SELECT\r\nDELETE FROM finding --",
    ";DELETE FROM finding",
    "SELECT 1;\u{0}DELETE FROM finding",
    "\u{feff}DELETE FROM finding",
    "(SELECT 1)",
    "'SELECT' DELETE",
    "SELECT load_extension('/tmp/evil.so')",
    "SELECT * FROM pragma_journal_mode",
    "SELECT * FROM pragma_optimize(65535)",
    "SELECT * FROM pragma_integrity_check",
    "SELECT fts3_tokenizer('simple')",
    "SELEC 1",
    "RELEASE s",
    "ROLLBACK",
    "END",
    "TRUNCATE finding",
    "GRANT ALL ON finding TO public",
    ".shell id",
    "CREATE VIRTUAL TABLE v USING rtree(id, a, b)",
    "CREATE VIRTUAL TABLE temp.v USING dbstat(main)",
    "CREATE TEMP VIEW findings AS SELECT 1",
    "PRAGMA temp_store_directory = '/tmp'",
    "PRAGMA user_version = 7",
    "PRAGMA main.wal_checkpoint(TRUNCATE)",
    "SELECT 1 UNION SELECT 2; VACUUM INTO '/tmp/stolen.db'",
    "WITH x AS (SELECT 1), y AS (SELECT 'SELECT') INSERT INTO x SELECT * FROM y",
    "EXPLAIN QUERY PLAN EXPLAIN SELECT 1",
    "SELECT * FROM pragma_user_version",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pragma_foreign_key_check",
];

/// These fail in SQLite: they name what is not there.
const BAD_SQL: &[&str] = &[
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('/tmp/x', 'y')",
    "SELECT edit('x')",
    "SELECT * FROM fsdir('/')",
    "SELECT * FROM other.sqlite_schema",
    "SELECT * FROM sqlite_dbpage",
    "SELECT 'unclosed",
    "SELECT /* unclosed",
    "WITH x AS (SELECT 1)",
    "SELECT nope FROM findings",
    "SELECT * FROM generate_series(1, 9)",
    "SELECT count(*) FROM generate_series(1, 9223372036854775807)",
    "SELECT 'a' REGEXP '(a+)+$'",
    "SELECT replicate('x', 1000000000)",
    "SELECT system('id')",
    "SELECT * FROM csv('/etc/passwd')",
    "SELECT * FROM zipfile('x.zip')",
    "SELECT 1 RETURNING *",
    "SELECT * FROM findings INTO OUTFILE '/tmp/x'",
];

/// These would hold more than a query may: an error, or (`printf` gives up by itself) a small answer.
const BOMBS: &[&str] = &[
    "SELECT zeroblob(1000000000)",
    "SELECT randomblob(1000000000)",
    "SELECT hex(zeroblob(500000000))",
    "SELECT printf('%*c', 1000000000, 'x')",
    "SELECT printf('%.*c', 900000000, 'x')",
    "SELECT replace(hex(zeroblob(10000)), '0', hex(zeroblob(10000)))",
    "WITH RECURSIVE x(a) AS (SELECT 'xxxxxxxxxxxxxxxx' UNION ALL SELECT a || a FROM x) SELECT length(a) FROM x",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x LIMIT 100000)
     SELECT length(group_concat(printf('%1000c', 'x'))) FROM x",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x LIMIT 100000)
     SELECT json_group_array(printf('%1000c', 'x')) FROM x",
];

/// These would never end.
const ENDLESS: &[&str] = &[
    "SELECT count(*) FROM json_each((SELECT json_group_array(i) FROM (WITH RECURSIVE x(i) AS (SELECT 1 UNION ALL
     SELECT i + 1 FROM x WHERE i < 2000) SELECT i FROM x))) a, json_each('[1,2,3,4,5,6,7,8,9]') b,
     json_each('[1,2,3,4,5,6,7,8,9]') c, json_each('[1,2,3,4,5,6,7,8,9]') d, json_each('[1,2,3,4,5,6,7,8,9]') e",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x) SELECT count(*) FROM x",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x) SELECT a FROM x WHERE a < 0",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x) SELECT max(length(randomblob(1000))) FROM x",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION SELECT a % 5000000 + 1 FROM x),
     y(b) AS (SELECT a FROM x) SELECT count(*) FROM y, y AS z, y AS w",
];

/// How a hostile statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Refused: it is no single read.
    NoRead,
    /// Refused: SQLite does not know what it names, or it is too complex.
    BadSql,
    /// Stopped by the limit on memory.
    TooLarge,
    /// Stopped by the limit on time.
    TooLong,
}

/// All of them.
pub(super) fn all() -> Vec<(Fate, String)> {
    let lists = [
        (Fate::NoRead, NO_READS),
        (Fate::BadSql, BAD_SQL),
        (Fate::TooLarge, BOMBS),
        (Fate::TooLong, ENDLESS),
    ];
    let written =
        lists.into_iter().flat_map(|(fate, list)| list.iter().map(move |sql| (fate, (*sql).to_owned())));
    let deep = |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
    let built = [
        (Fate::BadSql, format!("SELECT {}1", "~ ".repeat(20_000))),
        (Fate::BadSql, format!("SELECT {}", deep("abs(", ")", 2_000))),
        (Fate::BadSql, format!("SELECT * FROM {}", deep("(SELECT * FROM ", ")", 500))),
        (Fate::BadSql, format!("SELECT json('{}')", deep("[", "]", 5_000))),
        (Fate::BadSql, format!("SELECT {}1", "1, ".repeat(5_000))),
        (Fate::BadSql, format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(1_000))),
        (Fate::BadSql, format!("SELECT 1 FROM findings{}", ", findings".repeat(100))),
        (Fate::BadSql, format!("SELECT max({}1)", "1, ".repeat(2_000))),
        (Fate::BadSql, format!("SELECT 'x' LIKE '{}'", "%x".repeat(500))),
        (Fate::BadSql, format!("SELECT 'x' GLOB '{}'", "*x".repeat(500))),
        (Fate::NoRead, format!("{}DELETE FROM finding", "/* SELECT */ ".repeat(10_000))),
        (Fate::NoRead, format!("SELECT 1{} DROP TABLE finding", "; ".repeat(10_000))),
    ];
    written.chain(built).collect()
}
