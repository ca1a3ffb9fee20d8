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
    /// Who asks instead, where nobody is in a hurry all the time.
    pub now_and_then: Option<NowAndThen>,
    /// One of so many calls is throttled whatever the quota.
    pub stray: Option<u32>,
    /// Calls that have to get through.
    pub calls: u32,
}

/// One call after the other, and from time to time many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NowAndThen {
    /// From one call to the next.
    pub every: Duration,
    /// Calls of a batch.
    pub batch: u32,
    /// From one batch to the next.
    pub batch_every: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub sent: u32,
    pub throttled: u32,
    pub sent_later: u32,
    pub throttled_later: u32,
    pub took: Duration,
    /// How long each batch took from its first call to its last answer.
    pub batches: Vec<Duration>,
    pub learned: Option<Learned>,
}

impl Outcome {
    /// The share of calls that were throttled after the first minute, in percent.
    pub fn throttled_percent_later(&self) -> f64 {
        100.0 * f64::from(self.throttled_later) / f64::from(self.sent_later.max(1))
    }
}

/// A call on its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    /// Which batch it is of, if of any.
    batch: Option<usize>,
    waited: bool,
    ticket: Ticket,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// One of those who ask now and then does.
    Single(Duration),
    /// A batch of calls begins.
    Batch(NowAndThen),
    Ask(Call),
    Arrive(Call, Duration),
    Answer(Call, bool),
}

/// What is yet to come, in the order of time.
#[derive(Default)]
struct Steps {
    heap: BinaryHeap<Reverse<(Duration, u64, Step)>>,
    planned: u64,
}

impl Steps {
    fn plan(&mut self, at: Duration, step: Step) {
        self.planned += 1;
        self.heap.push(Reverse((at, self.planned, step)));
    }
}

/// AWS's side: a token bucket.
struct Service {
    quota: (f64, u32),
    level: f64,
    filled: Duration,
}

impl Service {
    fn takes(&mut self, now: Duration) -> bool {
        let more = self.quota.0 * (now - self.filled).as_secs_f64();
        self.level = (self.level + more).min(f64::from(self.quota.1));
        self.filled = now;
        let takes = self.level >= 1.0;
        self.level -= f64::from(u8::from(takes));
        takes
    }
}

/// Runs it to its end.
pub fn run(scene: Scene) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(7);
    let clock = FakeRelativeClock::default();
    let limit =
        RateLimit { per_second: scene.configured.0, burst: NonZeroU32::new(scene.configured.1).unwrap() };
    let bucket = Bucket::new(limit, scene.learned, clock.clone());
    let mut service = Service { quota: scene.quota, level: f64::from(scene.quota.1), filled: Duration::ZERO };
    let mut steps = Steps::default();
    match scene.now_and_then {
        None => (0..scene.at_once).for_each(|_| steps.plan(Duration::ZERO, Step::Ask(Call::default()))),
        Some(who) => {
            steps.plan(Duration::ZERO, Step::Single(who.every));
            steps.plan(who.batch_every, Step::Batch(who));
        }
    }
    let (mut now, mut through, mut outcome) = (Duration::ZERO, 0, Outcome::default());
    let mut begins = Vec::new();
    while let Some(Reverse((at, _, step))) = steps.heap.pop() {
        clock.advance(at - now);
        now = at;
        match step {
            Step::Ask(call) => match bucket.ask(call.waited) {
                Ok(ticket) => {
                    let half = scene.latency.mul_f64(0.25 + 0.5 * rng.f64());
                    steps.plan(now + half, Step::Arrive(Call { ticket, ..call }, half));
                }
                // As late as Tokio's timer is.
                Err(wait) => {
                    let again = Step::Ask(Call { waited: true, ..call });
                    steps.plan(now + wait + Duration::from_millis(1), again);
                }
            },
            Step::Arrive(call, back) => {
                let stray = scene.stray.is_some_and(|of| rng.u32(..of) == 0);
                let ok = !stray && service.takes(now);
                let later = u32::from(now > Duration::from_secs(60));
                outcome.sent += 1;
                outcome.throttled += u32::from(!ok);
                outcome.sent_later += later;
                outcome.throttled_later += later * u32::from(!ok);
                // A refusal is less work.
                steps.plan(now + if ok { back } else { back / 2 }, Step::Answer(call, ok));
            }
            Step::Answer(call, false) => {
                bucket.throttled(call.ticket);
                let pause = Duration::from_millis(200).mul_f64(rng.f64());
                steps.plan(now + pause, Step::Ask(Call { waited: false, ..call }));
            }
            Step::Answer(call, true) => {
                bucket.answered(call.ticket);
                through += 1;
                if through == scene.calls {
                    break;
                }
                if let Some(batch) = call.batch {
                    outcome.batches[batch] = now - begins[batch];
                }
                if scene.now_and_then.is_none() {
                    steps.plan(now, Step::Ask(Call::default()));
                }
            }
            Step::Single(every) => {
                steps.plan(now, Step::Ask(Call::default()));
                steps.plan(now + every, step);
            }
            Step::Batch(NowAndThen { batch, batch_every, .. }) => {
                begins.push(now);
                outcome.batches.push(Duration::ZERO);
                let call = Call { batch: Some(begins.len() - 1), ..Call::default() };
                (0..batch).for_each(|_| steps.plan(now, Step::Ask(call)));
                steps.plan(now + batch_every, step);
            }
        }
    }
    outcome.took = now;
    outcome.learned = bucket.pace(Pace::learned);
    outcome
}
