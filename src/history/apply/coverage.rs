//! Coverage periods: a new one only when outcome, reason or error code change.

use std::collections::BTreeMap;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::record::{Coverage, Normal};
use crate::{
    domain::Target,
    history::{ScanId, digest::Digest},
};

/// Rows that one INSERT carries; its statement is prepared once.
const CHUNK: usize = 64;

/// The `part` of the target as a whole.
const WHOLE: &str = "";

/// The target's coverage and that of its parts, as (part, coverage).
fn all<'n, 'a>(normal: &'n Normal<'a>) -> impl Iterator<Item = (&'static str, &'n Coverage<'a>)> {
    std::iter::once((WHOLE, &normal.whole))
        .chain(normal.parts.iter().map(|part| (part.kind.as_str(), &part.coverage)))
}

/// The periods of a target that still hold.
pub(super) struct Open {
    pub(super) last_attempt_at: String,
    parts: BTreeMap<String, Period>,
}

struct Period {
    part: String,
    period: i64,
    outcome: String,
    reason: Option<String>,
    error_code: Option<String>,
}

impl Open {
    pub(super) async fn load(db: &mut SqliteConnection, target: i64) -> Result<Self, sqlx::Error> {
        let last_attempt_at =
            sqlx::query_scalar!("SELECT last_attempt_at FROM target WHERE target_id = ?", target)
                .fetch_one(&mut *db)
                .await?;
        let periods = sqlx::query_as!(
            Period,
            "SELECT part, period, outcome, reason, error_code FROM coverage_period
             WHERE target_id = ? AND valid_to IS NULL",
            target
        )
        .fetch_all(db)
        .await?;
        Ok(Self {
            last_attempt_at,
            parts: periods.into_iter().map(|period| (period.part.clone(), period)).collect(),
        })
    }

    /// Whether the record says of the target and of each part what holds, whatever AWS's words for it.
    pub(super) fn says(&self, normal: &Normal<'_>) -> bool {
        all(normal).count() == self.parts.len()
            && all(normal)
                .all(|(part, coverage)| self.parts.get(part).is_some_and(|period| same(period, coverage)))
    }

    /// Brings the periods up to date. Of a part that the record does not speak of, nothing is claimed any
    /// longer.
    pub(super) async fn change(
        &self,
        db: &mut SqliteConnection,
        target: i64,
        at: &str,
        normal: &Normal<'_>,
    ) -> Result<(), sqlx::Error> {
        for (part, coverage) in all(normal) {
            match self.parts.get(part) {
                Some(period) if same(period, coverage) => {
                    sqlx::query!(
                        "UPDATE coverage_period SET error_message = ?, request_id = ?
                         WHERE target_id = ? AND part = ? AND period = ?",
                        coverage.message.as_deref(),
                        coverage.request_id,
                        target,
                        part,
                        period.period
                    )
                    .execute(&mut *db)
                    .await?;
                }
                open => {
                    if let Some(period) = open {
                        self.end(db, target, at, period).await?;
                    }
                    insert(db, target, part, coverage, at).await?;
                }
            }
        }
        for period in self.parts.values() {
            if all(normal).all(|(part, _)| part != period.part) {
                self.end(db, target, at, period).await?;
            }
        }
        Ok(())
    }

    async fn end(
        &self,
        db: &mut SqliteConnection,
        target: i64,
        at: &str,
        period: &Period,
    ) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "UPDATE coverage_period SET valid_to = ?, last_at = ?
             WHERE target_id = ? AND part = ? AND period = ?",
            at,
            self.last_attempt_at,
            target,
            period.part,
            period.period
        )
        .execute(db)
        .await?;
        Ok(())
    }
}

fn same(period: &Period, coverage: &Coverage<'_>) -> bool {
    period.outcome == coverage.outcome.as_str()
        && period.reason.as_deref() == coverage.reason_str()
        && period.error_code.as_deref() == coverage.code
}

