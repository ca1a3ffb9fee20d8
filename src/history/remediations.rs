//! The journal of remediations: what was set out to do, and each step before and after it was done.

use std::path::{Path, PathBuf};

use sqlx::{Connection, SqliteConnection};

use super::{HistoryError, Reader, open, writer::begin};
use crate::{
    domain::{AccountId, ResourceType, Rows, Timestamp, iso_utc},
    history::checked::question,
};

/// Held by the one process that puts something right, and freed by the system when it ends, however it ends.
#[derive(Debug)]
pub struct RemediationLock {
    _lock: open::Lock,
}

impl RemediationLock {
    /// Takes it.
    ///
    /// # Errors
    /// [`HistoryError::Remediating`] where another process has it.
    pub fn take(database: &Path) -> Result<Self, HistoryError> {
        match open::lock(database, "remediate.lock") {
            Ok(lock) => Ok(Self { _lock: lock }),
            Err(HistoryError::Locked(path)) => Err(HistoryError::Remediating(path)),
            Err(error) => Err(error),
        }
    }

    /// Whether some process has it. Leaves no file behind where there was none.
    ///
    /// # Errors
    /// Where the lock's file can't be opened.
    pub fn is_taken(database: &Path) -> Result<bool, HistoryError> {
        if !open::lock_path(database, "remediate.lock").exists() {
            return Ok(false);
        }
        match Self::take(database) {
            Ok(_) => Ok(false),
            Err(HistoryError::Remediating(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// A remediation that is to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewRemediation<'a> {
    /// The finding's number.
    pub finding_id: i64,
    /// The check that failed.
    pub check_id: &'a str,
    /// Where the resource lies.
    pub account: AccountId,
    /// Its Region.
    pub region: &'a str,
    /// Its ARN.
    pub resource_arn: &'a str,
    /// Its kind.
    pub resource_type: ResourceType,
    /// Whose credentials begin it.
    pub actor: &'a str,
    /// What the replacement is called.
    pub replacement_name: &'a str,
}

/// A remediation that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its number.
    pub id: i64,
    /// What the replacement is called; as it was first said.
    pub replacement_name: String,
    /// When it first began.
    pub started_at: String,
    /// Whether an earlier process began it.
    pub resumed: bool,
    /// Its journal so far, the oldest entry first.
    pub entries: Vec<RemediationEntry>,
}

/// A remediation that was begun and is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Its number.
    pub id: i64,
    /// What the replacement is called.
    pub replacement_name: String,
    /// When it first began.
    pub started_at: String,
}

/// What stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemediationEntry {
    /// The step.
    pub step: String,
    /// What it is done to.
    pub subject: String,
    /// `started`, `done`, `already`, `failed`, `interrupted`.
    pub event: String,
    /// What has to be known to go on, as JSON.
    pub detail: Option<String>,
    /// When.
    pub at: String,
}

/// What to write into the journal.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a> {
    /// The step.
    pub step: &'a str,
    /// What it is done to.
    pub subject: &'a str,
    /// `started`, `done`, `already`, `failed`, `interrupted`.
    pub event: &'a str,
    /// What has to be known to go on, as JSON.
    pub detail: Option<&'a str>,
    /// What happened, for people.
    pub message: Option<&'a str>,
}

/// What is known of a remediation as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// `running`, `waiting`, `failed`, `interrupted`, `done`.
    pub state: &'a str,
    /// What came of it, for people.
    pub message: Option<&'a str>,
}

/// The journal of a history. Every entry is on the disk before its step is done, power cuts included.
#[derive(Debug)]
pub struct Remediations {
    path: PathBuf,
    db: SqliteConnection,
}

impl Remediations {
    /// Opens the journal of a history that is there and up to date.
    ///
    /// # Errors
    /// Where the file can't be opened.
    pub async fn open(path: &Path) -> Result<Self, HistoryError> {
        Ok(Self { path: path.to_owned(), db: open::for_journalling(path).await? })
    }

