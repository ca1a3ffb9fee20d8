use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials;
use aws_smithy_async::time::SharedTimeSource;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, field::Empty};

use super::{
    CallCounts, CallError, CallOutcome, Class, Operation, Service, Session,
    limits::{Bucket, Limits, Ticket},
    lines::Lines,
};
use crate::{
    config::{RateLimits, Scan},
    domain::{AccountId, CoverageReason, Region},
};

/// The first back-off is at most this; each further one at most twice the one before.
const BACKOFF_BASE: Duration = Duration::from_millis(200);

/// The longest back-off.
const BACKOFF_CAP: Duration = Duration::from_secs(20);

/// How long an attempt may take and how often it is made.
#[derive(Debug, Clone, Copy)]
struct CallSettings {
    attempt_timeout: Duration,
    max_attempts: u32,
}

/// What no wait may outlast.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// When to give up.
    pub deadline: Instant,
    /// Told to stop.
    pub cancel: CancellationToken,
}

impl Bounds {
    /// From now on for that long, unless cancelled.
    pub fn within(limit: Duration, cancel: &CancellationToken) -> Self {
        Self { deadline: Instant::now() + limit, cancel: cancel.clone() }
    }

    /// The same with more time.
    pub fn later_by(&self, more: Duration) -> Self {
        Self { deadline: self.deadline + more, cancel: self.cancel.clone() }
    }

    pub(super) fn is_over(&self) -> bool {
        self.cancel.is_cancelled() || Instant::now() >= self.deadline
    }

    async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Stopped::Cancelled),
            done = work => Ok(done),
            () = sleep_until(self.deadline) => Err(Stopped::OutOfTime),
        }
    }
}

enum Stopped {
    Cancelled,
    OutOfTime,
}

/// Counters of the calls made, for progress and for the scan's row.
#[derive(Debug, Default)]
pub struct CallerStats {
    calls: AtomicU64,
    throttled: AtomicU64,
}

impl CallerStats {
    /// Attempts sent to AWS.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Attempts that AWS throttled.
    pub fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }
}

/// Makes every call to AWS: a line that is not dead, fresh credentials, then a permit, then a slot, then
/// the attempt.
pub struct Caller {
    limits: Limits,
    lines: Lines,
    slots: Semaphore,
    settings: CallSettings,
    clock: SharedTimeSource,
    stats: Arc<CallerStats>,
    counts: Arc<CallCounts>,
}

impl Caller {
    /// A caller with full buckets.
    pub fn new(scan: &Scan, limits: &RateLimits, clock: SharedTimeSource) -> Self {
        Self {
            limits: Limits::new(limits.clone()),
            lines: Lines::new(scan.attempt_timeout),
            slots: Semaphore::new(scan.concurrency.get() as usize),
            settings: CallSettings {
                attempt_timeout: scan.attempt_timeout,
                max_attempts: scan.max_attempts.get(),
            },
            clock,
            stats: Arc::default(),
            counts: Arc::default(),
        }
    }

    /// The same, adding to these counts, which outlive it.
    pub fn counting_in(self, counts: Arc<CallCounts>) -> Self {
        Self { counts, ..self }
    }

    /// The counters.
    pub fn stats(&self) -> Arc<CallerStats> {
        Arc::clone(&self.stats)
    }

    /// The SDK's clock.
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Frees what is kept for an account whose targets are done.
    pub fn forget(&self, account: AccountId) {
        self.limits.forget(account, Instant::now());
    }

    /// Makes one call, as often as it takes and may.
    ///
    /// # Errors
    /// The last attempt's, sorted; or the bounds.
    pub async fn call<T, F>(
        &self,
        operation: Operation,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
        attempt: impl Fn(Credentials) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let draws_on = DrawsOn { operation, account: session.account(), region };
        self.attempts(draws_on, bounds, || async {
            // Before the permit and the slot: renewing is a call of its own, which needs both.
            let credentials = session.credentials(self, bounds).await.map_err(AttemptError::NotMade)?;
            let answer = self.send(draws_on, || attempt(credentials.clone())).await;
            if let Err(AttemptError::Answer(error)) = &answer
                && error.class == Class::Expired
            {
                session.expire(&credentials).await;
            }
            answer
        })
        .await
    }

