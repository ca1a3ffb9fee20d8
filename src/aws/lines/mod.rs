//! Bulkheads: a service that answers nobody in a Region is not asked by everybody, for each of its calls
//! holds a slot until its time is up.

mod line;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::Notify,
    time::{Duration, Instant, sleep_until},
};

use super::{CallError, Class, Operation, Service};
use crate::domain::{AccountId, Failure, Region};
use line::Line;

/// The line to each service in each Region.
pub struct Lines {
    lines: Mutex<HashMap<Region, HashMap<Service, Arc<Shared>>>>,
    /// The longest that a call takes without an answer.
    attempt: Duration,
}

#[derive(Default)]
struct Shared {
    line: Mutex<Line>,
    revived: Notify,
}

impl Lines {
    pub fn new(attempt: Duration) -> Self {
        Self { lines: Mutex::default(), attempt }
    }

    /// Lets a call pass, and tells whether it tries a dead line. Any other fails at once where the line is
    /// dead, so that its target's turn is another's.
    ///
    /// Without STS and Organizations there is nothing to scan: who needs them waits for the line to be
    /// revived, as long as its own bounds allow, and holds no slot meanwhile.
    pub async fn pass(&self, operation: Operation, region: &Region) -> Result<bool, CallError> {
        let Some((service, shared)) = self.shared(operation, region) else { return Ok(false) };
        loop {
            let revived = shared.revived.notified();
            let passed = shared.line().pass(Instant::now(), self.apart(service));
            match passed {
                Ok(tries) => return Ok(tries),
                Err(until) if is_for_all(service) => {
                    tokio::select! {
                        () = revived => {}
                        () = sleep_until(until) => {}
                    }
                }
                Err(_) => match self.refusal(operation, region) {
                    Some(refusal) => return Err(refusal),
                    // Revived in between.
                    None => return Ok(false),
                },
            }
        }
    }

    /// What a call fails with on a dead line; `None` if it is not dead.
    pub fn refusal(&self, operation: Operation, region: &Region) -> Option<CallError> {
        let (_, shared) = self.shared(operation, region)?;
        let refusal = shared.line().refusal(region.as_str(), Instant::now())?;
        let failure = Failure { operation: operation.name(), ..refusal };
        Some(CallError { class: Class::NoAnswer, failure })
    }

    /// Something came back.
    pub fn answered(&self, operation: Operation, region: &Region) {
        let Some((_, shared)) = self.shared(operation, region) else { return };
        if shared.line().answered() {
            tracing::warn!(operation = operation.name(), %region, "the service answers again");
            shared.revived.notify_waiters();
        }
    }

    /// Nothing came back.
    pub fn silent(&self, operation: Operation, account: AccountId, region: &Region, failure: &Failure) {
        let Some((service, shared)) = self.shared(operation, region) else { return };
        let account = (!is_for_all(service)).then_some(account);
        let died = shared.line().silent(account, failure, Instant::now(), self.apart(service));
        if died {
            tracing::warn!(
                operation = operation.name(), %region, %failure,
                "the service answers nobody here: until it does, one call at a time tries it"
            );
        }
    }

    /// Whether a line that is dead, or was when the call tried it, is waited for: then it is not the call's
    /// fault that it was not answered.
    pub fn is_waited_for(&self, operation: Operation, region: &Region, tried: bool) -> bool {
        self.shared(operation, region)
            .is_some_and(|(service, shared)| is_for_all(service) && (tried || shared.line().is_dead()))
    }

    /// The time between two calls that try a dead line. Who waits for it wants one on its way at all times;
    /// else a call that tries holds up its target, and there should be a pause in which the target is let go.
    fn apart(&self, service: Service) -> Duration {
        if is_for_all(service) { self.attempt } else { self.attempt * 2 }
    }

    fn shared(&self, operation: Operation, region: &Region) -> Option<(Service, Arc<Shared>)> {
        let service = operation.service()?;
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lines.get(region).and_then(|services| services.get(&service));
        let shared = match known {
            Some(shared) => Arc::clone(shared),
            None => Arc::clone(lines.entry(region.clone()).or_default().entry(service).or_default()),
        };
        Some((service, shared))
    }
}

/// Called by keywatch's own account on behalf of all.
fn is_for_all(service: Service) -> bool {
    matches!(service, Service::Sts | Service::Organizations)
}

impl Shared {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
