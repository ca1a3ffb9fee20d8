use sqlx::SqliteConnection;

use super::Moments;

/// An exception that was in force at some time of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the column of the same name in the view exceptions, as it was then")]
pub struct ExceptionThen {
    pub exception_id: i64,
    pub state: String,
    pub check_id: Option<String>,
    pub resource_arn: Option<String>,
    pub account_id: Option<String>,
    pub ou: Option<String>,
    pub tag_key: Option<String>,
    pub tag_value: Option<String>,
    pub reason: String,
    pub owner: String,
    pub created_at: String,
    pub expires_at: String,
    pub ended_at: Option<String>,
}

/// Those that end first come first.
pub(super) async fn in_force(
    db: &mut SqliteConnection,
    moments: &Moments,
) -> Result<Vec<ExceptionThen>, sqlx::Error> {
    sqlx::query_as!(
        ExceptionThen,
        r#"SELECT exception_id, iif(ended_at <= ?2, ended_by, 'active') AS "state!: String", check_id, resource_arn,
                  account_id, ou, tag_key, tag_value, reason, owner, created_at, expires_at,
                  iif(ended_at <= ?2, ended_at, NULL) AS "ended_at?: String"
           FROM exception
           WHERE created_at <= ?2 AND (ended_at IS NULL OR ended_at >= ?1)
           ORDER BY coalesce(iif(ended_at <= ?2, ended_at, NULL), expires_at), exception_id"#,
        moments.begin,
        moments.until
    )
    .fetch_all(db)
    .await
}
