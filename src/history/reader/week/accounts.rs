use sqlx::SqliteConnection;

use super::Moments;

/// An account at the end of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountThen {
    /// Its id.
    pub account_id: String,
    /// Its name; of one that had left, the name that it left with.
    pub name: String,
    /// Where it stood, as far as that was known.
    pub ou_path: Option<String>,
    /// Where it stood when the week began.
    pub ou_path_before: Option<String>,
    /// Whether it belonged to the organization.
    pub is_member: bool,
}

/// Every account.
pub(super) async fn all(
    db: &mut SqliteConnection,
    moments: &Moments,
) -> Result<Vec<AccountThen>, sqlx::Error> {
    sqlx::query_as!(
        AccountThen,
        r#"SELECT a.account_id AS "account_id!", iif(p.period IS NULL, a.name, p.name) AS "name!: String",
                  iif(p.period IS NULL, a.ou_path, p.ou_path) AS "ou_path?: String",
                  iif(b.period IS NULL, iif(p.period IS NULL, a.ou_path, p.ou_path), b.ou_path)
                      AS "ou_path_before?: String",
                  p.period IS NOT NULL AND (p.valid_to IS NULL OR p.valid_to > ?1) AS "is_member!: bool"
           FROM account a
           LEFT JOIN account_period p ON p.account_id = a.account_id AND p.period =
               (SELECT max(period) FROM account_period l WHERE l.account_id = a.account_id AND l.valid_from <= ?1)
           LEFT JOIN account_period b ON b.account_id = a.account_id AND b.period =
               (SELECT max(period) FROM account_period l WHERE l.account_id = a.account_id AND l.valid_from <= ?2)
           ORDER BY a.account_id"#,
        moments.until,
        moments.before
    )
    .fetch_all(db)
    .await
}
