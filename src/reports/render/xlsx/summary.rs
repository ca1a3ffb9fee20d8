//! The sheets of single numbers: the summary, the coverage, and what all of it rests on.

use rust_xlsxwriter::XlsxError;

use super::book::Sheet;
use crate::reports::{
    Counts, TargetCounts, Weekly,
    render::table::{Cell, moment, share},
};

/// The week at a glance.
pub fn write(weekly: &Weekly, sheet: &mut Sheet) -> Result<(), XlsxError> {
    let rows = [period(weekly), coverage(weekly), findings(weekly)].concat();
    sheet.table(&[("What", 44), ("This week", 22), ("A week before", 22)], rows)?;
    Ok(())
}

type Line<'a> = [Cell<'a>; 3];

fn line<'a>(what: &'a str, now: impl Into<Cell<'a>>) -> Line<'a> {
    [what.into(), now.into(), Cell::Empty]
}

fn pair<'a>(what: &'a str, now: impl Into<Cell<'a>>, before: impl Into<Cell<'a>>) -> Line<'a> {
    [what.into(), now.into(), before.into()]
}

fn period(weekly: &Weekly) -> Vec<Line<'_>> {
    let period = &weekly.period;
    let scans = &period.scans;
    vec![
        line("Week", &period.week),
        line("Time zone of the week", &period.time_zone),
        line("Begins (UTC, like all times here)", Cell::Moment(&period.begins_at)),
        line("Ends", Cell::Moment(&period.ends_at)),
        line("As known at", Cell::Moment(&period.as_of)),
        line("The week is over", if period.is_over { "yes" } else { "no" }),
        line("First scan of the history", moment(&period.first_scan_at)),
        line("History removed before", moment(&period.pruned_before)),
        line("Scans: complete", scans.complete),
        line("Scans: incomplete", scans.incomplete),
        line("Scans: interrupted", scans.interrupted),
        line("Newest scan ended", moment(&scans.newest_finished_at)),
        line("API calls", scans.api_calls),
        line("API calls throttled", scans.throttled_calls),
        line("Version of keywatch", &period.keywatch_version),
    ]
}

fn coverage(weekly: &Weekly) -> Vec<Line<'_>> {
    let coverage = &weekly.coverage;
    let (now, before) = (&coverage.targets, coverage.last_week.as_ref());
    vec![
        line("Accounts", coverage.accounts),
        line("Accounts seen whole", coverage.accounts_seen_whole),
        pair("Targets scanned", now.scanned, before.map(|targets| targets.scanned)),
        pair("Targets failed", now.failed, before.map(|targets| targets.failed)),
        pair("Targets skipped", now.skipped, before.map(|targets| targets.skipped)),
        pair("Targets scanned, share", share(now.seen()), share(before.and_then(TargetCounts::seen))),
        line("Targets no longer seen", coverage.lost),
        line("Targets seen again", coverage.regained),
        line("Oldest knowledge of a target", moment(&coverage.oldest_scanned_at)),
    ]
}

fn findings(weekly: &Weekly) -> Vec<Line<'_>> {
    let (now, before) = (&weekly.overall.now, weekly.overall.last_week.as_ref());
    let changes = &weekly.changes;
    vec![
        pair("Verdicts: pass", now.pass, before.map(|counts| counts.pass)),
        pair("Verdicts: fail", now.fail, before.map(|counts| counts.fail)),
        pair("Verdicts: unknown", now.unknown, before.map(|counts| counts.unknown)),
        pair("Verdicts: suppressed", now.suppressed, before.map(|counts| counts.suppressed)),
        pair(
            "Pass, share of all judged",
            share(now.compliance()),
            share(before.and_then(Counts::compliance)),
        ),
        pair("Open findings", changes.open, changes.open_last_week),
        line("Open findings that could not be judged", changes.open_unknown),
        line("Opened", changes.opened.len()),
        line("Opened again", changes.reopened.len()),
        line("Resolved", changes.resolved.len()),
        line("Suppressed by an exception", changes.suppressed.len()),
        line("Open all week", changes.still_open),
        line("Keys in danger", weekly.keys_in_danger.len()),
        line("Exceptions in force in the week", weekly.exceptions.len()),
    ]
}

/// Why targets were not seen, and how old the knowledge of the others is.
pub fn write_coverage(weekly: &Weekly, sheet: &mut Sheet) -> Result<(), XlsxError> {
    let header =
        [("Outcome", 24), ("Reason", 26), ("Accounts", 12), ("Targets", 12), ("Targets a week before", 22)];
    let reasons = weekly.coverage.reasons.iter().map(|gap| {
        [
            (&gap.outcome).into(),
            (&gap.reason).into(),
            gap.accounts.into(),
            gap.targets.into(),
            gap.last_week.into(),
        ]
    });
    sheet.table(&header, reasons)?;
    let ages = weekly.coverage.ages.iter().map(|band| {
        let age = match band.up_to_hours {
            _ if band.never => "never scanned".to_owned(),
            Some(hours) => format!("up to {hours} hours"),
            None => "older".to_owned(),
        };
        [age.into(), band.targets.into()]
    });
    sheet.table(&[("Age of the knowledge", 24), ("Targets", 26)], ages)?;
    Ok(())
}

/// What the numbers mean, and what the verdicts rest on.
pub fn write_method(weekly: &Weekly, sheet: &mut Sheet) -> Result<(), XlsxError> {
    let evidence = weekly
        .evidence
        .iter()
        .map(|count| [(&count.evidence).into(), (&count.status).into(), count.verdicts.into()]);
    sheet.table(&[("Evidence", 60), ("Status", 14), ("Verdicts", 12)], evidence)?;
    sheet.table(&[("How to read this workbook", 60)], NOTES.map(|note| [note.into()]))?;
    let checks = weekly.compliance.iter().map(|check| {
        [
            (&check.check_id).into(),
            (&check.severity).into(),
            (&check.rationale).into(),
            (&check.remediation).into(),
        ]
    });
    let header = [("Check", 60), ("Severity", 14), ("Why it matters", 90), ("What to do", 90)];
    sheet.table(&header, checks)?;
    Ok(())
}

const NOTES: [&str; 6] = [
    "All times are UTC.",
    "A share is what passes of all that was judged; what is unknown or suppressed counts as not passing.",
    "An empty share means that nothing was judged.",
    "A target is one account in one Region. One that was not scanned changes no finding.",
    "A Region that an account has not enabled can hold data that nobody sees: it is skipped, not clean.",
    "Evidence: describe_key is KMS's own answer; list_aliases and arn_account are used where it is refused.",
];
