//! How the whole organization stands, for those who look at it every day.

use std::ops::ControlFlow;

use super::{Reader, TrendFilter, rows};
use crate::{
    domain::{Rows, Timestamp},
    history::{Answer, HistoryError, Limits, NamedQuery, checked::question},
};

/// Accounts, and changes, that are named.
const NAMED: u32 = 8;

/// How the organization stands, but for the numbers in [`super::Measures`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Posture {
    /// The open and the suppressed findings: `state`, `severity`, `status`, `findings`.
    pub findings: Rows,
    /// The last twelve weeks, as [`Reader::trend`] tells them.
    pub trend: Rows,
    /// What is not seen: `outcome`, `reason`, `accounts`, `targets`, `since`; what failed first.
    pub gaps: Rows,
    /// Keys in danger, as the named query `keys-in-danger` tells them.
    pub keys: Rows,
    /// The accounts with the most open findings, as the named query `worst-accounts` tells them.
    pub accounts: Rows,
    /// What the newest scan that came to its end did to findings: `event`, `findings`.
    pub changed: Rows,
    /// The newest changes of findings, by any scan, the newest first.
    pub changes: Rows,
    /// One row: `accounts` of the organization.
    pub size: Rows,
}

impl Reader {
    /// How the organization stands.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn posture(&self, now: Timestamp) -> Result<Posture, HistoryError> {
        let most = [("rows".to_owned(), NAMED.to_string())];
        let weeks = TrendFilter::default();
        // Side by side: someone waits for all of them.
        let (posture, trend, keys, accounts) = tokio::try_join!(
            self.standing_now(),
            self.trend(&weeks),
            self.named("keys-in-danger", &[], now),
            self.named("worst-accounts", &most, now),
        )?;
        Ok(Posture { trend, keys, accounts, ..posture })
    }

    /// What is quickly said of it.
    async fn standing_now(&self) -> Result<Posture, HistoryError> {
        let mut db = self.connection().await?;
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let gaps = question!(
            "SELECT c.outcome, c.reason, count(DISTINCT t.account_id) AS accounts, count(*) AS targets,
                    min(c.valid_from) AS since
             FROM coverage_period c JOIN target t ON t.target_id = c.target_id
             WHERE c.part = '' AND c.valid_to IS NULL AND c.outcome <> 'scanned'
             GROUP BY c.outcome, c.reason ORDER BY c.outcome, targets DESC, c.reason"
        );
        let gaps = rows(&mut db, gaps).await.map_err(fail)?;
        let changed = question!(
            "SELECT event, count(*) AS findings FROM finding_event
             WHERE scan_id = (SELECT max(scan_id) FROM scan WHERE outcome IN ('complete', 'incomplete'))
             GROUP BY event"
        );
        let changed = rows(&mut db, changed).await.map_err(fail)?;
        let changes = question!(
            "SELECT e.at, e.event, e.to_status, coalesce(e.resolution, e.reason) AS reason, f.finding_id, f.check_id,
                    f.severity, t.account_id, a.name AS account_name, t.region, r.name AS resource_name
             FROM finding_event e
             JOIN finding f ON f.finding_id = e.finding_id
             JOIN resource r ON r.resource_id = f.resource_id
             JOIN target t ON t.target_id = r.target_id
             JOIN account a ON a.account_id = t.account_id
             ORDER BY e.event_id DESC LIMIT CAST(?1 AS INTEGER)",
            Some(NAMED.to_string())
        );
        let changes = rows(&mut db, changes).await.map_err(fail)?;
        let size = question!("SELECT count(*) AS accounts FROM account WHERE left_at IS NULL");
        let size = rows(&mut db, size).await.map_err(fail)?;
        drop(db);
        let findings = self.open_findings().await?;
        Ok(Posture { findings, gaps, changed, changes, size, ..Posture::default() })
    }

    /// The whole answer to one of our own named queries.
    async fn named(
        &self,
        name: &str,
        given: &[(String, String)],
        now: Timestamp,
    ) -> Result<Rows, HistoryError> {
        let query = NamedQuery::find(name).expect("one of our own");
        let mut answer = Rows::default();
        self.ask(query, given, now, &Limits::default(), |piece| {
            match piece {
                Answer::Columns(columns) => answer.columns = columns,
                Answer::Row(row) => answer.rows.push(row),
            }
            ControlFlow::Continue(())
        })
        .await?;
        Ok(answer)
    }
}
