//! Every number of a report, counted anew from the public views by means as plain as can be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{views::Views, *};
use crate::{
    evaluation::CHECKS,
    reports::{Change, Finding, Place, TargetCounts, Times},
};

/// As the view has it, but for the last look, which a report of the past can't know.
fn as_row(finding: &Finding) -> Value {
    let mut row = json!(finding);
    row["last_seen_at"].take();
    row
}

pub(super) fn holds(report: &Weekly, views: &Views, before: Option<TargetCounts>) {
    let (begin, end) = (report.period.begins_at.as_str(), report.period.ends_at.as_str());
    let name = report.period.week.as_str();
    let within = |value: &Value| value.as_str().is_some_and(|at| begin <= at && at < end);
    findings_hold(report, views);

    // The events.
    let by_id: BTreeMap<i64, &Value> =
        views.findings.iter().map(|finding| (finding["finding_id"].as_i64().unwrap(), finding)).collect();
    let changes = &report.changes;
    for (kind, told) in [
        ("opened", &changes.opened),
        ("reopened", &changes.reopened),
        ("resolved", &changes.resolved),
        ("suppressed", &changes.suppressed),
    ] {
        let tell = |change: &Change| json!([change.finding.finding_id, change.at, change.reason]);
        let told: Vec<Value> = told.iter().map(tell).collect();
        let happened = views.events.iter().filter(|row| row[4] == kind && within(&row[2]));
        let happened: Vec<Value> = happened.map(|row| json!([row[1], row[2], row[5]])).collect();
        assert_eq!(told, happened, "{kind} in {name}");
    }
    for change in changes.resolved.iter().chain(&changes.opened).filter(|one| one.finding.state == "resolved")
    {
        let mut live = by_id[&change.finding.finding_id].clone();
        assert!(change.finding.last_seen_at.as_str() <= live["resolved_at"].as_str().unwrap());
        live["last_seen_at"].take();
        assert_eq!(as_row(&change.finding), live);
    }
    let is_first = views.open_before(begin).is_empty() && report.overall.last_week.is_none();
    let was_open = views.open_before(begin);
    let is_open = views.open_before(end);
    assert_eq!(changes.open, is_open.len() as u64);
    assert_eq!(changes.open_last_week, report.overall.last_week.map(|_| was_open.len() as u64));
    if !is_first {
        let touched: BTreeSet<i64> = views
            .events
            .iter()
            .filter(|row| within(&row[2]) && row[4] != "status_changed")
            .map(|row| row[1].as_i64().unwrap())
            .collect();
        let still = was_open.intersection(&is_open).filter(|finding| !touched.contains(finding)).count();
        assert_eq!(changes.still_open, still as u64);
    }
    let unknown = views.findings.iter().filter(|one| one["state"] == "open" && one["status"] == "unknown");
    assert_eq!(changes.open_unknown, unknown.count() as u64);

    // The verdicts.
    for check in &report.compliance {
        assert_eq!(
            check.trend.now,
            views.counts(name, |id, _, _| id == check.check_id),
            "{}",
            check.check_id
        );
    }
    assert_eq!(report.overall.now, views.counts(name, |_, _, _| true));
    for week in report.overall.weeks.iter().filter(|week| week.counts.is_some()) {
        assert_eq!(week.counts, Some(views.counts(&week.week, |_, _, _| true)), "{}", week.week);
        let end = week.week.parse::<crate::reports::ReportWeek>().unwrap().ends_at(&TimeZone::UTC);
        let end = crate::domain::iso_utc(end);
        assert_eq!(week.open, Some(views.open_before(&end).len() as u64), "{}", week.week);
    }
    assert_eq!(report.overall.weeks[11].counts, Some(report.overall.now));
    assert_eq!(report.overall.last_week, report.overall.weeks[10].counts);
    for control in &report.controls {
        let supports = |id: &str| {
            let check = CHECKS.iter().find(|check| check.id == id).unwrap();
            check.controls.iter().any(|one| (one.framework, one.id) == (&*control.framework, &*control.id))
        };
        assert_eq!(control.counts, views.counts(name, |id, _, _| supports(id)));
        assert!(!control.check_ids.is_empty() && control.check_ids.iter().all(|id| supports(id)));
    }
    let evidence: Vec<Value> =
        report.evidence.iter().map(|one| json!([one.evidence, one.status, one.verdicts])).collect();
    assert_eq!(json!(evidence), json!(views.evidence));

    coverage_holds(report, views, before);
    places_hold(report, views, within);
    rest_holds(report, views, within);
}

