//! Putting findings right: which finding is meant, the way into its account, and what is done there.

mod apply;
mod choice;
mod files;
mod finding;
mod journal;
mod place;
mod plan;
mod verify;

pub use apply::{Applied, ApplyOptions, Prepared, apply, prepare};
pub use choice::KeyOptions;
pub use files::{WrittenPlan, write_plans};
pub use finding::{OpenFinding, find};
pub use plan::{Planned, Which, plan};
pub use verify::{Verified, verify};
