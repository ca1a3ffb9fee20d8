//! Token buckets, one for each quota that AWS keeps: per calling account, Region and service.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use super::Service;
use crate::{
    config::{RateLimit, RateLimits},
    domain::{AccountId, Region},
};

/// Successes after which a throttled bucket's rate is doubled again.
const RECOVER_AFTER: u32 = 20;

/// The slowest that throttling makes a bucket: this fraction of its configured rate.
const SLOWEST: f64 = 1.0 / 64.0;

/// All buckets in use.
pub struct Limits {
    config: RateLimits,
    buckets: Mutex<HashMap<AccountId, Vec<OfAccount>>>,
}

/// One of an account's buckets.
type OfAccount = (Region, Service, Arc<Bucket>);

impl Limits {
    pub fn new(config: RateLimits) -> Self {
        Self { config, buckets: Mutex::default() }
    }

    /// The bucket of that account, Region and service; a full one if it is new.
    pub fn bucket(&self, account: AccountId, region: &Region, service: Service) -> Arc<Bucket> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let of_account = buckets.entry(account).or_default();
        if let Some((.., bucket)) = of_account.iter().find(|(r, s, _)| *s == service && r == region) {
            return Arc::clone(bucket);
        }
        let bucket = Arc::new(Bucket::new(self.limit(service)));
        of_account.push((region.clone(), service, Arc::clone(&bucket)));
        bucket
    }

    /// Forgets an account's buckets once its targets are done, so that memory doesn't grow with the
    /// organization. What keywatch's own account is charged for (STS, Organizations) stays.
    pub fn forget(&self, account: AccountId) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_account) = buckets.get_mut(&account) {
            of_account.retain(|(_, service, _)| matches!(service, Service::Sts | Service::Organizations));
            if of_account.is_empty() {
                buckets.remove(&account);
            }
        }
    }

    fn limit(&self, service: Service) -> RateLimit {
        match service {
            Service::Dms => self.config.dms,
            Service::Kms => self.config.kms,
            Service::Sts => self.config.sts,
            Service::Organizations => self.config.organizations,
            Service::Account => self.config.account,
        }
    }
}

/// One token bucket, which slows down when AWS throttles and recovers with success.
pub struct Bucket {
    limit: RateLimit,
    state: Mutex<State>,
}

struct State {
    limiter: Arc<DefaultDirectRateLimiter>,
    /// 1 is the configured rate.
    factor: f64,
    successes: u32,
}

impl Bucket {
    fn new(limit: RateLimit) -> Self {
        let limiter = limiter(limit.per_second, limit.burst);
        Self { limit, state: Mutex::new(State { limiter, factor: 1.0, successes: 0 }) }
    }

    /// Waits for a token and takes it. The wait uses Tokio's timer; drop the future to give up.
    pub async fn acquire(&self) {
        loop {
            // Asked anew each round: the rate may have changed while we slept.
            let limiter = Arc::clone(&self.state().limiter);
            match limiter.check() {
                Ok(()) => return,
                Err(not_until) => {
                    tokio::time::sleep(not_until.wait_time_from(DefaultClock::default().now())).await
                }
            }
        }
    }

    /// AWS throttled a call: half the rate, and no burst until it has recovered.
    pub fn throttled(&self) {
        let mut state = self.state();
        let factor = (state.factor / 2.0).max(SLOWEST);
        self.set(&mut state, factor);
    }

    /// AWS took a call.
    pub fn succeeded(&self) {
        let mut state = self.state();
        if state.factor >= 1.0 {
            return;
        }
        state.successes += 1;
        if state.successes >= RECOVER_AFTER {
            let factor = (state.factor * 2.0).min(1.0);
            self.set(&mut state, factor);
        }
    }

    fn set(&self, state: &mut State, factor: f64) {
        state.factor = factor;
        state.successes = 0;
        // A limiter of governor's starts full, so while recovering the bucket is one token deep.
        let burst = if factor < 1.0 { NonZeroU32::MIN } else { self.limit.burst };
        state.limiter = limiter(self.limit.per_second * factor, burst);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn limiter(per_second: f64, burst: NonZeroU32) -> Arc<DefaultDirectRateLimiter> {
    let period = Duration::from_secs_f64((1.0 / per_second).clamp(1e-9, 86_400.0));
    // The period is never zero, the only thing that `with_period` refuses.
    let quota = Quota::with_period(period).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    Arc::new(RateLimiter::direct(quota.allow_burst(burst)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(RateLimits::default())
    }

    fn rate(bucket: &Bucket) -> f64 {
        bucket.state().factor
    }

    #[test]
    fn each_account_region_and_service_has_a_bucket_of_its_own() {
        let limits = limits();
        let (one, two): (AccountId, AccountId) =
            ("111111111111".parse().unwrap(), "222222222222".parse().unwrap());
        let (east, west): (Region, Region) = ("us-east-1".parse().unwrap(), "us-west-2".parse().unwrap());
        let bucket = limits.bucket(one, &east, Service::Dms);
        assert!(Arc::ptr_eq(&bucket, &limits.bucket(one, &east, Service::Dms)));
        for other in [
            limits.bucket(two, &east, Service::Dms),
            limits.bucket(one, &west, Service::Dms),
            limits.bucket(one, &east, Service::Kms),
        ] {
            assert!(!Arc::ptr_eq(&bucket, &other));
        }
        limits.bucket(one, &east, Service::Sts);
        limits.forget(one);
        assert!(
            !Arc::ptr_eq(&bucket, &limits.bucket(one, &east, Service::Dms)),
            "forgotten, so it is a new one"
        );
    }

    #[test]
    fn throttling_halves_the_rate_and_success_brings_it_back() {
        let bucket =
            limits().bucket("111111111111".parse().unwrap(), &"us-east-1".parse().unwrap(), Service::Dms);
        bucket.throttled();
        bucket.throttled();
        assert_eq!(rate(&bucket), 0.25);
        for _ in 0..2 * RECOVER_AFTER {
            bucket.succeeded();
        }
        assert_eq!(rate(&bucket), 1.0);
        for _ in 0..100 {
            bucket.throttled();
        }
        assert_eq!(rate(&bucket), SLOWEST, "slow, but never stopped");
    }

    #[test]
    fn the_burst_is_there_at_once_and_no_more() {
        let bucket = Bucket::new(RateLimit { per_second: 0.01, burst: NonZeroU32::new(3).unwrap() });
        let limiter = Arc::clone(&bucket.state().limiter);
        assert_eq!((0..5).filter(|_| limiter.check().is_ok()).count(), 3);
    }
}
