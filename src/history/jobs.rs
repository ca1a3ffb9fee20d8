//! What the daemon remembers of its periodic work.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

use super::{HistoryError, open};
use crate::domain::{Timestamp, iso_utc};

/// Held by the one daemon of a history, and freed by the system when its process ends, however it ends.
#[derive(Debug)]
pub struct DaemonLock {
    _lock: open::Lock,
}

impl DaemonLock {
    /// Takes it.
    ///
    /// # Errors
    /// [`HistoryError::DaemonRuns`] where another process has it.
    pub fn take(database: &Path) -> Result<Self, HistoryError> {
        match open::lock(database, "daemon.lock") {
            Ok(lock) => Ok(Self { _lock: lock }),
            Err(HistoryError::Locked(path)) => Err(HistoryError::DaemonRuns(path)),
            Err(error) => Err(error),
        }
    }

    /// Whether some process has it. Leaves no file behind where there was none.
    ///
    /// # Errors
    /// Where the lock's file can't be opened.
    pub fn is_taken(database: &Path) -> Result<bool, HistoryError> {
        if !open::lock_path(database, "daemon.lock").exists() {
            return Ok(false);
        }
        match Self::take(database) {
            Ok(_) => Ok(false),
            Err(HistoryError::DaemonRuns(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// How a job's run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobOutcome {
    /// It did its work.
    Done,
    /// It could not.
    Failed,
    /// It was stopped.
    Interrupted,
}

impl JobOutcome {
    /// The word in the database and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What is known of a job that has run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobMemory {
    /// Its name.
    pub name: String,
    /// When its last run was due.
    pub planned_at: Timestamp,
    /// The end of the last run that did its work.
    pub done_at: Option<Timestamp>,
    /// Whether its last run came to its end.
    pub ended: bool,
    /// Runs that failed since the last that did its work.
    pub failures: u32,
}

/// The table of jobs. It is written in transactions of a row each, beside the one who writes the history.
#[derive(Debug)]
pub struct Jobs {
    db: SqliteConnection,
    path: std::path::PathBuf,
}

impl Jobs {
    /// Opens the table of a history that is there and up to date, which [`super::Writer::open`] sees to.
    ///
    /// # Errors
    /// Where the file can't be opened.
    pub async fn open(path: &Path) -> Result<Self, HistoryError> {
        let db = open::beside_the_writer(path).await?;
        Ok(Self { db, path: path.to_owned() })
    }

    /// What is known of each job.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn all(&mut self) -> Result<Vec<JobMemory>, HistoryError> {
        let Self { db, path } = self;
        let fail = |error| HistoryError::sqlite(path, error);
        let rows = sqlx::query!("SELECT name, planned_at, outcome, failures, done_at FROM job")
            .fetch_all(db)
            .await
            .map_err(fail)?;
        rows.into_iter()
            .map(|row| {
                let moment = |text: &str| {
                    text.parse::<Timestamp>().map_err(|error| fail(sqlx::Error::Decode(Box::new(error))))
                };
                let planned_at = moment(&row.planned_at)?;
                let done_at = row.done_at.as_deref().map(moment).transpose()?;
                let ended = matches!(row.outcome.as_str(), "done" | "failed");
                let failures = u32::try_from(row.failures).unwrap_or(u32::MAX);
                Ok(JobMemory { name: row.name, planned_at, done_at, ended, failures })
            })
            .collect()
    }

    /// A run begins.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn started(
        &mut self,
        name: &str,
        planned_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), HistoryError> {
        sqlx::query!(
            "INSERT INTO job (name, planned_at, started_at, outcome) VALUES (?1, ?2, ?3, 'running')
             ON CONFLICT (name) DO UPDATE SET planned_at = ?2, started_at = ?3, finished_at = NULL,
                 outcome = 'running', message = NULL, next_at = NULL",
            name,
            iso_utc(planned_at),
            iso_utc(now)
        )
        .execute(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok(())
    }

    /// A run ended; `message` says what came of it.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn finished(
        &mut self,
        name: &str,
        outcome: JobOutcome,
        message: &str,
        now: Timestamp,
    ) -> Result<(), HistoryError> {
        sqlx::query!(
            "UPDATE job SET finished_at = max(?2, started_at), outcome = ?3, message = ?4,
                 done_at = iif(?3 = 'done', max(?2, started_at), done_at),
                 failures = CASE ?3 WHEN 'done' THEN 0 WHEN 'failed' THEN failures + 1 ELSE failures END
             WHERE name = ?1",
            name,
            iso_utc(now),
            outcome.as_str(),
            message
        )
        .execute(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok(())
    }

    /// When the next run is due.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn planned(&mut self, name: &str, next_at: Option<Timestamp>) -> Result<(), HistoryError> {
        sqlx::query!("UPDATE job SET next_at = ?2 WHERE name = ?1", name, next_at.map(iso_utc))
            .execute(&mut self.db)
            .await
            .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok(())
    }

    /// Closes it in good order.
    ///
    /// # Errors
    /// Where what was written can't be kept.
    pub async fn close(self) -> Result<(), HistoryError> {
        self.db.close().await.map_err(|error| HistoryError::sqlite(&self.path, error))
    }
}
