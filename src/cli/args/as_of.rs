use std::str::FromStr;

use jiff::{civil::Date, tz::TimeZone};

use crate::domain::Timestamp;

/// `--as-of`: the end of a UTC day, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// A day.
    Day(Date),
    /// A moment.
    Moment(Timestamp),
}

impl FromStr for AsOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match super::trend::date(text) {
            Ok(day) => Ok(Self::Day(day)),
            Err(_) => text.parse().map(Self::Moment).map_err(|_| {
                "a day, 2026-11-24, means its end in UTC; a moment is written 2026-11-24T09:30:00Z".to_owned()
            }),
        }
    }
}

impl AsOf {
    /// The moment that is meant: of a day its last second, of today what is known `now`.
    pub fn moment(self, now: Timestamp) -> Result<Timestamp, String> {
        match self {
            Self::Moment(at) => Ok(at),
            Self::Day(day) if day == TimeZone::UTC.to_datetime(now).date() => Ok(now),
            Self::Day(day) => {
                TimeZone::UTC.to_timestamp(day.at(23, 59, 59, 0)).map_err(|error| error.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_end_in_utc_and_today_is_now() {
        let now: Timestamp = "2026-11-24T09:30:00Z".parse().unwrap();
        let moment = |text: &str| text.parse::<AsOf>().unwrap().moment(now).unwrap().to_string();
        assert_eq!(moment("2026-11-23"), "2026-11-23T23:59:59Z");
        assert_eq!(moment("2026-11-24"), "2026-11-24T09:30:00Z");
        assert_eq!(moment("2026-11-25"), "2026-11-25T23:59:59Z");
        assert_eq!(moment("2026-11-24T01:00:00+02:00"), "2026-11-23T23:00:00Z");
        for wrong in ["yesterday", "2026-13-01", "24.11.2026", "2026-11-24T09:30:00", "2026-11-24 09:30", ""]
        {
            assert!(wrong.parse::<AsOf>().unwrap_err().contains("2026-11-24T09:30:00Z"), "{wrong}");
        }
    }
}
