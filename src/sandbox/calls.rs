//! What was called, for tests and measurements.

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::domain::{AccountId, Region};

/// An operation (`dms:DescribeEndpoints`), the account it was about (the role's for `sts:AssumeRole`,
/// else the caller's), and the Region it was signed for.
pub type CallKey = (String, AccountId, Region);

/// What was called since the start or the last reset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    /// Calls by operation, account and Region.
    pub by_target: BTreeMap<CallKey, u64>,
    /// All calls.
    pub total: u64,
    /// Calls answered with the service's throttling error.
    pub throttled: u64,
    /// The same by operation.
    pub throttled_by: BTreeMap<String, u64>,
    /// Calls that changed something in an account; a scanner must never make one.
    pub mutations: u64,
    /// Calls to operations that the sandbox does not have, by operation.
    pub unknown: BTreeMap<String, u64>,
    /// Calls answered with an error, by its code.
    pub errors: BTreeMap<String, u64>,
    /// Calls in progress now.
    pub in_flight: u64,
    /// The most calls that were in progress at one time.
    pub max_in_flight: u64,
    /// How long all calls together were in progress. Over the number of calls it is their mean duration;
    /// over a wall clock's time, how many were in progress on average.
    pub busy: Duration,
}

impl Calls {
    /// How often the operation was called.
    pub fn of(&self, operation: &str) -> u64 {
        self.by_target.iter().filter(|((name, ..), _)| name == operation).map(|(_, count)| count).sum()
    }

    /// How often the operation was called about an account.
    pub fn of_account(&self, operation: &str, account: AccountId) -> u64 {
        let wanted = |(name, id, _): &CallKey| name == operation && *id == account;
        self.by_target.iter().filter(|(key, _)| wanted(key)).map(|(_, count)| count).sum()
    }

    /// The counts by operation, and the totals, as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let mut by_operation: BTreeMap<&str, u64> = BTreeMap::new();
        for ((operation, ..), count) in &self.by_target {
            *by_operation.entry(operation).or_default() += count;
        }
        let targets: Vec<_> = self
            .by_target
            .iter()
            .map(|((operation, account, region), count)| {
                serde_json::json!({
                    "operation": operation, "account": account.as_str(), "region": region.as_str(),
                    "calls": count,
                })
            })
            .collect();
        serde_json::json!({
            "total": self.total, "throttled": self.throttled, "throttled_by": self.throttled_by, "mutations": self.mutations,
            "max_in_flight": self.max_in_flight, "busy_seconds": self.busy.as_secs_f64(), "unknown": self.unknown, "errors": self.errors,
            "by_operation": by_operation, "by_target": targets,
        })
    }
}

/// Keeps the count while calls come and go.
#[derive(Debug, Default)]
pub(super) struct Counter {
    calls: Mutex<Calls>,
    /// Told of every call that begins.
    begun: Condvar,
}

impl Counter {
    pub fn change<T>(&self, change: impl FnOnce(&mut Calls) -> T) -> T {
        change(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until so many calls have begun, at most that long; tells whether they have.
    pub fn wait_for(&self, total: u64, within: Duration) -> bool {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.begun.wait_timeout_while(calls, within, |calls| calls.total < total);
        waited.unwrap_or_else(PoisonError::into_inner).0.total >= total
    }

    /// Counts a call, which is in progress until the guard goes.
    pub fn begin(&self, operation: String, account: AccountId, region: Region) -> InFlight<'_> {
        self.change(|calls| {
            calls.total += 1;
            calls.in_flight += 1;
            calls.max_in_flight = calls.max_in_flight.max(calls.in_flight);
            *calls.by_target.entry((operation, account, region)).or_default() += 1;
        });
        self.begun.notify_all();
        InFlight { counter: self, since: Instant::now() }
    }

    /// Forgets everything but the calls in progress.
    pub fn reset(&self) {
        self.change(|calls| {
            let in_flight = calls.in_flight;
            *calls = Calls { in_flight, max_in_flight: in_flight, ..Calls::default() };
        });
    }
}

/// A call in progress.
pub(super) struct InFlight<'a> {
    counter: &'a Counter,
    since: Instant,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let took = self.since.elapsed();
        self.counter.change(|calls| {
            calls.in_flight -= 1;
            calls.busy += took;
        });
    }
}
