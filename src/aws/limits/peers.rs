use super::pace::Learned;
use crate::domain::AccountId;

use tokio::time::{Duration, Instant};

/// Accounts whose experience is kept; the latest count.
const KEPT: usize = 8;

/// Accounts that must have met a limit before others go by it: one that is busy by itself says nothing.
const ENOUGH: usize = 3;

/// How long it counts.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// What accounts have met in a service of a Region. AWS gives all accounts the same quota unless asked for
/// more, so that the thousandth account need not find out by itself.
#[derive(Debug, Default)]
pub struct Peers {
    met: Vec<(AccountId, Learned, Instant)>,
    throttled: u32,
    unhindered: u32,
}

impl Peers {
    /// What an account has learned so far.
    pub fn tell(&mut self, account: AccountId, learned: Learned, now: Instant) {
        let all = self.met.len();
        self.met.retain(|(known, ..)| *known != account);
        if self.met.len() == all {
            self.throttled = self.throttled.saturating_add(1);
        }
        if self.met.len() == KEPT {
            self.met.remove(0);
        }
        self.met.push((account, learned, now));
    }

    /// An account met no limit.
    pub fn unhindered(&mut self) {
        self.unhindered = self.unhindered.saturating_add(1);
    }

    /// What a new account should begin with; `None` for what is configured.
    pub fn advice(&mut self, now: Instant) -> Option<Learned> {
        self.met.retain(|(.., at)| now.saturating_duration_since(*at) < GOOD_FOR);
        if self.met.is_empty() {
            (self.throttled, self.unhindered) = (0, 0);
        }
        if self.met.len() < ENOUGH || self.throttled <= self.unhindered {
            return None;
        }
        let mut rates: Vec<f64> = self.met.iter().map(|(_, learned, _)| learned.per_second).collect();
        let mut bursts: Vec<u32> = self.met.iter().map(|(_, learned, _)| learned.burst).collect();
        rates.sort_by(f64::total_cmp);
        bursts.sort_unstable();
        let middle = self.met.len() / 2;
        Some(Learned { per_second: rates[middle], burst: bursts[middle] })
    }
}
