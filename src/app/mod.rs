//! Wiring: builds clients and stores, runs a scan from end to end, owns the clock and the shutdown.
//!
//! The only place that knows all stages; it hands what one made to the next.

mod account;
mod clock;
mod connect;
mod due;
mod exceptions;
mod listing;
mod progress;
mod record;
mod resume;
#[cfg(feature = "sandbox")]
mod sandbox;
mod scan;
mod shutdown;

pub use clock::{Clock, now};
pub use exceptions::{add_exception, check_exceptions, remove_exception};
pub use progress::{Progress, Snapshot};
#[cfg(feature = "sandbox")]
pub use sandbox::{SandboxLife, SandboxPlan, ServedSandbox, serve_sandbox};
pub use scan::{Report, Scope, scan};
pub use shutdown::on_signal;
