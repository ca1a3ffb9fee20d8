use std::{fmt, str::FromStr, sync::Arc};

/// The name of an AWS Region, `eu-central-1`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(Arc<str>);

/// A text that cannot be the name of a Region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of an AWS Region such as \"eu-central-1\"")]
pub struct InvalidRegion(pub String);

impl Region {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition the Region lies in, by its name.
    ///
    /// Source: `partitions.json` of botocore, `regionRegex`.
    pub fn partition(&self) -> Partition {
        let name = self.as_str();
        match name {
            _ if name.starts_with("cn-") => Partition::China,
            _ if name.starts_with("us-gov-") => Partition::UsGov,
            _ if name.starts_with("eusc-") => Partition::Eusc,
            _ if name.starts_with("us-iso-") => Partition::Iso,
            _ if name.starts_with("us-isob-") => Partition::IsoB,
            _ if name.starts_with("eu-isoe-") => Partition::IsoE,
            _ if name.starts_with("us-isof-") || name.starts_with("eu-isof-") => Partition::IsoF,
            _ => Partition::Aws,
        }
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    /// Accepts `letters-letters…-number`, the form of every Region's name. It becomes part of a host
    /// name, so nothing else may pass.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('-').collect();
        let well_formed = parts.len() >= 3
            && text.len() <= 32
            && parts.last().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            && parts[..parts.len() - 1]
                .iter()
                .all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
        if well_formed { Ok(Self(text.into())) } else { Err(InvalidRegion(text.to_owned())) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An AWS partition: a set of Regions with accounts and credentials of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Partition {
    /// `aws`: the commercial Regions.
    Aws,
    /// `aws-cn`: China.
    China,
    /// `aws-us-gov`: GovCloud (US).
    UsGov,
    /// `aws-eusc`: European Sovereign Cloud.
    Eusc,
    /// `aws-iso`.
    Iso,
    /// `aws-iso-b`.
    IsoB,
    /// `aws-iso-e`.
    IsoE,
    /// `aws-iso-f`.
    IsoF,
}

impl Partition {
    /// Every partition.
    pub const ALL: [Self; 8] =
        [Self::Aws, Self::China, Self::UsGov, Self::Eusc, Self::Iso, Self::IsoB, Self::IsoE, Self::IsoF];

    /// The partition's name as it stands in an ARN.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::UsGov => "aws-us-gov",
            Self::Eusc => "aws-eusc",
            Self::Iso => "aws-iso",
            Self::IsoB => "aws-iso-b",
            Self::IsoE => "aws-iso-e",
            Self::IsoF => "aws-iso-f",
        }
    }

    /// The partition of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|partition| partition.as_str() == name)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_a_name_and_never_a_piece_of_a_url() {
        for good in ["us-east-1", "us-gov-west-1", "ap-southeast-7", "us-isob-east-1", "eusc-de-east-1"] {
            assert_eq!(good.parse::<Region>().unwrap().as_str(), good);
        }
        for bad in ["", "enabled", "us-east", "US-EAST-1", "us-east-1.evil.test", "us/east-1", "us--1", "*"] {
            assert!(bad.parse::<Region>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_partition_follows_from_the_name() {
        let partition = |name: &str| name.parse::<Region>().unwrap().partition().as_str();
        assert_eq!(partition("eu-central-1"), "aws");
        assert_eq!(partition("cn-north-1"), "aws-cn");
        assert_eq!(partition("us-gov-east-1"), "aws-us-gov");
        assert_eq!(partition("us-iso-east-1"), "aws-iso");
        assert_eq!(partition("us-isob-east-1"), "aws-iso-b");
        assert_eq!(partition("eusc-de-east-1"), "aws-eusc");
    }
}
