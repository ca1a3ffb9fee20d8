//! How fast AWS lets us go, learned from what it answers. Pure: the time is an argument.
//!
//! As in the adaptive mode of the AWS SDKs, a throttled call tells that the rate just measured is the
//! most there is: the pace falls a little below it and creeps up again, so slowly that a hundred calls
//! and more pass between two throttled ones. What was on its way when the pace fell tells nothing new.
//!
//! Only a rate that calls waited for is a measure. Where less was asked for than the pace allows, a throttled call
//! makes the pace a little slower than it was, and the time in which nobody has to wait makes it faster again: else a
//! bucket that is hardly used would be slowed down by every stray refusal, and never learn better.

use std::time::Duration;

use crate::config::RateLimit;

/// The least part of the measured rate that is given up when a call is throttled.
const BACK_OFF: f64 = 0.15;

/// Answers between two throttled calls that are enough; after more, less of the rate is given up.
const ENOUGH_BETWEEN: f64 = 100.0;

/// Answers from which a rate can be measured; with fewer, a guess is better.
const MEASURABLE: u32 = 8;

/// What one answer adds, as a share of the last known most.
const CREEP: f64 = 0.001;

/// Answers without a throttled one from which the pace grows faster and faster: the quota is not what it was.
const CREEP_FOR: u32 = 300;

/// Answers in which the faster growth doubles.
const DOUBLES_IN: f64 = 60.0;

/// What one answer multiplies the pace by while nothing is known but that the first one was too fast.
const SEARCH: f64 = 1.125;

/// The same where it was too fast a moment ago, by an unknown measure.
const APPROACH: f64 = 1.02;

/// The same where others' experience is known, which may be too low.
const TRUST: f64 = 1.01;

/// Without calls for so long, AWS's bucket has filled again, as far as that can be guessed.
const PAUSE: Duration = Duration::from_secs(1);

/// What is given up of a rate that was measured with AWS's bucket empty all the time, so that it is not too high.
const PROVEN_BACK_OFF: f64 = 0.05;

/// The slowest pace, per second: slow, but never stopped.
const SLOWEST: f64 = 0.5;

/// In so much time in which nobody had to wait for it, the pace doubles: where little is asked, no call waits, and so
/// no answer tells that more is allowed.
const IDLY_DOUBLES_IN: Duration = Duration::from_secs(30);

/// Each limit that is met while calls wait doubles that time, so often at most: it is less and less likely that it
/// was none.
const PROOFS: u32 = 4;

/// The share of the latest answers that must have waited, so that their rate was AWS's doing or the pace's own. The
/// rate of what was asked for tells nothing of what is allowed.
const HELD_BACK: f64 = 0.5;

/// How many answers are the latest.
const LATEST: u32 = 16;

/// A bucket that nobody asked for so long knows nothing any more: AWS's is full again, and what throttled it may be
/// gone. Between the scans of a daemon, what all accounts share begins anew.
const FORGETS_AFTER: Duration = Duration::from_secs(10 * 60);

/// Answers that say something about the rate at which they came.
const WINDOW: u32 = 32;

/// What was learned of a quota.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learned {
    /// Calls per second in the long run.
    pub per_second: f64,
    /// Calls at once after a pause.
    pub burst: u32,
}

/// A call that was let go, as the pace needs to know it when its answer comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    /// How often the pace had fallen.
    pub epoch: u32,
    /// It had to wait, so more would have been asked for than the pace allows.
    pub waited: bool,
    /// How long after the call before it.
    pub after: Duration,
}

/// The pace of one bucket.
#[derive(Debug)]
pub struct Pace {
    most: RateLimit,
    rate: f64,
    burst: u32,
    /// The rate that the last throttled call was too fast for.
    ceiling: f64,
    /// Grow by this factor, up to that rate; else creep.
    search: Option<(f64, f64)>,
    /// How often a limit was met while calls waited, up to [`PROOFS`].
    proofs: u32,
    epoch: u32,
    /// The epoch before the first fall.
    unthrottled: u32,
    /// All answers but throttled ones.
    answers: u32,
    /// What was so when the first call was throttled.
    first: Option<First>,
    run: Run,
    streak: Streak,
    /// When a call was last let go.
    granted_at: Duration,
}

/// The calls since a pause: what comes at once shows how deep AWS's bucket is.
#[derive(Debug, Default)]
struct Run {
    since: Duration,
    last: Duration,
    answers: u32,
}

