use std::time::Duration;

use jiff::SignedDuration;

use super::SendError;
use crate::domain::Timestamp;

/// How long a message is tried before it is given up.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 3600);

/// The wait after the first attempt; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// When to try again after a failed attempt; `None` to give up. `jitter`, from 0 to 1, spreads the attempts of many
/// over the second half of the wait.
pub fn next_attempt(
    error: &SendError,
    created_at: Timestamp,
    now: Timestamp,
    attempts: u32,
    jitter: f64,
) -> Option<Timestamp> {
    let asked = match error {
        SendError::Permanent(_) => return None,
        SendError::Stopped => return Some(now),
        SendError::Transient { retry_after, .. } => *retry_after,
    };
    let deadline = later(created_at, GIVE_UP_AFTER)?;
    if now >= deadline {
        return None;
    }
    let doubled = FIRST_WAIT.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(LONGEST_WAIT);
    let own = later(now, doubled.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0))?.min(deadline);
    match asked {
        None => Some(own),
        // Who asks to be left alone until after the end is not asked again.
        Some(asked) => later(now, asked).filter(|at| *at <= deadline).map(|at| at.max(own)),
    }
}

fn later(at: Timestamp, by: Duration) -> Option<Timestamp> {
    at.checked_add(SignedDuration::try_from(by).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    fn after(attempts: u32, jitter: f64, error: &SendError) -> Option<i64> {
        next_attempt(error, at(0), at(100), attempts, jitter)
            .map(|next| next.as_second() - at(100).as_second())
    }

    #[test]
    fn waits_double_up_to_an_hour() {
        let error = SendError::transient("x");
        assert_eq!(
            [1, 2, 3, 9, 10, 400].map(|n| after(n, 1.0, &error)),
            [10, 20, 40, 2560, 3600, 3600].map(Some)
        );
        assert_eq!(after(1, 0.0, &error), Some(5), "jitter");
    }

    #[test]
    fn a_receiver_that_asks_for_time_gets_it() {
        let asked = |seconds| SendError::Transient {
            message: String::new(),
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(after(1, 1.0, &asked(120)), Some(120));
        assert_eq!(after(1, 1.0, &asked(1)), Some(10), "but no sooner than without");
        assert_eq!(after(1, 1.0, &asked(30 * 3600)), None);
    }

    #[test]
    fn after_a_day_and_after_a_refusal_it_is_given_up() {
        let error = SendError::transient("x");
        let late = |now| next_attempt(&error, at(0), at(now), 30, 1.0);
        assert_eq!(late(86_390), Some(at(86_400)), "one last time");
        assert_eq!(late(86_400), None);
        assert_eq!(after(1, 1.0, &SendError::Permanent(String::new())), None);
        assert_eq!(after(1, 1.0, &SendError::Stopped), Some(0));
    }
}
