//! Where DMS and KMS exist, by partition. Source: `endpoints.json` of botocore 1.44.5; opt-in Regions by
//! the Account Management reference guide.

use crate::domain::Partition;

/// A Region with DMS.
pub struct DmsRegion {
    pub name: &'static str,
    /// Whether an account must enable it first.
    pub opt_in: bool,
}

/// The Regions with DMS in the partition.
pub fn regions(partition: Partition) -> impl Iterator<Item = DmsRegion> {
    let (default, opt_in): (&[_], &[_]) = match partition {
        Partition::Aws => (&AWS, &AWS_OPT_IN),
        Partition::China => (&["cn-north-1", "cn-northwest-1"], &[]),
        Partition::UsGov => (&["us-gov-east-1", "us-gov-west-1"], &[]),
        Partition::Eusc => (&["eusc-de-east-1"], &[]),
        Partition::Iso => (&["us-iso-east-1", "us-iso-west-1"], &[]),
        Partition::IsoB => (&["us-isob-east-1", "us-isob-west-1"], &[]),
        Partition::IsoE => (&["eu-isoe-west-1"], &[]),
        Partition::IsoF => (&["us-isof-east-1", "us-isof-south-1"], &[]),
    };
    let of =
        |names: &'static [&'static str], opt_in| names.iter().map(move |name| DmsRegion { name, opt_in });
    of(default, false).chain(of(opt_in, true))
}

const AWS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

const AWS_OPT_IN: [&str; 17] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Region;

    #[test]
    fn every_name_is_a_region_of_its_partition() {
        for partition in Partition::ALL {
            let mut names: Vec<_> = regions(partition).map(|region| region.name).collect();
            assert!(!names.is_empty(), "{partition}");
            for name in &names {
                assert_eq!(name.parse::<Region>().unwrap().partition(), partition, "{name}");
            }
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count);
        }
    }
}
