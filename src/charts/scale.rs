//! Where the ticks of the axes are.

use std::ops::Range;

use plotters::coord::{
    ranged1d::{DefaultFormatting, KeyPointHint, Ranged},
    types::RangedCoordf64,
};

use super::Unit;

/// The most steps that an axis of counts is cut into.
const MOST_STEPS: f64 = 5.0;

/// An axis with its ticks where we want them.
pub(super) struct Axis {
    inner: RangedCoordf64,
    ticks: Vec<f64>,
}

impl Axis {
    /// From there to there, with those ticks.
    pub(super) fn new(range: Range<f64>, ticks: Vec<f64>) -> Self {
        Self { inner: range.into(), ticks }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.inner.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Between the ticks there are no lighter ones.
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.inner.range()
    }
}

/// The ticks of the y axis, from 0 up; the last is where it ends.
pub(super) fn ticks(unit: Unit, highest: f64) -> Vec<f64> {
    let step = match unit {
        Unit::Share => return vec![0.0, 0.25, 0.5, 0.75, 1.0],
        Unit::Count => whole_step(highest),
    };
    let steps = (highest / step).ceil().max(1.0) as u32;
    (0..=steps).map(|n| f64::from(n) * step).collect()
}

/// The smallest of 1, 2, 5, 10, 20, 50, … that leads up to the highest value in few steps.
fn whole_step(highest: f64) -> f64 {
    if !highest.is_finite() {
        return 1.0;
    }
    let mut ten = 1.0;
    loop {
        for step in [1.0, 2.0, 5.0] {
            if highest / (step * ten) <= MOST_STEPS {
                return step * ten;
            }
        }
        ten *= 10.0;
    }
}

/// A tick as it is written: `1,200`, `75 %`.
pub(super) fn tick_name(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Share => format!("{:.0} %", value * 100.0),
        Unit::Count => {
            let digits = format!("{value:.0}");
            let mut text = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at).is_multiple_of(3) {
                    text.push(',');
                }
                text.push(digit);
            }
            text
        }
    }
}

/// Which labels have room: the last, and every so manieth before it.
pub(super) fn shown_labels(count: usize, widest: f64, room: f64) -> Vec<usize> {
    let fit = ((room / widest.max(1.0)) as usize).max(1);
    let every = count.div_ceil(fit).max(1);
    (0..count).filter(|at| (count - 1 - at).is_multiple_of(every)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_whole_ticks_up_to_the_highest() {
        let names = |highest| ticks(Unit::Count, highest).into_iter().map(|at| tick_name(Unit::Count, at));
        let names = |highest| names(highest).collect::<Vec<_>>().join(" ");
        assert_eq!(names(0.0), "0 1");
        assert_eq!(names(1.0), "0 1");
        assert_eq!(names(5.0), "0 1 2 3 4 5");
        assert_eq!(names(6.0), "0 2 4 6");
        assert_eq!(names(23.0), "0 5 10 15 20 25");
        assert_eq!(names(1_234_567.0), "0 500,000 1,000,000 1,500,000");
        assert_eq!(names(f64::NAN), "0 1");
        for highest in 0..5000 {
            let ticks = ticks(Unit::Count, f64::from(highest));
            assert!(ticks.len() <= 6 && *ticks.last().unwrap() >= f64::from(highest), "{highest}: {ticks:?}");
        }
    }

    #[test]
    fn shares_go_from_0_to_100() {
        let names: Vec<String> =
            ticks(Unit::Share, 0.1).into_iter().map(|at| tick_name(Unit::Share, at)).collect();
        assert_eq!(names, ["0 %", "25 %", "50 %", "75 %", "100 %"]);
    }

    #[test]
    fn as_many_labels_are_shown_as_fit_and_always_the_last() {
        assert_eq!(shown_labels(3, 10.0, 100.0), [0, 1, 2]);
        assert_eq!(shown_labels(7, 30.0, 100.0), [0, 3, 6]);
        assert_eq!(shown_labels(84, 50.0, 500.0), [2, 11, 20, 29, 38, 47, 56, 65, 74, 83]);
        assert_eq!(shown_labels(2, 500.0, 100.0), [1]);
        assert_eq!(shown_labels(0, 10.0, 100.0), [0; 0]);
    }
}
