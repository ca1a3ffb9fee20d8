use super::parts::{Block, Cell, Column, MOST_ROWS, REST, Section, Table};
use crate::reports::{RemediationTime, Times, Weekly, words::hours};

/// How long findings took to be resolved.
pub(super) fn section(weekly: &Weekly) -> Section {
    let text = "From when a finding opened to when its resource passed. Those that went with their resource or their \
                account count as resolved, but their times do not count. The median is the time within which half \
                were fixed.";
    let table = |id, caption: &str, nothing: &str, times: fn(&RemediationTime) -> &Times| {
        let some: Vec<&RemediationTime> =
            weekly.remediation_times.iter().filter(|check| times(check).resolved > 0).collect();
        Table::of(
            (id, caption),
            &[
                Column::text("Check"),
                Column::number("Resolved"),
                Column::number("Fixed"),
                Column::number("Median"),
                Column::number("Nine in ten within"),
                Column::number("Longest"),
            ],
            &some,
            (MOST_ROWS, REST),
            nothing,
            |check| row(&check.check_id, times(check)),
        )
    };
    Section {
        id: "times",
        heading: "Time to remediate",
        new_page: false,
        blocks: vec![
            Block::Text(text.to_owned()),
            table("times-week", "Resolved in the week", "No finding was resolved in the week.", |check| {
                &check.week
            }),
            table(
                "times-twelve",
                "Resolved in the twelve weeks that end with it",
                "No finding was resolved in the twelve weeks that end with it.",
                |check| &check.twelve_weeks,
            ),
        ],
    }
}

fn row(check: &str, times: &Times) -> Vec<Cell> {
    let span = |span: Option<f64>| Cell::text(span.map_or_else(|| "–".to_owned(), hours));
    vec![
        Cell::text("").code(check),
        Cell::number(times.resolved),
        Cell::number(times.fixed),
        span(times.median_hours),
        span(times.p90_hours),
        span(times.longest_hours),
    ]
}
