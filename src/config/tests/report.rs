use jiff::civil::{Weekday, time};

use super::{accepted, problems_of};
use crate::{config::Report, domain::ReportFormat};

#[test]
fn every_key_reaches_its_field() {
    let report = accepted(
        r#"
        [report]
        directory = "/srv/reports"
        weekday = "friday"
        time = "18:30"
        time_zone = "Europe/Zurich"
        formats = ["md", "ocsf", "md"]
        keep = 4
        "#,
    )
    .report;
    assert_eq!(report.directory.as_deref().and_then(|path| path.to_str()), Some("/srv/reports"));
    assert_eq!((report.weekday, report.time), (Weekday::Friday, time(18, 30, 0, 0)));
    assert_eq!(report.zone_name(), "Europe/Zurich");
    assert_eq!(report.formats, [ReportFormat::Markdown, ReportFormat::Ocsf]);
    assert_eq!(report.keep.get(), 4);
    assert_eq!(Report::default().zone_name(), "UTC");
    assert_eq!(accepted("[report]\nformats = []").report.formats, []);
}

#[test]
fn what_cannot_be_is_named_with_what_can() {
    let lines = [
        "weekday = \"Monday\"",
        "time = \"7:00\"",
        "time = \"24:00\"",
        "time = \"+7:00\"",
        "time = 7",
        "time_zone = \"Europe/Atlantis\"",
        "formats = [\"pdf\"]",
        "formats = \"html\"",
        "keep = 0",
    ];
    insta::assert_snapshot!(problems_of("report", &lines), @r#"
    k.toml:2:11: report.weekday: "Monday" is none of the choices; allowed: "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    k.toml:2:8: report.time: "7:00" is no time of a day; write hour and minute, "07:00" or "18:30"
    k.toml:2:8: report.time: "24:00" is no time of a day; write hour and minute, "07:00" or "18:30"
    k.toml:2:8: report.time: "+7:00" is no time of a day; write hour and minute, "07:00" or "18:30"
    k.toml:2:8: report.time: is a whole number where a text is expected; put one text in double quotes
    k.toml:2:13: report.time_zone: "Europe/Atlantis" is no time zone that this machine knows; name one of the IANA database, "Europe/Zurich" or "UTC"; without the package tzdata only UTC is known
    k.toml:2:12: report.formats: "pdf" is none of the choices; allowed: "html", "md", "csv", "json", "xlsx", "ocsf", "asff"
    k.toml:2:11: report.formats: is a text where a list is expected; put it in brackets, ["…", "…"]
    k.toml:2:8: report.keep: 0 is out of range; allowed: whole numbers from 1 to 10000
    "#);
}
