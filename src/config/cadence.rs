use std::{num::NonZeroU32, time::Duration};

/// `[cadence]`: how often targets are asked whose answer is the same time after time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// Whether any target is asked less often than in every scan.
    pub enabled: bool,
    /// How often in a row a target without resources has to repeat its answer before it is asked less often.
    pub after: NonZeroU32,
    /// The oldest that what is known of a target may get before it is asked again.
    pub longest_age: Duration,
}

impl Default for Cadence {
    fn default() -> Self {
        Self {
            enabled: true,
            after: const { NonZeroU32::new(3).unwrap() },
            longest_age: Duration::from_secs(24 * 3600),
        }
    }
}
