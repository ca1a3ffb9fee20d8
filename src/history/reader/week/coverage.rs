use std::collections::HashSet;

use serde::Deserialize;
use serde_json::json;
use sqlx::SqliteConnection;

use super::{FindingThen, Moments};

/// The targets of one account. Nearly all of them are scanned time after time, so these are only named: a row for
/// each would be most of the work of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTargets {
    /// The account.
    pub account_id: String,
    /// The Regions in which the target is scanned and was so a week before, where there was one.
    pub steady: Vec<String>,
    /// Of all others, what held at the end of the week, and a week before where that is another.
    pub others: Vec<TargetPeriod>,
}

/// What became of a target, at the end of the week, or a week before, or at both.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TargetPeriod {
    /// Its number.
    pub target_id: i64,
    /// The Region.
    pub region: String,
    /// `scanned`, `failed` or `skipped`.
    pub outcome: String,
    /// Why, where it was not scanned.
    pub reason: Option<String>,
    /// Since when.
    pub since: String,
    /// Whether it holds at the end of the week.
    #[serde(deserialize_with = "truth")]
    pub now: bool,
    /// Whether it held when the week began.
    #[serde(deserialize_with = "truth")]
    pub before: bool,
}

/// More of a target that was not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapThen {
    /// Its number.
    pub target_id: i64,
    /// AWS's error code.
    pub error_code: Option<String>,
    /// What was said when it began.
    pub error_message: Option<String>,
    /// When it was last scanned.
    pub last_scanned_at: Option<String>,
}

/// The targets that had an outcome at either moment.
pub(super) async fn targets(
    db: &mut SqliteConnection,
    moments: &Moments,
    newest_finished_at: Option<&str>,
) -> Result<Vec<AccountTargets>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT account_id AS "account_id!: String",
                  group_concat(region) FILTER (WHERE steady) AS "steady?: String",
                  json_group_array(json_object('target_id', target_id, 'region', region, 'outcome', outcome,
                                               'reason', reason, 'since', valid_from, 'now', now, 'before', before))
                      FILTER (WHERE NOT steady) AS "others!: String"
           FROM (SELECT t.account_id, t.region, t.target_id, c.outcome, c.reason, c.valid_from,
                        c.valid_from <= ?1 AND (c.valid_to IS NULL OR c.valid_to > ?1) AS now,
                        coalesce(c.valid_from <= ?2, 0) AS before,
                        -- Seen all the time, and by the newest scan too.
                        c.outcome = 'scanned' AND (c.valid_to IS NULL OR c.valid_to > ?1)
                            AND c.valid_from <= coalesce(min(?2, ?3), ?3, '') AS steady
                 -- In this order, which is that of the accounts.
                 FROM target t
                 CROSS JOIN coverage_period c ON c.target_id = t.target_id AND c.part = '' AND c.valid_from <= ?1
                      AND (c.valid_to IS NULL OR c.valid_to > coalesce(?2, ?1)))
           GROUP BY account_id"#,
        moments.until,
        moments.before,
        newest_finished_at
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let others =
                serde_json::from_str(&row.others).map_err(|error| sqlx::Error::Decode(error.into()))?;
            let steady =
                row.steady.iter().flat_map(|regions| regions.split(',')).map(str::to_owned).collect();
            Ok(AccountTargets { account_id: row.account_id, steady, others })
        })
        .collect()
}

/// More of the targets that failed, and of those skipped in which a finding is open.
pub(super) async fn gaps(
    db: &mut SqliteConnection,
    moments: &Moments,
    targets: &[AccountTargets],
    findings: &[FindingThen],
) -> Result<Vec<GapThen>, sqlx::Error> {
    let open: HashSet<(&str, &str)> = findings
        .iter()
        .filter(|finding| finding.state == "open")
        .map(|finding| (finding.account_id.as_str(), finding.region.as_str()))
        .collect();
    let gaps: Vec<i64> = targets
        .iter()
        .flat_map(|account| account.others.iter().map(|target| (account.account_id.as_str(), target)))
        .filter(|(account, target)| {
            target.now
                && match target.outcome.as_str() {
                    "failed" => true,
                    "skipped" => open.contains(&(*account, target.region.as_str())),
                    _ => false,
                }
        })
        .map(|(_, target)| target.target_id)
        .collect();
    sqlx::query_as!(
        GapThen,
        r#"SELECT c.target_id AS "target_id!", c.error_code, c.first_message AS error_message,
                  (SELECT max(s.last_at) FROM coverage_period s
                   WHERE s.target_id = c.target_id AND s.part = '' AND s.outcome = 'scanned' AND s.valid_to <= ?2)
                      AS "last_scanned_at?: String"
           FROM json_each(?1) g
           JOIN coverage_period c ON c.target_id = g.value AND c.part = ''
               AND c.valid_from <= ?2 AND (c.valid_to IS NULL OR c.valid_to > ?2)"#,
        json!(gaps).to_string(),
        moments.until
    )
    .fetch_all(db)
    .await
}

/// SQLite has no truth values, only 0 and 1.
fn truth<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(u8::deserialize(from)? != 0)
}
