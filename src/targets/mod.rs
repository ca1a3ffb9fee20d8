//! Step 3, where to look: account x Region, with the reason why a pair is left out.
//!
//! The rule, in this order, for each account:
//! 1. `regions.exclude` leaves a Region out; so does `regions.include` where it doesn't name it.
//! 2. `account:ListRegions` tells what the account has enabled. A Region that it has not enabled is left
//!    out and shown: it may still hold data that nobody can see.
//! 3. `"enabled"` means enabled and known to have DMS (`dms.rs`). A Region that is enabled but unknown to
//!    this version is left out and shown; name it in `regions.include` to scan it all the same.
//! 4. Where ListRegions gives no answer, every known Region of the partition is tried, and an opt-in one
//!    that does not accept the token is taken as not enabled.

mod cadence;
mod dms;
mod list;
mod plan;

pub use cadence::{Estimate, Size, Turn, estimate, expect_next, turn};
pub use list::{Listed, list_regions};
pub use plan::{Plan, Planned, plan};
