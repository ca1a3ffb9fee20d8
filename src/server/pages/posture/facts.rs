//! The numbers that the posture begins with.

use crate::{
    charts::{Chart, Line, Tone, Unit, line_chart},
    domain::{Row, Rows, counted, thousands},
    server::pages::view::{Cells, percent},
};

/// How a number has changed since the end of the week before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// `better`, `worse`, `no change`.
    pub verdict: &'static str,
    /// `5 fewer than at the end of`.
    pub text: String,
    /// `2026-W47`.
    pub week: String,
}

impl Change {
    fn since(week: Cells<'_>, verdict: &'static str, text: String) -> Self {
        Self { verdict, text, week: week.text("period").into_owned() }
    }
}

/// What is open.
pub(super) struct Open {
    pub total: String,
    pub critical: String,
    pub high: String,
    /// Those of them that could not be judged.
    pub unknown: u64,
    /// Those that an exception covers, beside them.
    pub suppressed: u64,
    pub change: Option<Change>,
}

impl Open {
    /// From rows of `state`, `severity`, `status`, `findings`.
    pub fn of(findings: &Rows, weeks: &[Cells<'_>]) -> Self {
        // All that say so in each of these columns.
        let sum = |which: &[(&str, &str)]| -> u64 {
            let fits = |row: &Row<'_>| which.iter().all(|(column, word)| row.text(column) == *word);
            findings.iter().filter(fits).map(|row| row.count("findings")).sum()
        };
        let open = ("state", "open");
        let total = sum(&[open]);
        Self {
            total: thousands(total),
            critical: thousands(sum(&[open, ("severity", "critical")])),
            high: thousands(sum(&[open, ("severity", "high")])),
            unknown: sum(&[open, ("status", "unknown")]),
            suppressed: sum(&[("state", "suppressed")]),
            change: week_before(weeks).map(|before| {
                let then = before.number("open");
                let (verdict, how) = match total.cmp(&then) {
                    std::cmp::Ordering::Less => ("better", format!("{} fewer than", thousands(then - total))),
                    std::cmp::Ordering::Equal => ("no change", "as many as".to_owned()),
                    std::cmp::Ordering::Greater => {
                        ("worse", format!("{} more than", thousands(total - then)))
                    }
                };
                Change::since(before, verdict, format!("{how} at the end of"))
            }),
        }
    }
}

/// The share of what was judged that passes.
pub(super) struct Compliance {
    /// Nothing where nothing was judged.
    pub share: Option<String>,
    pub pass: String,
    pub judged: String,
    pub change: Option<Change>,
}

impl Compliance {
    /// Of the newest week.
    pub fn of(weeks: &[Cells<'_>]) -> Self {
        let now = weeks.last();
        let count = |column| now.map_or(0, |week| week.number(column));
        let share = now.and_then(|week| week.fraction("compliance"));
        let change = share.zip(week_before(weeks)).and_then(|(share, before)| {
            let tenths = ((share - before.fraction("compliance")?) * 1000.0).round() / 10.0;
            let (verdict, how) = match tenths {
                0.0 => ("no change", "as at the end of".to_owned()),
                ..0.0 => ("worse", format!("{:.1} points less than at the end of", -tenths)),
                _ => ("better", format!("{tenths:.1} points more than at the end of")),
            };
            Some(Change::since(before, verdict, how))
        });
        Self {
            share: share.map(percent),
            pass: thousands(count("pass")),
            judged: thousands(count("pass") + count("fail") + count("unknown") + count("suppressed")),
            change,
        }
    }
}

fn week_before<'a>(weeks: &[Cells<'a>]) -> Option<Cells<'a>> {
    weeks.len().checked_sub(2).and_then(|at| weeks.get(at)).copied()
}

/// What is not seen.
pub(super) struct Unseen {
    pub total: String,
    pub all: String,
    pub scanned: String,
    /// What should have been seen.
    pub failed: u64,
    /// What is left out, or can't be looked into by anyone.
    pub skipped: u64,
}

impl Unseen {
    /// From the targets by outcome.
    pub fn of(targets: &[(&str, u64)]) -> Self {
        let of =
            |word: &str| targets.iter().filter(|(outcome, _)| *outcome == word).map(|(_, n)| n).sum::<u64>();
        let (scanned, failed, skipped) = (of("scanned"), of("failed"), of("skipped"));
        Self {
            total: thousands(failed + skipped),
            all: counted(scanned + failed + skipped, "target"),
            scanned: thousands(scanned),
            failed,
            skipped,
        }
    }
}

/// Open findings and compliance over the weeks, drawn; none where there are no two weeks to compare.
pub(super) fn charts(weeks: &[Cells<'_>]) -> Vec<String> {
    if weeks.len() < 2 {
        return Vec::new();
    }
    let labels: Vec<String> = weeks.iter().map(|week| week.text("period").into_owned()).collect();
    let ends = |shown: &dyn Fn(&Cells<'_>) -> String| match weeks {
        [first, .., last] => format!("From {} to {}.", shown(first), shown(last)),
        _ => String::new(),
    };
    let chart = |id: &str, title: &str, description, unit, line| {
        let (id, title) = (id.to_owned(), title.to_owned());
        line_chart(&Chart { id, title, description, labels: labels.clone(), lines: vec![line], unit })
    };
    vec![
        chart(
            "open",
            "Open findings at the end of each week",
            ends(&|week| week.count("open")),
            Unit::Count,
            Line {
                name: "Open findings".to_owned(),
                tone: Tone::Bad,
                points: weeks.iter().map(|week| Some(week.number("open") as f64)).collect(),
            },
        ),
        chart(
            "compliance",
            "Compliance at the end of each week",
            ends(&|week| week.share("compliance").unwrap_or_else(|| "nothing judged".to_owned())),
            Unit::Share,
            Line {
                name: "Compliance".to_owned(),
                tone: Tone::Good,
                points: weeks.iter().map(|week| week.fraction("compliance")).collect(),
            },
        ),
    ]
}

/// What a scan did, in a sentence's beginning: `2 opened, 1 resolved`.
pub(super) fn changed(events: &Rows) -> String {
    let parts: Vec<String> = ["opened", "reopened", "resolved", "suppressed", "status_changed"]
        .iter()
        .filter_map(|event| {
            let row = events.iter().find(|row| row.text("event") == *event)?;
            Some(format!("{} {}", thousands(row.count("findings")), event.replace('_', " ")))
        })
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
