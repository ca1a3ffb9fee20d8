//! Reports that were issued: documents, kept byte by byte as they were handed out. What a document holds is for those
//! who write and read it.

use std::path::{Path, PathBuf};

use sqlx::{Connection, SqliteConnection};

use super::{HistoryError, Reader, open, writer::begin};
use crate::domain::{Timestamp, iso_utc};

/// A report that is to be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewReport<'a> {
    /// The ISO week, `2026-W47`.
    pub week: &'a str,
    /// The IANA name of the zone in which it begins and ends.
    pub time_zone: &'a str,
    /// Its first moment.
    pub begins_at: &'a str,
    /// The first moment after it.
    pub ends_at: &'a str,
    /// The version of keywatch that worked it out.
    pub keywatch_version: &'a str,
    /// The report.
    pub document: &'a [u8],
}

/// A row of the view `reports`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the column of the same name")]
pub struct IssuedReport {
    pub week: String,
    pub time_zone: String,
    pub begins_at: String,
    pub ends_at: String,
    pub issued_at: String,
    pub keywatch_version: String,
}

/// The table of reports. It is written beside the one who writes the history, a report in a transaction.
#[derive(Debug)]
pub struct Reports {
    path: PathBuf,
    db: SqliteConnection,
}

impl Reports {
    /// Opens the table of a history that is there and up to date.
    ///
    /// # Errors
    /// Where the file can't be opened.
    pub async fn open(path: &Path) -> Result<Self, HistoryError> {
        Ok(Self { path: path.to_owned(), db: open::beside_the_writer(path).await? })
    }

    /// Issues the report of a week, unless one was issued: then that stays. Returns what is issued now, row and
    /// document, so that all who issue one at the same time hand out the same.
    ///
    /// # Errors
    /// Where the week is not over, or the file can't be written.
    pub async fn issue(
        &mut self,
        report: &NewReport<'_>,
        now: Timestamp,
    ) -> Result<(IssuedReport, Vec<u8>), HistoryError> {
        let Self { path, db } = self;
        let fail = |error| HistoryError::sqlite(path, error);
        let mut tx = begin(path, db).await?;
        sqlx::query!(
            "INSERT INTO report (week, time_zone, begins_at, ends_at, issued_at, keywatch_version, document)
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (week) DO NOTHING",
            report.week,
            report.time_zone,
            report.begins_at,
            report.ends_at,
            iso_utc(now),
            report.keywatch_version,
            report.document
        )
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        let row = sqlx::query!(
            "SELECT week, time_zone, begins_at, ends_at, issued_at, keywatch_version, document FROM report
             WHERE week = ?",
            report.week
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        let issued = IssuedReport {
            week: row.week,
            time_zone: row.time_zone,
            begins_at: row.begins_at,
            ends_at: row.ends_at,
            issued_at: row.issued_at,
            keywatch_version: row.keywatch_version,
        };
        Ok((issued, row.document))
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
    /// The document of the report that was issued of a week, `2026-W47`, if one was.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn issued_report(&self, week: &str) -> Result<Option<Vec<u8>>, HistoryError> {
        let mut db = self.connection().await?;
        sqlx::query_scalar!("SELECT document FROM report WHERE week = ?", week)
            .fetch_optional(&mut *db)
            .await
            .map_err(|error| HistoryError::sqlite(&self.path, error))
    }

    /// The reports that were issued, the newest week first.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn issued_reports(&self) -> Result<Vec<IssuedReport>, HistoryError> {
        let mut db = self.connection().await?;
        sqlx::query_as!(
            IssuedReport,
            "SELECT week, time_zone, begins_at, ends_at, issued_at, keywatch_version FROM reports
             ORDER BY begins_at DESC, week DESC"
        )
        .fetch_all(&mut *db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))
    }
}
