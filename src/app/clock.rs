use crate::domain::Timestamp;
#[cfg(feature = "sandbox")]
use jiff::SignedDuration;

/// Where the times that are recorded come from: passed in, and read in one place.
///
/// What is signed keeps the system's time whatever this says; AWS refuses any other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    /// How far it runs ahead of the system's clock.
    #[cfg(feature = "sandbox")]
    ahead: SignedDuration,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows that moment now and goes on from there, as fast as the system's.
    #[cfg(feature = "sandbox")]
    pub fn set_to(moment: Timestamp) -> Self {
        Self { ahead: moment.duration_since(now()) }
    }

    /// What time it is.
    pub fn now(self) -> Timestamp {
        #[cfg(feature = "sandbox")]
        return now().saturating_add(self.ahead).unwrap_or(Timestamp::MAX);
        #[cfg(not(feature = "sandbox"))]
        now()
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
}
