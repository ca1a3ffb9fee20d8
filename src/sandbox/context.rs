//! What a service's operation works with: the world, the caller, the call.

use std::{
    ops::Range,
    sync::{
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};

use super::{
    answer::Refusal,
    auth::{Caller, Sessions},
    calls::Counter,
    changes::{Change, Changes},
    faults::Faults,
    quotas::Quotas,
    request::Call,
    world::World,
};
use crate::domain::Timestamp;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    world: RwLock<World>,
    pub sessions: Sessions,
    pub counter: Counter,
    pub changes: Changes,
    pub faults: Faults,
    pub quotas: Quotas,
    pub latency: Duration,
    /// How many seconds its clock is ahead of the machine's.
    ahead: AtomicI64,
}

impl Shared {
    pub fn new(world: World, latency: Duration) -> Self {
        Self {
            world: RwLock::new(world),
            sessions: Sessions::default(),
            counter: Counter::default(),
            changes: Changes::default(),
            faults: Faults::default(),
            quotas: Quotas::default(),
            latency,
            ahead: AtomicI64::new(0),
        }
    }

    /// Sets the clock so many seconds ahead of the machine's, or behind.
    pub fn set_clock(&self, ahead: i64) {
        self.ahead.store(ahead, Ordering::Relaxed);
    }

    /// What time it is here.
    pub fn time_here(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::Relaxed);
        let off = Duration::from_secs(ahead.unsigned_abs());
        if ahead < 0 { SystemTime::now() - off } else { SystemTime::now() + off }
    }

    pub fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The user that the long-term access key belongs to.
    pub fn hub(&self) -> Caller {
        let world = self.world();
        Caller {
            account: world.hub_account,
            role: None,
            arn: format!("arn:{}:iam::{}:user/keywatch", world.partition, world.hub_account),
            user_id: "AIDASANDBOXHUB000000".to_owned(),
        }
    }
}

/// A page that is wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageFault {
    Empty,
    Repeat,
}

/// One call, as its operation sees it.
pub(super) struct Context<'a> {
    pub shared: &'a Shared,
    pub caller: &'a Caller,
    pub call: &'a Call,
    pub page_fault: Option<PageFault>,
    pub request_id: &'a str,
}

/// Which items a page has, and the token of the next one.
pub(super) struct Page {
    pub items: Range<usize>,
    pub next: Option<String>,
}

impl Context<'_> {
    /// The world, to read. Taken once for each call: a second time could wait for an editor that waits
    /// for the first.
    pub fn world(&self) -> RwLockReadGuard<'_, World> {
        self.shared.world()
    }

    /// The world, to change it; the only guard of it that the call holds.
    pub fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.shared.world_mut()
    }

    /// Notes that the call has changed an object.
    pub fn changed(&self, arn: &str) {
        self.shared.counter.change(|calls| calls.mutations += 1);
        self.shared.changes.note(Change {
            action: self.call.action(),
            account: self.caller.account,
            region: self.call.region.clone(),
            arn: arn.to_owned(),
        });
    }

    /// What time it is here.
    pub fn now(&self) -> Timestamp {
        Timestamp::try_from(self.shared.time_here()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// A whole number among the parameters; `limits` and what to refuse others with are the caller's.
    pub fn size(
        &self,
        name: &str,
        allowed: std::ops::RangeInclusive<usize>,
        default: usize,
        refusal: impl FnOnce(String) -> Refusal,
    ) -> Result<usize, Refusal> {
        let Some(value) = self.call.value(name) else { return Ok(default) };
        match value.as_u64().and_then(|number| usize::try_from(number).ok()) {
            Some(number) if allowed.contains(&number) => Ok(number),
            _ => Err(refusal(format!(
                "{name} {value} is not between {} and {}",
                allowed.start(),
                allowed.end()
            ))),
        }
    }

    /// Which of `total` items the page has that the token in the parameter `name` leads to; `None` for a
    /// token that nobody gave out for this list.
    pub fn page(&self, name: &str, size: usize, total: usize) -> Option<Page> {
        let start = match self.call.text(name) {
            None => 0,
            Some(token) => self.offset_of(token)?,
        };
        let end = total.min(start.saturating_add(size)).max(start);
        Some(match self.page_fault {
            None => {
                Page { items: start.min(total)..end.min(total), next: (end < total).then(|| self.token(end)) }
            }
            Some(PageFault::Empty) => Page { items: 0..0, next: Some(self.token(start)) },
            Some(PageFault::Repeat) => {
                Page { items: start.min(total)..end.min(total), next: Some(self.token(start)) }
            }
        })
    }

    /// A token that tells the client nothing, and that only fits the list it was given out for.
    fn token(&self, offset: usize) -> String {
        let list = format!(
            "{}|{}|{}|{}|{offset}",
            self.call.action(),
            self.caller.account,
            self.call.region,
            self.call.text("ParentId").unwrap_or_default()
        );
        let digest = Sha256::digest(list.as_bytes());
        let mut token: String = digest.iter().take(20).map(|byte| format!("{byte:02x}")).collect();
        token.push_str(&format!("{:08x}", (offset as u32) ^ 0x5eed_beef));
        token
    }

    fn offset_of(&self, token: &str) -> Option<usize> {
        let number = u32::from_str_radix(token.get(40..)?, 16).ok()?;
        let offset = (number ^ 0x5eed_beef) as usize;
        (self.token(offset) == token).then_some(offset)
    }
}
