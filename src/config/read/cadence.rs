use std::time::Duration;

use crate::config::{
    Cadence,
    reader::Reader,
    values::{Bounds, duration, true_or_false, whole_number},
};

/// Beyond a month nobody could say that a target is watched.
const LONGEST_AGE: Bounds =
    Bounds { shortest: Duration::from_secs(60), longest: Duration::from_secs(30 * 24 * 3600) };

impl Cadence {
    pub(super) fn read(from: &mut Reader) -> Self {
        let default = Self::default();
        Self {
            enabled: from.read("cadence.enabled", default.enabled, true_or_false).value,
            after: from.read("cadence.after", default.after, |given| whole_number(given, 1..=1000)).value,
            longest_age: from
                .read("cadence.longest_age", default.longest_age, |given| duration(given, &LONGEST_AGE))
                .value,
        }
    }
}
