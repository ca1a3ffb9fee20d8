use futures_util::TryStreamExt;
use sqlx::{Column, Executor, SqlSafeStr, SqliteConnection, Statement, sqlite::SqliteStatement};

use super::row_values;
use crate::domain::Rows;

/// One of our own questions, made with [`question!`](crate::history::checked::question), to which the columns are
/// part of the answer.
#[derive(Debug)]
pub(in crate::history) struct Question {
    sql: &'static str,
    /// Those of `?1`, `?2`, and so on.
    pub(super) parameters: Vec<Option<String>>,
}

impl Question {
    pub(in crate::history) fn new(sql: &'static str, parameters: Vec<Option<String>>) -> Self {
        Self { sql, parameters }
    }

    /// The names of the columns, which are there without a row too, and what gives the rows.
    pub(super) async fn prepare(
        &self,
        db: &mut SqliteConnection,
    ) -> Result<(Vec<String>, SqliteStatement), sqlx::Error> {
        let statement = db.prepare(self.sql.into_sql_str()).await?;
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        Ok((columns, statement))
    }
}

/// Asks a question and keeps the whole answer.
pub(super) async fn rows(db: &mut SqliteConnection, question: Question) -> Result<Rows, sqlx::Error> {
    let (columns, statement) = question.prepare(db).await?;
    let query = question.parameters.into_iter().fold(statement.query(), |query, value| query.bind(value));
    // One by one: SQLite's rows and ours side by side would be twice the memory.
    let mut found = query.fetch(db);
    let mut rows = Vec::new();
    while let Some(row) = found.try_next().await? {
        rows.push(row_values(&row)?);
    }
    Ok(Rows { columns, rows })
}
