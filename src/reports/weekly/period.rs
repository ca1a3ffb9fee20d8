use super::Frame;
use crate::{
    domain::iso_utc,
    history::{REPORT_WEEKS, ScansThen, WeekFacts},
    reports::{ReportPeriod, Scans},
};

pub(super) fn period(frame: &Frame<'_>, facts: &WeekFacts) -> ReportPeriod {
    let first = iso_utc(frame.span.first_begins_at);
    ReportPeriod {
        week: frame.week.to_string(),
        time_zone: frame.zone_name.to_owned(),
        begins_at: frame.begins_at.clone(),
        ends_at: frame.ends_at.clone(),
        as_of: iso_utc(frame.as_of),
        is_over: frame.is_over,
        first_scan_at: Some(facts.first_scan.started_at.clone()),
        // What went before the first of the twelve weeks takes nothing from them.
        pruned_before: facts.pruned_before.clone().filter(|pruned| *pruned > first),
        scans: scans(facts),
        keywatch_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The scans of the report's own week.
fn scans(facts: &WeekFacts) -> Scans {
    let own: Vec<&ScansThen> =
        facts.scans.iter().filter(|scans| scans.week as usize == REPORT_WEEKS - 1).collect();
    let ended =
        |outcome: &str| own.iter().filter(|scans| scans.outcome == outcome).map(|one| one.scans).sum();
    Scans {
        complete: ended("complete"),
        incomplete: ended("incomplete"),
        interrupted: ended("interrupted"),
        newest_finished_at: facts.newest_finished_at.clone(),
        api_calls: own.iter().map(|scans| scans.api_calls).sum(),
        throttled_calls: own.iter().map(|scans| scans.throttled_calls).sum(),
    }
}
