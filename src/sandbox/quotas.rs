//! How often an account may call a service, as AWS keeps count: a token bucket per account, Region and
//! service.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use super::request::Service;
use crate::domain::{AccountId, Region};

/// A service's quota in every account and Region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    /// Calls per second in the long run.
    pub per_second: f64,
    /// Calls at once after a pause.
    pub burst: u32,
}

/// The quotas in force, and what is left of each.
#[derive(Debug, Default)]
pub(super) struct Quotas(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    quotas: HashMap<Service, Quota>,
    buckets: HashMap<(AccountId, Region, Service), Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Quotas {
    /// Sets or ends a service's quota; every bucket of it is full.
    pub fn set(&self, service: Service, quota: Option<Quota>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match quota {
            Some(quota) => state.quotas.insert(service, quota),
            None => state.quotas.remove(&service),
        };
        state.buckets.retain(|(.., of), _| *of != service);
    }

    /// Takes a token for a call that is charged to that account; tells whether there was one.
    pub fn take(&self, account: AccountId, region: &Region, service: Service, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let State { quotas, buckets } = &mut *state;
        let Some(quota) = quotas.get(&service) else { return true };
        let full = f64::from(quota.burst);
        let bucket =
            buckets.entry((account, region.clone(), service)).or_insert(Bucket { tokens: full, at: now });
        let since = now.saturating_duration_since(bucket.at);
        bucket.tokens = (bucket.tokens + quota.per_second * since.as_secs_f64()).min(full);
        bucket.at = now;
        let enough = bucket.tokens >= 1.0;
        if enough {
            bucket.tokens -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_burst_then_the_rate_for_each_account_region_and_service() {
        let quotas = Quotas::default();
        let (one, other): (AccountId, AccountId) =
            ("111111111111".parse().unwrap(), "222222222222".parse().unwrap());
        let (here, there): (Region, Region) = ("us-east-1".parse().unwrap(), "us-west-2".parse().unwrap());
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        assert!((0..99).all(|_| quotas.take(one, &here, Service::Kms, begin)), "no quota, no limit");

        quotas.set(Service::Kms, Some(Quota { per_second: 2.0, burst: 3 }));
        let taken =
            |account, region, at| (0..9).filter(|_| quotas.take(account, region, Service::Kms, at)).count();
        assert_eq!(taken(one, &here, begin), 3);
        assert_eq!((taken(other, &here, begin), taken(one, &there, begin)), (3, 3));
        assert_eq!(taken(one, &here, after(1)), 2);
        assert_eq!(taken(one, &here, after(60)), 3, "never more than its burst");
        assert!((0..9).all(|_| quotas.take(one, &here, Service::Dms, begin)));
        quotas.set(Service::Kms, None);
        assert_eq!(taken(one, &here, after(60)), 9);
    }
}
