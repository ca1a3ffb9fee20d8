//! What the tests share.

#[cfg(feature = "sandbox")]
pub mod database;
mod keywatch;
mod process;
mod python;
#[cfg(feature = "sandbox")]
pub mod receiver;
#[cfg(feature = "sandbox")]
pub mod scene;

pub use keywatch::Keywatch;
pub use process::{Output, Process};
pub use python::python_with;