fn findings_hold(report: &Weekly, views: &Views) {
    let told: BTreeMap<i64, Value> =
        report.findings.iter().map(|one| (one.finding_id, as_row(one))).collect();
    let live: BTreeMap<i64, Value> = views
        .findings
        .iter()
        .filter(|finding| finding["state"] != "resolved")
        .map(|finding| {
            let mut row = finding.clone();
            row["last_seen_at"].take();
            (finding["finding_id"].as_i64().unwrap(), row)
        })
        .collect();
    assert_eq!(told, live);
    for finding in &report.findings {
        assert!(finding.last_seen_at <= report.period.as_of, "{finding:?}");
    }
    let open = || report.findings.iter().filter(|finding| finding.state == "open");
    let mut oldest: Vec<_> = open().map(|one| (one.opened_at.clone(), one.finding_id)).collect();
    oldest.sort();
    oldest.truncate(10);
    let told: Vec<_> = report.oldest.iter().map(|one| (one.opened_at.clone(), one.finding_id)).collect();
    assert_eq!(told, oldest);
    let in_danger: BTreeSet<i64> = open()
        .filter(|one| one.check_id == USABLE && one.status == "fail")
        .map(|one| one.finding_id)
        .collect();
    let told = report.keys_in_danger.iter().flat_map(|key| &key.findings).map(|one| one.finding_id);
    assert_eq!(told.collect::<BTreeSet<_>>(), in_danger);
}

fn coverage_holds(report: &Weekly, views: &Views, before: Option<TargetCounts>) {
    let coverage = &report.coverage;
    assert_eq!(coverage.targets, views.targets(|_| true));
    assert_eq!(coverage.last_week, before);
    let members: Vec<&str> =
        views.accounts.iter().filter(|row| row[2].is_null()).map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(coverage.accounts, members.len() as u64);
    let whole = members.iter().filter(|account| {
        let own: Vec<_> = views.coverage.iter().filter(|row| row["account_id"] == **account).collect();
        !own.is_empty()
            && own.iter().all(|row| {
                row["outcome"] == "scanned"
                    || ["account_excluded", "region_excluded"].iter().any(|reason| row["reason"] == *reason)
            })
    });
    assert_eq!(coverage.accounts_seen_whole, whole.count() as u64);
    let reasons: u64 = coverage.reasons.iter().map(|reason| reason.targets).sum();
    assert_eq!(reasons, coverage.targets.failed + coverage.targets.skipped);
    for reason in &coverage.reasons {
        let own: Vec<_> = views
            .coverage
            .iter()
            .filter(|row| row["outcome"] == *reason.outcome && row["reason"] == *reason.reason)
            .collect();
        let accounts: BTreeSet<_> = own.iter().map(|row| row["account_id"].as_str()).collect();
        assert_eq!((reason.targets, reason.accounts), (own.len() as u64, accounts.len() as u64));
        assert_eq!(reason.last_week.is_some(), before.is_some());
    }
    let known: u64 = coverage.ages.iter().map(|band| band.targets).sum();
    assert_eq!(known, coverage.targets.scanned + coverage.targets.failed);
    let open = |row: &Value| {
        let here = |one: &&Finding| row["account_id"] == *one.account_id && row["region"] == *one.region;
        report.findings.iter().filter(|one| one.state == "open").filter(here).count() as u64
    };
    let gaps: Vec<Value> = views
        .coverage
        .iter()
        .filter(|row| row["outcome"] == "failed" || row["outcome"] == "skipped" && open(row) > 0)
        .map(|row| {
            let mut gap = row.clone();
            gap["open_findings"] = json!(open(row));
            gap
        })
        .collect();
    assert_eq!(json!(coverage.gaps), json!(gaps));
}

