//! The numbers over time, of the whole organization or a part of it.

use jiff::{ToSpan, civil::Date};

use super::{Reader, filter::list, rows};
use crate::{
    domain::{AccountId, Rows},
    history::HistoryError,
};

/// Weeks that a trend goes back where no beginning is named.
const WEEKS: i64 = 12;

/// After every moment that the history can hold.
pub(super) const NOW: &str = "9999";

/// What one row of a trend stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    /// A UTC day.
    Day,
    /// An ISO week, Monday to Sunday.
    #[default]
    Week,
}

/// Which trend; an empty list is all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrendFilter {
    /// By day or by week.
    pub by: Period,
    /// The first day, or a day of the first week; where it is missing, twelve weeks end with the last.
    pub from: Option<Date>,
    /// The last day, or a day of the last week; where it is missing, the newest.
    pub to: Option<Date>,
    /// Ids of checks.
    pub checks: Vec<String>,
    /// Accounts.
    pub accounts: Vec<AccountId>,
}

/// The trend by one kind of period. `$bucket` is the period's key of a moment `at`, `$calendar` the table of
/// all periods by that key, `$label` its name there and `$begins` its first day; of the parameters, the first two
/// are the filters' lists, then the first and the last day, then the moment of which it is the trend.
///
/// Everything is summed up from what changed (see `verdict_change` in the migrations), for all accounts at
/// once, and only then laid over the calendar. The state at a period's end is known from what stays when the past
/// is pruned; what happened in a period that began before is not.
macro_rules! trend {
    ($bucket:literal, $calendar:literal, $key:literal, $label:literal, $begins:literal) => {
        concat!(
            "WITH change AS (
                SELECT ", $bucket, " AS key, 0 AS open, 0 AS new, 0 AS resolved, 0 AS reopened,
                       pass, fail, unknown, suppressed
                FROM verdict_change
                WHERE at <= ?5
                  AND (?1 IS NULL OR check_id IN (SELECT value FROM json_each(?1)))
                  AND (?2 IS NULL OR resource_id IN (
                      SELECT r.resource_id FROM target t JOIN resource r ON r.target_id = t.target_id
                      WHERE t.account_id IN (SELECT value FROM json_each(?2))))
                UNION ALL
                SELECT ", $bucket, ",
                       (event IN ('opened', 'reopened')) - coalesce(before IN ('opened', 'reopened'), 0),
                       event = 'opened', event = 'resolved', event = 'reopened', 0, 0, 0, 0
                FROM (SELECT finding_id, at, event, lag(event) OVER (PARTITION BY finding_id ORDER BY event_id) AS before
                      FROM finding_event WHERE event <> 'status_changed')
                WHERE at <= ?5
                  AND (?1 IS NULL AND ?2 IS NULL OR finding_id IN (
                      SELECT f.finding_id FROM finding f
                      JOIN resource r ON r.resource_id = f.resource_id
                      JOIN target t ON t.target_id = r.target_id
                      WHERE (?1 IS NULL OR f.check_id IN (SELECT value FROM json_each(?1)))
                        AND (?2 IS NULL OR t.account_id IN (SELECT value FROM json_each(?2)))))
                UNION ALL
                SELECT ", $key, ", 0, 0, 0, 0, 0, 0, 0, 0 FROM ", $calendar, "
                WHERE ", $key, " <= (SELECT ", $bucket, " FROM (SELECT min(?5, (SELECT max(day) FROM day)) AS at))
             ),
             summed AS (
                SELECT min(key, (SELECT max(", $key, ") FROM ", $calendar, ")) AS key, sum(open) AS open,
                       sum(new) AS new, sum(resolved) AS resolved, sum(reopened) AS reopened, sum(pass) AS pass,
                       sum(fail) AS fail, sum(unknown) AS unknown, sum(suppressed) AS suppressed
                FROM change GROUP BY 1
             ),
             state AS (
                SELECT key, new, resolved, reopened, sum(open) OVER so_far AS open, sum(pass) OVER so_far AS pass,
                       sum(fail) OVER so_far AS fail, sum(unknown) OVER so_far AS unknown,
                       sum(suppressed) OVER so_far AS suppressed
                FROM summed WINDOW so_far AS (ORDER BY key)
             )
             SELECT p.", $label, " AS period, s.open, iif(s.cut, NULL, s.new) AS new,
                    iif(s.cut, NULL, s.resolved) AS resolved, iif(s.cut, NULL, s.reopened) AS reopened, s.pass, s.fail, s.unknown, s.suppressed,
                    1.0 * s.pass / nullif(s.pass + s.fail + s.unknown + s.suppressed, 0) AS compliance
             FROM (SELECT *, ", $begins, " || 'T00:00:00Z' < (SELECT max(pruned_before) FROM pruning) AS cut FROM state) s
             JOIN ", $calendar, " p ON p.", $key, " = s.key
             WHERE s.key BETWEEN (SELECT ", $bucket, " FROM (SELECT ?3 AS at))
                             AND (SELECT ", $bucket, " FROM (SELECT ?4 AS at))
             ORDER BY s.key"
        )
    };
}

const BY_DAY: &str = trend!("substr(at, 1, 10)", "day", "day", "day", "key");
const BY_WEEK: &str = trend!("date(at, 'weekday 0')", "week", "sunday", "week", "date(key, '-6 days')");

impl Reader {
    /// One row per period in which there was a history, oldest first: `period` (`2026-11-24` or `2026-W48`),
    /// `open`, `new`, `resolved`, `reopened`, `pass`, `fail`, `unknown`, `suppressed`, `compliance`.
    ///
    /// `new`, `resolved` and `reopened` count the events of the period, and are null where a part of it was pruned;
    /// the others are the state at its end, of the newest period the state as now known. `compliance` is a fraction,
    /// and null where nothing was judged.
    pub async fn trend(&self, filter: &TrendFilter) -> Result<Rows, HistoryError> {
        self.trend_at(filter, NOW).await
    }

    pub(super) async fn trend_at(&self, filter: &TrendFilter, at: &str) -> Result<Rows, HistoryError> {
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let mut db = self.connection().await?;
        let newest: Option<String> = sqlx::query_scalar("SELECT max(day) FROM day WHERE day <= ?")
            .bind(at)
            .fetch_one(&mut *db)
            .await
            .map_err(fail)?;
        let newest = newest
            .as_deref()
            .unwrap_or("1970-01-01")
            .parse::<Date>()
            .map_err(|error| fail(sqlx::Error::Decode(Box::new(error))))?;
        // A last day that is still to come must not shorten what is shown.
        let to = filter.to.map_or(newest, |to| to.min(newest));
        let from = filter.from.unwrap_or_else(|| match filter.by {
            Period::Day => to.saturating_sub((WEEKS * 7 - 1).days()),
            Period::Week => to.saturating_sub((WEEKS - 1).weeks()),
        });
        let sql = match filter.by {
            Period::Day => BY_DAY,
            Period::Week => BY_WEEK,
        };
        let parameters = [
            list(filter.checks.iter().map(String::as_str)),
            list(filter.accounts.iter().map(AccountId::as_str)),
            Some(from.to_string()),
            Some(to.to_string()),
            Some(at.to_owned()),
        ];
        rows(&mut db, sql, &parameters).await.map_err(fail)
    }
}
