use std::time::Duration;

use jiff::tz::TimeZone;

use crate::{
    config::{
        Backup, Cycle, Prune,
        problem::Wrong,
        reader::Reader,
        values::{Bounds, Given, duration, text, whole_number},
    },
    domain::Schedule,
};

const JITTER: Bounds = Bounds { shortest: Duration::ZERO, longest: Duration::from_secs(24 * 3600) };
const BETWEEN_BACKUPS: Bounds =
    Bounds { shortest: Duration::from_secs(60), longest: Duration::from_secs(31 * 24 * 3600) };

/// The fewest days of history that a daemon may be told to keep: what the weekly numbers of a quarter need.
const FEWEST_DAYS: u32 = 92;

impl Cycle {
    pub(super) fn read(from: &mut Reader) -> Self {
        let default = Self::default();
        let schedule = from.read("scan.schedule", default.schedule, schedule);
        let jitter = from.read("scan.jitter", default.jitter, |given| duration(given, &JITTER));
        let time_zone = from.read("scan.time_zone", default.time_zone, time_zone);
        Self { schedule: schedule.value, jitter: jitter.value, time_zone: time_zone.value }
    }
}

impl Backup {
    pub(super) fn read(from: &mut Reader) -> Self {
        let default = Self::default();
        let directory = from.read("backup.directory", None, |given| Ok(Some(text(given)?.into())));
        let every = from.read("backup.every", default.every, |given| duration(given, &BETWEEN_BACKUPS));
        let keep = from.read("backup.keep", default.keep, |given| whole_number(given, 1..=10_000));
        Self { directory: directory.value, every: every.value, keep: keep.value }
    }
}

impl Prune {
    pub(super) fn read(from: &mut Reader) -> Self {
        let keep_days =
            from.read("prune.keep_days", None, |given| whole_number(given, FEWEST_DAYS..=36_500).map(Some));
        Self { keep_days: keep_days.value }
    }
}

fn schedule(given: &Given) -> Result<Schedule, Wrong> {
    text(given)?.parse().map_err(|error: crate::domain::InvalidSchedule| {
        Wrong::new(
            format!("is no schedule: {error}"),
            "write \"every 6h\", or a cron expression of five fields, minute first: \"0 */6 * * *\"",
        )
    })
}

pub(super) fn time_zone(given: &Given) -> Result<TimeZone, Wrong> {
    let name = text(given)?;
    TimeZone::get(name).map_err(|_| {
        Wrong::new(
            format!("{name:?} is no time zone that this machine knows"),
            "name one of the IANA database, \"Europe/Zurich\" or \"UTC\"; without the package tzdata only UTC is known",
        )
    })
}
