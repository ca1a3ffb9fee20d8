use std::fmt;

use crate::domain::{AccountId, Region};

/// Something that a day brought. Resources and keys are named by their ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A new account, with a few resources.
    Joined(AccountId),
    /// The account belongs to the organization no longer.
    Left(AccountId),
    /// The account was closed for good.
    Closed(AccountId),
    /// The account was suspended, to come back.
    Suspended(AccountId),
    /// It is back.
    Reinstated(AccountId),
    /// The audit role was deleted.
    RoleLost(AccountId),
    /// It was made again.
    RoleRestored(AccountId),
    /// The audit role got the rights in KMS that it lacked.
    RightsGranted(AccountId),
    /// A service control policy denies the Region.
    RegionDenied(Region),
    /// It denies it no longer.
    RegionAllowed(Region),
    /// A new resource.
    Appeared(String),
    /// A resource was made again under a customer key; the old one is still there.
    Recreated {
        /// The one that is wrong.
        from: String,
        /// Its successor.
        to: String,
    },
    /// A resource was deleted.
    Deleted(String),
    /// A customer key was disabled, or its deletion scheduled.
    KeySpoiled(String),
    /// It is enabled again.
    KeyEnabled(String),
}

impl Happening {
    /// Whether it concerns a whole account or more, so that it is worth a line.
    pub fn is_big(&self) -> bool {
        !matches!(self, Self::Appeared(_) | Self::Recreated { .. } | Self::Deleted(_))
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joined(account) => write!(f, "account {account} joins"),
            Self::Left(account) => write!(f, "account {account} leaves"),
            Self::Closed(account) => write!(f, "account {account} is closed"),
            Self::Suspended(account) => write!(f, "account {account} is suspended"),
            Self::Reinstated(account) => write!(f, "account {account} is back"),
            Self::RoleLost(account) => write!(f, "account {account} loses its audit role"),
            Self::RoleRestored(account) => write!(f, "account {account} has its audit role again"),
            Self::RightsGranted(account) => write!(f, "account {account} lets keys be described"),
            Self::RegionDenied(region) => write!(f, "{region} is denied to all members"),
            Self::RegionAllowed(region) => write!(f, "{region} is allowed again"),
            Self::Appeared(arn) => write!(f, "{arn} appears"),
            Self::Recreated { from, to } => write!(f, "{from} is made again as {to}"),
            Self::Deleted(arn) => write!(f, "{arn} is deleted"),
            Self::KeySpoiled(arn) => write!(f, "{} is about to be unusable", key(arn)),
            Self::KeyEnabled(arn) => write!(f, "{} is enabled again", key(arn)),
        }
    }
}

/// `key/…`, without what makes its ARN long.
fn key(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
