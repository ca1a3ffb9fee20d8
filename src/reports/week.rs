use std::{fmt, str::FromStr};

use jiff::{ToSpan, civil::ISOWeekDate, civil::Weekday, tz::TimeZone};

use crate::domain::Timestamp;

/// An ISO week, Monday to Sunday: `2026-W47`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReportWeek(ISOWeekDate);

/// What is not the name of a week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no ISO week: write the year and the week, as in 2026-W47")]
pub struct InvalidWeek(String);

impl ReportWeek {
    /// The week that a moment lies in.
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        let date = zone.to_datetime(at).date().iso_week_date();
        // Every week of a valid day has a Monday but the one that year -9999 begins in.
        Self(ISOWeekDate::new(date.year(), date.week(), Weekday::Monday).unwrap_or(date))
    }

    /// The newest week that was over at that moment.
    pub fn last_over(at: Timestamp, zone: &TimeZone) -> Self {
        Self::of(at, zone).before(1)
    }

    /// So many weeks earlier.
    pub fn before(self, weeks: i64) -> Self {
        Self(self.0.date().saturating_sub(weeks.weeks()).iso_week_date())
    }

    /// Its first moment in the zone.
    pub fn begins_at(self, zone: &TimeZone) -> Timestamp {
        // A day that begins with a gap in local time begins where the gap ends.
        zone.to_timestamp(self.0.date().at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
    }

    /// The first moment after it in the zone.
    pub fn ends_at(self, zone: &TimeZone) -> Timestamp {
        self.before(-1).begins_at(zone)
    }
}

impl fmt::Display for ReportWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.0.year(), self.0.week())
    }
}

impl FromStr for ReportWeek {
    type Err = InvalidWeek;

    fn from_str(text: &str) -> Result<Self, InvalidWeek> {
        let invalid = || InvalidWeek(text.to_owned());
        let (year, week) = text.split_once("-W").ok_or_else(invalid)?;
        let digits =
            |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(week, 2) {
            return Err(invalid());
        }
        let (year, week) = year.parse().ok().zip(week.parse().ok()).ok_or_else(invalid)?;
        ISOWeekDate::new(year, week, Weekday::Monday).map(Self).map_err(|_| invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_of_a_moment_depends_on_the_zone() {
        let auckland = TimeZone::get("Pacific/Auckland").unwrap();
        let sunday_night = at("2026-11-22T23:59:59Z");
        assert_eq!(ReportWeek::of(sunday_night, &TimeZone::UTC).to_string(), "2026-W47");
        assert_eq!(ReportWeek::of(sunday_night, &auckland).to_string(), "2026-W48");
        assert_eq!(ReportWeek::last_over(sunday_night, &TimeZone::UTC).to_string(), "2026-W46");
        let week: ReportWeek = "2026-W48".parse().unwrap();
        assert_eq!(week.begins_at(&auckland), at("2026-11-22T11:00:00Z"));
        assert_eq!(week.ends_at(&TimeZone::UTC), at("2026-11-30T00:00:00Z"));
    }

    #[test]
    fn years_of_53_weeks_and_changes_of_the_clock() {
        let week: ReportWeek = "2026-W53".parse().unwrap();
        assert_eq!(week.before(-1).to_string(), "2027-W01");
        assert_eq!(week.begins_at(&TimeZone::UTC), at("2026-12-28T00:00:00Z"));
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let week: ReportWeek = "2026-W43".parse().unwrap();
        let hours = week.ends_at(&berlin).duration_since(week.begins_at(&berlin)).as_hours();
        assert_eq!(hours, 7 * 24 + 1);
    }

    #[test]
    fn what_is_no_week_is_refused() {
        for text in
            ["2026-47", "2026-W7", "2026-W54", "2027-W53", "2026-W00", "26-W47", "2026-W47 ", "-026-W47", ""]
        {
            let error = text.parse::<ReportWeek>().unwrap_err().to_string();
            assert!(error.contains("2026-W47"), "{error}");
        }
    }
}
