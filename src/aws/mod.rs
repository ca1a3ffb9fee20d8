//! The edge to AWS that every stage shares: one HTTP client, rate limits, retries, and one place that
//! sorts errors.
//!
//! Each attempt of each call goes the same way: fresh credentials, then a permit of its (account,
//! Region, service) bucket, and only then a slot of the global concurrency, so that a throttled target
//! waits without holding anybody up. The SDK's own retries are off: they would pass below the permits.

mod base;
mod call;
mod counts;
mod document;
mod error;
mod http;
mod limits;
mod lines;
mod nulls;
mod operation;
mod pages;
mod per_region;
mod session;

pub use aws_config::SdkConfig;
pub use base::{SdkSettings, load};
pub use call::{Bounds, Caller, CallerStats};
pub use counts::{CallCount, CallCounts, CallOutcome, Durations};
pub use document::{Body, JsonInput, kept, redact};
pub use error::{CallError, Class};
pub use operation::{Operation, Service};
pub use pages::{Page, Pages};
pub use per_region::PerRegion;
pub use session::{Session, Source, SourceFuture};

use crate::domain::Timestamp;

/// The SDK's moment as ours; `None` outside the years that ours can hold.
pub fn timestamp(at: &aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::from_second(at.secs()).ok()
}
