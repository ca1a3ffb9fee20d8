//! What the tests share.

mod keywatch;
mod process;

pub use keywatch::Keywatch;
pub use process::{Output, Process};
