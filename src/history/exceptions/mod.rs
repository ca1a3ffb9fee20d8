//! Accepted risks: they suppress findings while they are in force, and their findings reopen when they end.

mod settle;

use sqlx::SqliteConnection;

use super::{HistoryError, ScanId, Writer, writer::begin};
use crate::domain::{Covers, Exception, Timestamp, iso_utc};
pub(super) use settle::{settle_all, settle_targets};

/// What a change of exceptions did to findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Findings that are suppressed now and were open.
    pub suppressed: i64,
    /// Findings that are open again.
    pub reopened: i64,
}

impl Writer {
    /// Stores an exception and suppresses the findings that it covers. Returns its number.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn add_exception(
        &mut self,
        exception: &Exception,
        now: Timestamp,
    ) -> Result<(i64, Settled), HistoryError> {
        let path = self.path.clone();
        let fail = |error| HistoryError::sqlite(&path, error);
        let at = iso_utc(now);
        let mut tx = begin(&path, &mut self.db).await?;
        let id = insert(&mut tx, exception, "command", &at).await.map_err(fail)?;
        let settled = settle_all(&mut tx, None, &at).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        Ok((id, settled))
    }

    /// Ends an exception that is in force; its findings reopen, unless another one covers them. `None` if
    /// there is no such exception in force.
    ///
    /// # Errors
    /// Where the file can't be written, and [`HistoryError::ExceptionOfConfig`] for one that the config would
    /// bring back.
    pub async fn remove_exception(
        &mut self,
        id: i64,
        now: Timestamp,
    ) -> Result<Option<Settled>, HistoryError> {
        let path = self.path.clone();
        let fail = |error| HistoryError::sqlite(&path, error);
        let at = iso_utc(now);
        let mut tx = begin(&path, &mut self.db).await?;
        let source = sqlx::query_scalar!(
            "SELECT source FROM exception WHERE exception_id = ? AND ended_at IS NULL",
            id
        )
        .fetch_optional(&mut *tx)
        .await
        .map_err(fail)?;
        match source.as_deref() {
            None => return Ok(None),
            Some("config") => return Err(HistoryError::ExceptionOfConfig(id)),
            Some(_) => {}
        }
        end(&mut tx, id, &at).await.map_err(fail)?;
        let settled = settle_all(&mut tx, None, &at).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        Ok(Some(settled))
    }

    /// Brings the exceptions of the config up to date with what the config says now, ends those that have
    /// expired, and brings the findings up to date with both, as part of the scan if one is running.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn settle_exceptions(
        &mut self,
        scan: Option<ScanId>,
        config: &[Exception],
        now: Timestamp,
    ) -> Result<Settled, HistoryError> {
        if let Some(scan) = scan {
            self.expect_running(scan)?;
        }
        let path = self.path.clone();
        let fail = |error| HistoryError::sqlite(&path, error);
        let at = iso_utc(now);
        let mut tx = begin(&path, &mut self.db).await?;
        sync_config(&mut tx, config, &at).await.map_err(fail)?;
        let settled = settle_all(&mut tx, scan, &at).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        Ok(settled)
    }

    /// Whether an exception in force can only be applied with the tags of resources at hand.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn needs_tags(&mut self) -> Result<bool, HistoryError> {
        sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM exception WHERE ended_at IS NULL AND tag_key IS NOT NULL) AS "any!: bool""#
        )
        .fetch_one(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))
    }
}

/// The columns of `exception` that say what it covers.
struct Columns<'a> {
    resource_arn: Option<&'a str>,
    account_id: Option<&'a str>,
    ou: Option<&'a str>,
    tag_key: Option<&'a str>,
    tag_value: Option<&'a str>,
}

impl<'a> Columns<'a> {
    fn of(covers: &'a Covers) -> Self {
        let mut columns =
            Self { resource_arn: None, account_id: None, ou: None, tag_key: None, tag_value: None };
        match covers {
            Covers::Resource(arn) => columns.resource_arn = Some(arn),
            Covers::Account(account) => columns.account_id = Some(account.as_str()),
            Covers::Unit(path) => columns.ou = Some(path),
            Covers::Tag { key, value } => {
                (columns.tag_key, columns.tag_value) = (Some(key.as_str()), Some(value.as_str()));
            }
        }
        columns
    }
}

async fn insert(
    db: &mut SqliteConnection,
    exception: &Exception,
    source: &str,
    at: &str,
) -> Result<i64, sqlx::Error> {
    let columns = Columns::of(&exception.covers);
    let done = sqlx::query!(
        "INSERT INTO exception (source, check_id, resource_arn, account_id, ou, tag_key, tag_value, reason, owner,
                                created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        source,
        exception.check_id,
        columns.resource_arn,
        columns.account_id,
        columns.ou,
        columns.tag_key,
        columns.tag_value,
        exception.reason,
        exception.owner,
        at,
        iso_utc(exception.expires_at)
    )
    .execute(db)
    .await?;
    Ok(done.last_insert_rowid())
}

async fn end(db: &mut SqliteConnection, id: i64, at: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE exception SET ended_at = max(?, created_at), ended_by = 'removed'
         WHERE exception_id = ? AND ended_at IS NULL",
        at,
        id
    )
    .execute(db)
    .await?;
    Ok(())
}

/// An exception of the config that says something else than before is another exception.
async fn sync_config(db: &mut SqliteConnection, config: &[Exception], at: &str) -> Result<(), sqlx::Error> {
    let mut gone = sqlx::query_scalar!(
        "SELECT exception_id FROM exception WHERE source = 'config' AND ended_at IS NULL"
    )
    .fetch_all(&mut *db)
    .await?;
    for exception in config.iter().filter(|exception| iso_utc(exception.expires_at).as_str() > at) {
        let columns = Columns::of(&exception.covers);
        let known = sqlx::query_scalar!(
            "SELECT exception_id FROM exception
             WHERE source = 'config' AND ended_at IS NULL AND check_id IS ? AND resource_arn IS ? AND account_id IS ?
               AND ou IS ? AND tag_key IS ? AND tag_value IS ? AND reason = ? AND owner = ? AND expires_at = ?",
            exception.check_id,
            columns.resource_arn,
            columns.account_id,
            columns.ou,
            columns.tag_key,
            columns.tag_value,
            exception.reason,
            exception.owner,
            iso_utc(exception.expires_at)
        )
        .fetch_optional(&mut *db)
        .await?;
        match known {
            Some(id) => gone.retain(|other| *other != id),
            None => {
                insert(db, exception, "config", at).await?;
            }
        }
    }
    // One whose time is up has expired, whether or not the config still has it.
    expire(db, at).await?;
    for id in gone {
        end(db, id, at).await?;
    }
    Ok(())
}

/// Ends what has expired by a moment.
async fn expire(db: &mut SqliteConnection, at: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE exception SET ended_at = ?1, ended_by = 'expired' WHERE ended_at IS NULL AND expires_at <= ?1",
        at
    )
    .execute(db)
    .await?;
    Ok(())
}
