//! Step 4, look within limits: one observation per target.
//!
//! Three lists of resources, each with an outcome of its own, then each distinct key once. Only reads;
//! an `alias/aws/…` name is never looked up, because that would create the key.

mod aliases;
mod collector;
mod dms;
mod kms;
mod probe;
mod remembered;

pub use collector::{Collector, Looked, OwnerFuture, Owners};
pub use probe::Probe;
pub use remembered::Remembered;
