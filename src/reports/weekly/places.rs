use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use super::{coverage::Seen, trend::add};
use crate::{
    history::{AccountThen, WeekFacts},
    reports::{Counts, Finding, Place, TargetCounts},
};

/// The places of one kind, by their ids.
struct Places<'a> {
    by_id: BTreeMap<&'a str, Place>,
    /// Whether there was a week before.
    had_begun: bool,
}

impl<'a> Places<'a> {
    fn at(&mut self, id: &'a str) -> &mut Place {
        let had_begun = self.had_begun;
        self.by_id.entry(id).or_insert_with(|| Place {
            id: id.to_owned(),
            name: id.to_owned(),
            open_last_week: had_begun.then_some(0),
            ..Place::default()
        })
    }

    /// The most open findings first.
    fn ranked(self) -> Vec<Place> {
        let mut places: Vec<Place> = self.by_id.into_values().collect();
        places.sort_by_key(|place| Reverse(place.open));
        places
    }
}

/// The OUs, the accounts and the Regions. What happened in an account in the week counts in the OU in which it stands
/// at the end. `open_before` are the findings open when the week began; none in a first week.
pub(super) fn all(
    facts: &WeekFacts,
    findings: &[Finding],
    open_before: Option<&HashSet<i64>>,
    seen: &Seen<'_>,
) -> (Vec<Place>, Vec<Place>, Vec<Place>) {
    let new = || Places { by_id: BTreeMap::new(), had_begun: open_before.is_some() };
    let (mut ous, mut accounts, mut regions) = (new(), new(), new());
    let known: HashMap<&str, &AccountThen> =
        facts.accounts.iter().map(|account| (account.account_id.as_str(), account)).collect();
    let ou = |account: &str| known.get(account).and_then(|account| account.ou_path.as_deref()).unwrap_or("");
    let ou_before = |account: &str| {
        known.get(account).and_then(|account| account.ou_path_before.as_deref()).unwrap_or("")
    };

    for row in &facts.verdicts {
        let counts = Counts { pass: row.pass, fail: row.fail, unknown: row.unknown, suppressed: 0 };
        let places = [ous.at(ou(&row.account_id)), accounts.at(&row.account_id), regions.at(&row.region)];
        for place in places {
            place.counts = add(place.counts, counts);
        }
    }
    let mut places_of = HashMap::with_capacity(findings.len());
    for finding in findings {
        let (account, region) = (finding.account_id.as_str(), finding.region.as_str());
        places_of.insert(finding.finding_id, (account, region));
        if open_before.is_some_and(|before| before.contains(&finding.finding_id)) {
            for place in [ous.at(ou_before(account)), accounts.at(account), regions.at(region)] {
                place.open_last_week = place.open_last_week.map(|open| open + 1);
            }
        }
        for place in [ous.at(ou(account)), accounts.at(account), regions.at(region)] {
            match finding.state.as_str() {
                "open" => place.open += 1,
                "suppressed" => suppress(&mut place.counts, &finding.status),
                _ => {}
            }
        }
    }
    for event in &facts.events {
        let Some(&(account, region)) = places_of.get(&event.finding_id) else { continue };
        for place in [ous.at(ou(account)), accounts.at(account), regions.at(region)] {
            match event.event.as_str() {
                "opened" | "reopened" => place.opened += 1,
                "resolved" => place.resolved += 1,
                _ => {}
            }
        }
    }
    for (account, targets) in &seen.accounts {
        for place in [ous.at(ou(account)), accounts.at(account)] {
            place.targets = together(place.targets, *targets);
        }
    }
    for (region, targets) in &seen.regions {
        regions.at(region).targets = *targets;
    }
    for (id, place) in &mut accounts.by_id {
        if let Some(account) = known.get(id) {
            place.name.clone_from(&account.name);
            place.ou_path.clone_from(&account.ou_path);
        }
    }
    accounts.by_id.retain(|_, place| is_worth_a_line(place));
    ous.by_id.retain(|_, place| *place != nothing(place));
    (ous.ranked(), accounts.ranked(), regions.ranked())
}

/// Counts a verdict of that status as suppressed.
fn suppress(counts: &mut Counts, status: &str) {
    let verdicts = if status == "fail" { &mut counts.fail } else { &mut counts.unknown };
    *verdicts = verdicts.saturating_sub(1);
    counts.suppressed += 1;
}

/// Whether something is or was open in an account, happened in it, or could not be seen.
fn is_worth_a_line(place: &Place) -> bool {
    let numbers = [place.open, place.open_last_week.unwrap_or(0), place.opened, place.resolved];
    numbers.iter().any(|number| *number > 0) || place.targets.failed > 0
}

/// A place of that name in which there is nothing.
fn nothing(place: &Place) -> Place {
    Place {
        id: place.id.clone(),
        name: place.name.clone(),
        open_last_week: place.open_last_week.map(|_| 0),
        ..Place::default()
    }
}

fn together(one: TargetCounts, other: TargetCounts) -> TargetCounts {
    TargetCounts {
        scanned: one.scanned + other.scanned,
        failed: one.failed + other.failed,
        skipped: one.skipped + other.skipped,
    }
}
