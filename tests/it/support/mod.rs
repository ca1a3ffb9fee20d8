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
