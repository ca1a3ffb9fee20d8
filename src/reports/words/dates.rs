use jiff::{ToSpan as _, civil::DateTime, tz::TimeZone};

use crate::domain::Timestamp;

/// Writes moments in one zone, which a report names once.
pub struct Dates {
    zone: TimeZone,
    name: String,
}

impl Dates {
    /// In the zone of that IANA name; in UTC, under that name, where the zone is not known here.
    pub fn new(zone: &str) -> Self {
        match TimeZone::get(zone) {
            Ok(known) => Self { zone: known, name: zone.to_owned() },
            Err(_) => Self { zone: TimeZone::UTC, name: "UTC".to_owned() },
        }
    }

    /// The zone's name.
    pub fn zone(&self) -> &str {
        &self.name
    }

    /// `Mon 16 Nov 2026`; a text that is no moment as it is.
    pub fn day(&self, moment: &str) -> String {
        self.written(moment, "%a %-d %b %Y")
    }

    /// `Mon 16 Nov 2026, 07:00`.
    pub fn minute(&self, moment: &str) -> String {
        self.written(moment, "%a %-d %b %Y, %H:%M")
    }

    /// `Mon 16 to Sun 22 Nov 2026`: from the day of the first moment to the day that ends at the second.
    pub fn days(&self, from: &str, until: &str) -> String {
        let (Some(first), Some(end)) = (self.local(from), self.local(until)) else {
            return format!("{from} to {until}");
        };
        let last = end.saturating_sub(1.second());
        let form = match (first.year() == last.year(), first.month() == last.month()) {
            (true, true) => "%a %-d",
            (true, false) => "%a %-d %b",
            (false, _) => "%a %-d %b %Y",
        };
        format!("{} to {}", first.strftime(form), last.strftime("%a %-d %b %Y"))
    }

    /// The last second before a moment, as the history writes moments.
    pub fn last_second_before(moment: &str) -> String {
        moment
            .parse::<Timestamp>()
            .ok()
            .and_then(|at| at.checked_sub(1.second()).ok())
            .map_or_else(|| moment.to_owned(), crate::domain::iso_utc)
    }

    fn written(&self, moment: &str, form: &str) -> String {
        self.local(moment).map_or_else(|| moment.to_owned(), |at| at.strftime(form).to_string())
    }

    fn local(&self, moment: &str) -> Option<DateTime> {
        Some(self.zone.to_datetime(moment.parse::<Timestamp>().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_zone() {
        let berlin = Dates::new("Europe/Berlin");
        assert_eq!(berlin.day("2026-11-15T23:00:00Z"), "Mon 16 Nov 2026");
        assert_eq!(berlin.minute("2026-11-06T06:05:00Z"), "Fri 6 Nov 2026, 07:05");
        assert_eq!(berlin.days("2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z"), "Mon 16 to Sun 22 Nov 2026");
        let utc = Dates::new("UTC");
        assert_eq!(utc.days("2026-11-30T00:00:00Z", "2026-12-07T00:00:00Z"), "Mon 30 Nov to Sun 6 Dec 2026");
        let turn = utc.days("2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z");
        assert_eq!(turn, "Mon 28 Dec 2026 to Sun 3 Jan 2027");
        assert_eq!(Dates::last_second_before("2026-11-22T23:00:00Z"), "2026-11-22T22:59:59Z");
    }

    #[test]
    fn what_is_no_moment_and_no_zone_is_shown_and_not_guessed() {
        let nowhere = Dates::new("Mars/Olympus");
        assert_eq!(
            (nowhere.zone(), nowhere.day("2026-11-15T23:00:00Z").as_str()),
            ("UTC", "Sun 15 Nov 2026")
        );
        assert_eq!(nowhere.day("soon"), "soon");
        assert_eq!(Dates::last_second_before("soon"), "soon");
    }
}
