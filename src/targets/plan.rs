use std::collections::BTreeMap;

use super::{Listed, dms};
use crate::{
    config::{RegionChoice, Regions},
    domain::{CoverageReason, Partition, Region, Skip},
};

/// Every Region that counts for an account: to be scanned, or left out with the reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// By Region.
    pub regions: BTreeMap<Region, Planned>,
}

/// What is to be done about one Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// Scan it. If the token is not accepted there, it is because the account has not enabled it.
    Scan {
        /// Whether an unaccepted token means "not enabled": only where nobody told us that it is.
        may_be_disabled: bool,
    },
    /// Leave it out.
    Skip(Skip),
}

/// Plans an account's Regions. `listed` is what ListRegions said, `None` where it gave no answer.
pub fn plan(partition: Partition, config: &Regions, listed: Option<&Listed>) -> Plan {
    let known: BTreeMap<Region, bool> = dms::regions(partition)
        .filter_map(|region| Some((region.name.parse().ok()?, region.opt_in)))
        .collect();
    let named = |region: &Region| config.include.contains(&RegionChoice::Named(region.clone()));
    let enabled = config.include.contains(&RegionChoice::Enabled);

    let mut all: Vec<&Region> = known.keys().chain(listed.into_iter().flat_map(BTreeMap::keys)).collect();
    all.extend(config.include.iter().filter_map(|choice| match choice {
        RegionChoice::Named(region) => Some(region),
        RegionChoice::Enabled => None,
    }));

    let decide = |region: &Region| {
        let excluded = |detail: &str| {
            Planned::Skip(Skip { reason: CoverageReason::RegionExcluded, detail: detail.to_owned() })
        };
        if config.exclude.contains(region) {
            return excluded("listed in regions.exclude");
        }
        if !enabled && !named(region) {
            return excluded("not listed in regions.include");
        }
        let status = listed.map(|listed| listed.get(region).map(String::as_str));
        match status {
            // An unknown word is no proof that the Region is off: look.
            Some(Some(status)) if matches!(status, "DISABLED" | "DISABLING" | "ENABLING") => {
                Planned::Skip(Skip {
                    reason: CoverageReason::RegionNotEnabled,
                    detail: format!("account:ListRegions says {status}"),
                })
            }
            Some(None) if !named(region) => Planned::Skip(Skip {
                reason: CoverageReason::RegionNotEnabled,
                detail: "account:ListRegions does not list it".to_owned(),
            }),
            _ if !known.contains_key(region) && !named(region) => excluded(
                "this version of keywatch does not know that DMS is there; name it in regions.include to scan it",
            ),
            _ => Planned::Scan {
                may_be_disabled: match status {
                    Some(Some(_)) => false,
                    Some(None) => true,
                    None => known.get(region).copied().unwrap_or(true),
                },
            },
        }
    };
    Plan { regions: all.into_iter().map(|region| (region.clone(), decide(region))).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    fn listed(pairs: &[(&str, &str)]) -> Listed {
        pairs.iter().map(|(name, status)| (region(name), (*status).to_owned())).collect()
    }

    fn reason(plan: &Plan, name: &str) -> Option<CoverageReason> {
        match &plan.regions[&region(name)] {
            Planned::Scan { .. } => None,
            Planned::Skip(skip) => Some(skip.reason),
        }
    }

    #[test]
    fn what_is_enabled_and_has_dms_is_scanned_and_all_else_is_named() {
        let listed = listed(&[
            ("us-east-1", "ENABLED_BY_DEFAULT"),
            ("eu-south-1", "ENABLED"),
            ("me-south-1", "DISABLED"),
            ("af-south-1", "ENABLING"),
            ("xx-new-1", "ENABLED"),
            ("eu-west-1", "SOMETHING_NEW"),
        ]);
        let plan = plan(Partition::Aws, &Regions::default(), Some(&listed));
        assert_eq!(reason(&plan, "us-east-1"), None);
        assert_eq!(reason(&plan, "eu-south-1"), None);
        assert_eq!(reason(&plan, "eu-west-1"), None, "an unknown status hides nothing");
        assert_eq!(reason(&plan, "me-south-1"), Some(CoverageReason::RegionNotEnabled));
        assert_eq!(reason(&plan, "af-south-1"), Some(CoverageReason::RegionNotEnabled));
        assert_eq!(
            reason(&plan, "us-west-2"),
            Some(CoverageReason::RegionNotEnabled),
            "not in the list at all"
        );
        assert_eq!(reason(&plan, "xx-new-1"), Some(CoverageReason::RegionExcluded));
    }

    #[test]
    fn a_region_that_is_named_is_scanned_even_if_unknown() {
        let config = Regions {
            include: vec![RegionChoice::Named(region("xx-new-1")), RegionChoice::Named(region("us-east-1"))],
            exclude: vec![],
        };
        let plan = plan(Partition::Aws, &config, Some(&listed(&[("us-east-1", "ENABLED_BY_DEFAULT")])));
        assert_eq!(plan.regions[&region("xx-new-1")], Planned::Scan { may_be_disabled: true });
        assert_eq!(plan.regions[&region("us-east-1")], Planned::Scan { may_be_disabled: false });
        assert_eq!(reason(&plan, "eu-west-1"), Some(CoverageReason::RegionExcluded));
    }

    #[test]
    fn exclusion_wins() {
        let config = Regions { exclude: vec![region("us-east-1")], ..Regions::default() };
        let plan = plan(Partition::Aws, &config, Some(&listed(&[("us-east-1", "ENABLED_BY_DEFAULT")])));
        assert_eq!(reason(&plan, "us-east-1"), Some(CoverageReason::RegionExcluded));
    }

    #[test]
    fn without_a_list_every_known_region_is_tried_and_only_opt_in_ones_may_be_off() {
        let plan = plan(Partition::Aws, &Regions::default(), None);
        assert_eq!(plan.regions.len(), 34);
        assert_eq!(plan.regions[&region("us-east-1")], Planned::Scan { may_be_disabled: false });
        assert_eq!(plan.regions[&region("me-south-1")], Planned::Scan { may_be_disabled: true });
    }
}
