//! `trend`.

use jiff::civil::Date;
use serde_json::Value;

use super::{
    args::TrendArgs,
    exit::Failed,
    output::{Look, Out, table, thousands},
    past,
};
use crate::{
    domain::{Row, Rows},
    history::{Days, Reader},
    reports::words::sparkline,
};

/// Columns of a sparkline's line that are not the sparkline.
const BESIDE: usize = 36;

/// `trend`.
pub async fn run(reader: &Reader, args: &TrendArgs, out: &mut Out) -> Result<(), Failed> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        return Err(Failed::usage(format!("--from {from} is after --to {to}; turn them round")));
    }
    let rows = match past(reader, args.as_of).await? {
        Some(past) => past.trend(&args.filter()).await?,
        None => reader.trend(&args.filter()).await?,
    };
    let days = reader.days().await?;
    if let Some(hint) = shortened(&rows, args.from, days.as_ref()) {
        tracing::warn!("{hint}");
    }
    out.rows(&rows, args.format, |rows, look| for_people(rows, days, look))
}

/// What is missing at the beginning of what was asked for.
fn shortened(rows: &Rows, from: Option<Date>, days: Option<&Days>) -> Option<String> {
    let Days { first, pruned, .. } = days.filter(|_| !rows.rows.is_empty())?;
    let why = if *pruned { "what was before was removed with db prune" } else { "there was no scan before" };
    let mut hints: Vec<String> = Vec::new();
    // Days compare as text.
    if from.is_some_and(|from| from.to_string() < *first) {
        hints.push(format!("the history begins on {first}: {why}"));
    }
    let cut = rows.iter().filter(|row| row.value("new").is_null()).map(|row| row.text("period").to_owned());
    let cut: Vec<String> = cut.collect();
    if !cut.is_empty() {
        hints.push(format!(
            "a part of {} was removed with db prune: how many findings were new, resolved and reopened in it is \
             not known any more",
            cut.join(", ")
        ));
    }
    (!hints.is_empty()).then(|| hints.join("; "))
}

/// The trend as a table; on a terminal with how it went at one glance.
fn for_people(rows: &Rows, days: Option<Days>, look: Look) -> String {
    if rows.rows.is_empty() {
        return match days {
            Some(Days { first, last, .. }) => {
                format!("No history in that time: it covers {first} to {last}.\n")
            }
            None => "No history yet: there was no scan.\n".to_owned(),
        };
    }
    let columns: Vec<String> = rows.columns.iter().map(|name| name.to_uppercase()).collect();
    let cells: Vec<Vec<Value>> = rows
        .iter()
        .zip(&rows.rows)
        .map(|(row, values)| {
            let mut cells = values.clone();
            if let Some(last) = cells.last_mut() {
                *last = compliance(&row).into();
            }
            cells
        })
        .collect();
    let mut text = table(&columns, &cells, look);
    if let Some(width) = look.width {
        let room = usize::from(width).saturating_sub(BESIDE);
        text.push('\n');
        text.push_str(&line(
            "open",
            rows,
            room,
            |row| Some(row.count("open") as f64),
            |row| thousands(row.count("open")),
        ));
        text.push_str(&line("compliance", rows, room, |row| row.value("compliance").as_f64(), compliance));
    }
    text
}

