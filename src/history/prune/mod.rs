//! Removing the past: closed history that ended before a day. What is open, and whatever it refers to, stays.

mod plan;

use std::fs;

use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::{HistoryError, Reader, Writer, open};
use crate::domain::{Timestamp, iso_utc};
use plan::{DOOMED, EVENTS, REMOVED, TABLES};

/// The rows of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrunedTable {
    /// Its name.
    pub table: &'static str,
    /// Rows that go.
    pub removed: i64,
    /// Rows that stay.
    pub kept: i64,
}

/// What was removed.
#[derive(Debug)]
pub struct Pruned {
    /// Table by table.
    pub tables: Vec<PrunedTable>,
    /// The file's size before.
    pub bytes_before: u64,
    /// The file's size after.
    pub bytes_after: u64,
    /// Why the file did not shrink, if it should have. What was to go is gone all the same.
    pub not_shrunk: Option<HistoryError>,
}

impl Reader {
    /// What [`Writer::prune`] would remove. Nothing is changed.
    ///
    /// # Errors
    /// [`HistoryError::InFuture`] for a time after `now`; the others where the file can't be read.
    pub async fn prune_plan(
        &self,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<PrunedTable>, HistoryError> {
        refuse_future(before, now)?;
        let fail = |error| HistoryError::sqlite(&self.path, error);
        // What goes is collected in temporary tables, which `query_only` would refuse.
        let mut db = open::for_copying(&self.path).await?;
        let mut tx = db.begin().await.map_err(fail)?;
        let tables = collect(&mut tx, &iso_utc(before)).await.map_err(fail)?;
        tx.rollback().await.map_err(fail)?;
        db.close().await.map_err(fail)?;
        Ok(tables)
    }
}

impl Writer {
    /// Removes closed history that ended before that time, in one transaction, notes what it did, and gives
    /// the space back. It ends the writer: references are checked once at the end and not row by row, which a
    /// connection that goes on must not.
    ///
    /// # Errors
    /// [`HistoryError::InFuture`] for a time after `now`, [`HistoryError::StillReferred`] where something that
    /// stays refers to what would go; the others where the file can't be written. Then nothing was removed.
    pub async fn prune(mut self, before: Timestamp, now: Timestamp) -> Result<Pruned, HistoryError> {
        refuse_future(before, now)?;
        let path = self.path.clone();
        let fail = |error| HistoryError::sqlite(&path, error);
        let size = || {
            fs::metadata(&path)
                .map(|file| file.len())
                .map_err(|source| HistoryError::Open { path: path.clone(), source })
        };
        // So that the size is that of everything; a reader that is at work may hold some of it back.
        checkpoint(&mut self.db).await.map_err(fail)?;
        let bytes_before = size()?;
        // A scan's row has no index to the many that may refer to it.
        sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut self.db).await.map_err(fail)?;
        let mut tx = super::writer::begin(&path, &mut self.db).await?;
        let tables = collect(&mut tx, &iso_utc(before)).await.map_err(fail)?;
        remove(&mut tx, &iso_utc(before)).await.map_err(fail)?;
        if let Some((table, parent)) = dangling(&mut tx).await.map_err(fail)? {
            tx.rollback().await.map_err(fail)?;
            return Err(HistoryError::StillReferred { path, table, parent });
        }
        let removed = tables.iter().any(|table| table.removed > 0);
        if removed {
            note(&mut tx, &iso_utc(before), &iso_utc(now), &tables).await.map_err(fail)?;
        }
        tx.commit().await.map_err(fail)?;

        let mut not_shrunk = None;
        if removed {
            // Not incremental: that mode must be chosen before the first table, costs a page in every 800 and
            // leaves the rest scattered.
            let shrunk = sqlx::query("VACUUM").execute(&mut self.db).await;
            not_shrunk = shrunk.err().map(fail);
        }
        checkpoint(&mut self.db).await.map_err(fail)?;
        self.close().await?;
        Ok(Pruned { tables, bytes_before, bytes_after: size()?, not_shrunk })
    }
}

fn refuse_future(before: Timestamp, now: Timestamp) -> Result<(), HistoryError> {
    if before > now { Err(HistoryError::InFuture(iso_utc(before))) } else { Ok(()) }
}

/// Collects the keys of what goes, and counts.
async fn collect(db: &mut SqliteConnection, before: &str) -> Result<Vec<PrunedTable>, sqlx::Error> {
    sqlx::raw_sql(TABLES).execute(&mut *db).await?;
    for sql in DOOMED {
        sqlx::query(sql).bind(before).execute(&mut *db).await?;
    }
    let mut tables = Vec::with_capacity(REMOVED.len() + 1);
    for (table, which) in REMOVED.into_iter().chain([EVENTS]) {
        let sql = format!("SELECT count(*) FILTER (WHERE {which}), count(*) FROM {table}");
        let (removed, all): (i64, i64) =
            sqlx::query_as(AssertSqlSafe(sql)).bind(before).fetch_one(&mut *db).await?;
        tables.push(PrunedTable { table, removed, kept: all - removed });
    }
    Ok(tables)
}

async fn remove(db: &mut SqliteConnection, before: &str) -> Result<(), sqlx::Error> {
    // The events' guards are away inside this transaction only; they come back as they were.
    let guards: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'finding_event' ORDER BY name",
    )
    .fetch_all(&mut *db)
    .await?;
    for (name, _) in &guards {
        let name = name.replace('"', "\"\"");
        sqlx::query(AssertSqlSafe(format!("DROP TRIGGER \"{name}\""))).execute(&mut *db).await?;
    }
    for (table, which) in [EVENTS].into_iter().chain(REMOVED) {
        let sql = format!("DELETE FROM {table} WHERE {which}");
        sqlx::query(AssertSqlSafe(sql)).bind(before).execute(&mut *db).await?;
    }
    for (_, sql) in guards {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *db).await?;
    }
    Ok(())
}

/// A row that refers to nothing now: its table, and the one it refers to.
async fn dangling(db: &mut SqliteConnection) -> Result<Option<(String, String)>, sqlx::Error> {
    sqlx::query_as(r#"SELECT "table", parent FROM pragma_foreign_key_check LIMIT 1"#).fetch_optional(db).await
}

async fn note(
    db: &mut SqliteConnection,
    before: &str,
    at: &str,
    tables: &[PrunedTable],
) -> Result<(), sqlx::Error> {
    let counts: Map<String, Value> =
        tables.iter().map(|table| (table.table.to_owned(), table.removed.into())).collect();
    sqlx::query("INSERT INTO pruning (pruned_before, at, counts) VALUES (?, ?, ?)")
        .bind(before)
        .bind(at)
        .bind(Value::Object(counts).to_string())
        .execute(db)
        .await?;
    Ok(())
}

async fn checkpoint(db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(db).await?;
    Ok(())
}
