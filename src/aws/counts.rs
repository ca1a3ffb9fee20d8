//! Counts of the attempts that a process makes, over all of its scans. Plain atomics: counting costs a call next
//! to nothing and makes none wait.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

use super::{CallError, Class, Operation, Service};
use crate::domain::CoverageReason;

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallOutcome {
    /// It was answered.
    Ok,
    /// AWS asked to slow down.
    Throttled,
    /// Refused.
    Denied,
    /// The account has not enabled the Region.
    NotEnabled,
    /// What was asked for does not exist.
    NotFound,
    /// The credentials had expired.
    Expired,
    /// No answer within the attempt's time.
    Timeout,
    /// Dropped on its way: the scan was stopped, or the target's time was up.
    Cancelled,
    /// Anything else.
    Error,
}

impl CallOutcome {
    /// Every one, in the order above.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::Throttled,
        Self::Denied,
        Self::NotEnabled,
        Self::NotFound,
        Self::Expired,
        Self::Timeout,
        Self::Cancelled,
        Self::Error,
    ];

    /// Its word in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Throttled => "throttled",
            Self::Denied => "denied",
            Self::NotEnabled => "not_enabled",
            Self::NotFound => "not_found",
            Self::Expired => "expired",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Error => "error",
        }
    }

    /// That of an attempt that was answered, or failed so.
    pub(super) fn of(error: Option<&CallError>) -> Self {
        let Some(error) = error else { return Self::Ok };
        match error.class {
            Class::Throttled => Self::Throttled,
            Class::Denied => Self::Denied,
            Class::NotEnabled => Self::NotEnabled,
            Class::NotFound => Self::NotFound,
            Class::Expired => Self::Expired,
            Class::NoAnswer | Class::Transient if error.failure.reason == CoverageReason::Timeout => {
                Self::Timeout
            }
            Class::NoAnswer | Class::Transient | Class::Defect => Self::Error,
        }
    }
}

/// The upper bounds of the buckets of durations; one more holds what took longer.
const BOUNDS: [Duration; 8] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2500),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// The counts of all attempts.
#[derive(Debug)]
pub struct CallCounts {
    calls: [[AtomicU64; CallOutcome::ALL.len()]; Operation::COUNT],
    services: [Took; Service::ALL.len()],
}

#[derive(Debug, Default)]
struct Took {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// How often an operation ended in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallCount {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: Operation,
    /// How it ended.
    pub outcome: CallOutcome,
    /// How often.
    pub count: u64,
}

/// How long the attempts of a service took, those that failed included.
#[derive(Debug, Clone, PartialEq)]
pub struct Durations {
    /// The service.
    pub service: Service,
    /// Upper bound in seconds, infinite in the last, and how many lie between it and the one before.
    pub buckets: Vec<(f64, u64)>,
    /// All of them together, in seconds.
    pub sum: f64,
}

impl Default for CallCounts {
    fn default() -> Self {
        let calls = std::array::from_fn(|_| Default::default());
        Self { calls, services: Default::default() }
    }
}

impl CallCounts {
    /// Counts an attempt when it ends, however that is.
    pub(super) fn begin(&self, operation: Operation) -> Attempt<'_> {
        Attempt { counts: self, operation, began: Instant::now(), outcome: CallOutcome::Cancelled }
    }

    fn add(&self, operation: Operation, outcome: CallOutcome, took: Duration) {
        // To search for keywatch's own credentials is no call to a service of ours.
        let Some(service) = operation.service() else { return };
        self.calls[operation as usize][outcome as usize].fetch_add(1, Ordering::Relaxed);
        let of_service = &self.services[service as usize];
        let bucket = BOUNDS.partition_point(|bound| *bound < took);
        of_service.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        of_service.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Every operation of a scan with every outcome, zeros included, so that the first of a kind is an increase.
    pub fn calls(&self) -> Vec<CallCount> {
        let services = Operation::SCAN.iter().filter_map(|operation| Some((operation, operation.service()?)));
        services
            .flat_map(|(&operation, service)| {
                let counts = &self.calls[operation as usize];
                CallOutcome::ALL.iter().zip(counts).map(move |(&outcome, count)| CallCount {
                    service,
                    operation,
                    outcome,
                    count: count.load(Ordering::Relaxed),
                })
            })
            .collect()
    }

    /// How long they took, service by service.
    pub fn durations(&self) -> Vec<Durations> {
        let bounds = || BOUNDS.iter().map(Duration::as_secs_f64).chain([f64::INFINITY]);
        let of_service = |(&service, took): (&Service, &Took)| Durations {
            service,
            buckets: bounds().zip(took.buckets.iter().map(|count| count.load(Ordering::Relaxed))).collect(),
            sum: Duration::from_micros(took.micros.load(Ordering::Relaxed)).as_secs_f64(),
        };
        Service::ALL.iter().zip(&self.services).map(of_service).collect()
    }
}

/// An attempt on its way.
pub(super) struct Attempt<'a> {
    counts: &'a CallCounts,
    operation: Operation,
    began: Instant,
    outcome: CallOutcome,
}

