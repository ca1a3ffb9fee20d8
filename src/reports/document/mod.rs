//! The report as a document: headings, sentences, tables and charts in the order in which they are read.
//!
//! HTML and Markdown are two ways to write the same document. All texts in it are plain; each way escapes them.

mod accepted;
mod changes;
mod compliance;
mod controls;
mod coverage;
mod keys;
mod method;
mod parts;
mod places;
mod remedies;
mod times;

pub use parts::{Block, Cell, Column, ColumnKind, Figure, Plot, Section, Table};

use super::{
    Summary, TargetCounts, Weekly, summary,
    words::{Dates, percent, thousands},
};

/// A whole report.
pub struct Document {
    /// `Weekly compliance report, 2026-W47`
    pub title: String,
    /// The days, and the zone they are in.
    pub subtitle: String,
    /// What this is, for someone who has never seen one.
    pub lead: String,
    /// The week in sentences.
    pub summary: Summary,
    /// The four numbers that are looked at first.
    pub figures: Vec<Figure>,
    /// Everything else.
    pub sections: Vec<Section>,
    /// Who wrote it, and of when.
    pub colophon: String,
}

/// Puts a week into a document.
pub fn document(weekly: &Weekly) -> Document {
    let dates = Dates::new(&weekly.period.time_zone);
    let period = &weekly.period;
    Document {
        title: format!("Weekly compliance report, {}", period.week),
        subtitle: format!(
            "{}. All times are those of {}.",
            dates.days(&period.begins_at, &period.ends_at),
            dates.zone()
        ),
        lead: "Which data of AWS Database Migration Service (DMS) in this organization lies under an encryption key \
               that AWS manages instead of one that the organization manages, and which keys are about to fail. A \
               target is one account in one Region."
            .to_owned(),
        summary: summary(weekly),
        figures: figures(weekly),
        sections: sections(weekly, &dates),
        colophon: format!(
            "Written by keywatch {} from its history as it was known on {} ({}).",
            period.keywatch_version,
            dates.minute(&period.as_of),
            dates.zone()
        ),
    }
}

/// Before the first look there is nothing but the method to tell: an empty list would read as good news.
fn sections(weekly: &Weekly, dates: &Dates) -> Vec<Section> {
    if nothing_known(weekly) {
        return vec![method::section(weekly)];
    }
    vec![
        coverage::section(weekly, dates),
        compliance::section(weekly),
        changes::section(weekly, dates),
        changes::extremes(weekly, dates),
        places::section(weekly),
        keys::section(weekly, dates),
        accepted::section(weekly, dates),
        times::section(weekly),
        controls::section(weekly),
        remedies::section(weekly),
        method::section(weekly),
        changes::annex(weekly, dates),
    ]
}

fn nothing_known(weekly: &Weekly) -> bool {
    weekly.coverage.targets.all() == 0 && weekly.overall.now.judged() == 0 && weekly.changes.open == 0
}

fn figures(weekly: &Weekly) -> Vec<Figure> {
    if nothing_known(weekly) {
        return Vec::new();
    }
    let before = |text: Option<String>| {
        text.map_or_else(|| "no week before".to_owned(), |text| format!("{text} a week before"))
    };
    let share = |part, whole| percent(part, whole).unwrap_or_else(|| "nothing judged".to_owned());
    // What is left out by choice is not missed.
    let seen_of = |targets: TargetCounts, left_out: u64| {
        let wanted = targets.all().saturating_sub(left_out);
        percent(targets.scanned, wanted).unwrap_or_else(|| "none known".to_owned())
    };
    let (now, last) = (weekly.overall.now, weekly.overall.last_week);
    let (seen, seen_last) = (weekly.coverage.targets, weekly.coverage.last_week);
    let under: usize = weekly.keys_in_danger.iter().map(|key| key.findings.len()).sum();
    vec![
        Figure {
            name: "Compliance".to_owned(),
            value: share(now.pass, now.judged()),
            note: before(last.map(|last| share(last.pass, last.judged()))),
        },
        Figure {
            name: "Open findings".to_owned(),
            value: thousands(weekly.changes.open),
            note: before(weekly.changes.open_last_week.map(thousands)),
        },
        Figure {
            name: "Targets seen".to_owned(),
            value: seen_of(seen, weekly.coverage.left_out()),
            note: before(seen_last.map(|last| seen_of(last, weekly.coverage.left_out_last_week()))),
        },
        Figure {
            name: "Keys in danger".to_owned(),
            value: thousands(weekly.keys_in_danger.len() as u64),
            note: match under {
                0 => "no data under them".to_owned(),
                1 => "1 resource under them".to_owned(),
                n => format!("{} resources under them", thousands(n as u64)),
            },
        },
    ]
}
