use super::{HomeRegion, check_not_both, distinct};
use crate::{
    config::{
        RegionChoice, Regions,
        problem::Wrong,
        reader::{Item, Reader},
        values::{Given, text},
    },
    domain::Region,
};

impl Regions {
    pub(super) fn read(from: &mut Reader, home: &HomeRegion) -> Self {
        let include = from.read_list("regions.include", choice);
        let exclude = from.read_list("regions.exclude", region).map(|(_, items)| items).unwrap_or_default();
        let include = match include {
            None => Self::default().include,
            Some((place, items)) => {
                if items.is_empty() && !from.is_broken("regions.include") {
                    let wrong = Wrong::new(
                        "is empty, so nothing would be scanned",
                        "write [\"enabled\"] for every Region that an account has enabled, or name Regions",
                    );
                    from.problem(place, "regions.include", wrong);
                }
                check_partition(from, &items, home);
                let named = |choice: &Region| RegionChoice::Named(choice.clone());
                let unwanted: Vec<Item<RegionChoice>> = exclude
                    .iter()
                    .map(|item| Item { value: named(&item.value), place: item.place.clone() })
                    .collect();
                check_not_both(from, ("regions.include", &items), ("regions.exclude", &unwanted), |choice| {
                    match choice {
                        RegionChoice::Named(region) => region.to_string(),
                        RegionChoice::Enabled => "enabled".to_owned(),
                    }
                });
                distinct(items)
            }
        };
        Self { include, exclude: distinct(exclude) }
    }
}

/// Credentials hold in one partition only, so Regions of another would all fail.
fn check_partition(from: &mut Reader, items: &[Item<RegionChoice>], home: &HomeRegion) {
    let Some(origin) = home.origin() else { return };
    for item in items {
        if let RegionChoice::Named(region) = &item.value
            && region.partition() != home.value.partition()
        {
            let wrong = Wrong::new(
                format!(
                    "{region} lies in the partition {}, aws.home_region ({}, {origin}) in {}",
                    region.partition(),
                    home.value,
                    home.value.partition(),
                ),
                "one scan covers one partition: name only its Regions, or set aws.home_region",
            );
            from.problem(item.place.clone(), "regions.include", wrong);
        }
    }
}

/// A Region's name.
pub(super) fn region(given: &Given) -> Result<Region, Wrong> {
    let name = text(given)?;
    name.parse().map_err(|_| {
        Wrong::new(format!("{name:?} is not the name of an AWS Region"), "write it as in \"eu-central-1\"")
    })
}

fn choice(given: &Given) -> Result<RegionChoice, Wrong> {
    match text(given)? {
        "enabled" => Ok(RegionChoice::Enabled),
        name => name.parse().map(RegionChoice::Named).map_err(|_| {
            Wrong::new(
                format!("{name:?} is not the name of an AWS Region"),
                "write \"enabled\", or a name as in \"eu-central-1\"",
            )
        }),
    }
}
