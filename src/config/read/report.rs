use jiff::civil::{Time, Weekday};

use super::{distinct, upkeep::time_zone};
use crate::{
    config::{
        Report,
        problem::Wrong,
        reader::Reader,
        values::{Given, one_of, text, whole_number},
    },
    domain::ReportFormat,
};

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl Report {
    pub(super) fn read(from: &mut Reader) -> Self {
        let default = Self::default();
        let directory = from.read("report.directory", None, |given| Ok(Some(text(given)?.into())));
        let weekday = from.read("report.weekday", default.weekday, |given| one_of(given, &DAYS));
        let time = from.read("report.time", default.time, time_of_day);
        let time_zone = from.read("report.time_zone", default.time_zone, time_zone);
        let known = ReportFormat::ALL.map(|format| (format.as_str(), format));
        let formats = from.read_list("report.formats", |given| one_of(given, &known));
        let keep = from.read("report.keep", default.keep, |given| whole_number(given, 1..=10_000));
        Self {
            directory: directory.value,
            weekday: weekday.value,
            time: time.value,
            time_zone: time_zone.value,
            formats: formats.map_or(default.formats, |(_, items)| distinct(items)),
            keep: keep.value,
        }
    }
}

/// `07:00`: two digits each, so that "7:5" is not taken for something.
fn time_of_day(given: &Given) -> Result<Time, Wrong> {
    let text = text(given)?;
    let parsed = text.split_once(':').and_then(|(hour, minute)| {
        let number = |part: &str| {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse::<i8>().ok())
                .flatten()
        };
        Time::new(number(hour)?, number(minute)?, 0, 0).ok()
    });
    parsed.ok_or_else(|| {
        Wrong::new(format!("{text:?} is no time of a day"), "write hour and minute, \"07:00\" or \"18:30\"")
    })
}
