//! What a scan has to know of an account before it decides what to ask there.

use super::Reader;
use crate::{
    domain::{
        AccountId, Aliases, CoverageReason, Failure, KeyFacts, KeyFailure, KeyManager, KeyMetadata, KeyRef,
        Outcome, Region, Standing, Timestamp,
    },
    history::{HistoryError, ScanId},
};

/// A target, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTarget {
    /// The Region.
    pub region: Region,
    /// What is known.
    pub standing: Standing,
    /// The scan that asked it last.
    pub last_scan: Option<ScanId>,
}

impl Reader {
    /// What is known of each of the account's targets; one whose account has left and come back is not known.
    pub async fn standing(&self, account: AccountId) -> Result<Vec<KnownTarget>, HistoryError> {
        let mut db = self.connection().await?;
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let rows = sqlx::query!(
            r#"SELECT t.region, t.streak AS "streak: u32", t.last_attempt_at, t.last_scan_id, c.outcome, c.reason,
                      EXISTS (SELECT 1 FROM resource r
                              WHERE r.target_id = t.target_id AND r.deleted_at IS NULL) AS "has_resources!: bool"
               FROM target t
               JOIN coverage_period c ON c.target_id = t.target_id AND c.part = '' AND c.valid_to IS NULL
               WHERE t.account_id = ?"#,
            account.as_str()
        )
        .fetch_all(&mut *db)
        .await
        .map_err(fail)?;
        let mut known = Vec::with_capacity(rows.len());
        for row in rows {
            let region = row.region.parse().map_err(|error| fail(decode(error)))?;
            let last_attempt_at = row.last_attempt_at.parse().map_err(|error| fail(decode(error)))?;
            let Some(outcome) = Outcome::from_word(&row.outcome) else { continue };
            let reason = match row.reason.as_deref().map(CoverageReason::from_word) {
                None => None,
                Some(Some(reason)) => Some(reason),
                // A word of another version says nothing here, so the target is not known.
                Some(None) => continue,
            };
            let standing = Standing {
                outcome,
                reason,
                has_resources: row.has_resources,
                streak: row.streak,
                last_attempt_at,
            };
            known.push(KnownTarget { region, standing, last_scan: row.last_scan_id.map(ScanId) });
        }
        Ok(known)
    }

    /// The keys of the account's resources that are known to be AWS's, because `DescribeKey` said so.
    pub async fn aws_managed_keys(&self, account: AccountId) -> Result<Vec<KeyMetadata>, HistoryError> {
        let mut db = self.connection().await?;
        let rows = sqlx::query!(
            r#"SELECT DISTINCT r.key_arn AS "arn!", r.key_state AS "state!"
               FROM target t
               JOIN resource r ON r.target_id = t.target_id
               JOIN evaluation e ON e.resource_id = r.resource_id AND e.valid_to IS NULL
               WHERE t.account_id = ? AND r.deleted_at IS NULL AND r.key_manager = 'AWS'
                 AND r.key_arn IS NOT NULL AND r.key_state IS NOT NULL AND e.evidence = 'describe_key'"#,
            account.as_str()
        )
        .fetch_all(&mut *db)
        .await
        .map_err(|error| HistoryError::sqlite(&self.path, error))?;
        let keys = rows.into_iter().map(|row| KeyMetadata {
            arn: row.arn,
            manager: Some(KeyManager::Aws),
            state: row.state,
        });
        Ok(keys.collect())
    }

    /// The keys that gave no answer when the account's targets were last asked, because it was denied or there is no
    /// such key, with what was found out of them all the same, by the Region of the target that names them so.
    pub async fn unanswered_keys(
        &self,
        account: AccountId,
    ) -> Result<Vec<(Region, KeyRef, KeyFacts)>, HistoryError> {
        let mut db = self.connection().await?;
        let fail = |error| HistoryError::sqlite(&self.path, error);
        // Only of parts that were read when the target was last asked: what is older may have been answered since.
        let rows = sqlx::query!(
            r#"SELECT DISTINCT t.region, r.key_arn AS "key!", e.status, e.reason, e.evidence,
                      u.reason AS "usable: String"
               FROM target t
               JOIN resource r ON r.target_id = t.target_id
               JOIN coverage_period p ON p.target_id = t.target_id AND p.part = r.resource_type
                                     AND p.valid_to IS NULL AND p.outcome = 'scanned'
               JOIN evaluation e ON e.resource_id = r.resource_id AND e.valid_to IS NULL
                                AND e.check_id <> 'dms_kms_key_usable'
               LEFT JOIN evaluation u ON u.resource_id = r.resource_id AND u.valid_to IS NULL
                                     AND u.check_id = 'dms_kms_key_usable'
               WHERE t.account_id = ? AND r.deleted_at IS NULL AND r.key_arn IS NOT NULL
                 AND e.evidence IN ('list_aliases', 'arn_account', 'none')"#,
            account.as_str()
        )
        .fetch_all(&mut *db)
        .await
        .map_err(fail)?;
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            let aliases = match (row.evidence.as_str(), row.status.as_str()) {
                ("list_aliases", "fail") => Some(Ok(Aliases::AwsManaged)),
                ("list_aliases", _) => Some(Ok(Aliases::NotAwsManaged)),
                _ => None,
            };
            // Of a key that AWS manages, nobody asks whether it can be used; only a denial leads to the aliases.
            let why = match (&aliases, row.evidence.as_str()) {
                (Some(Ok(Aliases::AwsManaged)), _) => "key_access_denied",
                (_, "none") => row.reason.as_str(),
                _ => row.usable.as_deref().unwrap_or_default(),
            };
            let failure = |reason| Failure {
                reason,
                operation: "kms:DescribeKey",
                code: None,
                message: "as when it was last asked".to_owned(),
                request_id: None,
            };
            let described = match why {
                "key_access_denied" => KeyFailure::Denied(failure(CoverageReason::AccessDenied)),
                "key_not_found" => KeyFailure::NotFound(failure(CoverageReason::ServiceError)),
                // What failed for any other reason may be answered now.
                _ => continue,
            };
            let region = row.region.parse().map_err(|error| fail(decode(error)))?;
            let Some(key) = KeyRef::parse(&row.key) else { continue };
            keys.push((region, key, KeyFacts { described: Some(Err(described)), aliases }));
        }
        Ok(keys)
    }

    /// When the newest scans began, the newest first.
    pub async fn last_starts(&self, count: u32) -> Result<Vec<Timestamp>, HistoryError> {
        let mut db = self.connection().await?;
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let starts = sqlx::query_scalar!("SELECT started_at FROM scan ORDER BY scan_id DESC LIMIT ?", count)
            .fetch_all(&mut *db)
            .await
            .map_err(fail)?;
        starts.iter().map(|at| at.parse().map_err(|error| fail(decode(error)))).collect()
    }
}

fn decode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
