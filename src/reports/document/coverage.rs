use super::parts::{Block, Cell, Column, MOST_PLACES, MOST_ROWS, REST, Section, Table};
use crate::{
    charts::Tone,
    reports::{
        AgeBand, Gap, TargetCounts, Weekly,
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
    let left_out = coverage.left_out();
    let wanted = targets.all().saturating_sub(left_out);
    let Some(share) = percent(targets.scanned, wanted) else {
        return "No target is known yet that is not left out by choice.".to_owned();
    };
    let these = match left_out {
        0 => format!("Of {}", counted(wanted, "target")),
        n => format!(
            "Of {}, {} left out by choice; of the other {}",
            counted(targets.all(), "target"),
            if n == 1 { "1 is".to_owned() } else { format!("{} are", thousands(n)) },
            thousands(wanted)
        ),
    };
    format!(
        "The organization has {}; {} whole, but for what is left out by choice. {these}, {} seen ({share}).",
        counted(coverage.accounts, "account"),
        match coverage.accounts_seen_whole {
            1 => "1 was seen".to_owned(),
            n => format!("{} were seen", thousands(n)),
        },
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
        ("gaps", "Failed targets, and skipped ones that hold an open finding, by account"),
        &[
            Column::text("Account"),
            Column::text("Regions"),
            Column::text("Why"),
            Column::short("Since"),
            Column::short("Last seen"),
            Column::number("Open there"),
        ],
        &by_account(&weekly.coverage.gaps),
        (MOST_PLACES, REST),
        "No target failed, and no open finding lies in a skipped one.",
        |gaps| {
            let gap = gaps[0];
            let said: Vec<&str> =
                [&gap.error_code, &gap.error_message].into_iter().flatten().map(String::as_str).collect();
            let regions: Vec<&str> = gaps.iter().map(|gap| gap.region.as_str()).collect();
            // None is before any moment, so a target that was never seen makes it never.
            let seen = gaps.iter().map(|gap| gap.last_scanned_at.as_deref()).min().flatten();
            vec![
                Cell::text(gap.account_name.as_str()).code(gap.account_id.as_str()),
                Cell::text(regions.join(", ")),
                Cell::text(outcome_reason(&gap.reason)).code(gap.reason.as_str()).note(said.join(": ")),
                Cell::text(
                    gaps.iter().map(|gap| &gap.since).min().map_or_else(String::new, |at| dates.day(at)),
                ),
                Cell::text(seen.map_or_else(|| "never".to_owned(), |at| dates.day(at))),
                Cell::bad(gaps.iter().map(|gap| gap.open_findings).sum(), Tone::Bad),
            ]
        },
    )
}

/// Gaps of one account that have the same cause, together.
fn by_account(gaps: &[Gap]) -> Vec<Vec<&Gap>> {
    let cause = |gap: &Gap| {
        let Gap { account_id, outcome, reason, error_code, error_message, .. } = gap.clone();
        (account_id, outcome, reason, error_code, error_message)
    };
    let mut groups: Vec<Vec<&Gap>> = Vec::new();
    for gap in gaps {
        match groups.last_mut() {
            Some(group) if cause(group[0]) == cause(gap) => group.push(gap),
            _ => groups.push(vec![gap]),
        }
    }
    groups
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
        "{} ended in the week: {} complete, {} with targets that failed, {} interrupted. {newest} They took {}; {} of \
         them throttled.",
        counted(all, "scan"),
        thousands(scans.complete),
        thousands(scans.incomplete),
        thousands(scans.interrupted),
        counted(scans.api_calls, "API call"),
        match scans.throttled_calls {
            0 => "none".to_owned(),
            n => thousands(n),
        }
    )
}

fn were(n: u64) -> String {
    format!("{} {}", counted(n, "target"), if n == 1 { "was" } else { "were" })
}
