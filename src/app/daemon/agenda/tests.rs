use super::*;
use crate::config::{Backup, Cycle, Prune};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn config() -> Config {
    Config { cycle: Cycle { jitter: Duration::ZERO, ..Cycle::default() }, ..Config::default() }
}

fn ran(name: &str, planned_at: &str, ended: bool) -> JobMemory {
    JobMemory { name: name.to_owned(), planned_at: at(planned_at), done_at: None, ended, failures: 0 }
}

#[test]
fn at_the_first_start_all_is_due_the_scan_before_all_else() {
    let mut config = config();
    config.backup = Backup { directory: Some("/backups".into()), ..Backup::default() };
    config.prune = Prune { keep_days: std::num::NonZeroU32::new(365) };
    let now = at("2026-11-24T09:30:00Z");
    let mut agenda = Agenda::new(&config, &[], now);
    let mut order = Vec::new();
    while let Some((job, planned_at)) = agenda.due(now) {
        assert_eq!(planned_at, now);
        order.push(job.name());
        agenda.ended(job, JobOutcome::Done, now);
    }
    assert_eq!(order, ["scan", "report", "exceptions", "backup", "prune"]);
    assert_eq!(agenda.next_at(), Some(at("2026-11-24T09:45:00Z")));
    assert_eq!(agenda.next_of(Job::Scan), Some(at("2026-11-24T15:30:00Z")));
}

#[test]
fn a_run_that_was_missed_is_made_up_for_once_and_the_schedule_stays() {
    let now = at("2026-11-26T10:00:00Z");
    let known = [ran("scan", "2026-11-24T09:30:00Z", true)];
    let mut agenda = Agenda::new(&config(), &known, now);
    assert_eq!(agenda.due(now), Some((Job::Scan, at("2026-11-26T09:30:00Z"))));
    agenda.ended(Job::Scan, JobOutcome::Done, at("2026-11-26T10:20:00Z"));
    assert_eq!(agenda.next_of(Job::Scan), Some(at("2026-11-26T15:30:00Z")));
}

#[test]
fn a_restart_neither_skips_nor_repeats_a_run() {
    let known = [ran("scan", "2026-11-24T09:30:00Z", true)];
    let agenda = Agenda::new(&config(), &known, at("2026-11-24T12:00:00Z"));
    assert_eq!(agenda.next_of(Job::Scan), Some(at("2026-11-24T15:30:00Z")));
    let broken_off = [ran("scan", "2026-11-24T09:30:00Z", false)];
    let now = at("2026-11-24T09:40:00Z");
    let mut agenda = Agenda::new(&config(), &broken_off, now);
    assert_eq!(agenda.due(now), Some((Job::Scan, at("2026-11-24T09:30:00Z"))), "it goes on at once");
}

#[test]
fn a_run_longer_than_the_interval_is_followed_at_once_by_one() {
    let mut agenda = Agenda::new(&config(), &[], at("2026-11-24T00:00:00Z"));
    let end = at("2026-11-24T20:00:00Z");
    agenda.ended(Job::Scan, JobOutcome::Done, end);
    assert_eq!(agenda.next_of(Job::Scan), Some(end));
    agenda.ended(Job::Scan, JobOutcome::Done, at("2026-11-24T21:00:00Z"));
    assert_eq!(agenda.next_of(Job::Scan), Some(at("2026-11-25T00:00:00Z")), "on the grid again");
}

#[test]
fn what_failed_is_tried_again_soon_then_less_often_and_never_after_its_next_time() {
    let mut now = at("2026-11-24T00:00:00Z");
    let mut agenda = Agenda::new(&config(), &[], now);
    let mut pauses = Vec::new();
    for _ in 0..6 {
        agenda.ended(Job::Scan, JobOutcome::Failed, now);
        let next = agenda.next_of(Job::Scan).unwrap();
        pauses.push(next.duration_since(now).as_mins());
        now = next;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
    let late = at("2026-11-24T05:58:00Z");
    agenda.ended(Job::Scan, JobOutcome::Failed, late);
    assert_eq!(agenda.next_of(Job::Scan), Some(at("2026-11-24T06:00:00Z")));
    agenda.ended(Job::Scan, JobOutcome::Done, at("2026-11-24T06:01:00Z"));
    assert_eq!(agenda.next_of(Job::Scan), Some(at("2026-11-24T12:00:00Z")));
}

#[test]
fn jitter_delays_and_never_shifts_the_schedule() {
    let mut config = config();
    config.cycle.jitter = Duration::from_secs(600);
    let mut agenda = Agenda::new(&config, &[], at("2026-11-24T00:00:00Z"));
    for run in 1..=50 {
        let planned = at("2026-11-24T00:00:00Z") + SignedDuration::from_hours(6 * run);
        let now = agenda.next_of(Job::Scan).unwrap();
        agenda.ended(Job::Scan, JobOutcome::Done, now);
        let next = agenda.next_of(Job::Scan).unwrap();
        assert!(next >= planned && next <= planned + SignedDuration::from_mins(10), "{next} {planned}");
    }
}

#[test]
fn when_the_run_after_this_one_comes_is_known_at_the_latest() {
    let mut config = config();
    config.cycle.jitter = Duration::from_secs(600);
    let agenda = Agenda::new(&config, &[], at("2026-11-24T00:00:00Z"));
    let following = agenda.following(Job::Scan, at("2026-11-24T00:00:00Z"));
    assert_eq!(following, Some(at("2026-11-24T06:10:00Z")));
}

#[test]
fn a_clock_that_was_ahead_puts_nothing_off() {
    let now = at("2026-11-24T09:30:00Z");
    // It was a year ahead when the last run began, or while this process waits.
    let known = [ran("scan", "2027-11-24T09:30:00Z", true), ran("report", "2027-11-22T07:00:00Z", true)];
    let mut agenda = Agenda::new(&config(), &known, now);
    assert_eq!(agenda.due(now).map(|(job, _)| job), Some(Job::Exceptions));
    assert_eq!(agenda.next_of(Job::Report), Some(at("2026-11-30T07:00:00Z")));
    assert_eq!(agenda.next_of(Job::Scan), Some(at("2026-11-24T15:30:00Z")));
    agenda.ended(Job::Scan, JobOutcome::Done, at("2027-11-24T09:30:00Z"));
    agenda.due(now);
    assert_eq!(agenda.next_of(Job::Scan), Some(at("2026-11-24T15:30:00Z")));
}

#[test]
fn the_report_comes_on_its_day_in_its_zone_and_not_before_the_week_is_written() {
    let mut config = config();
    config.report.time_zone = TimeZone::get("America/New_York").unwrap();
    config.report.time = time(0, 0, 0, 0);
    let known = [ran("report", "2026-11-16T05:10:00Z", true)];
    let mut agenda = Agenda::new(&config, &known, at("2026-11-20T00:00:00Z"));
    assert_eq!(agenda.next_of(Job::Report), Some(at("2026-11-23T05:10:00Z")));
    agenda.ended(Job::Report, JobOutcome::Done, at("2026-11-23T05:11:00Z"));
    assert_eq!(agenda.next_of(Job::Report), Some(at("2026-11-30T05:10:00Z")));
}
