//! What the tests share.

#[cfg(feature = "sandbox")]
pub mod database;
mod keywatch;
#[cfg(feature = "sandbox")]
mod mail;
mod process;
mod python;
#[cfg(feature = "sandbox")]
pub mod receiver;
#[cfg(feature = "sandbox")]
pub mod scene;

pub use keywatch::Keywatch;
#[cfg(feature = "sandbox")]
pub use mail::MailServer;
pub use process::{Output, Process};
pub use python::python_with;

/// A day in a month, for what has to end, by the clock that the binary reads.
pub fn in_a_month() -> String {
    let day = ::keywatch::app::now() + jiff::SignedDuration::from_hours(30 * 24);
    day.strftime("%Y-%m-%d").to_string()
}
