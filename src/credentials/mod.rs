//! Step 2, how to get in: an audit-role session per account.
//!
//! keywatch's own credentials, the reader role's and each account's are sessions of their own, each
//! renewed by itself, so that no link of the chain of roles outlives the others unnoticed.

mod assume;
mod identity;
mod sessions;
mod skew;

pub use assume::RoleSession;
pub use identity::{Identity, identify, identify_by_clock};
pub use sessions::{Sessions, role_arn};
pub use skew::ClockSkew;
