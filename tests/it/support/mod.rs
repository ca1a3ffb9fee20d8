//! What the tests share.

mod keywatch;
mod process;
#[cfg(feature = "sandbox")]
pub mod scene;

pub use keywatch::Keywatch;
pub use process::{Output, Process};
