//! What is to be told to people, kept until it was told: queued by the [`Writer`](super::Writer) in the
//! transaction that finds it out, and sent from here.
//!
//! An [`Outbox`] takes no lock file: a scan holds that for hours, and what it found before must go out meanwhile.
//! Its transactions are short, and SQLite's own locks keep them apart from the writer's.

mod queue;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use sqlx::{Connection, SqliteConnection};

use super::{HistoryError, Reader, checked::question, open, writer::begin};
use crate::domain::{Channel, News, Rows, Timestamp, iso_utc};

/// The messages of one history.
#[derive(Debug)]
pub struct Outbox {
    path: PathBuf,
    db: SqliteConnection,
}

/// A message that an attempt is about to be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its row.
    pub notification_id: i64,
    /// What its receivers know it by: the same at every attempt.
    pub id: String,
    /// When it came about.
    pub created_at: Timestamp,
    /// Attempts, this one included.
    pub attempts: u32,
    /// What it says; `None` if another version wrote it in a form that this one can't read.
    pub news: Option<News>,
}

impl Outbox {
    /// Opens the outbox of a history that is there.
    ///
    /// # Errors
    /// Where there is none, or it has a schema that this version doesn't know.
    pub async fn open(path: &Path) -> Result<Self, HistoryError> {
        Ok(Self { path: path.to_owned(), db: open::for_delivering(path).await? })
    }

    /// Closes the file in good order.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn close(self) -> Result<(), HistoryError> {
        let Self { path, db } = self;
        db.close().await.map_err(|error| HistoryError::sqlite(&path, error))
    }

    /// The channels that have something due.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn due(&mut self, now: Timestamp) -> Result<Vec<Channel>, HistoryError> {
        let names = sqlx::query_scalar!(
            "SELECT DISTINCT channel FROM notification WHERE next_attempt_at <= ? ORDER BY channel",
            iso_utc(now)
        )
        .fetch_all(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok(names.iter().filter_map(|name| Channel::from_name(name)).collect())
    }

    /// How many messages have been neither delivered nor given up, and when the first of them is due.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn waiting(&mut self) -> Result<(u64, Option<Timestamp>), HistoryError> {
        let waiting = sqlx::query!(
            r#"SELECT count(*) AS "count!: i64", min(next_attempt_at) AS "next: String" FROM notification
               WHERE next_attempt_at IS NOT NULL"#
        )
        .fetch_one(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok((waiting.count.unsigned_abs(), waiting.next.and_then(|at| at.parse().ok())))
    }

    /// Takes the oldest message of a channel that is due, and counts an attempt. Nobody else gets it before
    /// `until`; if nothing is heard of the attempt by then, it is due again.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn claim(
        &mut self,
        channel: Channel,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Claimed>, HistoryError> {
        let claimed = sqlx::query!(
            r#"UPDATE notification SET attempts = attempts + 1, next_attempt_at = ?1
               WHERE notification_id = (SELECT notification_id FROM notification
                                        WHERE channel = ?2 AND next_attempt_at <= ?3
                                        ORDER BY notification_id LIMIT 1)
               RETURNING notification_id AS "notification_id!", id AS "id!", created_at AS "created_at!",
                         attempts AS "attempts!", payload AS "payload!""#,
            iso_utc(until),
            channel.as_str(),
            iso_utc(now)
        )
        .fetch_optional(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        let Some(row) = claimed else { return Ok(None) };
        let payload = serde_json::from_str(&row.payload).ok();
        Ok(Some(Claimed {
            notification_id: row.notification_id,
            id: row.id,
            // What can't be read as a time is as old as can be.
            created_at: row.created_at.parse().unwrap_or(Timestamp::MIN),
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            news: payload.as_ref().and_then(News::from_json),
        }))
    }

    /// It has arrived.
    ///
    /// # Errors
    /// Where the file can't be written; then it will be sent once more, with the same id.
    pub async fn delivered(&mut self, notification: i64, now: Timestamp) -> Result<(), HistoryError> {
        sqlx::query!(
            "UPDATE notification SET delivered_at = ?, next_attempt_at = NULL, last_error = NULL
             WHERE notification_id = ? AND next_attempt_at IS NOT NULL",
            iso_utc(now),
            notification
        )
        .execute(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok(())
    }

    /// It has not arrived: it is due again at `again`, or is given up without one. Without an error, the attempt
    /// was not made and does not count.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn failed(
        &mut self,
        notification: i64,
        now: Timestamp,
        again: Option<Timestamp>,
        error: Option<&str>,
    ) -> Result<(), HistoryError> {
        sqlx::query!(
            "UPDATE notification
             SET next_attempt_at = ?1, given_up_at = iif(?1 IS NULL, ?2, NULL), last_error = coalesce(?3, last_error),
                 attempts = attempts - (?3 IS NULL)
             WHERE notification_id = ?4 AND next_attempt_at IS NOT NULL",
            again.map(iso_utc),
            iso_utc(now),
            error,
            notification
        )
        .execute(&mut self.db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        Ok(())
    }

    /// Queues one message to each of these channels. What bears a key that was queued before is not queued again,
    /// so it may be done anew after a crash. Returns how many are new.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn queue(
        &mut self,
        key: &str,
        channels: &[Channel],
        news: &News,
        now: Timestamp,
    ) -> Result<u64, HistoryError> {
        let path = self.path.clone();
        let fail = |error| HistoryError::sqlite(&path, error);
        let (at, payload) = (iso_utc(now), news.to_json().to_string());
        let mut new = 0;
        let mut tx = begin(&path, &mut self.db).await?;
        for channel in channels {
            let digest = Sha256::digest(format!("{}\n{key}", channel.as_str()));
            let id: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            let done = sqlx::query!(
                "INSERT OR IGNORE INTO notification (id, channel, kind, created_at, payload, next_attempt_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?4)",
                id,
                channel.as_str(),
                news.kind.as_str(),
                at,
                payload
            )
            .execute(&mut *tx)
            .await
            .map_err(fail)?;
            new += done.rows_affected();
        }
        tx.commit().await.map_err(fail)?;
        Ok(new)
    }
}

impl Reader {
    /// The messages, those that are still to be sent first, then the newest: `id`, `channel`, `kind`, `created_at`,
    /// `attempts`, `next_attempt_at`, `delivered_at`, `given_up_at`, `last_error`.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn notifications(&self) -> Result<Rows, HistoryError> {
        self.one(question!(
            "SELECT id, channel, kind, created_at, attempts, next_attempt_at, delivered_at, given_up_at, last_error
             FROM notification ORDER BY next_attempt_at IS NULL, notification_id DESC"
        ))
        .await
    }
}
