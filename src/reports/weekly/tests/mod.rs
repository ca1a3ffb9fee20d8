//! Reports of histories that the writer wrote.

mod edges;
mod holds;
mod later;
mod refused;
mod views;
mod zones;

use jiff::tz::TimeZone;

use super::weekly;
use crate::{
    history::{HistoryError, tests::build::*},
    reports::Weekly,
};

/// Hour at which a week of the year 2026 begins in UTC; the tests' time begins on the Thursday of the first.
const fn week(n: i64) -> i64 {
    -72 + (n - 1) * 168
}

/// The report of a week in UTC, asked for in that hour.
async fn asked(lab: &Lab, name: &str, now: i64) -> Result<Weekly, HistoryError> {
    weekly(&lab.reader().await, name.parse().unwrap(), ("UTC", &TimeZone::UTC), hour(now)).await
}

/// The report of a week that is over.
async fn over(lab: &Lab, n: i64) -> Weekly {
    let report = asked(lab, &format!("2026-W{n:02}"), week(n + 1)).await.unwrap();
    assert!(report.period.is_over);
    report
}