    /// As [`Caller::call`], for what needs no session: the SDK's own search for base credentials.
    ///
    /// # Errors
    /// The last attempt's; or the bounds.
    pub async fn provide<T, F>(
        &self,
        operation: Operation,
        account: AccountId,
        region: &Region,
        bounds: &Bounds,
        attempt: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let draws_on = DrawsOn { operation, account, region };
        self.attempts(draws_on, bounds, || self.send(draws_on, &attempt)).await
    }

    async fn attempts<T, F>(
        &self,
        draws_on: DrawsOn<'_>,
        bounds: &Bounds,
        attempt: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, AttemptError>>,
    {
        let DrawsOn { operation, account, region } = draws_on;
        let mut last: Option<CallError> = None;
        let (mut number, mut spent) = (0_u32, 0);
        let mut let_through = None;
        // Not even begun: a request that is sent and dropped costs AWS a call all the same.
        while Instant::now() < bounds.deadline {
            let made = async {
                match self.lines.pass(operation, region).await {
                    Ok(tries) => (tries, attempt().await),
                    Err(refusal) => (false, Err(AttemptError::NotMade(refusal))),
                }
            };
            number += 1;
            let span = tracing::debug_span!(
                "call", operation = operation.name(), account.id = %account, %region, attempt = number,
                request_id = Empty
            );
            let (tried, error) = match bounds.run(made.instrument(span.clone())).await {
                Ok((_, Ok(answer))) => return Ok(answer),
                Ok((tried, Err(AttemptError::Answer(error)))) => (tried, error),
                // Its own attempts are spent.
                Ok((_, Err(AttemptError::NotMade(error)))) => return Err(error),
                Ok((_, Err(AttemptError::Closed))) => {
                    return Err(stopped(operation, &Stopped::Cancelled, last));
                }
                Err(reason) => {
                    let last = last.or_else(|| self.lines.refusal(operation, region));
                    return Err(stopped(operation, &reason, last));
                }
            };
            let may_yet_come = match error.class {
                // Where others have got through since the last time, it is a matter of turns.
                Class::Throttled => {
                    let now = self.let_through(draws_on);
                    let_through.replace(now).is_some_and(|before| before != now)
                }
                Class::NoAnswer => self.lines.is_waited_for(operation, region, tried),
                _ => false,
            };
            spent += u32::from(!may_yet_come);
            let request_id = error.failure.request_id.as_deref();
            span.record("request_id", request_id);
            span.in_scope(|| {
                tracing::debug!(
                    operation = operation.name(), account.id = %account, %region, attempt = number, request_id,
                    %error, "attempt failed"
                );
            });
            if !error.is_retryable() || spent == self.settings.max_attempts {
                return Err(error);
            }
            // It may have been carried out: whoever called looks first.
            if operation.changes_something() && matches!(error.class, Class::Transient | Class::NoAnswer) {
                return Err(error);
            }
            if error.class == Class::NoAnswer
                && !may_yet_come
                && let Some(refusal) = self.lines.refusal(operation, region)
            {
                return Err(refusal);
            }
            let pause = if error.class == Class::Expired { Duration::ZERO } else { backoff(spent) };
            last = Some(error);
            if let Err(reason) = bounds.run(sleep(pause)).await {
                return Err(stopped(operation, &reason, last));
            }
        }
        Err(stopped(operation, &Stopped::OutOfTime, last))
    }

    /// One attempt: a permit, a slot, the call, and what is learned from its answer.
    async fn send<T, F>(&self, draws_on: DrawsOn<'_>, attempt: impl FnOnce() -> F) -> Result<T, AttemptError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let (_slot, ticket) = self.permit(draws_on).await?;
        let answer = self.timed(draws_on.operation, attempt()).await;
        self.heard(draws_on, ticket, answer.as_ref().err());
        answer.map_err(AttemptError::Answer)
    }

    /// Waits for a permit, and only then for a slot.
    async fn permit(
        &self,
        draws_on: DrawsOn<'_>,
    ) -> Result<(SemaphorePermit<'_>, Option<Ticket>), AttemptError> {
        let ticket = match self.bucket(draws_on) {
            Some(bucket) => Some(bucket.acquire().await),
            None => None,
        };
        let slot = self.slots.acquire().await.map_err(|_| AttemptError::Closed)?;
        if ticket.is_some() {
            self.stats.calls.fetch_add(1, Ordering::Relaxed);
        }
        Ok((slot, ticket))
    }

    async fn timed<T>(
        &self,
        operation: Operation,
        attempt: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let limit = self.settings.attempt_timeout;
        let counted = self.counts.begin(operation);
        let answer = timeout(limit, attempt).await.unwrap_or_else(|_| {
            let message = format!("no answer within {limit:?}");
            Err(CallError::no_answer(operation, CoverageReason::Timeout, message))
        });
        counted.end(CallOutcome::of(answer.as_ref().err()));
        answer
    }

    /// Lets the bucket and the line learn from the answer.
    fn heard(&self, draws_on: DrawsOn<'_>, ticket: Option<Ticket>, error: Option<&CallError>) {
        let DrawsOn { operation, account, region } = draws_on;
        let (Some(ticket), Some(service)) = (ticket, operation.service()) else { return };
        match error {
            Some(CallError { class: Class::NoAnswer, failure }) => {
                self.lines.silent(operation, account, region, failure);
                return;
            }
            Some(CallError { class: Class::Throttled, .. }) => {
                self.stats.throttled.fetch_add(1, Ordering::Relaxed);
                self.limits.throttled(account, region, service, ticket, Instant::now());
            }
            _ => self.limits.bucket(account, region, service, Instant::now()).answered(ticket),
        }
        self.lines.answered(operation, region);
    }

    /// How many calls the bucket has let through; 0 where all accounts share it, and what others get says
    /// nothing about one's own call.
    fn let_through(&self, draws_on: DrawsOn<'_>) -> u32 {
        match draws_on.operation.service() {
            Some(Service::Sts) | None => 0,
            Some(_) => self.bucket(draws_on).map_or(0, |bucket| bucket.pace(|pace| pace.answers())),
        }
    }

    fn bucket(&self, DrawsOn { operation, account, region }: DrawsOn<'_>) -> Option<Arc<Bucket>> {
        let service = operation.service()?;
        Some(self.limits.bucket(account, region, service, Instant::now()))
    }
}

/// The quota that a call is charged to, with the call.
#[derive(Clone, Copy)]
struct DrawsOn<'a> {
    operation: Operation,
    account: AccountId,
    region: &'a Region,
}

enum AttemptError {
    /// The call was made and failed.
    Answer(CallError),
    /// It was not made, for want of credentials, or because nobody answers there.
    NotMade(CallError),
    /// keywatch is shutting down.
    Closed,
}

fn stopped(operation: Operation, reason: &Stopped, last: Option<CallError>) -> CallError {
    match (reason, last) {
        (Stopped::Cancelled, _) => {
            CallError::defect(operation, CoverageReason::Cancelled, "the scan was stopped")
        }
        // What kept it so long says more than that it took long.
        (Stopped::OutOfTime, Some(last)) => last,
        (Stopped::OutOfTime, None) => {
            CallError::defect(operation, CoverageReason::Timeout, "the target's time was up")
        }
    }
}

/// Exponential, with full jitter, so that targets throttled together don't come back together.
fn backoff(attempt: u32) -> Duration {
    let most = BACKOFF_BASE.saturating_mul(1 << attempt.min(16)).min(BACKOFF_CAP) / 2;
    most.mul_f64(fastrand::f64())
}
