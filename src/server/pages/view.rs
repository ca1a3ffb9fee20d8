//! What the templates are filled with.

use std::borrow::Cow;

use jiff::SignedDuration;

use crate::domain::{Row, Rows, Timestamp, thousands, visible};

/// A row for a page. What its texts hold is shown, and acts on nothing: the templates see no other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'a> {
    row: Row<'a>,
    now: Timestamp,
}

/// The rows for a page that is made at that moment.
pub(super) fn cells(rows: &Rows, now: Timestamp) -> Vec<Cells<'_>> {
    rows.iter().map(|row| Cells { row, now }).collect()
}

impl<'a> Cells<'a> {
    pub fn text(&self, column: &str) -> Cow<'a, str> {
        visible(self.row.text(column))
    }

    /// Whether there is no text.
    pub fn lacks(&self, column: &str) -> bool {
        self.row.text(column).is_empty()
    }

    pub fn number(&self, column: &str) -> u64 {
        self.row.count(column)
    }

    /// `1,234`.
    pub fn count(&self, column: &str) -> String {
        thousands(self.number(column))
    }

    /// The moment in a column, if there is one.
    pub fn when(&self, column: &str) -> Option<When> {
        When::read(self.row.text(column), self.now)
    }

    /// How long it was from one moment to the other; nothing where one is missing.
    pub fn took(&self, from: &str, to: &str) -> String {
        match (self.when(from), self.when(to)) {
            (Some(from), Some(to)) => {
                let took = to.at.duration_since(from.at);
                if took.as_secs() < 120 {
                    format!("{} s", took.as_secs())
                } else {
                    format!("{} min", took.as_mins())
                }
            }
            _ => String::new(),
        }
    }

    /// A word of the database as words: `replication instance`.
    pub fn words(&self, column: &str) -> String {
        self.text(column).replace('_', " ")
    }

    /// `86.4 %`; nothing where there is no share.
    pub fn share(&self, column: &str) -> Option<String> {
        self.fraction(column).map(percent)
    }

    pub fn fraction(&self, column: &str) -> Option<f64> {
        self.row.value(column).as_f64()
    }
}

/// `86.4 %`, cut off, not rounded up: what is not all is never 100 %.
pub(super) fn percent(share: f64) -> String {
    // The least that is added here is far below what is shown; without it 0.29 would be 28.9 %.
    format!("{:.1} %", (share * 1000.0 + 1e-9).floor() / 10.0)
}

/// A moment, seen from the page's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    at: Timestamp,
    now: Timestamp,
}

impl When {
    pub fn of(at: Timestamp, now: Timestamp) -> Self {
        Self { at, now }
    }

    pub fn read(text: &str, now: Timestamp) -> Option<Self> {
        text.parse().ok().map(|at| Self { at, now })
    }

    /// As programs read it.
    pub fn iso(&self) -> String {
        crate::domain::iso_utc(self.at)
    }

    /// `2026-11-24`.
    pub fn day(&self) -> String {
        self.at.strftime("%Y-%m-%d").to_string()
    }

    /// `2026-11-24 09:30 UTC`.
    pub fn minute(&self) -> String {
        self.at.strftime("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// `3 hours ago`, `in 5 minutes`.
    pub fn away(&self) -> String {
        let gone = self.now.duration_since(self.at);
        match (span(gone.abs()), gone.is_negative()) {
            (None, _) => "just now".to_owned(),
            (Some(span), false) => format!("{span} ago"),
            (Some(span), true) => format!("in {span}"),
        }
    }
}

/// In its largest unit, two of a kind at least: `26 hours`, `3 days`, `11 weeks`.
fn span(time: SignedDuration) -> Option<String> {
    let minutes = time.as_mins();
    let (count, unit) = match minutes {
        ..1 => return None,
        1..120 => (minutes, "minute"),
        120..2880 => (minutes / 60, "hour"),
        2880..40320 => (minutes / 1440, "day"),
        _ => (minutes / 10080, "week"),
    };
    Some(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_told_from_now() {
        let now = at("2026-11-24T12:00:00Z");
        let away = |text: &str| When::of(at(text), now).away();
        assert_eq!(away("2026-11-24T11:59:31Z"), "just now");
        assert_eq!(away("2026-11-24T11:59:00Z"), "1 minute ago");
        assert_eq!(away("2026-11-24T10:01:00Z"), "119 minutes ago");
        assert_eq!(away("2026-11-24T09:00:00Z"), "3 hours ago");
        assert_eq!(away("2026-11-20T09:00:00Z"), "4 days ago");
        assert_eq!(away("2026-09-01T09:00:00Z"), "12 weeks ago");
        assert_eq!(away("2026-11-24T15:30:00Z"), "in 3 hours");
    }

    #[test]
    fn what_is_not_all_is_not_100_percent() {
        assert_eq!([1.0, 0.9999, 0.29, 0.0].map(percent), ["100.0 %", "99.9 %", "29.0 %", "0.0 %"]);
    }

    #[test]
    fn a_name_is_shown_and_does_nothing() {
        let rows = Rows {
            columns: vec!["name".to_owned(), "n".to_owned(), "at".to_owned()],
            rows: vec![vec![json!("\u{202e}evil\u{1b}"), json!(1234), json!("no time")]],
        };
        let cells = cells(&rows, at("2026-11-24T12:00:00Z"));
        assert_eq!(cells[0].text("name"), "\\u{202e}evil\\u{1b}");
        assert_eq!(cells[0].count("n"), "1,234");
        assert_eq!(cells[0].when("at"), None);
        assert!(cells[0].lacks("nothing") && !cells[0].lacks("name"));
    }
}
