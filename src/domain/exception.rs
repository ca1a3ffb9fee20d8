use std::fmt;

use jiff::{civil::Date, tz::TimeZone};

use super::{AccountId, Timestamp};

/// An accepted risk: which findings, who accepted it, why, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The check whose findings it covers; `None` for all checks.
    pub check_id: Option<String>,
    /// What it covers.
    pub covers: Covers,
    /// Why the risk is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What an exception covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covers {
    /// The resource of this ARN.
    Resource(String),
    /// Everything in the account.
    Account(AccountId),
    /// Everything in the accounts of this organizational unit and of those below it, by its path
    /// (`Root/Workloads/Prod`).
    Unit(String),
    /// Every resource with this tag.
    Tag {
        /// The tag's key.
        key: String,
        /// The tag's value.
        value: String,
    },
}

impl fmt::Display for Covers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(arn) => f.write_str(arn),
            Self::Account(account) => write!(f, "account {account}"),
            Self::Unit(path) => write!(f, "OU {path}"),
            Self::Tag { key, value } => write!(f, "tag {key}={value}"),
        }
    }
}

impl Exception {
    /// Whether it can only be applied with the tags of resources at hand.
    pub fn needs_tags(&self) -> bool {
        matches!(self.covers, Covers::Tag { .. })
    }
}

/// A text that is neither a day nor a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no day such as \"2027-01-31\"")]
pub struct InvalidExpiry(pub String);

/// When an exception ends: of a day its last second in UTC, or a moment as it is.
///
/// # Errors
/// Where the text is neither.
pub fn parse_expiry(text: &str) -> Result<Timestamp, InvalidExpiry> {
    let wrong = || InvalidExpiry(text.to_owned());
    match text.parse::<Date>() {
        Ok(day) if text.len() == "2027-01-31".len() => {
            TimeZone::UTC.to_timestamp(day.at(23, 59, 59, 0)).map_err(|_| wrong())
        }
        _ => text.parse().map_err(|_| wrong()),
    }
}

/// A tag as `key=value`; the value may be empty and may hold further `=`.
pub fn parse_tag(text: &str) -> Option<Covers> {
    let (key, value) = text.split_once('=').filter(|(key, _)| !key.is_empty())?;
    Some(Covers::Tag { key: key.to_owned(), value: value.to_owned() })
}

/// Whether the text can be the ARN of a DMS resource.
pub fn is_dms_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.split(':').nth(2) == Some("dms") && text.split(':').count() >= 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_with_its_last_second_in_utc() {
        let shown = |text: &str| parse_expiry(text).map(|at| at.to_string());
        assert_eq!(shown("2027-01-31").unwrap(), "2027-01-31T23:59:59Z");
        assert_eq!(shown("2027-01-31T12:00:00+02:00").unwrap(), "2027-01-31T10:00:00Z");
        for wrong in ["", "soon", "2027-02-30", "31.01.2027", "2027-01-31 12:00", "2027-01-31T12:00:00"] {
            assert!(shown(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_tag_has_a_key() {
        let tag = |key: &str, value: &str| Some(Covers::Tag { key: key.to_owned(), value: value.to_owned() });
        assert_eq!(parse_tag("Stage=test"), tag("Stage", "test"));
        assert_eq!(parse_tag("Stage="), tag("Stage", ""));
        assert_eq!(parse_tag("a=b=c"), tag("a", "b=c"));
        assert_eq!(parse_tag("=b"), None);
        assert_eq!(parse_tag("Stage"), None);
    }
}