/// One value's way: its sparkline, and where it began and ended.
fn line(
    name: &str,
    rows: &Rows,
    room: usize,
    value: impl Fn(&Row<'_>) -> Option<f64>,
    shown: impl Fn(&Row<'_>) -> String,
) -> String {
    let rows: Vec<Row<'_>> = rows.iter().collect();
    // The newest count most where not all have room.
    let rows = &rows[rows.len().saturating_sub(room.max(1))..];
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return String::new() };
    let values: Vec<Option<f64>> = rows.iter().map(value).collect();
    format!("{name:<10}  {}  {} to {}\n", sparkline(&values), shown(first), shown(last))
}

/// `83.7 %`, cut and not rounded: only what is whole shows as 100 %. `-` where nothing was judged.
fn compliance(row: &Row<'_>) -> String {
    let [pass, fail, unknown, suppressed] =
        ["pass", "fail", "unknown", "suppressed"].map(|name| row.count(name));
    let Some(thousandths) = (pass * 1000).checked_div(pass + fail + unknown + suppressed) else {
        return "-".to_owned();
    };
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn trend(rows: Vec<Value>) -> Rows {
        let columns = [
            "period",
            "open",
            "new",
            "resolved",
            "reopened",
            "pass",
            "fail",
            "unknown",
            "suppressed",
            "compliance",
        ];
        Rows {
            columns: columns.map(str::to_owned).to_vec(),
            rows: rows.into_iter().map(|row| row.as_array().unwrap().clone()).collect(),
        }
    }

    fn weeks() -> Rows {
        trend(vec![
            json!(["2026-W41", 0, 0, 0, 0, 0, 0, 0, 0, null]),
            json!(["2026-W42", 1200, 1200, 0, 0, 800, 1100, 100, 0, 0.4]),
            json!(["2026-W43", 900, 0, 300, 0, 1100, 850, 50, 0, 0.55]),
            json!(["2026-W44", 1, 0, 890, 0, 1999, 1, 0, 0, 0.9995]),
            json!(["2026-W45", 0, 0, 1, 0, 2000, 0, 0, 0, 1.0]),
        ])
    }

    #[test]
    fn a_trend_is_a_table_and_on_a_terminal_two_lines_more() {
        insta::assert_snapshot!(for_people(&weeks(), None, Look::default()), @r"
        PERIOD    OPEN   NEW  RESOLVED  REOPENED  PASS  FAIL  UNKNOWN  SUPPRESSED  COMPLIANCE
        2026-W41     0     0         0         0     0     0        0           0  -
        2026-W42  1200  1200         0         0   800  1100      100           0  40.0 %
        2026-W43   900     0       300         0  1100   850       50           0  55.0 %
        2026-W44     1     0       890         0  1999     1        0           0  99.9 %
        2026-W45     0     0         1         0  2000     0        0           0  100.0 %
        ");
        insta::assert_snapshot!(for_people(&weeks(), None, Look { width: Some(100), color: false }), @r"
        PERIOD    OPEN   NEW  RESOLVED  REOPENED  PASS  FAIL  UNKNOWN  SUPPRESSED  COMPLIANCE
        2026-W41     0     0         0         0     0     0        0           0  -
        2026-W42  1200  1200         0         0   800  1100      100           0  40.0 %
        2026-W43   900     0       300         0  1100   850       50           0  55.0 %
        2026-W44     1     0       890         0  1999     1        0           0  99.9 %
        2026-W45     0     0         1         0  2000     0        0           0  100.0 %

        open        ▁█▆▁▁  0 to 0
        compliance   ▁▃██  - to 100.0 %
        ");
        for color in [true, false] {
            let text = for_people(&weeks(), None, Look { width: Some(100), color });
            assert_eq!(text.contains('\u{1b}'), color);
        }
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let days =
            trend((0..84).map(|n| json!([format!("2026-09-{n:02}"), n, 0, 0, 0, 9, n, 0, 0, 0.5])).collect());
        for width in 80..160 {
            let text = for_people(&days, None, Look { width: Some(width), color: false });
            assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}\n{text}");
        }
    }

    #[test]
    fn a_time_without_history_says_what_there_is() {
        let none = trend(vec![]);
        let days = Days { first: "2026-01-01".to_owned(), last: "2026-11-24".to_owned(), pruned: false };
        let text = for_people(&none, Some(days), Look::default());
        assert_eq!(text, "No history in that time: it covers 2026-01-01 to 2026-11-24.\n");
        assert_eq!(for_people(&none, None, Look::default()), "No history yet: there was no scan.\n");
    }

    #[test]
    fn a_trend_that_begins_later_than_asked_says_so() {
        let whole = weeks();
        let days = |pruned| Days { first: "2026-10-07".to_owned(), last: "2026-11-08".to_owned(), pruned };
        let from = |day: &str| Some(day.parse().unwrap());
        let hint = |rows, from, pruned| shortened(rows, from, Some(&days(pruned)));
        assert_eq!(hint(&whole, None, true), None);
        assert_eq!(hint(&whole, from("2026-10-07"), true), None);
        let begins = "the history begins on 2026-10-07: ";
        let found = hint(&whole, from("2026-10-06"), false).unwrap();
        assert_eq!(found, format!("{begins}there was no scan before"));
        let cut = trend(vec![json!(["2026-W41", 3, null, null, null, 1, 3, 0, 0, 0.25])]);
        let found = hint(&cut, from("2026-10-06"), true).unwrap();
        assert!(found.starts_with(begins) && found.contains("; a part of 2026-W41 was removed"), "{found}");
        assert!(hint(&cut, None, true).unwrap().starts_with("a part of 2026-W41"));
        insta::assert_snapshot!(for_people(&cut, None, Look::default()), @r"
        PERIOD    OPEN  NEW  RESOLVED  REOPENED  PASS  FAIL  UNKNOWN  SUPPRESSED  COMPLIANCE
        2026-W41     3                              1     3        0           0  25.0 %
        ");
        assert_eq!(hint(&trend(vec![]), from("2020-01-01"), true), None, "it is said in its place");
    }
}