fn places_hold(report: &Weekly, views: &Views, within: impl Fn(&Value) -> bool) {
    let name = report.period.week.as_str();
    let was_open = views.open_before(&report.period.begins_at);
    let by_id: BTreeMap<i64, &Value> =
        views.findings.iter().map(|finding| (finding["finding_id"].as_i64().unwrap(), finding)).collect();
    let one = |place: &Place, here: &dyn Fn(&str, &str) -> bool| {
        let finding_here = |id: i64| {
            let finding = by_id[&id];
            here(finding["account_id"].as_str().unwrap(), finding["region"].as_str().unwrap())
        };
        assert_eq!(place.counts, views.counts(name, |_, account, region| here(account, region)));
        let open = report.findings.iter().filter(|one| one.state == "open" && finding_here(one.finding_id));
        assert_eq!(place.open, open.count() as u64);
        let open_before = was_open.iter().filter(|id| finding_here(**id)).count() as u64;
        assert_eq!(place.open_last_week, report.overall.last_week.map(|_| open_before));
        let count = |kinds: &[&str]| {
            let own = |row: &&Vec<Value>| {
                kinds.contains(&row[4].as_str().unwrap())
                    && within(&row[2])
                    && finding_here(row[1].as_i64().unwrap())
            };
            views.events.iter().filter(own).count() as u64
        };
        assert_eq!((place.opened, place.resolved), (count(&["opened", "reopened"]), count(&["resolved"])));
        let targets =
            views.targets(|row| here(row["account_id"].as_str().unwrap(), row["region"].as_str().unwrap()));
        assert_eq!(place.targets, targets, "{}", place.id);
    };
    for place in &report.accounts {
        one(place, &|account, _| account == place.id);
    }
    for place in &report.regions {
        one(place, &|_, region| region == place.id);
    }
    for place in &report.ous {
        one(place, &|account, _| views.ou(account) == place.id);
    }
    for places in [&report.accounts, &report.regions, &report.ous] {
        assert_eq!(places.iter().map(|place| place.open).sum::<u64>(), report.changes.open);
        assert!(places.is_sorted_by_key(|place| std::cmp::Reverse(place.open)));
    }
    for places in [&report.regions, &report.ous] {
        assert_eq!(
            places.iter().map(|place| place.targets.all()).sum::<u64>(),
            report.coverage.targets.all()
        );
    }
}

fn rest_holds(report: &Weekly, views: &Views, within: impl Fn(&Value) -> bool) {
    let scans = &report.period.scans;
    let own: Vec<_> = views.scans.iter().filter(|row| within(&row[0])).collect();
    let count = |outcome: &str| own.iter().filter(|row| row[1] == outcome).count() as u64;
    let sum = |at: usize| own.iter().map(|row| row[at].as_u64().unwrap()).sum::<u64>();
    assert_eq!((scans.complete, scans.incomplete), (count("complete"), count("incomplete")));
    assert_eq!((scans.interrupted, scans.api_calls), (count("interrupted"), sum(2)));
    assert_eq!(scans.throttled_calls, sum(3));

    let end = report.period.ends_at.as_str();
    let (begin, first) = (&report.period.begins_at, report.overall.weeks[0].week.as_str());
    let first = first.parse::<crate::reports::ReportWeek>().unwrap().begins_at(&TimeZone::UTC);
    let first = crate::domain::iso_utc(first);
    for times in &report.remediation_times {
        let of = |since: &str| {
            let own = |row: &&Vec<Value>| {
                let at = row[2].as_str().unwrap();
                row[1] == *times.check_id && since <= at && at < end
            };
            let own: Vec<_> = views.openings.iter().filter(own).collect();
            let fixed: Vec<f64> =
                own.iter().filter(|row| row[3] == "fixed").map(|row| row[4].as_f64().unwrap()).collect();
            // The least that so great a share does not exceed.
            let within = |share: f64| {
                let enough = |limit: &&f64| {
                    fixed.iter().filter(|hours| *hours <= *limit).count() as f64 >= share * fixed.len() as f64
                };
                fixed.iter().filter(enough).copied().min_by(f64::total_cmp)
            };
            Times {
                resolved: own.len() as u64,
                fixed: fixed.len() as u64,
                median_hours: within(0.5),
                p90_hours: within(0.9),
                longest_hours: within(1.0),
            }
        };
        assert_eq!((&times.week, &times.twelve_weeks), (&of(begin), &of(&first)), "{}", times.check_id);
    }
    let mut slowest: Vec<f64> =
        views.openings.iter().filter(|row| within(&row[2])).map(|row| row[4].as_f64().unwrap()).collect();
    slowest.sort_by(|a, b| b.total_cmp(a));
    slowest.truncate(10);
    assert_eq!(report.slowest.iter().map(|one| one.hours_open).collect::<Vec<_>>(), slowest);

    let told: BTreeMap<i64, Value> = report
        .exceptions
        .iter()
        .map(|one| (one.exception_id, json!([one.state, one.ended_at, one.findings])))
        .collect();
    let live = views
        .exceptions
        .iter()
        .filter(|row| row[2].as_str().unwrap() < end)
        .filter(|row| row[3].as_str().is_none_or(|ended| ended >= begin.as_str()))
        .map(|row| (row[0].as_i64().unwrap(), json!([row[1], row[3], row[4]])));
    assert_eq!(told, live.collect());
}
