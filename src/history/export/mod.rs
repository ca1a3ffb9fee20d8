//! Every public view as files for other engines: `DIR/VIEW/[NAME=VALUE/]part-0.FORMAT`.

mod columns;
mod file;
mod parquet;

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use futures_util::TryStreamExt;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Column, Connection, Executor, SqlSafeStr, SqliteConnection, Statement};
use tokio_util::sync::CancellationToken;

use super::{HistoryError, Reader, open, reader::row_values};
use columns::{Kind, Partition};
use file::Sink;

/// How Hive names the folder of rows without a value.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// The format of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Apache Parquet, with types.
    Parquet,
    /// With a header line; text is quoted, null is empty.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl ExportFormat {
    const fn ending(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }
}

/// One view, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedView {
    /// Its name.
    pub view: String,
    /// Rows.
    pub rows: u64,
    /// Files.
    pub files: u64,
}

impl Reader {
    /// Writes every view, as they are at one moment, below a directory that is new or empty. It stands there
    /// only once it is whole; stopped before, nothing does. Memory stays small however long a view is.
    ///
    /// # Errors
    /// [`HistoryError::NotEmpty`], [`HistoryError::Exists`] for a file, [`HistoryError::Stopped`], or where something can't be read or written.
    pub async fn export(
        &self,
        dir: &Path,
        format: ExportFormat,
        stop: &CancellationToken,
    ) -> Result<Vec<ExportedView>, HistoryError> {
        let write = |source| HistoryError::write(dir, source);
        let fail = |error| HistoryError::sqlite(&self.path, error);
        match fs::read_dir(dir).map(|mut found| found.next().is_some()) {
            Ok(true) => return Err(HistoryError::NotEmpty(dir.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(HistoryError::Exists(dir.to_owned()));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(write(error)),
            _ => {}
        }
        let unfinished = Unfinished::new(dir).map_err(write)?;
        let mut db = open::for_copying(&self.path).await?;
        let mut tx = db.begin().await.map_err(fail)?;
        let mut views: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
                .fetch_all(&mut *tx)
                .await
                .map_err(fail)?;
        views.retain(|view| columns::PUBLIC.contains(&view.as_str()));
        let mut done = Vec::new();
        for view in views {
            let one = export(&mut tx, &view, &unfinished.0, format, stop).await;
            done.push(one.map_err(|error| match error {
                Failure::Sql(error) => fail(error),
                Failure::Write(source) => write(source),
                Failure::Stopped => HistoryError::Stopped,
            })?);
        }
        tx.commit().await.map_err(fail)?;
        db.close().await.map_err(fail)?;
        // Takes the place of an empty directory, and of no other.
        fs::rename(&unfinished.0, dir).map_err(write)?;
        Ok(done)
    }
}

enum Failure {
    Sql(sqlx::Error),
    Write(io::Error),
    Stopped,
}

async fn export(
    db: &mut SqliteConnection,
    view: &str,
    dir: &Path,
    format: ExportFormat,
    stop: &CancellationToken,
) -> Result<ExportedView, Failure> {
    let whole = AssertSqlSafe(format!("SELECT * FROM \"{view}\"")).into_sql_str();
    let statement = (&mut *db).prepare(whole).await.map_err(Failure::Sql)?;
    let names: Vec<String> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    drop(statement);
    let partition = columns::partition(view);
    // Readers take a column that is a folder's name from there, and want it in no file.
    let dropped = partition.and_then(|by| names.iter().position(|name| name == by.name));
    let mut typed: Vec<(String, Kind)> =
        names.iter().map(|name| (name.clone(), columns::kind(name).unwrap_or(Kind::Text))).collect();
    if let Some(at) = dropped {
        typed.remove(at);
    }
    let by = partition.map_or("NULL", |by| by.sql);
    // Sorted, so that one file is open at a time.
    let sql = format!("SELECT *, {by} FROM \"{view}\" ORDER BY {by}");
    let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(db);
    let mut done = ExportedView { view: view.to_owned(), rows: 0, files: 0 };
    let mut open: Option<(Value, Sink)> = None;
    while let Some(row) = rows.try_next().await.map_err(Failure::Sql)? {
        if stop.is_cancelled() {
            return Err(Failure::Stopped);
        }
        let mut row = row_values(&row).map_err(Failure::Sql)?;
        let value = row.pop().unwrap_or_default();
        if let Some(at) = dropped {
            row.remove(at);
        }
        let sink = match &mut open {
            Some((of, sink)) if *of == value => sink,
            other => {
                if let Some((_, sink)) = other.take() {
                    sink.finish().map_err(Failure::Write)?;
                }
                done.files += 1;
                let sink = sink(dir, view, partition, &value, format, &typed).map_err(Failure::Write)?;
                &mut other.insert((value, sink)).1
            }
        };
        sink.row(row).map_err(Failure::Write)?;
        done.rows += 1;
    }
    // A view without rows has a file all the same: its columns are there to be read.
    let last = match open {
        Some((_, sink)) => sink,
        None => {
            done.files += 1;
            sink(dir, view, partition, &Value::Null, format, &typed).map_err(Failure::Write)?
        }
    };
    last.finish().map_err(Failure::Write)?;
    Ok(done)
}

fn sink(
    dir: &Path,
    view: &str,
    partition: Option<Partition>,
    value: &Value,
    format: ExportFormat,
    columns: &[(String, Kind)],
) -> io::Result<Sink> {
    let mut folder = dir.join(view);
    if let Some(by) = partition {
        folder.push(format!("{}={}", by.name, escaped(value)));
    }
    fs::create_dir_all(&folder)?;
    let file = File::create_new(folder.join(format!("part-0.{}", format.ending())))?;
    Sink::new(file, format, columns)
}

/// A value as Hive writes it into a path.
fn escaped(value: &Value) -> String {
    match value.as_str() {
        None | Some("") => NO_VALUE.to_owned(),
        Some(text) => text
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect(),
    }
}

/// A directory under a temporary name beside the one it will have; removed when dropped.
struct Unfinished(PathBuf);

impl Unfinished {
    fn new(to: &Path) -> io::Result<Self> {
        let mut name = OsString::from(".");
        name.push(to.file_name().ok_or(io::ErrorKind::InvalidInput)?);
        name.push(format!(".{}.tmp", std::process::id()));
        let path = to.with_file_name(name);
        fs::create_dir(&path)?;
        let made = Self(path);
        #[cfg(unix)]
        fs::set_permissions(&made.0, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(made)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename it is no longer there.
        let _ = fs::remove_dir_all(&self.0);
    }
}
