mod statements;

use std::{ops::ControlFlow, path::Path, time::Duration};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::build::*;
use crate::{
    domain::Rows,
    history::{Answer, Ended, HistoryError, Limits, Reader},
};
use statements::Fate;

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

/// Every file beside the database by its name, with the hash of what is in it.
fn contents(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap())
        // The index of the log holds the readers' own marks.
        .filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"))
        .map(|entry| {
            let hash = Sha256::digest(std::fs::read(entry.path()).unwrap()).to_vec();
            (entry.file_name().into_string().unwrap(), hash)
        })
        .collect();
    files.sort();
    files
}

/// Every hostile statement ends as it should, within its limits, and the file stays as it was, byte for byte.
#[tokio::test]
async fn no_hostile_statement_changes_anything_or_outlives_its_limits() {
    let (mut lab, reader) = lab().await;
    let before = (contents(&lab.path), sizes(&mut lab.writer.db).await);
    let hostile = statements::all();
    let distinct: std::collections::BTreeSet<&str> = hostile.iter().map(|(_, sql)| sql.as_str()).collect();
    assert_eq!(distinct.len(), hostile.len());
    assert!(hostile.len() >= 100, "{}", hostile.len());
    let mut wrong = Vec::new();
    for (fate, sql) in &hostile {
        let time = if *fate == Fate::TooLong { Duration::from_millis(100) } else { Limits::default().time };
        let begun = std::time::Instant::now();
        let result = ask(&reader, sql, &Limits { time, max_rows: None }).await;
        let (shown, took) = (sql.chars().take(200).collect::<String>(), begun.elapsed());
        let said = match (fate, result) {
            (Fate::NoRead, Err(error @ HistoryError::NotARead(_)))
            | (Fate::BadSql, Err(error @ HistoryError::BadSql(_)))
            | (Fate::TooLarge, Err(error @ HistoryError::MemoryLimit))
            | (Fate::TooLong, Err(error @ HistoryError::TimeLimit(_))) => error.to_string(),
            // `printf` gives up by itself.
            (Fate::TooLarge, Ok((rows, _))) if rows.rows == [[Value::Null]] => continue,
            (_, other) => {
                wrong.push(format!(
                    "{shown:?} should be {fate:?} and gave {:?}",
                    other.map(|(_, ended)| ended)
                ));
                continue;
            }
        };
        let word = match fate {
            Fate::NoRead => "only one statement that reads is allowed: ",
            Fate::BadSql => "SQL error: ",
            Fate::TooLarge => "select less",
            Fate::TooLong => "stopped after 0.1 s; narrow it",
        };
        assert!(said.contains(word), "{shown:?}: {said}");
        assert!(took < Duration::from_secs(10), "{shown:?} took {took:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((contents(&lab.path), sizes(&mut lab.writer.db).await), before);
    assert_eq!(lab.rows("SELECT state FROM findings").await, [[json!("open")]]);
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
        "EXPLAIN QUERY PLAN SELECT 1 UNION ALL SELECT 2",
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
