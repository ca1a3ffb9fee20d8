use std::{
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock, Reference},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};

use super::pace::{Learned, Pace, Ticket};
use crate::config::RateLimit;

/// A limiter takes up a new rate that differs by this share. Each rate needs a limiter of its own.
const WORTH_A_LIMITER: f64 = 0.01;

/// One token bucket, whose rate follows what AWS allows.
pub struct Bucket<C: Clock = DefaultClock> {
    clock: C,
    start: C::Instant,
    state: Mutex<State<C>>,
}

type Limiter<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

struct State<C: Clock> {
    limiter: Limiter<C>,
    /// The rate that the limiter was made with.
    rate: f64,
    pace: Pace,
}

impl<C: Clock + Clone> Bucket<C> {
    /// A full bucket, as configured or as learned before.
    pub fn new(limit: RateLimit, learned: Option<Learned>, clock: C) -> Self {
        let pace = Pace::new(limit, learned);
        let limiter = limiter(&pace, &clock);
        let state = Mutex::new(State { limiter, rate: pace.rate(), pace });
        Self { start: clock.now(), clock, state }
    }

    /// Takes a token, or tells how long to wait for one. `waited` says whether this is not the first try.
    pub fn ask(&self, waited: bool) -> Result<Ticket, Duration> {
        let mut state = self.state();
        if state.pace.forgets(self.now()) {
            state.rate = state.pace.rate();
            state.limiter = limiter(&state.pace, &self.clock);
        }
        if let Err(not_until) = state.limiter.check() {
            return Err(not_until.wait_time_from(self.clock.now()));
        }
        // Who had to wait took the only token, so an empty limiter takes over just as things are.
        if waited && (state.pace.rate() / state.rate - 1.0).abs() > WORTH_A_LIMITER {
            self.restart(&mut state);
        }
        Ok(state.pace.grant(waited, self.now()))
    }

    /// The call was answered.
    pub fn answered(&self, ticket: Ticket) {
        let mut state = self.state();
        if state.pace.answered(ticket) {
            self.restart(&mut state);
        }
    }

    /// The call was throttled. Tells whether that was news, see [`Pace::throttled`].
    pub fn throttled(&self, ticket: Ticket) -> bool {
        let mut state = self.state();
        let news = state.pace.throttled(ticket, self.now());
        if news {
            self.restart(&mut state);
        }
        news
    }

    /// Looks at the pace.
    pub fn pace<T>(&self, look: impl FnOnce(&Pace) -> T) -> T {
        look(&self.state().pace)
    }

    /// From now on at the present pace, with no token yet.
    fn restart(&self, state: &mut State<C>) {
        state.rate = state.pace.rate();
        state.limiter = limiter(&state.pace, &self.clock);
        // A new limiter of governor's is full.
        let emptied = NonZeroU32::new(state.pace.burst()).map(|all| state.limiter.check_n(all));
        debug_assert!(matches!(emptied, Some(Ok(Ok(())))));
    }

    fn now(&self) -> Duration {
        self.clock.now().duration_since(self.start).into()
    }

    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    /// Waits for a token and takes it. The wait uses Tokio's timer; drop the future to give up.
    pub async fn acquire(&self) -> Ticket {
        let mut waited = false;
        loop {
            // Asked anew each round: the rate may have changed while we slept.
            match self.ask(waited) {
                Ok(ticket) => return ticket,
                Err(wait) => tokio::time::sleep(wait).await,
            }
            waited = true;
        }
    }
}

fn limiter<C: Clock + Clone>(pace: &Pace, clock: &C) -> Limiter<C> {
    let period = Duration::from_secs_f64((1.0 / pace.rate()).clamp(1e-9, 86_400.0));
    // Neither is ever zero, the only thing that governor refuses.
    let quota = Quota::with_period(period).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    let burst = NonZeroU32::new(pace.burst()).unwrap_or(NonZeroU32::MIN);
    RateLimiter::direct_with_clock(quota.allow_burst(burst), clock.clone())
}
