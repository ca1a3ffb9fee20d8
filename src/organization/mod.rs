//! Step 1, who exists: the accounts of the organization, with their OU paths.
//!
//! Read from the management account or from any service's delegated administrator; both see the same.

mod read;
mod sample;
mod select;
mod tree;

pub use read::{Described, OrganizationReader};
pub use sample::Sample;
pub use select::{skip, unknown_units};
pub use tree::{Tree, Unit};

use crate::domain::{Account, AccountId};

/// Every account of the organization, complete.
#[derive(Debug, Clone)]
pub struct Roster {
    /// The account that manages the organization; service control policies don't bind it.
    pub management_account: AccountId,
    /// All accounts, whatever their state.
    pub accounts: Vec<Account>,
    /// The tree they lie in; empty where it could not be read.
    pub tree: Tree,
}
