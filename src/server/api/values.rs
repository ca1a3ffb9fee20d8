//! What the value of a parameter may be: ids, numbers, texts, times; the words of the contract stand in `words.rs`.

use jiff::{SignedDuration, civil::Date, tz::TimeZone};
use utoipa::ToSchema;

use crate::domain::{AccountId, Region, Timestamp, iso_utc};

/// A kind of value.
pub(super) trait Value: Sized {
    /// Reads it; else says what it has to be.
    fn read(text: &str) -> Result<Self, String>;
}

/// The id of an account.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9]{12}$", example = "111122223333")]
pub(super) struct Account(pub(super) AccountId);

impl Value for Account {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "the twelve digits of an account's id".to_owned())
    }
}

/// The name of a Region.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, pattern = "^[a-z]+(-[a-z]+)+-[0-9]+$", max_length = 32, example = "eu-central-1")]
pub(super) struct RegionName(pub(super) Region);

impl Value for RegionName {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "the name of a Region, as eu-central-1".to_owned())
    }
}

/// The number of a finding.
#[derive(Debug, ToSchema)]
#[schema(value_type = i64, minimum = 1, maximum = 9_223_372_036_854_775_807_i64, example = 42)]
pub(super) struct FindingId(pub(super) i64);

impl Value for FindingId {
    fn read(text: &str) -> Result<Self, String> {
        number(text, 1, i64::MAX).map(Self).ok_or_else(|| "the number of a finding, 1 or more".to_owned())
    }
}

/// Rows of a page.
#[derive(Debug)]
pub(super) struct Limit(pub(super) u32);

impl Limit {
    /// The most that can be asked for.
    pub(super) const MOST: u32 = 1000;
    /// Where nothing is asked for.
    pub(super) const USUAL: u32 = 100;
}

impl Value for Limit {
    fn read(text: &str) -> Result<Self, String> {
        number(text, 1, i64::from(Self::MOST))
            .and_then(|limit| u32::try_from(limit).ok())
            .map(Self)
            .ok_or_else(|| format!("a whole number from 1 to {}", Self::MOST))
    }
}

/// Digits only, so that there is one way to write a number.
fn number(text: &str, least: i64, most: i64) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (least..=most).contains(number))
}

/// Any text that people write.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 1024, pattern = "^[^\\x00-\\x1f\\x7f]+$")]
pub(super) struct Text(pub(super) String);

impl Value for Text {
    fn read(text: &str) -> Result<Self, String> {
        const LONGEST: usize = 1024;
        let fits = !text.is_empty() && text.chars().count() <= LONGEST;
        if fits && !text.chars().any(|char| char.is_ascii_control()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("1 to {LONGEST} characters without control characters"))
        }
    }
}

impl Value for bool {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "true or false".to_owned())
    }
}

/// A UTC day.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Date, pattern = "^20[0-9]{2}-[0-9]{2}-[0-9]{2}$", example = "2026-11-24")]
pub(super) struct Day(pub(super) Date);

impl Value for Day {
    fn read(text: &str) -> Result<Self, String> {
        day(text).map(Self).ok_or_else(|| "a day, as 2026-11-24".to_owned())
    }
}

/// A moment, or a UTC day.
#[derive(Debug, ToSchema)]
#[schema(
    value_type = String,
    pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)?$",
    example = "2026-11-24T09:30:00Z"
)]
pub(super) struct When(Moment);

#[derive(Debug)]
enum Moment {
    Day(Date),
    Exact(Timestamp),
}

impl Value for When {
    fn read(text: &str) -> Result<Self, String> {
        match day(text) {
            Some(day) => Ok(Self(Moment::Day(day))),
            None => text
                .parse()
                .map(|at| Self(Moment::Exact(at)))
                .map_err(|_| "a day, as 2026-11-24, or a moment, as 2026-11-24T09:30:00Z".to_owned()),
        }
    }
}

impl When {
    /// As the views write it; a day is its first second in UTC.
    pub(super) fn begins(&self) -> String {
        match &self.0 {
            Moment::Day(day) => format!("{day}T00:00:00Z"),
            Moment::Exact(at) => iso_utc(*at),
        }
    }

    /// The moment as of which is asked: of a day its last second, of today what is known `now`.
    pub(super) fn ends(&self, now: Timestamp) -> Timestamp {
        match &self.0 {
            Moment::Exact(at) => *at,
            Moment::Day(day) if *day == TimeZone::UTC.to_datetime(now).date() => now,
            // The last days of the calendar have no end; they are in the future as well.
            Moment::Day(day) => TimeZone::UTC
                .to_timestamp(day.at(0, 0, 0, 0))
                .ok()
                .and_then(|begin| begin.checked_add(SignedDuration::from_secs(86_399)).ok())
                .unwrap_or(Timestamp::MAX),
        }
    }
}

fn day(text: &str) -> Option<Date> {
    // The parser alone would take the date out of a whole moment.
    text.parse().ok().filter(|_| text.len() == 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_a_number() {
        let limit = |text: &str| Limit::read(text).ok().map(|limit| limit.0);
        assert_eq!([limit("1"), limit("1000")], [Some(1), Some(1000)]);
        for bad in ["", "0", "-1", "+1", "1001", "1.0", " 1", "1e3", "٣", "99999999999999999999"] {
            assert_eq!(limit(bad), None, "{bad:?}");
        }
        assert!(FindingId::read("9223372036854775807").is_ok());
        assert!(FindingId::read("9223372036854775808").is_err());
    }

    #[test]
    fn a_day_begins_and_ends_in_utc_and_today_ends_now() {
        let now: Timestamp = "2026-11-24T09:30:00Z".parse().unwrap();
        let at = |text: &str| {
            let when = When::read(text).unwrap();
            (when.begins(), iso_utc(when.ends(now)))
        };
        let both = |begins: &str, ends: &str| (begins.to_owned(), ends.to_owned());
        assert_eq!(at("2026-11-23"), both("2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z"));
        assert_eq!(at("2026-11-24"), both("2026-11-24T00:00:00Z", "2026-11-24T09:30:00Z"));
        let moment = "2026-11-24T01:00:00+02:00";
        assert_eq!(at(moment), both("2026-11-23T23:00:00Z", "2026-11-23T23:00:00Z"));
        at("9999-12-31");
        for bad in ["", "yesterday", "2026-13-01", "2026-11-24T09:30:00", "2026-11-24 09:30", "24.11.2026"] {
            assert!(When::read(bad).is_err() && Day::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_is_what_people_write() {
        assert!(Text::read("Root/Ünits, and & more").is_ok());
        assert!(Text::read(&"ü".repeat(1024)).is_ok());
        for bad in ["", "a\0b", "a\nb", &"x".repeat(1025)] {
            assert!(Text::read(bad).is_err(), "{bad:?}");
        }
    }
}
