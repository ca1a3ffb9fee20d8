//! Token buckets, one for each quota that AWS keeps: per calling account, Region and service. Each goes
//! as fast as it is configured, or as AWS turns out to allow.

mod bucket;
mod pace;
mod peers;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use governor::clock::DefaultClock;
use tokio::time::{Duration, Instant};

use super::Service;
use crate::{
    config::{RateLimit, RateLimits},
    domain::{AccountId, Region},
};

pub use bucket::Bucket;
pub use pace::Ticket;
use pace::{Learned, Pace};
use peers::Peers;

/// Buckets of accounts that are done, of which what they learned is kept; the oldest go first.
const KEPT: usize = 512;

/// How long that is good: other callers in the account come and go.
const GOOD_FOR: Duration = Duration::from_secs(6 * 3600);

/// All buckets in use.
pub struct Limits {
    config: RateLimits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    buckets: HashMap<AccountId, Vec<OfAccount>>,
    /// What buckets that are in use no more have learned.
    kept: VecDeque<Kept>,
    peers: HashMap<(Region, Service), Peers>,
}

/// One of an account's buckets.
type OfAccount = (Region, Service, Arc<Bucket>);

struct Kept {
    account: AccountId,
    region: Region,
    service: Service,
    learned: Learned,
    at: Instant,
}

impl Limits {
    pub fn new(config: RateLimits) -> Self {
        Self { config, state: Mutex::default() }
    }

    /// The bucket of that account, Region and service. A new one is full, and goes by what was learned: by
    /// the account itself, or by enough others in the same place.
    pub fn bucket(&self, account: AccountId, region: &Region, service: Service, now: Instant) -> Arc<Bucket> {
        let mut state = self.state();
        let State { buckets, kept, peers } = &mut *state;
        let of_account = buckets.entry(account).or_default();
        if let Some((.., bucket)) = of_account.iter().find(|(r, s, _)| *s == service && r == region) {
            return Arc::clone(bucket);
        }
        let own = kept
            .iter()
            .position(|kept| kept.account == account && kept.service == service && kept.region == *region)
            .and_then(|at| kept.remove(at))
            .filter(|kept| now.saturating_duration_since(kept.at) < GOOD_FOR)
            .map(|kept| kept.learned);
        let learned =
            own.or_else(|| peers.get_mut(&(region.clone(), service)).and_then(|peers| peers.advice(now)));
        let bucket = Arc::new(Bucket::new(self.limit(service), learned, DefaultClock::default()));
        of_account.push((region.clone(), service, Arc::clone(&bucket)));
        bucket
    }

    /// A call was throttled: the bucket learns from it, and from the bucket the others in the same place.
    pub fn throttled(
        &self,
        account: AccountId,
        region: &Region,
        service: Service,
        ticket: Ticket,
        now: Instant,
    ) {
        let bucket = self.bucket(account, region, service, now);
        if bucket.throttled(ticket)
            && let Some(learned) = bucket.pace(Pace::learned)
        {
            let mut state = self.state();
            state.peers.entry((region.clone(), service)).or_default().tell(account, learned, now);
        }
    }

    /// Forgets an account's buckets once its targets are done, so that memory doesn't grow with the
    /// organization; of what AWS throttled, the pace is kept a while. What keywatch's own account is charged
    /// for (STS, Organizations) stays.
    pub fn forget(&self, account: AccountId, now: Instant) {
        let mut state = self.state();
        let State { buckets, kept, peers } = &mut *state;
        let Some(of_account) = buckets.remove(&account) else { return };
        let (own, done): (Vec<_>, Vec<_>) = of_account
            .into_iter()
            .partition(|(_, service, _)| matches!(service, Service::Sts | Service::Organizations));
        if !own.is_empty() {
            buckets.insert(account, own);
        }
        for (region, service, bucket) in done {
            let (learned, unhindered) = bucket.pace(|pace| (pace.learned(), pace.is_unhindered()));
            if unhindered && let Some(peers) = peers.get_mut(&(region.clone(), service)) {
                peers.unhindered();
            }
            if let Some(learned) = learned {
                peers.entry((region.clone(), service)).or_default().tell(account, learned, now);
                if kept.len() == KEPT {
                    kept.pop_front();
                }
                kept.push_back(Kept { account, region, service, learned, at: now });
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
