//! What is to be done next, and when. Plain values: the clock is an argument.

use std::time::Duration;

use jiff::{
    SignedDuration,
    civil::{Time, time},
    tz::TimeZone,
};

use crate::{
    config::Config,
    domain::{Schedule, Timestamp},
    history::{JobMemory, JobOutcome},
};

/// The first pause after a run that failed; each further one is twice as long.
const RETRY: SignedDuration = SignedDuration::from_mins(1);

/// The longest.
const LONGEST_RETRY: SignedDuration = SignedDuration::from_mins(15);

/// Exceptions are looked at as often as this: one ends at midnight UTC, or by hand.
const SETTLE: Duration = Duration::from_secs(15 * 60);

/// The report of a week is not made before this time of the day, when all that was looked at in that week is written.
const EARLIEST_REPORT: Time = time(0, 10, 0, 0);

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A kind of periodic work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// Scans the organization.
    Scan,
    /// Makes the report of the week that is over.
    Report,
    /// Brings findings up to date with the exceptions, whose time may be up.
    Exceptions,
    /// Copies the history.
    Backup,
    /// Removes old history.
    Prune,
}

impl Job {
    /// Its name in the history, in every output and in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Report => "report",
            Self::Exceptions => "exceptions",
            Self::Backup => "backup",
            Self::Prune => "prune",
        }
    }
}

/// One job's place in it.
#[derive(Debug, Clone)]
struct Entry {
    job: Job,
    schedule: Schedule,
    zone: TimeZone,
    /// The most that it begins later than it is due.
    jitter: Duration,
    /// The time for which it is planned, by its schedule alone.
    planned_at: Timestamp,
    /// When it begins.
    next_at: Timestamp,
    failures: u32,
}

/// The jobs that the config asks for.
#[derive(Debug, Clone, Default)]
pub struct Agenda {
    entries: Vec<Entry>,
}

impl Agenda {
    /// The jobs of the config, going on from what is known of earlier runs. What was due while nobody was there, what
    /// was broken off and what never ran is due now.
    pub fn new(config: &Config, known: &[JobMemory], now: Timestamp) -> Self {
        let (cycle, report) = (&config.cycle, &config.report);
        let weekly = Schedule::weekly(report.weekday, report.time.max(EARLIEST_REPORT));
        let mut jobs = vec![
            (Job::Scan, cycle.schedule.clone(), cycle.time_zone.clone()),
            (Job::Report, weekly, report.time_zone.clone()),
            (Job::Exceptions, Schedule::every(SETTLE), TimeZone::UTC),
        ];
        if config.backup.directory.is_some() {
            jobs.push((Job::Backup, Schedule::every(config.backup.every), TimeZone::UTC));
        }
        if config.prune.keep_days.is_some() {
            jobs.push((Job::Prune, Schedule::every(DAY), TimeZone::UTC));
        }
        let entries = jobs.into_iter().map(|(job, schedule, zone)| {
            let jitter = if job == Job::Scan { cycle.jitter } else { Duration::ZERO };
            let memory = known.iter().find(|memory| memory.name == job.name());
            let mut entry = Entry { job, schedule, zone, jitter, planned_at: now, next_at: now, failures: 0 };
            if let Some(memory) = memory {
                entry.failures = memory.failures;
                match memory.ended {
                    true => entry.follow(memory.planned_at, now),
                    false => entry.planned_at = memory.planned_at.min(now),
                }
            }
            entry
        });
        Self { entries: entries.collect() }
    }

    /// The job that has been due longest, and the time for which it was planned. What was planned by a clock that
    /// was ahead and has been set right is planned anew, or it would not come for as long.
    pub fn due(&mut self, now: Timestamp) -> Option<(Job, Timestamp)> {
        self.entries.iter_mut().for_each(|entry| entry.mind_the_clock(now));
        let due = self.entries.iter().filter(|entry| entry.next_at <= now);
        due.min_by_key(|entry| (entry.next_at, entry.job)).map(|entry| (entry.job, entry.planned_at))
    }

    /// When the next job is due.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.entries.iter().map(|entry| entry.next_at).min()
    }

    /// When each job is due next.
    pub fn plans(&self) -> impl Iterator<Item = (Job, Timestamp)> {
        self.entries.iter().map(|entry| (entry.job, entry.next_at))
    }

    /// When the run after the one that begins now is expected, at the latest.
    pub fn following(&self, job: Job, now: Timestamp) -> Option<Timestamp> {
        let entry = self.entries.iter().find(|entry| entry.job == job)?;
        let planned_at = entry.schedule.latest(entry.planned_at, now, &entry.zone);
        let late = SignedDuration::try_from(entry.jitter).unwrap_or(SignedDuration::ZERO);
        entry.schedule.next(planned_at, &entry.zone)?.checked_add(late).ok()
    }

    /// When that job is due next.
    pub fn next_of(&self, job: Job) -> Option<Timestamp> {
        self.entries.iter().find(|entry| entry.job == job).map(|entry| entry.next_at)
    }

    /// A run ended: says when the next one begins.
    pub fn ended(&mut self, job: Job, outcome: JobOutcome, now: Timestamp) {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.job == job) else { return };
        match outcome {
            JobOutcome::Done => {
                entry.failures = 0;
                entry.follow(entry.planned_at, now);
            }
            JobOutcome::Failed => {
                entry.failures = entry.failures.saturating_add(1);
                let planned_at = entry.planned_at;
                entry.follow(planned_at, now);
                let doublings = entry.failures.saturating_sub(1).min(8);
                let pause = RETRY.saturating_mul(1 << doublings).min(LONGEST_RETRY);
                let retry = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
                if retry < entry.next_at {
                    // The same run once more, not one of its own.
                    (entry.planned_at, entry.next_at) = (planned_at, retry);
                }
            }
            JobOutcome::Interrupted => entry.next_at = now,
        }
    }
}

impl Entry {
    fn mind_the_clock(&mut self, now: Timestamp) {
        let next = self.schedule.next(now, &self.zone).unwrap_or(Timestamp::MAX);
        let latest = next.saturating_add(self.jitter).unwrap_or(Timestamp::MAX);
        if self.next_at > latest {
            (self.planned_at, self.next_at) = (next, latest);
        }
    }

    /// Plans the run that follows the one planned for `last`.
    fn follow(&mut self, last: Timestamp, now: Timestamp) {
        let next = self.schedule.next(last, &self.zone).unwrap_or(Timestamp::MAX);
        if next <= now {
            // However many were missed, one makes up for them, at once.
            self.planned_at = self.schedule.latest(next, now, &self.zone);
            self.next_at = now;
        } else {
            self.planned_at = next;
            let late = self.jitter.mul_f64(fastrand::f64());
            self.next_at = next.saturating_add(late).unwrap_or(Timestamp::MAX);
        }
    }
}

#[cfg(test)]
mod tests;
