use std::{num::NonZeroU32, path::PathBuf};

use jiff::{
    civil::{Time, Weekday, time},
    tz::TimeZone,
};

use crate::domain::ReportFormat;

/// `[report]`: the compliance report of each week.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Where the daemon writes its files; none are written without it.
    pub directory: Option<PathBuf>,
    /// The day on which the daemon makes the report of the week that was over then.
    pub weekday: Weekday,
    /// The time of that day, to the minute.
    pub time: Time,
    /// The zone in which weeks begin and end, and whose clock `time` means.
    pub time_zone: TimeZone,
    /// The forms of the files.
    pub formats: Vec<ReportFormat>,
    /// Of how many weeks the files are kept.
    pub keep: NonZeroU32,
}

impl Report {
    /// The zone's name in the IANA database.
    pub fn zone_name(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
    }
}

impl Default for Report {
    fn default() -> Self {
        Self {
            directory: None,
            weekday: Weekday::Monday,
            time: time(7, 0, 0, 0),
            time_zone: TimeZone::UTC,
            formats: vec![ReportFormat::Html, ReportFormat::Xlsx, ReportFormat::Json],
            keep: const { NonZeroU32::new(53).unwrap() },
        }
    }
}
