use std::{ops::ControlFlow, path::Path, time::Duration};

use serde_json::{Value, json};

use super::build::*;
use crate::{
    domain::Rows,
    history::{Answer, Ended, HistoryError, Limits, Reader},
};

async fn ask(reader: &Reader, sql: &str, limits: &Limits) -> Result<(Rows, Ended), HistoryError> {
    let mut rows = Rows::default();
    let ended = reader
        .query(sql, limits, |piece| {
            match piece {
                Answer::Columns(columns) => rows.columns = columns,
                Answer::Row(row) => rows.rows.push(row),
            }
            ControlFlow::Continue(())
        })
        .await?;
    Ok((rows, ended))
}

async fn lab() -> (Lab, Reader) {
    let mut lab = Lab::new().await;
    lab.scan(1, &[account(1)], &[record(target(1, "eu-west-1"), 1, instances(vec![failing("a")]))]).await;
    let reader = lab.reader().await;
    (lab, reader)
}

fn files(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

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
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x) SELECT count(*) FROM x",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x) SELECT a FROM x WHERE a < 0",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x) SELECT max(length(randomblob(1000))) FROM x",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION SELECT a % 5000000 + 1 FROM x),
     y(b) AS (SELECT a FROM x) SELECT count(*) FROM y, y AS z, y AS w",
    "EXPLAIN QUERY PLAN SELECT 1 UNION ALL SELECT 2",
];

#[tokio::test]
async fn what_is_no_single_read_is_refused_and_changes_nothing() {
    let (mut lab, reader) = lab().await;
    let before = (sizes(&mut lab.writer.db).await, files(&lab.path));
    assert!(NO_READS.len() + BAD_SQL.len() >= 40);
    for sql in NO_READS {
        match ask(&reader, sql, &Limits::default()).await {
            Err(HistoryError::NotARead(_)) => {}
            other => panic!("{sql:?} gave {other:?}"),
        }
    }
    for sql in BAD_SQL {
        match ask(&reader, sql, &Limits::default()).await {
            Err(HistoryError::BadSql(_)) => {}
            other => panic!("{sql:?} gave {other:?}"),
        }
    }
    assert_eq!((sizes(&mut lab.writer.db).await, files(&lab.path)), before);
    assert_eq!(lab.rows("SELECT state FROM findings").await, [[json!("open")]]);
}

#[tokio::test]
async fn memory_is_bounded() {
    let (_lab, reader) = lab().await;
    for sql in BOMBS {
        match ask(&reader, sql, &Limits::default()).await {
            Err(HistoryError::MemoryLimit) => {}
            Ok((rows, _)) if rows.rows == [[Value::Null]] => {}
            other => panic!("{sql:?} gave {:?}", other.map(|(_, ended)| ended)),
        }
    }
}

#[tokio::test]
async fn time_is_bounded() {
    let (_lab, reader) = lab().await;
    let limits = Limits { time: Duration::from_millis(100), max_rows: None };
    let (plan, endless) = ENDLESS.split_last().unwrap();
    for sql in endless {
        match ask(&reader, sql, &limits).await {
            Err(HistoryError::TimeLimit(_)) => {}
            other => panic!("{sql:?} gave {:?}", other.map(|(_, ended)| ended)),
        }
    }
    ask(&reader, plan, &limits).await.unwrap();
}

#[tokio::test]
async fn an_endless_answer_ends_when_nobody_reads_on() {
    let (_lab, reader) = lab().await;
    let endless = "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x) SELECT a FROM x";
    let mut seen = 0;
    let ended = reader
        .query(endless, &Limits::default(), |piece| {
            if matches!(piece, Answer::Row(_)) {
                seen += 1;
            }
            if seen == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await
        .unwrap();
    assert_eq!((seen, ended), (10, Ended::Stopped));
    // The second row would take for ever.
    let slow =
        "SELECT 1 UNION ALL SELECT * FROM (WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x)
                SELECT count(*) FROM x)";
    let start = std::time::Instant::now();
    let ended = reader
        .query(slow, &Limits::default(), |piece| match piece {
            Answer::Columns(_) => ControlFlow::Continue(()),
            Answer::Row(_) => ControlFlow::Break(()),
        })
        .await
        .unwrap();
    assert_eq!(ended, Ended::Stopped);
    assert!(start.elapsed() < Limits::default().time / 2);
    let few = Limits { max_rows: Some(3), ..Limits::default() };
    let (rows, ended) = ask(&reader, endless, &few).await.unwrap();
    assert_eq!((rows.rows.len(), ended), (3, Ended::MaxRows));
}

#[tokio::test]
async fn reads_of_every_kind_pass_with_their_values() {
    let (_lab, reader) = lab().await;
    let one = async |sql: &str| ask(&reader, sql, &Limits::default()).await.unwrap().0;
    let values = one("SELECT NULL AS n, 1 AS i, 1.5 AS f, 'é' AS t, x'00ff' AS b, 9e999 AS inf, CAST(x'ff' AS TEXT) AS bad;").await;
    assert_eq!(values.columns, ["n", "i", "f", "t", "b", "inf", "bad"]);
    let expected: Vec<Value> =
        vec![Value::Null, json!(1), json!(1.5), json!("é"), json!("00ff"), json!("inf"), json!("\u{fffd}")];
    assert_eq!(values.rows, [expected]);
    for sql in [
        "VALUES (1), (2)",
        " -- a comment\n SELECT count(*) FROM findings; -- and ; another",
        "WITH x AS MATERIALIZED (SELECT replace('a', 'a', 'b') AS y) SELECT y FROM x",
        "WITH x AS (SELECT 1) VALUES (1)",
        "EXPLAIN SELECT 1",
        "EXPLAIN QUERY PLAN WITH x AS (SELECT 1) SELECT * FROM x",
        "SELECT name FROM pragma_table_info('findings')",
        "SELECT name FROM sqlite_schema",
        "SELECT value FROM json_each('[1,2]')",
        "SELECT row_number() OVER (ORDER BY opened_at), julianday(opened_at) FROM findings",
        "SELECT ';' AS \"a;b\", [state] FROM findings",
        "SELECT json_extract(document, '$.ReplicationInstanceIdentifier') FROM resources",
        "SELECT 1 WHERE 0",
    ] {
        assert!(!one(sql).await.columns.is_empty(), "{sql}");
    }
    assert_eq!(one("SELECT name FROM pragma_table_info('findings')").await.rows.len(), 24);
}