async fn insert(
    db: &mut SqliteConnection,
    target: i64,
    part: &str,
    coverage: &Coverage<'_>,
    at: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO coverage_period
             (target_id, part, period, outcome, reason, error_code, error_message, first_message, request_id,
              valid_from)
         SELECT ?1, ?2, coalesce(max(period), 0) + 1, ?3, ?4, ?5, ?6, ?6, ?7, ?8
         FROM coverage_period WHERE target_id = ?1 AND part = ?2",
        target,
        part,
        coverage.outcome.as_str(),
        coverage.reason_str(),
        coverage.code,
        coverage.message.as_deref(),
        coverage.request_id,
        at
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Targets seen for the first time, inserted many at once.
#[derive(Default)]
pub(super) struct NewTargets {
    targets: Vec<NewTarget>,
    periods: Vec<NewPeriod>,
}

struct NewTarget {
    target: Target,
    id: i64,
    digest: Digest,
    at: String,
}

struct NewPeriod {
    target: i64,
    part: &'static str,
    outcome: &'static str,
    reason: Option<&'static str>,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    at: String,
}

impl NewTargets {
    pub(super) fn push(&mut self, target: &Target, id: i64, digest: Digest, at: &str, normal: &Normal<'_>) {
        self.targets.push(NewTarget { target: target.clone(), id, digest, at: at.to_owned() });
        self.periods.extend(all(normal).map(|(part, coverage)| NewPeriod {
            target: id,
            part,
            outcome: coverage.outcome.as_str(),
            reason: coverage.reason_str(),
            code: coverage.code.map(str::to_owned),
            message: coverage.message.as_deref().map(str::to_owned),
            request_id: coverage.request_id.map(str::to_owned),
            at: at.to_owned(),
        }));
    }

    pub(super) async fn flush(&mut self, db: &mut SqliteConnection, scan: ScanId) -> Result<(), sqlx::Error> {
        for chunk in self.targets.chunks(CHUNK) {
            // The caller gave the accounts when the scan began; one that it did not give has no name yet.
            let mut accounts = QueryBuilder::<Sqlite>::new(
                "INSERT OR IGNORE INTO account (account_id, name, email, state, first_seen_at, last_seen_at) ",
            );
            accounts.push_values(chunk, |mut row, new| {
                row.push_bind(new.target.account.as_str())
                    .push("'', '', ''")
                    .push_bind(&new.at)
                    .push_bind(&new.at);
            });
            accounts.build().persistent(chunk.len() == CHUNK).execute(&mut *db).await?;

            let mut targets = QueryBuilder::<Sqlite>::new(
                "INSERT INTO target (target_id, account_id, region, digest, last_attempt_at, last_scan_id) ",
            );
            targets.push_values(chunk, |mut row, new| {
                row.push_bind(new.id)
                    .push_bind(new.target.account.as_str())
                    .push_bind(new.target.region.as_str())
                    .push_bind(&new.digest[..])
                    .push_bind(&new.at)
                    .push_bind(scan.0);
            });
            targets.build().persistent(chunk.len() == CHUNK).execute(&mut *db).await?;
        }
        for chunk in self.periods.chunks(CHUNK) {
            let mut periods = QueryBuilder::<Sqlite>::new(
                "INSERT INTO coverage_period (target_id, part, period, outcome, reason, error_code, \
                 error_message, first_message, request_id, valid_from) ",
            );
            periods.push_values(chunk, |mut row, new| {
                row.push_bind(new.target)
                    .push_bind(new.part)
                    .push("1")
                    .push_bind(new.outcome)
                    .push_bind(new.reason)
                    .push_bind(new.code.as_deref())
                    .push_bind(new.message.as_deref())
                    .push_bind(new.message.as_deref())
                    .push_bind(new.request_id.as_deref())
                    .push_bind(&new.at);
            });
            periods.build().persistent(chunk.len() == CHUNK).execute(&mut *db).await?;
        }
        self.targets.clear();
        self.periods.clear();
        Ok(())
    }
}