/// The first throttled call: the pace before it, and how long the run had lasted.
#[derive(Debug, Clone, Copy)]
struct First {
    rate: f64,
    burst: u32,
    took: f64,
}

/// The answers since the pace last fell, of calls that were let go since then.
#[derive(Debug, Default)]
struct Streak {
    answers: u32,
    /// Those of them that had waited.
    waited: u32,
    /// The share of those among the latest.
    held_back: f64,
    /// The answers in the present window, of calls that waited, and how long after one another those were let go. The
    /// time in which nobody waited, and calls that nobody answered, are left out.
    window: (u32, Duration),
    /// How long the window before took.
    before: Option<Duration>,
}

impl Streak {
    fn add(&mut self, ticket: Ticket) {
        self.answers += 1;
        let latest = f64::from(self.answers.min(LATEST));
        self.held_back += (f64::from(u8::from(ticket.waited)) - self.held_back) / latest;
        if !ticket.waited {
            return;
        }
        self.waited += 1;
        let (count, took) = self.window;
        self.window = (count + 1, took + ticket.after);
        if count + 1 >= WINDOW {
            self.before = Some(self.window.1);
            self.window = (0, Duration::ZERO);
        }
    }

    /// Answers per second while calls waited, up to the latest one; `None` where that is not known.
    fn rate(&self) -> Option<f64> {
        if self.answers < MEASURABLE || self.held_back < HELD_BACK {
            return None;
        }
        let (count, took) = self.window;
        let (more, longer) = self.before.map_or((0, Duration::ZERO), |took| (WINDOW, took));
        Some(f64::from(count + more) / (took + longer).as_secs_f64().max(1e-3))
    }
}

impl Pace {
    /// The configured pace, or the slower one that was learned before.
    pub fn new(most: RateLimit, learned: Option<Learned>) -> Self {
        let (rate, burst) = learned.map_or((most.per_second, most.burst.get()), |learned| {
            let rate = learned.per_second.max(SLOWEST).min(most.per_second);
            (rate, learned.burst.clamp(1, most.burst.get()))
        });
        Self {
            most,
            rate,
            burst,
            ceiling: rate,
            search: (rate < most.per_second).then_some((TRUST, most.per_second)),
            proofs: 0,
            epoch: 0,
            unthrottled: 0,
            answers: 0,
            first: None,
            run: Run::default(),
            streak: Streak::default(),
            granted_at: Duration::ZERO,
        }
    }

    /// Calls per second.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Calls at once after a pause.
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// All answers but throttled ones.
    pub fn answers(&self) -> u32 {
        self.answers
    }

    /// Whether AWS has ever throttled it.
    pub fn was_throttled(&self) -> bool {
        self.epoch != self.unthrottled
    }

    /// What others may go by; `None` as long as it is no more than a guess.
    pub fn learned(&self) -> Option<Learned> {
        if !self.was_throttled() || self.answers < 2 * MEASURABLE {
            return None;
        }
        // A search goes on until it is too fast; what was answered on its way is what is known.
        let proven = self.search.and_then(|_| self.streak.rate()).unwrap_or(self.rate);
        Some(Learned { per_second: self.rate.min(proven), burst: self.burst })
    }

    /// Whether so much went through without being throttled that there seems to be no limit.
    pub fn is_unhindered(&self) -> bool {
        !self.was_throttled() && self.answers >= 2 * MEASURABLE
    }

    /// Begins anew where nobody has asked for long; tells whether it did.
    pub fn forgets(&mut self, now: Duration) -> bool {
        if !self.was_throttled() || now.saturating_sub(self.granted_at) <= FORGETS_AFTER {
            return false;
        }
        // The epoch goes on, so that a late answer is known for one.
        let epoch = self.epoch.wrapping_add(1);
        *self = Self { epoch, unthrottled: epoch, granted_at: now, ..Self::new(self.most, None) };
        true
    }

    /// A call is let go.
    pub fn grant(&mut self, waited: bool, now: Duration) -> Ticket {
        let after = now.saturating_sub(self.granted_at);
        if !waited {
            self.recover(after);
        }
        self.granted_at = now;
        if now.saturating_sub(self.run.last) >= PAUSE {
            self.run = Run { since: now, last: now, answers: 0 };
        }
        self.run.last = now;
        Ticket { epoch: self.epoch, waited, after }
    }

