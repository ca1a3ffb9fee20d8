use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use jiff::tz::TimeZone;

use crate::domain::Schedule;

/// When the daemon scans; keys of `[scan]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    /// When a scan is due.
    pub schedule: Schedule,
    /// The most that a scan begins later than it is due, by chance.
    pub jitter: Duration,
    /// The zone whose hours a cron expression means.
    pub time_zone: TimeZone,
}

/// `[backup]`: copies that the daemon makes of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Backup {
    /// Where they go; none are made without it.
    pub directory: Option<PathBuf>,
    /// The time from one to the next.
    pub every: Duration,
    /// How many are kept.
    pub keep: NonZeroU32,
}

/// `[prune]`: what the daemon removes from the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prune {
    /// What ended more days ago than this goes; `None`: nothing does.
    pub keep_days: Option<NonZeroU32>,
}

impl Default for Cycle {
    fn default() -> Self {
        Self {
            schedule: Schedule::every(Duration::from_secs(6 * 3600)),
            jitter: Duration::from_secs(5 * 60),
            time_zone: TimeZone::UTC,
        }
    }
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            directory: None,
            every: Duration::from_secs(24 * 3600),
            keep: const { NonZeroU32::new(7).unwrap() },
        }
    }
}
