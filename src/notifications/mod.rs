//! Telling people: [`News`] in, one message to one channel out.
//!
//! What each channel is told is worked out by pure functions (`message`, `render`). Sending is one attempt, bounded
//! in time and size, whose failure says whether another may help; when that is, and how often, is for
//! [`next_attempt`]. Secrets are read from their files for each attempt and are in no error, log or message.

mod email;
mod error;
mod hook;
mod http;
mod message;
mod place;
mod render;
mod retry;
mod secret;
mod sign;
mod topic;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    config::{Aws, Notify, RateLimits, Scan},
    domain::{Channel, News, Timestamp},
};

pub use error::SendError;
pub use place::{Place, places};
pub use retry::{GIVE_UP_AFTER, next_attempt};
pub use secret::SecretError;
use topic::Topics;

/// The longest that one attempt may take, whatever the channel.
pub const LONGEST_ATTEMPT: Duration = Duration::from_secs(60);

/// A report as a mail carries it; other channels only say that it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// The report as a page, which takes the place of the mail's own HTML.
    pub html: String,
    /// The name of the file that comes with it.
    pub file_name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub file: Vec<u8>,
}

/// Sends messages. Made for one round of them; what is costly to set up is set up when first needed.
pub struct Courier {
    notify: Notify,
    http: http::Client,
    topics: Topics,
}

impl Courier {
    /// One for these channels. `aws`, `scan` and `limits` are for SNS, which is called as everything else is.
    pub fn new(notify: &Notify, aws: &Aws, scan: &Scan, limits: &RateLimits) -> Self {
        Self {
            notify: notify.clone(),
            http: http::Client::default(),
            topics: Topics::new(aws.clone(), scan.clone(), limits.clone()),
        }
    }

    /// Makes one attempt. `id` is the message's for good: whoever gets it twice can tell by it. What is enclosed goes
    /// with a mail only.
    ///
    /// # Errors
    /// Where it did not arrive, or nobody can tell whether it did.
    pub async fn send(
        &self,
        channel: Channel,
        id: &str,
        news: &News,
        enclosed: Option<&Enclosed>,
        now: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<(), SendError> {
        let attempt = async {
            match channel {
                Channel::Webhook => hook::send(&self.http, off(&self.notify.webhook)?, id, news, now).await,
                Channel::Slack => hook::send_slack(&self.http, off(&self.notify.slack)?, id, news).await,
                Channel::Email => email::send(off(&self.notify.email)?, id, news, enclosed).await,
                Channel::Sns => self.topics.publish(off(&self.notify.sns)?, id, news, cancel).await,
            }
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(SendError::Stopped),
            sent = attempt => sent,
            () = tokio::time::sleep(LONGEST_ATTEMPT) => {
                Err(SendError::transient(format!("not done after {} s", LONGEST_ATTEMPT.as_secs())))
            }
        }
    }
}

/// A message may be older than the config.
fn off<T>(channel: &Option<T>) -> Result<&T, SendError> {
    channel.as_ref().ok_or_else(|| SendError::transient("the config no longer says where to send it"))
}

/// Reads every secret that the channels need, and says what is wrong with each that can't be used: which key of
/// the config, and what to do.
pub fn check_secrets(notify: &Notify) -> Vec<String> {
    secret::files(notify)
        .into_iter()
        .filter_map(|(key, path)| secret::read(path).err().map(|error| format!("{key}: {error}")))
        .collect()
}
