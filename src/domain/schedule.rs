//! When periodic work is due.

mod zoned;

use std::{fmt, str::FromStr, time::Duration};

use croner::Cron;
use jiff::{
    SignedDuration,
    civil::{Time, Weekday},
    fmt::friendly::SpanParser,
    tz::TimeZone,
};

use super::Timestamp;
use zoned::Wall;

/// The shortest and the longest time between two runs of an interval.
const SHORTEST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(31 * 24 * 3600);

/// `every 6h`, or a cron expression.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Every(SignedDuration),
    Cron(Box<Cron>),
}

/// A text that is no schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSchedule {
    /// What is wrong with it.
    pub problem: String,
}

impl Schedule {
    /// Each time that this has passed.
    pub fn every(interval: Duration) -> Self {
        let interval = SignedDuration::try_from(interval).unwrap_or(SignedDuration::MAX);
        Self { text: format!("every {interval:#}"), kind: Kind::Every(interval) }
    }

    /// Once a week, at that time of that day, to the minute.
    pub fn weekly(day: Weekday, at: Time) -> Self {
        let text = format!("{} {} * * {}", at.minute(), at.hour(), day.to_sunday_zero_offset());
        text.parse().expect("a minute, an hour and a day of the week make a cron expression")
    }

    /// The first time after `last` that it is due; `None` for a cron expression that never comes again. The hours of
    /// a cron expression are those of the zone.
    pub fn next(&self, last: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match &self.kind {
            Kind::Every(interval) => last.checked_add(*interval).ok(),
            Kind::Cron(cron) => {
                let last = Wall(last.to_zoned_datetime(zone.clone()));
                cron.find_next_occurrence(&last, false).ok().map(|next| next.0.timestamp())
            }
        }
    }

    /// The last time up to `now` that it was due, counted from `planned`, which was one. However many were missed
    /// in between, they are made up for once.
    pub fn latest(&self, planned: Timestamp, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let passed = now.duration_since(planned);
        if passed <= SignedDuration::ZERO {
            return planned;
        }
        match &self.kind {
            Kind::Every(interval) => {
                let over = passed.as_nanos() % interval.as_nanos().max(1);
                let over = SignedDuration::from_nanos_i128(over);
                now.checked_sub(over).unwrap_or(planned)
            }
            Kind::Cron(cron) => {
                let now = Wall(now.to_zoned_datetime(zone.clone()));
                cron.find_previous_occurrence(&now, true)
                    .map_or(planned, |previous| previous.0.timestamp().max(planned))
            }
        }
    }

    /// How long it is from one time to the next, about; of a cron expression, seen from that moment.
    pub fn period(&self, from: Timestamp, zone: &TimeZone) -> Option<SignedDuration> {
        match &self.kind {
            Kind::Every(interval) => Some(*interval),
            Kind::Cron(_) => {
                let next = self.next(from, zone)?;
                Some(self.next(next, zone)?.duration_since(next))
            }
        }
    }
}

impl FromStr for Schedule {
    type Err = InvalidSchedule;

    fn from_str(text: &str) -> Result<Self, InvalidSchedule> {
        let text = text.trim();
        let invalid = |problem: String| InvalidSchedule { problem };
        if let Some(interval) = text.strip_prefix("every ") {
            let interval = SpanParser::new()
                .parse_unsigned_duration(interval.trim())
                .map_err(|_| invalid(format!("{interval:?} is not a duration")))?;
            if !(SHORTEST..=LONGEST).contains(&interval) {
                return Err(invalid(format!("{text:?} is not between every 1m and every 744h")));
            }
            return Ok(Self::every(interval));
        }
        let cron = Cron::from_str(text).map_err(|error| invalid(format!("{text:?}: {error}")))?;
        if text.split_whitespace().count() > 5 && !text.starts_with("0 ") {
            return Err(invalid(format!("{text:?} would run more than once a minute, or not at a full one")));
        }
        Ok(Self { text: text.to_owned(), kind: Kind::Cron(Box::new(cron)) })
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for InvalidSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for InvalidSchedule {}

#[cfg(test)]
mod tests;
