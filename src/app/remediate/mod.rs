//! Putting findings right: which finding is meant, the way into its account, and what is done there.

mod apply;
mod finding;
mod journal;
mod place;
mod verify;

pub use apply::{Applied, ApplyOptions, Prepared, apply, prepare};
pub use finding::{OpenFinding, find};
pub use verify::{Verified, verify};