    /// For so long nobody had to wait.
    fn recover(&mut self, idle: Duration) {
        if self.rate >= self.most.per_second {
            return;
        }
        let doublings = idle.as_secs_f64() / (IDLY_DOUBLES_IN * (1 << self.proofs)).as_secs_f64();
        self.rate = (self.rate * doublings.exp2()).min(self.most.per_second);
        if self.rate >= self.most.per_second {
            (self.burst, self.proofs) = (self.most.burst.get(), 0);
        }
    }

    /// The call was answered, with an error of its own perhaps. Tells whether the pace has leapt.
    pub fn answered(&mut self, ticket: Ticket) -> bool {
        self.answers = self.answers.saturating_add(1);
        self.run.answers += 1;
        if ticket.epoch != self.epoch {
            // A refusal is quicker than an answer: what was let go before the first one belongs to the guess.
            let guessed = self.epoch == self.unthrottled.wrapping_add(1) && self.streak.answers == 0;
            return match self.first.filter(|_| guessed) {
                Some(first) => {
                    self.guess(first);
                    true
                }
                None => false,
            };
        }
        self.streak.add(ticket);
        if !ticket.waited || self.rate >= self.most.per_second {
            return false;
        }
        self.rate = match self.search {
            Some((factor, up_to)) => {
                let faster = (self.rate * factor).min(up_to);
                if faster >= up_to {
                    self.search = None;
                }
                faster
            }
            None => {
                let beyond = f64::from(self.streak.waited.saturating_sub(CREEP_FOR)) / DOUBLES_IN;
                self.rate + self.ceiling * CREEP * beyond.min(20.0).exp2()
            }
        }
        .min(self.most.per_second);
        false
    }

    /// The call was throttled. Tells whether the pace has fallen: calls that were let go before it last fell
    /// are the same event.
    pub fn throttled(&mut self, ticket: Ticket, now: Duration) -> bool {
        if ticket.epoch != self.epoch {
            return false;
        }
        let first = !self.was_throttled();
        let before = self.rate;
        if first {
            let took = now.saturating_sub(self.run.since).as_secs_f64();
            let first = First { rate: self.rate, burst: self.burst, took };
            self.first = Some(first);
            self.guess(first);
        } else if self.streak.answers == 0 {
            self.rate = before / 2.0;
            self.ceiling = before;
            // What let nothing through may let everything through again.
            let up_to = self.search.map_or(0.0, |(_, up_to)| up_to).max(before / 2.0);
            self.search = Some((SEARCH, up_to));
        } else if self.streak.answers < MEASURABLE {
            self.rate = before * 0.7;
            self.ceiling = before;
            self.search = Some((APPROACH, before));
        } else {
            let rate = self.streak.rate();
            let measured = rate.map_or(before, |rate| rate.min(before));
            let give_up = if self.search.is_some() && rate.is_some() {
                PROVEN_BACK_OFF
            } else {
                BACK_OFF * (ENOUGH_BETWEEN / f64::from(self.streak.answers)).min(1.0)
            };
            self.rate = measured * (1.0 - give_up);
            self.ceiling = measured;
            self.search = self.search.filter(|_| rate.is_none());
            match rate {
                Some(_) => self.proofs = (self.proofs + 1).min(PROOFS),
                // Who did not wait may have taken more at once than AWS's bucket holds.
                None => self.burst = (self.burst / 2).max(1),
            }
        }
        self.rate = self.rate.max(self.slowest());
        self.streak = Streak::default();
        self.epoch = self.epoch.wrapping_add(1);
        true
    }

    /// All that is known is how much was answered until the first call was throttled, most of it at once.
    fn guess(&mut self, first: First) {
        let answers = f64::from(self.run.answers);
        let measured = first.rate.min(answers / first.took.max(1.0));
        let rate = if answers > 0.0 { measured * (1.0 - BACK_OFF) } else { first.rate / 2.0 };
        self.rate = rate.max(self.slowest());
        let at_once = (answers - self.rate * first.took) * 0.8;
        // A float cast saturates: what is below 0 is 0.
        self.burst = (at_once as u32).clamp(1, first.burst);
        self.ceiling = measured.max(self.rate);
        self.search = Some((SEARCH, self.most.per_second));
    }

    fn slowest(&self) -> f64 {
        SLOWEST.min(self.most.per_second)
    }
}
