use std::{fmt, future::Future, pin::Pin, time::Duration};

use aws_credential_types::Credentials;
use tokio::sync::Mutex;

use super::{Bounds, CallError, Caller};
use crate::domain::AccountId;

/// Credentials are renewed when this little of their life is left, so that no call starts with a pair
/// that ends on its way.
const RENEW_BEFORE: Duration = Duration::from_secs(120);

/// What [`Source::fetch`] returns.
pub type SourceFuture<'a> = Pin<Box<dyn Future<Output = Result<Credentials, CallError>> + Send + 'a>>;

/// Where a session's credentials come from.
pub trait Source: Send + Sync {
    /// Fetches new ones.
    fn fetch<'a>(&'a self, caller: &'a Caller, bounds: &'a Bounds) -> SourceFuture<'a>;
}

/// A way into one account: credentials that are fetched when first needed, by one task at a time, and
/// renewed before they expire. Each link of a chain of roles is a session of its own, so each is renewed.
pub struct Session {
    account: AccountId,
    source: Box<dyn Source>,
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Empty,
    Held(Credentials),
    /// Refused for good; the account's other targets needn't ask again.
    Refused(CallError),
}

impl Session {
    /// A session that has fetched nothing yet.
    pub fn new(account: AccountId, source: impl Source + 'static) -> Self {
        Self { account, source: Box::new(source), state: Mutex::default() }
    }

    /// The account whose quotas its calls draw on.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Credentials that are good for a while yet.
    ///
    /// # Errors
    /// What the source says, or the bounds.
    pub async fn credentials(&self, caller: &Caller, bounds: &Bounds) -> Result<Credentials, CallError> {
        let mut state = self.state.lock().await;
        match &*state {
            State::Held(held) if !runs_out(held, caller) => return Ok(held.clone()),
            State::Refused(error) => return Err(error.clone()),
            State::Held(_) | State::Empty => {}
        }
        match self.source.fetch(caller, bounds).await {
            Ok(fresh) => {
                *state = State::Held(fresh.clone());
                Ok(fresh)
            }
            Err(error) => {
                if !error.is_retryable() && !bounds.is_over() {
                    *state = State::Refused(error.clone());
                }
                Err(error)
            }
        }
    }

    /// AWS said that these have expired, whatever our clock says: forget them.
    pub async fn expire(&self, expired: &Credentials) {
        let mut state = self.state.lock().await;
        if matches!(&*state, State::Held(held) if held.access_key_id() == expired.access_key_id()) {
            *state = State::Empty;
        }
    }
}

fn runs_out(held: &Credentials, caller: &Caller) -> bool {
    held.expiry().is_some_and(|expiry| expiry < caller.now() + RENEW_BEFORE)
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("account", &self.account).finish_non_exhaustive()
    }
}
