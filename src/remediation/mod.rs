//! Step 7, how it is put right: what AWS says just now of a finding's resource, the plan that follows from it, and the
//! steps that carry it out.
//!
//! Nothing here believes the history: `facts` are read afresh, and each step looks again before it acts.

mod aws;
pub mod blockers;
pub mod facts;
pub mod inputs;
pub mod plan;
pub mod policy;
pub mod read;
#[cfg(test)]
mod sample;
pub mod steps;

pub use aws::{Place, Start};
