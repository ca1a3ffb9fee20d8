use std::fmt;

use crate::domain::{AccountId, Partition};

/// Stands for the id of the account in which a key is made.
const PLACEHOLDER: &str = "{account}";

/// An IAM principal of a key policy: the ARN of a user or role, in which `{account}` may stand for the id of the account
/// that the key is made in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPrincipal(String);

/// Why a text is no [`KeyPrincipal`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPrincipal {
    /// Its form.
    #[error("{0:?} is not the ARN of an IAM role or user")]
    Form(String),
    /// It would let everybody in.
    #[error("{0:?} stands for more than one principal")]
    Wildcard(String),
    /// AWS does not look across partitions.
    #[error("{arn:?} lies in the partition {found}, the keys in {wanted}")]
    Partition {
        /// What was given.
        arn: String,
        /// Its partition.
        found: String,
        /// That of the keys.
        wanted: Partition,
    },
}

impl KeyPrincipal {
    /// Checks the form and the partition.
    ///
    /// Source: IAM user guide, "IAM identifiers": `arn:partition:iam::account:role/path/name` and `user/…`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, partition: Partition) -> Result<Self, InvalidPrincipal> {
        let form = || InvalidPrincipal::Form(text.to_owned());
        if text.contains(['*', '?']) {
            return Err(InvalidPrincipal::Wildcard(text.to_owned()));
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", found, "iam", "", account, resource] = parts[..] else { return Err(form()) };
        let (kind, path) = resource.split_once('/').ok_or_else(form)?;
        let name = path.rsplit('/').next().unwrap_or_default();
        let named = matches!(kind, "role" | "user")
            && path.len() <= 512
            && path
                .split('/')
                .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic()))
            && (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
        let somewhere = account == PLACEHOLDER || account.parse::<AccountId>().is_ok();
        if !named || !somewhere || resource.contains(PLACEHOLDER) {
            return Err(form());
        }
        if Partition::from_name(found) != Some(partition) {
            let (arn, found) = (text.to_owned(), found.to_owned());
            return Err(InvalidPrincipal::Partition { arn, found, wanted: partition });
        }
        Ok(Self(text.to_owned()))
    }

    /// The ARN for a key in that account.
    pub fn in_account(&self, account: AccountId) -> String {
        self.0.replacen(PLACEHOLDER, &account.to_string(), 1)
    }
}

impl fmt::Display for KeyPrincipal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
