use super::parts::{
    Block, Cell, Column, MOST_ROWS, REST_OF_FINDINGS, Section, Table, account, resource, why,
};
use crate::reports::{
    Change, Finding, Weekly,
    words::{Dates, counted, hours, resolution, thousands},
};

/// What became of findings in the week.
pub(super) fn section(weekly: &Weekly, dates: &Dates) -> Section {
    let changes = &weekly.changes;
    let list = |id, title: &str, changes: &[Change], nothing: &str| {
        let caption = counted(changes.len() as u64, "finding");
        [
            Block::Heading(title.to_owned()),
            Table::of(
                (id, caption),
                &[
                    Column::text("Resource"),
                    Column::text("Account"),
                    Column::short("Region"),
                    Column::text("Why"),
                    Column::short("When"),
                ],
                changes,
                (MOST_ROWS, REST_OF_FINDINGS),
                nothing,
                |change| {
                    let finding = &change.finding;
                    vec![
                        resource(finding),
                        account(finding),
                        Cell::text(finding.region.as_str()),
                        why(finding),
                        Cell::text(dates.day(&change.at)),
                    ]
                },
            ),
        ]
    };
    let mut blocks = vec![Block::Text(stand(weekly))];
    blocks.extend(list("opened", "New findings", &changes.opened, "No finding is new in what was seen."));
    blocks.extend(list("reopened", "Reopened findings", &changes.reopened, "No finding opened again."));
    blocks.push(Block::Heading("Resolved findings".to_owned()));
    blocks.push(resolved(&changes.resolved, dates));
    blocks.extend(list(
        "suppressed",
        "Newly accepted findings",
        &changes.suppressed,
        "No finding was newly accepted.",
    ));
    Section { id: "findings", heading: "Findings of the week", new_page: false, blocks }
}

fn stand(weekly: &Weekly) -> String {
    let changes = &weekly.changes;
    let unknown = match changes.open_unknown {
        0 => String::new(),
        n => format!(", {} of which could not be judged", thousands(n)),
    };
    let before = changes.open_last_week.map_or_else(
        || "there was no week before".to_owned(),
        |n| format!("{} were a week before", thousands(n)),
    );
    format!(
        "At the end of the week {} open{unknown}; {before}. In the week there were {} new, {} reopened, {} resolved and \
         {} newly accepted; {} open all the time. A finding may stand in more than one list.",
        match changes.open {
            1 => "1 finding is".to_owned(),
            n => format!("{} are", counted(n, "finding")),
        },
        thousands(changes.opened.len() as u64),
        thousands(changes.reopened.len() as u64),
        thousands(changes.resolved.len() as u64),
        thousands(changes.suppressed.len() as u64),
        match changes.still_open {
            1 => "1 was".to_owned(),
            n => format!("{} were", thousands(n)),
        }
    )
}

fn resolved(changes: &[Change], dates: &Dates) -> Block {
    Table::of(
        ("resolved", counted(changes.len() as u64, "finding")),
        &[
            Column::text("Resource"),
            Column::text("Account"),
            Column::short("Region"),
            Column::text("How"),
            Column::short("When"),
        ],
        changes,
        (MOST_ROWS, REST_OF_FINDINGS),
        "No finding was resolved.",
        |change| {
            let finding = &change.finding;
            let how = change.reason.as_deref().map_or_else(String::new, |how| resolution(how).into_owned());
            let since = match finding.state.as_str() {
                "resolved" => String::new(),
                state => format!("{state} at the end of the week"),
            };
            vec![
                resource(finding),
                account(finding),
                Cell::text(finding.region.as_str()),
                Cell::text(how).note(since),
                Cell::text(dates.day(&change.at)),
            ]
        },
    )
}

/// The findings open the longest, and those that took the longest.
pub(super) fn extremes(weekly: &Weekly, dates: &Dates) -> Section {
    let oldest = Table::of(
        ("oldest", "The findings that are open the longest"),
        &[
            Column::text("Resource"),
            Column::text("Account"),
            Column::short("Region"),
            Column::text("Why"),
            Column::short("Open since"),
        ],
        &weekly.oldest,
        (MOST_ROWS, REST_OF_FINDINGS),
        "No finding is open in what was seen.",
        |finding| row(finding, dates),
    );
    let slowest = Table::of(
        ("slowest", "The findings resolved in the week that took the longest"),
        &[
            Column::text("Resource"),
            Column::text("Account"),
            Column::short("Region"),
            Column::text("How"),
            Column::short("Opened"),
            Column::short("Resolved"),
            Column::number("Open for"),
        ],
        &weekly.slowest,
        (MOST_ROWS, REST_OF_FINDINGS),
        "No finding was resolved.",
        |slow| {
            vec![
                resource(&slow.finding),
                account(&slow.finding),
                Cell::text(slow.finding.region.as_str()),
                Cell::text(resolution(&slow.resolution)),
                Cell::text(dates.day(&slow.opened_at)),
                Cell::text(dates.day(&slow.resolved_at)),
                Cell::text(hours(slow.hours_open)),
            ]
        },
    );
    let blocks =
        vec![Block::Heading("Oldest".to_owned()), oldest, Block::Heading("Slowest".to_owned()), slowest];
    Section { id: "oldest", heading: "Oldest and slowest", new_page: false, blocks }
}

/// Every finding that is open or accepted.
pub(super) fn annex(weekly: &Weekly, dates: &Dates) -> Section {
    let findings = &weekly.findings;
    let table = Table::of(
        ("all", counted(findings.len() as u64, "finding")),
        &[
            Column::text("Resource"),
            Column::text("Account"),
            Column::short("Region"),
            Column::text("Why"),
            Column::short("Open since"),
        ],
        findings,
        (MOST_ROWS, REST_OF_FINDINGS),
        "No finding is open or accepted in what was seen.",
        |finding| row(finding, dates),
    );
    let text = "As of the end of the week, by severity, account and Region. An accepted finding names the end of the \
                exception that covers it.";
    Section {
        id: "all-findings",
        heading: "Annex: every open finding",
        new_page: true,
        blocks: vec![Block::Text(text.to_owned()), table],
    }
}

fn row(finding: &Finding, dates: &Dates) -> Vec<Cell> {
    let accepted = match (&finding.exception_expires_at, finding.state.as_str()) {
        (Some(end), "suppressed") => format!("accepted until {}", dates.day(end)),
        (None, "suppressed") => "accepted".to_owned(),
        _ => format!("last seen {}", dates.day(&finding.last_seen_at)),
    };
    vec![
        resource(finding),
        account(finding),
        Cell::text(finding.region.as_str()),
        why(finding),
        Cell::text(dates.day(&finding.opened_at)).note(accepted),
    ]
}
