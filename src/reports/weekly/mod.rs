//! From the rows of a week to the value of its report. Only [`weekly`] reads; what follows is pure.

mod changes;
mod coverage;
mod exceptions;
mod findings;
mod period;
mod places;
mod times;
mod trend;

#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;

use super::{ReportWeek, VERSION, Weekly};
use crate::{
    domain::{Timestamp, iso_utc},
    history::{HistoryError, REPORT_WEEKS, Reader, WeekFacts, WeekSpan},
};

/// Works out the report of a week. `zone` is the zone in which the week begins and ends, with its IANA name; `now` is
/// the time of asking, of which nothing depends once the week is over.
///
/// # Errors
/// [`HistoryError::NotCovered`] for a week that has not begun, that was over before the first scan, or that was
/// pruned; the others where the history can't be read.
pub async fn weekly(
    reader: &Reader,
    week: ReportWeek,
    zone: (&str, &TimeZone),
    now: Timestamp,
) -> Result<Weekly, HistoryError> {
    let frame = Frame::new(week, zone, now);
    let facts = reader.week(&frame.span, now).await?;
    Ok(report(&frame, facts))
}

/// The week and its moments.
struct Frame<'a> {
    week: ReportWeek,
    zone_name: &'a str,
    span: WeekSpan,
    begins_at: String,
    ends_at: String,
    as_of: Timestamp,
    is_over: bool,
}

impl<'a> Frame<'a> {
    fn new(week: ReportWeek, (zone_name, zone): (&'a str, &TimeZone), now: Timestamp) -> Self {
        let (begins_at, ends_at) = (week.begins_at(zone), week.ends_at(zone));
        let mut weeks = (0..REPORT_WEEKS as i64).rev().map(|weeks| week.before(weeks).ends_at(zone));
        let span = WeekSpan {
            name: week.to_string(),
            first_begins_at: week.before(REPORT_WEEKS as i64 - 1).begins_at(zone),
            ends_at: std::array::from_fn(|_| weeks.next().unwrap_or(ends_at)),
        };
        Self {
            week,
            zone_name,
            span,
            begins_at: iso_utc(begins_at),
            ends_at: iso_utc(ends_at),
            as_of: ends_at.min(now),
            is_over: ends_at <= now,
        }
    }

    /// The name of one of the twelve weeks, by its place.
    fn week_name(&self, at: usize) -> String {
        self.week.before((REPORT_WEEKS - 1 - at) as i64).to_string()
    }
}

/// The report that these facts make.
fn report(frame: &Frame<'_>, mut facts: WeekFacts) -> Weekly {
    let findings = findings::all(std::mem::take(&mut facts.findings));
    let facts = &facts;
    let open_before = findings::open_before(facts, &findings);
    let trends = trend::Trends::new(frame, facts, &findings);
    let seen = coverage::Seen::new(frame, facts, &findings);
    let (ous, accounts, regions) = places::all(facts, &findings, open_before.as_ref(), &seen);
    Weekly {
        version: VERSION,
        period: period::period(frame, facts),
        compliance: trends.compliance(),
        overall: trends.overall(),
        controls: trends.controls(),
        changes: changes::changes(frame, facts, &findings, open_before.as_ref()),
        slowest: times::slowest(frame, facts, &findings),
        remediation_times: times::remediation_times(frame, facts),
        oldest: findings::oldest(&findings),
        keys_in_danger: findings::keys_in_danger(&findings),
        ous,
        accounts,
        regions,
        exceptions: exceptions::exceptions(facts, &findings),
        evidence: trend::evidence(facts),
        coverage: seen.coverage,
        findings: findings::standing(findings),
    }
}
