//! One finding, and what surrounds it.

use sqlx::Connection;

use super::{Reader, rows};
use crate::{
    domain::Rows,
    history::{HistoryError, checked::question},
};

/// What is beside a finding.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Surroundings {
    /// One row: its resource's `status`, `first_seen_at`, `deleted_at`, `tags` and `document`, both JSON.
    pub resource: Rows,
    /// The rows of `exceptions` that suppress it or once did, the newest first.
    pub exceptions: Rows,
    /// The other findings of its resource: `finding_id`, `check_id`, `severity`, `state`.
    pub siblings: Rows,
}

impl Reader {
    /// What is beside the finding of that number; nothing if there is none.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn surroundings(&self, finding: i64) -> Result<Surroundings, HistoryError> {
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let mut db = self.connection().await?;
        let mut tx = db.begin().await.map_err(fail)?;
        let id = Some(finding.to_string());
        let resource = question!(
            "SELECT r.status, r.first_seen_at, r.deleted_at, r.tags, r.document
             FROM finding f JOIN resource r ON r.resource_id = f.resource_id
             WHERE f.finding_id = CAST(?1 AS INTEGER)",
            id.clone()
        );
        let exceptions = question!(
            "SELECT * FROM exceptions
             WHERE exception_id IN (SELECT exception_id FROM finding_event WHERE finding_id = CAST(?1 AS INTEGER))
             ORDER BY exception_id DESC",
            id.clone()
        );
        let siblings = question!(
            "SELECT o.finding_id, o.check_id, o.severity, o.state
             FROM finding f JOIN finding o ON o.resource_id = f.resource_id AND o.finding_id <> f.finding_id
             WHERE f.finding_id = CAST(?1 AS INTEGER) ORDER BY o.finding_id",
            id
        );
        let surroundings = Surroundings {
            resource: rows(&mut tx, resource).await.map_err(fail)?,
            exceptions: rows(&mut tx, exceptions).await.map_err(fail)?,
            siblings: rows(&mut tx, siblings).await.map_err(fail)?,
        };
        tx.commit().await.map_err(fail)?;
        Ok(surroundings)
    }
}
