//! A service with a quota and callers in a hurry, on a clock of their own.

use std::{cmp::Reverse, collections::BinaryHeap, num::NonZeroU32, time::Duration};

use governor::clock::FakeRelativeClock;

use super::super::{Bucket, Learned, Pace, Ticket};
use crate::config::RateLimit;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// AWS's quota: per second, and at once.
    pub quota: (f64, u32),
    /// What is configured.
    pub configured: (f64, u32),
    /// What is known beforehand.
    pub learned: Option<Learned>,
    /// From a call to its answer, give or take half.
    pub latency: Duration,
    /// Calls that are waiting or on their way at any time.
    pub at_once: usize,
    /// Calls that have to get through.
    pub calls: u32,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub sent: u32,
    pub throttled: u32,
    pub sent_later: u32,
    pub throttled_later: u32,
    pub took: Duration,
    pub learned: Option<Learned>,
}

impl Outcome {
    /// The share of calls that were throttled after the first minute, in percent.
    pub fn throttled_percent_later(&self) -> f64 {
        100.0 * f64::from(self.throttled_later) / f64::from(self.sent_later.max(1))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Ask { waited: bool },
    Arrive { epoch: u32, waited: bool, back: Duration },
    Answer { epoch: u32, waited: bool, ok: bool },
}

/// Runs it to its end.
pub fn run(scene: Scene) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(7);
    let clock = FakeRelativeClock::default();
    let limit =
        RateLimit { per_second: scene.configured.0, burst: NonZeroU32::new(scene.configured.1).unwrap() };
    let bucket = Bucket::new(limit, scene.learned, clock.clone());
    let (rate, depth) = (scene.quota.0, f64::from(scene.quota.1));
    let (mut level, mut filled) = (depth, Duration::ZERO);

    let mut steps = BinaryHeap::new();
    let mut order = 0_u64;
    let mut plan = |steps: &mut BinaryHeap<_>, at: Duration, step: Step| {
        order += 1;
        steps.push(Reverse((at, order, step)));
    };
    for _ in 0..scene.at_once {
        plan(&mut steps, Duration::ZERO, Step::Ask { waited: false });
    }
    let (mut now, mut through, mut outcome) = (Duration::ZERO, 0, Outcome::default());
    while let Some(Reverse((at, _, step))) = steps.pop() {
        clock.advance(at - now);
        now = at;
        match step {
            Step::Ask { waited } => match bucket.ask(waited) {
                Ok(Ticket { epoch, waited }) => {
                    let half = scene.latency.mul_f64(0.25 + 0.5 * rng.f64());
                    plan(&mut steps, now + half, Step::Arrive { epoch, waited, back: half });
                }
                // As late as Tokio's timer is.
                Err(wait) => {
                    plan(&mut steps, now + wait + Duration::from_millis(1), Step::Ask { waited: true })
                }
            },
            Step::Arrive { epoch, waited, back } => {
                level = (level + rate * (now - filled).as_secs_f64()).min(depth);
                filled = now;
                let ok = level >= 1.0;
                level -= f64::from(u8::from(ok));
                let later = u32::from(now > Duration::from_secs(60));
                outcome.sent += 1;
                outcome.throttled += u32::from(!ok);
                outcome.sent_later += later;
                outcome.throttled_later += later * u32::from(!ok);
                // A refusal is less work.
                let back = if ok { back } else { back / 2 };
                plan(&mut steps, now + back, Step::Answer { epoch, waited, ok });
            }
            Step::Answer { epoch, waited, ok } => {
                let ticket = Ticket { epoch, waited };
                if ok {
                    bucket.answered(ticket);
                    through += 1;
                    if through == scene.calls {
                        outcome.took = now;
                        outcome.learned = bucket.pace(Pace::learned);
                        return outcome;
                    }
                    plan(&mut steps, now, Step::Ask { waited: false });
                } else {
                    bucket.throttled(ticket);
                    let pause = Duration::from_millis(200).mul_f64(rng.f64());
                    plan(&mut steps, now + pause, Step::Ask { waited: false });
                }
            }
        }
    }
    outcome
}
