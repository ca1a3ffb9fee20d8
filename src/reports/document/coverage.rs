use super::parts::{Block, Cell, Column, MOST_PLACES, MOST_ROWS, REST, Section, Table};
use crate::{
    charts::Tone,
    reports::{
        AgeBand, TargetCounts, Weekly,
        words::{Dates, change, counted, outcome_reason, percent, thousands},
    },
};

/// How much was seen, what was not and why, and how old the knowledge is.
pub(super) fn section(weekly: &Weekly, dates: &Dates) -> Section {
    let coverage = &weekly.coverage;
    let mut blocks = vec![
        Block::Text(
            "A target is one account in one Region. A target that is not seen stays in this report as it was last \
             seen: its findings stay open, and nothing in it counts as fixed."
                .to_owned(),
        ),
        Block::Text(seen(weekly)),
        targets(coverage.targets, coverage.last_week),
    ];
    blocks.push(Block::Heading("Why targets were not seen".to_owned()));
    blocks.push(Table::of(
        ("reasons", "By reason, the most targets first"),
        &[
            Column::text("Reason"),
            Column::short("Outcome"),
            Column::number("Accounts"),
            Column::number("Targets"),
            Column::number("A week before"),
        ],
        &coverage.reasons,
        (MOST_ROWS, REST),
        "Every target was seen.",
        |reason| {
            let tone = if reason.outcome == "failed" { Tone::Bad } else { Tone::Muted };
            vec![
                Cell::text(outcome_reason(&reason.reason)).code(reason.reason.as_str()),
                Cell::text(reason.outcome.as_str()).tone(tone),
                Cell::number(reason.accounts),
                Cell::number(reason.targets),
                Cell::text(reason.last_week.map_or_else(|| "–".to_owned(), thousands)),
            ]
        },
    ));
    if coverage.lost + coverage.regained > 0 {
        blocks.push(Block::Text(format!(
            "Beside a week before, {} lost from sight and {} seen again.",
            were(coverage.lost),
            were(coverage.regained)
        )));
    }
    blocks.push(Block::Heading("Where nothing could be seen".to_owned()));
    blocks.push(gaps(weekly, dates));
    blocks.push(Block::Heading("How old the knowledge is".to_owned()));
    blocks.extend(ages(weekly, dates));
    blocks.push(Block::Text(scans(weekly, dates)));
    Section { id: "coverage", heading: "Scope and coverage", new_page: false, blocks }
}

fn seen(weekly: &Weekly) -> String {
    let coverage = &weekly.coverage;
    let targets = coverage.targets;
    let Some(share) = percent(targets.scanned, targets.all()) else {
        return "No target is known yet.".to_owned();
    };
    format!(
        "The organization has {}; {} whole, but for what is left out by choice. Of {}, {} seen ({share}).",
        counted(coverage.accounts, "account"),
        match coverage.accounts_seen_whole {
            1 => "1 was seen".to_owned(),
            n => format!("{} were seen", thousands(n)),
        },
        counted(targets.all(), "target"),
        if targets.scanned == 1 {
            "1 was".to_owned()
        } else {
            format!("{} were", thousands(targets.scanned))
        }
    )
}

fn targets(now: TargetCounts, last: Option<TargetCounts>) -> Block {
    let rows = [
        ("Seen", "everything that was asked was answered", now.scanned, last.map(|last| last.scanned)),
        ("Failed", "should have been seen, and was not", now.failed, last.map(|last| last.failed)),
        ("Skipped", "left out, with a reason", now.skipped, last.map(|last| last.skipped)),
    ];
    Table::of(
        ("targets", "Targets by what became of them"),
        &[
            Column::short("Outcome"),
            Column::number("Targets"),
            Column::number("Share"),
            Column::number("A week before"),
            Column::number("Change"),
        ],
        &rows,
        (MOST_ROWS, REST),
        "",
        |&(name, means, count, before)| {
            vec![
                Cell::text(name).note(means),
                Cell::number(count),
                Cell::text(percent(count, now.all()).unwrap_or_else(|| "–".to_owned())),
                Cell::text(before.map_or_else(|| "–".to_owned(), thousands)),
                Cell::text(before.map_or_else(|| "–".to_owned(), |before| change(count, before))),
            ]
        },
    )
}

