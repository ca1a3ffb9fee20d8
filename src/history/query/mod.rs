//! SQL from users, over a connection of its own that can only read: the file is opened read-only, one
//! statement is let through, an authorizer refuses everything but reading, and time, memory and the size of
//! values are bounded.

mod guard;
mod statement;

use std::{ops::ControlFlow, time::Duration};

use futures_util::StreamExt;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Column, Connection, Executor, SqlSafeStr, SqliteConnection, Statement};

use super::{
    HistoryError, Reader,
    error::{
        SQLITE_AUTH, SQLITE_CORRUPT, SQLITE_ERROR, SQLITE_INTERRUPT, SQLITE_NOMEM, SQLITE_READONLY,
        SQLITE_TOOBIG, sqlite_code,
    },
    named::Bound,
    open,
    reader::row_values,
};
use guard::Stop;

/// How long beyond its time a statement may take to notice that it is over. One call of one SQL function
/// cannot be interrupted; then the answer is given up, and its thread ends when the function does.
const GRACE: Duration = Duration::from_millis(500);

/// What a query may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first statement to the last row.
    pub time: Duration,
    /// Rows; the answer ends there without an error.
    pub max_rows: Option<u64>,
}

impl Default for Limits {
    /// Half a minute, and every row.
    fn default() -> Self {
        Self { time: Duration::from_secs(30), max_rows: None }
    }
}

/// A piece of the answer. The columns come first and once, then the rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The names of the columns, in order.
    Columns(Vec<String>),
    /// One row: one value per column (null, number, or text).
    Row(Vec<Value>),
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every row was given.
    All,
    /// `max_rows` were given, and there are more.
    MaxRows,
    /// The receiver wanted no more.
    Stopped,
}

impl Reader {
    /// Runs one statement that reads, and hands its answer over piece by piece, so that memory stays small
    /// however long it is. `ControlFlow::Break` ends it.
    ///
    /// # Errors
    /// [`HistoryError::NotARead`] for anything but one `SELECT`, `WITH … SELECT`, `VALUES` or `EXPLAIN` of
    /// these; [`HistoryError::BadSql`], [`HistoryError::TimeLimit`] and [`HistoryError::MemoryLimit`] as they
    /// say; the others where the file cannot be read.
    pub async fn query(
        &self,
        sql: &str,
        limits: &Limits,
        on: impl FnMut(Answer) -> ControlFlow<()>,
    ) -> Result<Ended, HistoryError> {
        self.guarded(sql, &[], limits, on).await
    }

    /// The same with values for the statement's parameters, `?1` being the first.
    pub(super) async fn guarded(
        &self,
        sql: &str,
        values: &[Bound],
        limits: &Limits,
        on: impl FnMut(Answer) -> ControlFlow<()>,
    ) -> Result<Ended, HistoryError> {
        statement::check(sql)?;
        let mut db = open::for_reading(&self.path).await?;
        let stop = guard::arm(&mut db, limits.time)
            .await
            .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        let run = run(&mut db, sql, values, limits, on);
        let answer = match tokio::time::timeout(limits.time + GRACE, run).await {
            Ok(answer) => answer.map_err(|error| self.sort(error, &stop, limits)),
            // The connection is dropped, not closed: closing would wait for the statement.
            Err(_) => return Err(HistoryError::TimeLimit(limits.time)),
        };
        if answer.is_ok() {
            // A statement that is still at work after its receiver had enough ends now.
            drop(stop);
            db.close().await.map_err(|error| HistoryError::sqlite(&self.path, error))?;
        }
        answer
    }

    fn sort(&self, error: sqlx::Error, stop: &Stop, limits: &Limits) -> HistoryError {
        match (sqlite_code(&error), &error) {
            (Some(SQLITE_INTERRUPT), _) if stop.is_over() => HistoryError::TimeLimit(limits.time),
            (Some(SQLITE_NOMEM | SQLITE_TOOBIG), _) => HistoryError::MemoryLimit,
            // The driver's thread gave up on a value that it had no memory for.
            (None, sqlx::Error::WorkerCrashed) => HistoryError::MemoryLimit,
            (Some(SQLITE_READONLY | SQLITE_AUTH), sqlx::Error::Database(said)) => {
                HistoryError::NotARead(said.message().to_owned())
            }
            (Some(SQLITE_CORRUPT), _) => HistoryError::sqlite(&self.path, error),
            // A function that the authorizer refuses has the general code.
            (Some(SQLITE_ERROR), sqlx::Error::Database(said))
                if said.message().starts_with("not authorized") =>
            {
                HistoryError::NotARead(said.message().to_owned())
            }
            (Some(SQLITE_ERROR), sqlx::Error::Database(said)) => {
                HistoryError::BadSql(said.message().to_owned())
            }
            _ => HistoryError::sqlite(&self.path, error),
        }
    }
}

async fn run(
    db: &mut SqliteConnection,
    sql: &str,
    values: &[Bound],
    limits: &Limits,
    mut on: impl FnMut(Answer) -> ControlFlow<()>,
) -> Result<Ended, sqlx::Error> {
    // It is the user's own SQL; the guard is what makes it safe.
    let statement = db.prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await?;
    let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    if on(Answer::Columns(columns)).is_break() {
        return Ok(Ended::Stopped);
    }
    let query = values.iter().fold(statement.query(), |query, value| match value {
        Bound::Nothing => query.bind(None::<i64>),
        Bound::Number(number) => query.bind(number),
        Bound::Text(text) => query.bind(text),
    });
    let mut rows = query.fetch(db);
    let mut given = 0;
    while let Some(row) = rows.next().await {
        let row = row?;
        if limits.max_rows.is_some_and(|max| given >= max) {
            return Ok(Ended::MaxRows);
        }
        if on(Answer::Row(row_values(&row)?)).is_break() {
            return Ok(Ended::Stopped);
        }
        given += 1;
    }
    Ok(Ended::All)
}
