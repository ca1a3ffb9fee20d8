use std::{fmt, str::FromStr};

use super::Timestamp;

/// The id of an AWS account: exactly twelve digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId([u8; 12]);

/// A text that is not an account id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an AWS account id: twelve digits, quoted so that leading zeros stay")]
pub struct InvalidAccountId(pub String);

impl AccountId {
    /// The id of no account, for what is asked before keywatch knows which account it runs in.
    pub const NONE: Self = Self([b'0'; 12]);

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        // Only ASCII digits get in, see `from_str`.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(InvalidAccountId(text.to_owned())),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What AWS Organizations says of an account: its `State`, or its older `Status` where that is missing.
///
/// Source: Organizations API, `Account$State` and `Account$Status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountState {
    /// Usable.
    Active,
    /// Its owner asked for closure; it "remains functional and can still be used", so it is scanned.
    PendingClosure,
    /// Suspended by AWS; nobody can call it.
    Suspended,
    /// Closed; it stays listed for 90 days.
    Closed,
    /// Created, but not yet usable.
    PendingActivation,
    /// A state that this version does not know; the account is scanned, so that nothing is hidden.
    Other(String),
}

impl AccountState {
    /// AWS's own word for the state.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "ACTIVE",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Suspended => "SUSPENDED",
            Self::Closed => "CLOSED",
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Other(word) => word,
        }
    }

    /// Whether anyone can still make a call in the account.
    pub fn is_usable(&self) -> bool {
        !matches!(self, Self::Suspended | Self::Closed | Self::PendingActivation)
    }
}

impl From<&str> for AccountState {
    fn from(word: &str) -> Self {
        match word {
            "ACTIVE" => Self::Active,
            "PENDING_CLOSURE" => Self::PendingClosure,
            "SUSPENDED" => Self::Suspended,
            "CLOSED" => Self::Closed,
            "PENDING_ACTIVATION" => Self::PendingActivation,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name, at most 128 characters; anything can stand in it.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// The names of its organizational units from the root down, `Root/Workloads/Prod`; `None` where
    /// the tree could not be read.
    pub ou_path: Option<String>,
    /// Its state.
    pub state: AccountState,
    /// When it was created in or invited to the organization.
    pub joined_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_twelve_digits() {
        assert_eq!("000000000012".parse::<AccountId>().unwrap().to_string(), "000000000012");
        for bad in ["", "12", "0000000000123", "00000000001a", " 00000000012", "٠٠٠٠٠٠"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad:?}");
        }
    }
}