fn gaps(weekly: &Weekly, dates: &Dates) -> Block {
    Table::of(
        ("gaps", "Failed targets, and skipped ones that hold an open finding"),
        &[
            Column::text("Account"),
            Column::short("Region"),
            Column::text("Why"),
            Column::short("Since"),
            Column::short("Last seen"),
            Column::number("Open there"),
        ],
        &weekly.coverage.gaps,
        (MOST_PLACES, REST),
        "No target failed, and no open finding lies in a skipped one.",
        |gap| {
            let said = [gap.error_code.as_deref(), gap.error_message.as_deref()];
            let said: Vec<&str> = said.into_iter().flatten().collect();
            vec![
                Cell::text(gap.account_name.as_str()).code(gap.account_id.as_str()),
                Cell::text(gap.region.as_str()),
                Cell::text(outcome_reason(&gap.reason)).code(gap.reason.as_str()).note(said.join(": ")),
                Cell::text(dates.day(&gap.since)),
                Cell::text(
                    gap.last_scanned_at.as_ref().map_or_else(|| "never".to_owned(), |at| dates.day(at)),
                ),
                Cell::bad(gap.open_findings, Tone::Bad),
            ]
        },
    )
}

fn ages(weekly: &Weekly, dates: &Dates) -> Vec<Block> {
    let coverage = &weekly.coverage;
    let all: u64 = coverage.ages.iter().map(|band| band.targets).sum();
    let mut blocks = vec![Table::of(
        ("ages", "Targets that are not skipped, by when they were last seen"),
        &[Column::text("Last seen"), Column::number("Targets"), Column::number("Share")],
        &coverage.ages,
        (MOST_ROWS, REST),
        "No ages are known.",
        |band| {
            let tone = if band.never { Tone::Bad } else { Tone::Plain };
            vec![
                Cell::text(age(band, &coverage.ages)),
                Cell::bad(band.targets, tone),
                Cell::text(percent(band.targets, all).unwrap_or_else(|| "–".to_owned())),
            ]
        },
    )];
    if let Some(oldest) = &coverage.oldest_scanned_at {
        blocks.push(Block::Text(format!(
            "The target that was looked at the longest ago was last seen on {}.",
            dates.day(oldest)
        )));
    }
    blocks
}

fn age(band: &AgeBand, bands: &[AgeBand]) -> String {
    let span = |hours: u64| match hours {
        n if n % 24 == 0 => counted(n / 24, "day"),
        n => counted(n, "hour"),
    };
    match (band.never, band.up_to_hours) {
        (true, _) => "never".to_owned(),
        (false, Some(hours)) => format!("up to {} before", span(hours)),
        (false, None) => match bands.iter().filter_map(|band| band.up_to_hours).max() {
            Some(hours) => format!("more than {} before", span(hours)),
            None => "at some time".to_owned(),
        },
    }
}

fn scans(weekly: &Weekly, dates: &Dates) -> String {
    let scans = &weekly.period.scans;
    let newest = match &scans.newest_finished_at {
        Some(at) => format!("The newest that came to its end did so on {}.", dates.minute(at)),
        None => "None has come to its end yet.".to_owned(),
    };
    let all = scans.complete + scans.incomplete + scans.interrupted;
    if all == 0 {
        return format!("No scan ended in the week. {newest}");
    }
    format!(
        "{} ended in the week: {} complete, {} with targets that failed, {} interrupted. {newest} They took {}, of \
         which {} throttled.",
        counted(all, "scan"),
        thousands(scans.complete),
        thousands(scans.incomplete),
        thousands(scans.interrupted),
        counted(scans.api_calls, "API call"),
        thousands(scans.throttled_calls)
    )
}

fn were(n: u64) -> String {
    format!("{} {}", counted(n, "target"), if n == 1 { "was" } else { "were" })
}
