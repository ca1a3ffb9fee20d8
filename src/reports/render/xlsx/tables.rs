//! The sheets that are one list each.

use rust_xlsxwriter::XlsxError;

use super::book::{Book, Sheet};
use crate::reports::{
    Change, Control, ExceptionRow, Finding, Gap, KeyInDanger, Times, Weekly,
    render::table::{Cell, Column, hours, moment, share},
};

/// Targets that were not seen.
pub const GAPS: [Column<Gap>; 10] = [
    Column::new("Account", 14, |gap| (&gap.account_id).into()),
    Column::new("Account name", 24, |gap| (&gap.account_name).into()),
    Column::new("Region", 14, |gap| (&gap.region).into()),
    Column::new("Outcome", 10, |gap| (&gap.outcome).into()),
    Column::new("Reason", 24, |gap| (&gap.reason).into()),
    Column::new("Since", 19, |gap| Cell::Moment(&gap.since)),
    Column::new("Last scanned", 19, |gap| moment(&gap.last_scanned_at)),
    Column::new("Open findings", 14, |gap| gap.open_findings.into()),
    Column::new("Error code", 24, |gap| (&gap.error_code).into()),
    Column::new("Error message", 70, |gap| (&gap.error_message).into()),
];

/// Accepted risks.
pub const EXCEPTIONS: [Column<ExceptionRow>; 10] = [
    Column::new("Exception", 10, |row| row.exception_id.into()),
    Column::new("State", 10, |row| (&row.state).into()),
    Column::new("Check", 34, |row| (&row.check_id).into()),
    Column::new("Covers", 40, |row| (&row.covers).into()),
    Column::new("Reason", 50, |row| (&row.reason).into()),
    Column::new("Owner", 30, |row| (&row.owner).into()),
    Column::new("Made", 19, |row| Cell::Moment(&row.created_at)),
    Column::new("Expires", 19, |row| Cell::Moment(&row.expires_at)),
    Column::new("Ended", 19, |row| moment(&row.ended_at)),
    Column::new("Findings", 10, |row| row.findings.into()),
];

/// The controls that the checks support.
pub const CONTROLS: [Column<Control>; 8] = [
    Column::new("Framework", 26, |control| (&control.framework).into()),
    Column::new("Control", 14, |control| (&control.id).into()),
    Column::new("Checks", 70, |control| control.check_ids.join(", ").into()),
    Column::new("Pass", 10, |control| control.counts.pass.into()),
    Column::new("Fail", 10, |control| control.counts.fail.into()),
    Column::new("Unknown", 10, |control| control.counts.unknown.into()),
    Column::new("Suppressed", 12, |control| control.counts.suppressed.into()),
    Column::new("Share", 10, |control| share(control.counts.compliance())),
];

struct Event<'a> {
    kind: &'static str,
    change: &'a Change,
}

/// What happened in the week.
pub fn write_changes(weekly: &Weekly, book: &mut Book) -> Result<(), XlsxError> {
    let changes = &weekly.changes;
    let kinds = [
        ("opened", &changes.opened),
        ("reopened", &changes.reopened),
        ("resolved", &changes.resolved),
        ("suppressed", &changes.suppressed),
    ];
    let rows: Vec<Event> = kinds
        .into_iter()
        .flat_map(|(kind, changes)| changes.iter().map(move |change| Event { kind, change }))
        .collect();
    let columns: [Column<Event>; 12] = [
        Column::new("Event", 12, |event| event.kind.into()),
        Column::new("At", 19, |event| Cell::Moment(&event.change.at)),
        Column::new("Reason", 24, |event| (&event.change.reason).into()),
        Column::new("Finding", 10, |event| event.change.finding.finding_id.into()),
        Column::new("Check", 34, |event| (&event.change.finding.check_id).into()),
        Column::new("Severity", 10, |event| (&event.change.finding.severity).into()),
        Column::new("State now", 11, |event| (&event.change.finding.state).into()),
        Column::new("Account", 14, |event| (&event.change.finding.account_id).into()),
        Column::new("Account name", 22, |event| (&event.change.finding.account_name).into()),
        Column::new("Region", 14, |event| (&event.change.finding.region).into()),
        Column::new("Resource", 26, |event| (&event.change.finding.resource_name).into()),
        Column::new("ARN", 56, |event| (&event.change.finding.resource_arn).into()),
    ];
    book.table("Changes", &columns, &rows)
}

struct Under<'a> {
    key: &'a KeyInDanger,
    finding: &'a Finding,
}

/// Keys in danger, a row for each resource under one.
pub fn write_keys(weekly: &Weekly, book: &mut Book) -> Result<(), XlsxError> {
    let rows: Vec<Under> = weekly
        .keys_in_danger
        .iter()
        .flat_map(|key| key.findings.iter().map(move |finding| Under { key, finding }))
        .collect();
    let columns: [Column<Under>; 10] = [
        Column::new("Key", 70, |row| (&row.key.key_arn).into()),
        Column::new("State", 18, |row| (&row.key.key_state).into()),
        Column::new("Reason", 24, |row| (&row.key.reason).into()),
        Column::new("Account", 14, |row| (&row.finding.account_id).into()),
        Column::new("Account name", 22, |row| (&row.finding.account_name).into()),
        Column::new("Region", 14, |row| (&row.finding.region).into()),
        Column::new("Resource", 26, |row| (&row.finding.resource_name).into()),
        Column::new("Kind", 20, |row| (&row.finding.resource_type).into()),
        Column::new("ARN", 56, |row| (&row.finding.resource_arn).into()),
        Column::new("Open since", 19, |row| Cell::Moment(&row.finding.opened_at)),
    ];
    book.table("Keys in danger", &columns, &rows)
}

/// How long it took until findings were resolved, and which took the longest.
pub fn write_times(weekly: &Weekly, sheet: &mut Sheet) -> Result<(), XlsxError> {
    let header = [
        ("Check", 36),
        ("Span", 22),
        ("Resolved", 20),
        ("Fixed", 20),
        ("Median, hours", 20),
        ("Nine in ten within, hours", 26),
        ("Longest, hours", 16),
    ];
    let times = weekly.remediation_times.iter().flat_map(|check| {
        [("week", &check.week), ("twelve weeks", &check.twelve_weeks)].map(|(span, times)| {
            let Times { resolved, fixed, median_hours, p90_hours, longest_hours } = *times;
            let spent = [median_hours, p90_hours, longest_hours].map(hours);
            let counts = [(&check.check_id).into(), span.into(), resolved.into(), fixed.into()];
            counts.into_iter().chain(spent)
        })
    });
    sheet.table(&header, times)?;
    let header = [
        ("Resolved this week", 36),
        ("Account", 22),
        ("Opened", 20),
        ("Resolved", 20),
        ("How", 20),
        ("ARN", 56),
        ("Hours open", 16),
    ];
    let slowest = weekly.slowest.iter().map(|resolved| -> [Cell; 7] {
        [
            (&resolved.finding.resource_name).into(),
            (&resolved.finding.account_id).into(),
            Cell::Moment(&resolved.opened_at),
            Cell::Moment(&resolved.resolved_at),
            (&resolved.resolution).into(),
            (&resolved.finding.resource_arn).into(),
            Cell::Hours(resolved.hours_open),
        ]
    });
    sheet.table(&header, slowest)?;
    Ok(())
}
