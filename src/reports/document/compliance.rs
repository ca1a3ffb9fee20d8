use super::parts::{Block, Cell, Column, MOST_ROWS, Plot, REST, Section, Table};
use crate::{
    charts::{Chart, Line, Tone, Unit},
    reports::{
        CheckCompliance, Counts, Trend, WeekPoint, Weekly,
        words::{counted, percent, thousands},
    },
};

/// How each check came out, now, a week before and over twelve weeks.
pub(super) fn section(weekly: &Weekly) -> Section {
    let mut blocks = vec![
        Block::Text(
            "Each resource gets one verdict from each check that applies to it. Compliance is the share that passes \
             of all verdicts; those that could not be judged and those accepted as a risk are not compliant. Shares \
             are cut, not rounded: 100 % means all."
                .to_owned(),
        ),
        table(weekly),
    ];
    if weekly.overall.weeks.iter().any(|week| week.counts.is_some()) {
        blocks.push(Block::Charts(overall(&weekly.overall)));
    }
    let judged = |check: &&CheckCompliance| check.trend.weeks.iter().any(|week| share(week).is_some());
    let charts: Vec<Plot> = weekly.compliance.iter().filter(judged).map(of_check).collect();
    if !charts.is_empty() {
        blocks.push(Block::Heading("Compliance of each check".to_owned()));
        blocks.push(Block::Charts(charts));
    }
    blocks.push(Block::Heading("The twelve weeks in numbers".to_owned()));
    blocks.extend(weeks(&weekly.overall));
    Section { id: "compliance", heading: "Compliance", new_page: false, blocks }
}

fn table(weekly: &Weekly) -> Block {
    let all = ("All checks", "", "", &weekly.overall);
    let rows: Vec<(&str, &str, &str, &Trend)> = weekly
        .compliance
        .iter()
        .map(|check| (check.title.as_str(), check.check_id.as_str(), check.severity.as_str(), &check.trend))
        .chain([all])
        .collect();
    Table::of(
        ("checks", "Verdicts by check"),
        &[
            Column::text("Check"),
            Column::short("Severity"),
            Column::number("Pass"),
            Column::number("Fail"),
            Column::number("Not judged"),
            Column::number("Accepted"),
            Column::number("Compliance"),
            Column::number("A week before"),
        ],
        &rows,
        (MOST_ROWS, REST),
        "",
        |&(title, id, severity, trend)| {
            let now = trend.now;
            vec![
                Cell::text(title).code(id),
                Cell::text(severity),
                Cell::number(now.pass),
                Cell::bad(now.fail, Tone::Bad),
                Cell::bad(now.unknown, Tone::Unsure),
                Cell::bad(now.suppressed, Tone::Muted),
                Cell::text(shown(now)),
                Cell::text(trend.last_week.map_or_else(|| "–".to_owned(), shown)),
            ]
        },
    )
}

fn weeks(trend: &Trend) -> Vec<Block> {
    let known: Vec<&WeekPoint> = trend.weeks.iter().filter(|week| week.counts.is_some()).collect();
    let table = Table::of(
        ("weeks", "All checks together, as of the end of each week"),
        &[
            Column::short("Week"),
            Column::number("Pass"),
            Column::number("Fail"),
            Column::number("Not judged"),
            Column::number("Accepted"),
            Column::number("Compliance"),
            Column::number("Open findings"),
        ],
        &known,
        (MOST_ROWS, REST),
        "There is no week to show yet.",
        |week| {
            let counts = week.counts.unwrap_or_default();
            vec![
                Cell::text(week.week.as_str()).note(if week.scanned {
                    ""
                } else {
                    "no scan: as the week before"
                }),
                Cell::number(counts.pass),
                Cell::number(counts.fail),
                Cell::number(counts.unknown),
                Cell::number(counts.suppressed),
                Cell::text(shown(counts)),
                Cell::text(week.open.map_or_else(|| "–".to_owned(), thousands)),
            ]
        },
    );
    let mut blocks = vec![table];
    let unknown = trend.weeks.len() - known.len();
    if unknown > 0 && !known.is_empty() {
        let before = counted(unknown as u64, "week");
        blocks.push(Block::Text(format!("The history does not reach back to the {before} before.")));
    }
    blocks
}

fn overall(trend: &Trend) -> Vec<Plot> {
    let open: Vec<Option<f64>> = trend.weeks.iter().map(|week| week.open.map(|open| open as f64)).collect();
    let open_way = way(trend.weeks.iter().filter_map(|week| week.open.map(thousands)));
    vec![
        compliance("all", "Compliance, all checks".to_owned(), trend),
        Plot {
            heading: "Open findings, all checks".to_owned(),
            chart: Chart {
                id: "chart-open".to_owned(),
                title: "Open findings by week".to_owned(),
                description: described(trend, &open_way),
                labels: labels(trend),
                lines: vec![Line { name: "open".to_owned(), tone: Tone::Bad, points: open }],
                unit: Unit::Count,
            },
            way: open_way,
        },
    ]
}

fn of_check(check: &CheckCompliance) -> Plot {
    compliance(&check.check_id, check.title.clone(), &check.trend)
}

fn compliance(id: &str, heading: String, trend: &Trend) -> Plot {
    let way = way(trend
        .weeks
        .iter()
        .filter_map(|week| week.counts.and_then(|counts| percent(counts.pass, counts.judged()))));
    let chart = Chart {
        id: format!("chart-{id}"),
        title: format!("{heading}: compliance by week"),
        description: described(trend, &way),
        labels: labels(trend),
        lines: vec![Line {
            name: "compliance".to_owned(),
            tone: Tone::Good,
            points: trend.weeks.iter().map(share).collect(),
        }],
        unit: Unit::Share,
    };
    Plot { heading, chart, way }
}

fn described(trend: &Trend, way: &str) -> String {
    match (trend.weeks.first(), trend.weeks.last()) {
        (Some(first), Some(last)) => format!("{} to {}: {way}.", first.week, last.week),
        _ => "There is no week to show yet.".to_owned(),
    }
}

/// `93.4 % to 95.2 %`: the first and the last value that there is.
fn way(mut values: impl Iterator<Item = String>) -> String {
    match (values.next(), values.last()) {
        (None, _) => "nothing known".to_owned(),
        (Some(only), None) => only,
        (Some(first), Some(last)) => format!("{first} to {last}"),
    }
}

/// `W47`
fn labels(trend: &Trend) -> Vec<String> {
    let short = |week: &str| week.split_once('-').map_or(week, |(_, week)| week).to_owned();
    trend.weeks.iter().map(|point| short(&point.week)).collect()
}

fn share(week: &WeekPoint) -> Option<f64> {
    week.counts.and_then(|counts| counts.compliance())
}

fn shown(counts: Counts) -> String {
    percent(counts.pass, counts.judged()).unwrap_or_else(|| "nothing judged".to_owned())
}
