//! What `status` tells.

use super::{Reader, question, rows};
use crate::{domain::Rows, history::HistoryError};

/// How things stand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overview {
    /// Rows of the `jobs` view.
    pub jobs: Rows,
    /// The newest scans' rows of `scans`, the newest first.
    pub scans: Rows,
    /// The targets that are members' now, counted by `outcome`: `targets`, and the `oldest` answer among them.
    pub knowledge: Rows,
    /// One row: `calls` and `throttled` of the scans that began in the day before `now`, and how many `scans` those are.
    pub day: Rows,
    /// One row: what the organization is like: `accounts`, `targets`, `targets_with_resources`, `customer_keys`.
    pub size: Rows,
    /// One row: messages that are `waiting`, and those `given_up` in the last 30 days.
    pub outbox: Rows,
}

impl Reader {
    /// How things stand, with so many of the newest scans; `since` is a day ago, as `2026-11-24T09:30:00Z`.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn overview(&self, scans: u32, since: &str) -> Result<Overview, HistoryError> {
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let mut db = self.connection().await?;
        Ok(Overview {
            jobs: rows(&mut db, question!("SELECT * FROM jobs ORDER BY job")).await.map_err(fail)?,
            scans: rows(
                &mut db,
                question!(
                    "SELECT * FROM scans ORDER BY scan_id DESC LIMIT CAST(?1 AS INTEGER)",
                    Some(scans.to_string())
                ),
            )
            .await
            .map_err(fail)?,
            knowledge: rows(
                &mut db,
                question!(
                    "SELECT c.outcome, count(*) AS targets, min(t.last_attempt_at) AS oldest
                     FROM target t
                     JOIN coverage_period c ON c.target_id = t.target_id AND c.part = '' AND c.valid_to IS NULL
                     GROUP BY c.outcome ORDER BY c.outcome"
                ),
            )
            .await
            .map_err(fail)?,
            day: rows(
                &mut db,
                question!(
                    "SELECT count(*) AS scans, coalesce(sum(api_calls), 0) AS calls,
                            coalesce(sum(throttled_calls), 0) AS throttled
                     FROM scan WHERE started_at >= ?1",
                    Some(since.to_owned())
                ),
            )
            .await
            .map_err(fail)?,
            size: rows(
                &mut db,
                question!(
                    "SELECT (SELECT count(*) FROM account WHERE left_at IS NULL) AS accounts,
                            (SELECT count(*) FROM target t JOIN coverage_period c ON c.target_id = t.target_id
                               AND c.part = '' AND c.valid_to IS NULL AND c.outcome <> 'skipped') AS targets,
                            (SELECT count(DISTINCT target_id) FROM resource WHERE deleted_at IS NULL)
                                AS targets_with_resources,
                            -- Each target asks for its own, also where several share a key.
                            (SELECT count(*) FROM (SELECT DISTINCT target_id, key_arn FROM resource
                             WHERE deleted_at IS NULL AND key_manager IS NOT 'AWS')) AS customer_keys"
                ),
            )
            .await
            .map_err(fail)?,
            outbox: rows(
                &mut db,
                question!(
                    "SELECT (SELECT count(*) FROM notification WHERE delivered_at IS NULL AND given_up_at IS NULL)
                                AS waiting,
                            (SELECT count(*) FROM notification WHERE given_up_at >= strftime('%Y-%m-%dT%H:%M:%SZ', ?1, '-30 days'))
                                AS given_up",
                    Some(since.to_owned())
                ),
            )
            .await
            .map_err(fail)?,
        })
    }
}
