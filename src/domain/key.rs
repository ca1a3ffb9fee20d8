use std::fmt;

use super::{AccountId, Region};

/// A KMS key as a DMS resource names it in `KmsKeyId`: a key ARN, an alias ARN, a bare key id, or an
/// alias name. DMS does not promise which.
///
/// Source: DMS user guide, "Setting an encryption key"; KMS API, `DescribeKey$KeyId`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyRef {
    text: String,
}

/// The account and Region that a key ARN or alias ARN names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHome {
    /// The account that owns the key.
    pub account: AccountId,
    /// The Region the key is in.
    pub region: Region,
}

impl KeyRef {
    /// Takes the text of a `KmsKeyId`; an empty or blank one is no key.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self { text: text.to_owned() })
    }

    /// The text as AWS gave it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Account and Region, if the text is an ARN that names them.
    pub fn home(&self) -> Option<KeyHome> {
        let mut parts = self.text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        let (_partition, service, region, account) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        parts.next()?;
        (service == "kms").then_some(())?;
        Some(KeyHome { account: account.parse().ok()?, region: region.parse().ok()? })
    }

    /// The text behind the ARN's prefix: `key/…`, `alias/…`, or the whole text where it is no ARN.
    fn resource(&self) -> &str {
        if self.text.starts_with("arn:") { self.text.splitn(6, ':').nth(5).unwrap_or("") } else { &self.text }
    }

    /// The alias name, `alias/…`, if the text names an alias.
    pub fn alias_name(&self) -> Option<&str> {
        let resource = self.resource();
        resource.starts_with("alias/").then_some(resource)
    }

    /// The key id without any prefix, if the text names a key rather than an alias.
    pub fn key_id(&self) -> Option<&str> {
        let resource = self.resource();
        if self.text.starts_with("arn:") {
            resource.strip_prefix("key/")
        } else {
            (!resource.starts_with("alias/")).then_some(resource)
        }
    }

    /// Whether the name lies under `alias/aws/`, which AWS keeps for its managed keys. Such a name is
    /// itself the answer and is never looked up: `DescribeKey` on it would create the key.
    ///
    /// Source: KMS API, `DescribeKey`.
    pub fn is_aws_alias(&self) -> bool {
        self.alias_name().is_some_and(|alias| alias.starts_with("alias/aws/"))
    }
}

impl fmt::Display for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Who manages a key. Source: KMS API, `KeyMetadata$KeyManager`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyManager {
    /// AWS.
    Aws,
    /// The customer.
    Customer,
}

impl KeyManager {
    /// AWS's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Customer => "CUSTOMER",
        }
    }
}

/// What `kms:DescribeKey` said of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMetadata {
    /// The key's ARN.
    pub arn: String,
    /// Who manages it; `None` for a word that this version does not know.
    pub manager: Option<KeyManager>,
    /// AWS's own word for its state: `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> KeyRef {
        KeyRef::parse(text).unwrap()
    }

    #[test]
    fn all_four_ways_to_name_a_key() {
        let arn = key("arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd");
        assert_eq!(arn.home().unwrap().account.as_str(), "111122223333");
        assert_eq!(arn.home().unwrap().region.as_str(), "eu-west-1");
        assert_eq!((arn.key_id(), arn.alias_name()), (Some("mrk-1234abcd"), None));

        let alias = key("arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/app/dms");
        assert_eq!((alias.key_id(), alias.alias_name()), (None, Some("alias/app/dms")));
        assert!(alias.home().is_some());

        assert_eq!(key("1234abcd-12ab").key_id(), Some("1234abcd-12ab"));
        assert_eq!(key("1234abcd-12ab").home(), None);
        assert_eq!(key("alias/app").alias_name(), Some("alias/app"));
        assert_eq!(KeyRef::parse("  "), None);
    }

    #[test]
    fn only_the_prefix_that_aws_reserves_is_an_aws_alias() {
        assert!(key("alias/aws/dms").is_aws_alias());
        assert!(key("arn:aws-cn:kms:cn-north-1:111122223333:alias/aws/dms").is_aws_alias());
        for not in
            ["alias/awsome", "alias/aws", "aws/dms", "arn:aws:kms:us-east-1:111122223333:key/alias/aws/dms"]
        {
            assert!(!key(not).is_aws_alias(), "{not}");
        }
    }
}