impl Attempt<'_> {
    pub(super) fn end(mut self, outcome: CallOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.counts.add(self.operation, self.outcome, self.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws_smithy_async::time::SharedTimeSource;
    use tokio_util::sync::CancellationToken;

    use super::{
        super::{Bounds, Caller},
        *,
    };
    use crate::{
        config::{RateLimits, Scan},
        domain::AccountId,
    };

    fn count(counts: &CallCounts, operation: Operation, outcome: CallOutcome) -> u64 {
        let found = counts.calls();
        let mut one = found.iter().filter(|call| call.operation == operation && call.outcome == outcome);
        one.next().map_or(0, |call| call.count)
    }

    #[test]
    fn lists_are_in_the_order_of_their_kinds() {
        // The counts are kept by place.
        assert!(Operation::all().enumerate().all(|(at, operation)| operation as usize == at));
        assert_eq!(Operation::all().count(), Operation::COUNT);
        assert!(Service::ALL.iter().enumerate().all(|(at, service)| *service as usize == at));
        assert!(CallOutcome::ALL.iter().enumerate().all(|(at, outcome)| *outcome as usize == at));
        for operation in Operation::all().filter(|operation| *operation != Operation::Publish) {
            let service = operation.name().split_once(':').map(|(service, _)| service);
            assert_eq!(service, operation.service().map(Service::name), "{operation:?}");
        }
    }

    #[test]
    fn an_attempt_is_counted_by_how_it_ended_and_how_long_it_took() {
        let counts = CallCounts::default();
        counts.add(Operation::DescribeKey, CallOutcome::Ok, Duration::from_millis(50));
        counts.add(Operation::DescribeKey, CallOutcome::Throttled, Duration::from_millis(300));
        counts.add(Operation::ListAliases, CallOutcome::Cancelled, Duration::from_secs(11));
        counts.add(Operation::BaseCredentials, CallOutcome::Error, Duration::from_secs(1));

        assert_eq!(count(&counts, Operation::DescribeKey, CallOutcome::Ok), 1);
        assert_eq!(count(&counts, Operation::DescribeKey, CallOutcome::Throttled), 1);
        assert_eq!(count(&counts, Operation::ListAliases, CallOutcome::Cancelled), 1);
        assert_eq!(counts.calls().iter().map(|call| call.count).sum::<u64>(), 3, "nothing else");

        let durations = counts.durations();
        let kms = durations.iter().find(|took| took.service == Service::Kms).unwrap();
        let counted: Vec<_> = kms.buckets.iter().filter(|(_, count)| *count > 0).copied().collect();
        assert_eq!(counted, [(0.05, 1), (0.5, 1), (f64::INFINITY, 1)]);
        assert_eq!(kms.sum, 11.35);
        assert!(durations.iter().all(|took| took.service == Service::Kms || took.sum == 0.0));
    }

    #[tokio::test]
    async fn a_caller_counts_every_attempt_in_what_outlives_it() {
        let counts = Arc::new(CallCounts::default());
        let scan = Scan { attempt_timeout: Duration::from_millis(20), ..Scan::default() };
        let caller = Caller::new(&scan, &RateLimits::default(), SharedTimeSource::default())
            .counting_in(Arc::clone(&counts));
        let (operation, home) = (Operation::DescribeKey, "us-east-1".parse().unwrap());
        let bounds = Bounds::within(Duration::from_secs(60), &CancellationToken::new());
        let tries = AtomicU64::new(0);
        let answer = caller.provide(operation, AccountId::NONE, &home, &bounds, || async {
            match tries.fetch_add(1, Ordering::Relaxed) {
                0 => Err(CallError::transient(operation, CoverageReason::Timeout, "")),
                // Longer than an attempt may take.
                1 => std::future::pending().await,
                _ => Ok(()),
            }
        });
        answer.await.unwrap();
        // The scan is stopped while it waits.
        let stopped = || {
            bounds.cancel.cancel();
            std::future::pending::<Result<(), CallError>>()
        };
        caller.provide(operation, AccountId::NONE, &home, &bounds, stopped).await.unwrap_err();

        assert_eq!(caller.stats().calls(), 4);
        drop(caller);
        assert_eq!(count(&counts, operation, CallOutcome::Ok), 1);
        assert_eq!(count(&counts, operation, CallOutcome::Timeout), 2);
        assert_eq!(count(&counts, operation, CallOutcome::Cancelled), 1);
    }

    #[test]
    fn failures_are_told_apart() {
        let operation = Operation::DescribeKey;
        let transient = |reason| CallError::transient(operation, reason, "");
        let of = |error: CallError| CallOutcome::of(Some(&error));
        assert_eq!(of(transient(CoverageReason::Timeout)), CallOutcome::Timeout);
        assert_eq!(of(transient(CoverageReason::ServiceError)), CallOutcome::Error);
        assert_eq!(of(CallError::defect(operation, CoverageReason::ServiceError, "")), CallOutcome::Error);
        assert_eq!(CallOutcome::of(None), CallOutcome::Ok);
    }
}
