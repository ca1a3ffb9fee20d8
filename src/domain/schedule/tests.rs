use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn next(schedule: &str, last: &str, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap();
    schedule.parse::<Schedule>().unwrap().next(at(last), &zone).unwrap().to_string()
}

#[test]
fn an_interval_goes_on_from_the_last_time() {
    assert_eq!(next("every 6h", "2026-11-24T09:30:00Z", "UTC"), "2026-11-24T15:30:00Z");
    assert_eq!(next("every 1h 30m", "2026-11-24T09:30:00Z", "UTC"), "2026-11-24T11:00:00Z");
}

#[test]
fn a_cron_expression_goes_by_the_clock_of_its_zone() {
    assert_eq!(next("0 */6 * * *", "2026-11-24T09:30:00Z", "UTC"), "2026-11-24T12:00:00Z");
    assert_eq!(next("30 7 * * MON", "2026-11-24T09:30:00Z", "Europe/Zurich"), "2026-11-30T06:30:00Z");
    // The hour that the clocks leave out, and the one that they show twice.
    assert_eq!(next("30 2 * * *", "2026-03-28T12:00:00Z", "Europe/Zurich"), "2026-03-29T01:00:00Z");
    assert_eq!(next("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Zurich"), "2026-10-25T00:30:00Z");
}

#[test]
fn what_was_missed_is_made_up_for_once() {
    let schedule: Schedule = "every 6h".parse().unwrap();
    let planned = at("2026-11-24T00:00:00Z");
    let latest = |now: &str| schedule.latest(planned, at(now), &TimeZone::UTC).to_string();
    assert_eq!(latest("2026-11-23T00:00:00Z"), "2026-11-24T00:00:00Z");
    assert_eq!(latest("2026-11-24T00:00:07Z"), "2026-11-24T00:00:00Z");
    assert_eq!(latest("2026-11-27T13:00:00Z"), "2026-11-27T12:00:00Z");
    let cron: Schedule = "0 3 * * *".parse().unwrap();
    let latest = cron.latest(planned, at("2026-11-27T13:00:00Z"), &TimeZone::UTC);
    assert_eq!(latest, at("2026-11-27T03:00:00Z"));
}

#[test]
fn what_is_no_schedule_says_why() {
    for (text, why) in [
        ("every 10s", "not between"),
        ("every day", "not a duration"),
        ("6h", "6h"),
        ("61 * * * *", "61 * * * *"),
        ("* * * * * *", "more than once a minute"),
    ] {
        let error = text.parse::<Schedule>().unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn the_period_of_a_cron_expression_is_measured() {
    let period = |text: &str| {
        let schedule: Schedule = text.parse().unwrap();
        schedule.period(at("2026-11-24T09:30:00Z"), &TimeZone::UTC).unwrap()
    };
    assert_eq!(period("every 6h"), SignedDuration::from_hours(6));
    assert_eq!(period("0 */4 * * *"), SignedDuration::from_hours(4));
}

#[test]
fn once_a_week_at_a_time_of_the_zone() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let sundays = Schedule::weekly(Weekday::Sunday, Time::constant(6, 30, 0, 0));
    assert_eq!(sundays.to_string(), "30 6 * * 0");
    // The clock is set back that night.
    let first = sundays.next(at("2026-10-19T00:00:00Z"), &zone).unwrap();
    assert_eq!(first, at("2026-10-25T05:30:00Z"));
    assert_eq!(sundays.next(first, &zone), Some(at("2026-11-01T05:30:00Z")));
}
