//! Accounts as people look for them.

use serde_json::json;

use super::Reader;
use crate::{
    domain::Rows,
    history::{HistoryError, checked::question},
};

impl Reader {
    /// The accounts with that id, or with that text in their name, whatever the case of its letters A to Z; at most
    /// so many. Rows of `accounts`, by their ids.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn accounts_like(&self, text: &str, most: u32) -> Result<Rows, HistoryError> {
        self.one(question!(
            "SELECT * FROM accounts WHERE account_id = ?1 OR instr(lower(name), lower(?1)) > 0
             ORDER BY account_id LIMIT CAST(?2 AS INTEGER)",
            Some(text.to_owned()),
            Some(most.to_string())
        ))
        .await
    }

    /// A row for each of these accounts, by their ids: what is `open`, `critical` and `unknown` of that, and
    /// `suppressed`; and how many targets are `scanned`, `failed` and `skipped`.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn account_numbers(&self, accounts: &[String]) -> Result<Rows, HistoryError> {
        // The joins are crossed so that SQLite begins with the accounts, which are few.
        self.one(question!(
            "WITH asked AS MATERIALIZED (SELECT value AS account_id FROM json_each(?1)),
             found AS (
                SELECT t.account_id, sum(f.state = 'open') AS open,
                       sum(f.state = 'open' AND f.severity = 'critical') AS critical,
                       sum(f.state = 'open' AND f.status = 'unknown') AS unknown,
                       sum(f.state = 'suppressed') AS suppressed
                FROM asked a CROSS JOIN target t ON t.account_id = a.account_id
                CROSS JOIN resource r ON r.target_id = t.target_id
                CROSS JOIN finding f ON f.resource_id = r.resource_id
                GROUP BY t.account_id
             ),
             seen AS (
                SELECT t.account_id, sum(c.outcome = 'scanned') AS scanned, sum(c.outcome = 'failed') AS failed,
                       sum(c.outcome = 'skipped') AS skipped
                FROM asked a CROSS JOIN target t ON t.account_id = a.account_id
                CROSS JOIN coverage_period c ON c.target_id = t.target_id AND c.part = '' AND c.valid_to IS NULL
                GROUP BY t.account_id
             )
             SELECT a.account_id, coalesce(f.open, 0) AS open, coalesce(f.critical, 0) AS critical,
                    coalesce(f.unknown, 0) AS unknown, coalesce(f.suppressed, 0) AS suppressed,
                    coalesce(s.scanned, 0) AS scanned, coalesce(s.failed, 0) AS failed,
                    coalesce(s.skipped, 0) AS skipped
             FROM asked a
             LEFT JOIN found f ON f.account_id = a.account_id
             LEFT JOIN seen s ON s.account_id = a.account_id
             ORDER BY a.account_id",
            Some(json!(accounts).to_string())
        ))
        .await
    }

    /// How an account's findings ended: `resolution`, `openings`, and the mean `hours_open` of these.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn account_remedies(&self, account: &str) -> Result<Rows, HistoryError> {
        self.one(question!(
            "SELECT resolution, count(*) AS openings, avg(hours_open) AS hours_open FROM remediation_times
             WHERE account_id = ?1 GROUP BY resolution ORDER BY openings DESC, resolution",
            Some(account.to_owned())
        ))
        .await
    }

    /// All findings, counted by `state`, in `findings`.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn findings_by_state(&self) -> Result<Rows, HistoryError> {
        self.one(question!("SELECT state, count(*) AS findings FROM finding GROUP BY state ORDER BY state"))
            .await
    }
}