    /// Begins a remediation, or goes on with the one that was begun for that resource and check.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn begin(&mut self, new: NewRemediation<'_>, now: Timestamp) -> Result<Begun, HistoryError> {
        let Self { path, db } = self;
        let fail = |error| HistoryError::sqlite(path, error);
        let mut tx = begin(path, db).await?;
        let known = sqlx::query!(
            "SELECT remediation_id, replacement_name, started_at FROM remediation
             WHERE resource_arn = ? AND check_id = ? AND state <> 'done'",
            new.resource_arn,
            new.check_id
        )
        .fetch_optional(&mut *tx)
        .await
        .map_err(fail)?;
        let begun = match known {
            Some(row) => {
                sqlx::query!(
                    "UPDATE remediation SET state = 'running', message = NULL, actor = ?2,
                         updated_at = max(?3, started_at)
                     WHERE remediation_id = ?1",
                    row.remediation_id,
                    new.actor,
                    iso_utc(now)
                )
                .execute(&mut *tx)
                .await
                .map_err(fail)?;
                let entries = sqlx::query_as!(
                    RemediationEntry,
                    "SELECT step, subject, event, detail, at FROM remediation_entry WHERE remediation_id = ?
                     ORDER BY entry_id",
                    row.remediation_id
                )
                .fetch_all(&mut *tx)
                .await
                .map_err(fail)?;
                Begun {
                    id: row.remediation_id,
                    replacement_name: row.replacement_name,
                    started_at: row.started_at,
                    resumed: true,
                    entries,
                }
            }
            None => {
                let inserted = sqlx::query!(
                    "INSERT INTO remediation (finding_id, check_id, account_id, region, resource_arn, resource_type,
                         actor, replacement_name, started_at, updated_at, state)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, 'running')",
                    new.finding_id,
                    new.check_id,
                    new.account.as_str(),
                    new.region,
                    new.resource_arn,
                    new.resource_type.as_str(),
                    new.actor,
                    new.replacement_name,
                    iso_utc(now)
                )
                .execute(&mut *tx)
                .await
                .map_err(fail)?;
                Begun {
                    id: inserted.last_insert_rowid(),
                    replacement_name: new.replacement_name.to_owned(),
                    started_at: iso_utc(now),
                    resumed: false,
                    entries: Vec::new(),
                }
            }
        };
        tx.commit().await.map_err(fail)?;
        Ok(begun)
    }

    /// Writes an entry.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn write(
        &mut self,
        remediation: i64,
        entry: NewEntry<'_>,
        now: Timestamp,
    ) -> Result<(), HistoryError> {
        sqlx::query!(
            "INSERT INTO remediation_entry (remediation_id, at, step, subject, event, detail, message)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            remediation,
            iso_utc(now),
            entry.step,
            entry.subject,
            entry.event,
            entry.detail,
            entry.message
        )
        .execute(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok(())
    }

    /// Notes the key or the replacement, once they have an ARN.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn note(
        &mut self,
        remediation: i64,
        key_arn: Option<&str>,
        replacement_arn: Option<&str>,
    ) -> Result<(), HistoryError> {
        sqlx::query!(
            "UPDATE remediation SET key_arn = coalesce(?2, key_arn), replacement_arn = coalesce(?3, replacement_arn)
             WHERE remediation_id = ?1",
            remediation,
            key_arn,
            replacement_arn
        )
        .execute(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok(())
    }

    /// Notes how the remediation stands.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn stands(
        &mut self,
        remediation: i64,
        standing: Standing<'_>,
        now: Timestamp,
    ) -> Result<(), HistoryError> {
        sqlx::query!(
            "UPDATE remediation SET state = ?2, message = ?3, updated_at = max(?4, started_at),
                 finished_at = iif(?2 = 'done', max(?4, started_at), NULL)
             WHERE remediation_id = ?1",
            remediation,
            standing.state,
            standing.message,
            iso_utc(now)
        )
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
        let Self { path, db } = self;
        db.close().await.map_err(|error| HistoryError::sqlite(&path, error))
    }
}

impl Reader {
    /// The remediation of that resource and check that was begun and is not done, if there is one.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn remediation_under_way(
        &self,
        resource_arn: &str,
        check_id: &str,
    ) -> Result<Option<UnderWay>, HistoryError> {
        let mut db = self.connection().await?;
        sqlx::query_as!(
            UnderWay,
            "SELECT remediation_id AS id, replacement_name, started_at FROM remediation
             WHERE resource_arn = ? AND check_id = ? AND state <> 'done'",
            resource_arn,
            check_id
        )
        .fetch_optional(&mut *db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))
    }

    /// The remediations of a resource (its ARN) or the one of that number; all of them without either. The newest first.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn remediations(&self, which: Option<&str>) -> Result<Rows, HistoryError> {
        self.one(question!(
            "SELECT * FROM remediations
             WHERE ?1 IS NULL OR resource_arn = ?1
                OR (remediation_id = CAST(?1 AS INTEGER) AND ?1 NOT GLOB '*[^0-9]*')
             ORDER BY remediation_id DESC",
            which.map(str::to_owned)
        ))
        .await
    }

    /// The journals of the same, the oldest entry first.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn remediation_steps(&self, which: &str) -> Result<Rows, HistoryError> {
        self.one(question!(
            "SELECT s.* FROM remediation_steps s JOIN remediations r USING (remediation_id)
             WHERE r.resource_arn = ?1 OR (r.remediation_id = CAST(?1 AS INTEGER) AND ?1 NOT GLOB '*[^0-9]*')
             ORDER BY s.entry_id",
            Some(which.to_owned())
        ))
        .await
    }
}
