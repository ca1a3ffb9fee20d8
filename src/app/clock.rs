use std::time::Duration;

#[cfg(feature = "sandbox")]
use jiff::SignedDuration;

use crate::domain::Timestamp;

/// Where the times that are recorded come from: passed in, and read in one place.
///
/// What is signed keeps the system's time whatever this says; AWS refuses any other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    #[cfg(feature = "sandbox")]
    set: Option<Set>,
}

/// A clock of its own.
#[cfg(feature = "sandbox")]
#[derive(Debug, Clone, Copy)]
struct Set {
    /// What it showed when it was set.
    shown: Timestamp,
    /// What the system's clock showed then.
    at: Timestamp,
    /// How many seconds it shows in one.
    speed: f64,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows that moment now and goes on from there, as fast as the system's.
    #[cfg(feature = "sandbox")]
    pub fn set_to(moment: Timestamp) -> Self {
        Self { set: Some(Set { shown: moment, at: now(), speed: 1.0 }) }
    }

    /// The same clock, so many times as fast from now on.
    #[cfg(feature = "sandbox")]
    pub fn at_speed(self, speed: f64) -> Self {
        Self { set: Some(Set { shown: self.now(), at: now(), speed }) }
    }

    /// What time it is.
    pub fn now(self) -> Timestamp {
        #[cfg(feature = "sandbox")]
        if let Some(set) = self.set {
            let passed = now().duration_since(set.at).as_secs_f64() * set.speed;
            let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::MAX);
            return set.shown.saturating_add(passed).unwrap_or(Timestamp::MAX);
        }
        now()
    }

    /// How long the system takes until this clock shows that moment.
    pub fn until(self, moment: Timestamp) -> Duration {
        let left = moment.duration_since(self.now());
        let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
        #[cfg(feature = "sandbox")]
        if let Some(set) = self.set {
            return left.div_f64(set.speed);
        }
        left
    }
}

/// The wall clock: the one place that reads it, so that everything else takes time as an argument.
#[expect(clippy::disallowed_methods, reason = "this is the place that the lint points to")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(all(test, feature = "sandbox"))]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_on_from_where_it_was_set() {
        let moment: Timestamp = "2026-09-01T06:00:00Z".parse().unwrap();
        let clock = Clock::set_to(moment);
        let (first, second) = (clock.now(), clock.now());
        assert!(first >= moment && second >= first);
        assert!(second.duration_since(moment) < SignedDuration::from_mins(5), "{second}");
        assert!(now().duration_since(Clock::system().now()).abs() < SignedDuration::from_mins(5));
    }

    #[test]
    fn a_fast_clock_is_waited_for_shortly() {
        let moment: Timestamp = "2026-09-01T06:00:00Z".parse().unwrap();
        let clock = Clock::set_to(moment).at_speed(3600.0);
        let next = moment.checked_add(SignedDuration::from_hours(10)).unwrap();
        let left = clock.until(next);
        assert!(left > Duration::ZERO && left <= Duration::from_secs(10), "{left:?}");
        assert_eq!(clock.until(moment), Duration::ZERO);
    }
}
