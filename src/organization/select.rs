use super::{Roster, Unit};
use crate::{
    config::{ManagementAccount, Organization, OuSelector},
    domain::{Account, AccountId, CoverageReason, Skip},
};

/// Why an account is left out; `None` if it is to be scanned.
///
/// `own` is the account that keywatch runs in.
pub fn skip(config: &Organization, roster: &Roster, own: AccountId, account: &Account) -> Option<Skip> {
    let excluded = |detail: String| Some(Skip { reason: CoverageReason::AccountExcluded, detail });
    if !account.state.is_usable() {
        let detail = format!("the account's state is {}", account.state.as_str());
        return Some(Skip { reason: CoverageReason::AccountNotActive, detail });
    }
    let special = account.id == own || account.id == roster.management_account;
    if special && config.management_account == ManagementAccount::Skip {
        return excluded("organization.management_account is \"skip\"".to_owned());
    }
    if config.exclude_accounts.contains(&account.id) {
        return excluded("listed in organization.exclude_accounts".to_owned());
    }
    let unit = roster.tree.unit_of(account.id);
    if let Some(selector) = config.exclude_ous.iter().find(|selector| within(unit, selector)) {
        return excluded(format!("in {}, listed in organization.exclude_ous", name(selector)));
    }
    if !config.include_accounts.is_empty() || !config.include_ous.is_empty() {
        let included = config.include_accounts.contains(&account.id)
            || config.include_ous.iter().any(|selector| within(unit, selector))
            // Moved while the tree was read: leaving it out would resolve findings that nobody looked at.
            || (unit.is_none() && !config.include_ous.is_empty());
        if !included {
            return excluded(
                "neither in organization.include_accounts nor in organization.include_ous".to_owned(),
            );
        }
    }
    None
}

/// The units that the config names and the organization does not have: a typing error that would
/// silently include or exclude nothing.
pub fn unknown_units(config: &Organization, roster: &Roster) -> Vec<String> {
    config
        .include_ous
        .iter()
        .chain(&config.exclude_ous)
        .filter(|selector| !roster.tree.units().iter().any(|unit| unit.is_within(selector)))
        .map(|selector| name(selector).to_owned())
        .collect()
}

fn within(unit: Option<&Unit>, selector: &OuSelector) -> bool {
    unit.is_some_and(|unit| unit.is_within(selector))
}

fn name(selector: &OuSelector) -> &str {
    match selector {
        OuSelector::Id(name) | OuSelector::Path(name) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::AccountState, organization::Tree};

    fn id(n: u64) -> AccountId {
        format!("{n:012}").parse().unwrap()
    }

    fn account(n: u64, state: &str) -> Account {
        Account {
            id: id(n),
            name: format!("account {n}"),
            email: String::new(),
            ou_path: None,
            state: AccountState::from(state),
            joined_at: None,
        }
    }

    /// Root (1 = management) > Workloads (2) > Prod (3); Root > Workloads2 (4).
    fn roster() -> Roster {
        let root = Unit::root("r-1".to_owned(), "Root");
        let workloads = root.child("ou-1-w".to_owned(), "Workloads");
        let prod = workloads.child("ou-1-p".to_owned(), "Prod");
        let other = root.child("ou-1-x".to_owned(), "Workloads2");
        let mut tree = Tree::default();
        for (unit, n) in [(root, 1), (workloads, 2), (prod, 3), (other, 4)] {
            tree.add(unit, [id(n)]);
        }
        Roster { management_account: id(1), accounts: (1..5).map(|n| account(n, "ACTIVE")).collect(), tree }
    }

    fn scanned(config: &Organization) -> Vec<u64> {
        let roster = roster();
        (1..5).filter(|n| skip(config, &roster, id(2), &account(*n, "ACTIVE")).is_none()).collect()
    }

    #[test]
    fn everything_usable_is_scanned_by_default() {
        let config = Organization::default();
        assert_eq!(scanned(&config), [1, 2, 3, 4]);
        for (state, scanned) in [
            ("PENDING_CLOSURE", true),
            ("SUSPENDED", false),
            ("CLOSED", false),
            ("PENDING_ACTIVATION", false),
            ("NEW", true),
        ] {
            let skip = skip(&config, &roster(), id(2), &account(3, state));
            assert_eq!(skip.is_none(), scanned, "{state}");
            assert!(skip.is_none_or(|skip| skip.reason == CoverageReason::AccountNotActive));
        }
    }

    #[test]
    fn units_are_matched_nested_by_id_or_by_path_and_never_by_a_part_of_a_name() {
        let path = |text: &str| vec![OuSelector::Path(text.to_owned())];
        let within = |include_ous| Organization { include_ous, ..Organization::default() };
        assert_eq!(scanned(&within(path("Root/Workloads"))), [2, 3]);
        assert_eq!(scanned(&within(vec![OuSelector::Id("ou-1-w".to_owned())])), [2, 3]);
        assert_eq!(scanned(&within(path("Root"))), [1, 2, 3, 4]);
        let without =
            Organization { exclude_ous: path("Root/Workloads/Prod"), ..within(path("Root/Workloads")) };
        assert_eq!(scanned(&without), [2]);
        let both = Organization { include_accounts: vec![id(4)], ..within(path("Root/Workloads/Prod")) };
        assert_eq!(scanned(&both), [3, 4]);
    }

    #[test]
    fn an_account_that_is_in_no_unit_is_scanned_rather_than_forgotten() {
        let by_unit = Organization {
            include_ous: vec![OuSelector::Path("Root/Workloads".to_owned())],
            ..Organization::default()
        };
        assert_eq!(skip(&by_unit, &roster(), id(2), &account(9, "ACTIVE")), None);
        let by_account = Organization { include_accounts: vec![id(3)], ..Organization::default() };
        assert!(skip(&by_account, &roster(), id(2), &account(9, "ACTIVE")).is_some());
    }

    #[test]
    fn exclusion_wins_and_skip_means_own_and_management_account() {
        let config = Organization {
            include_accounts: vec![id(3)],
            exclude_accounts: vec![id(3)],
            ..Organization::default()
        };
        assert_eq!(scanned(&config), [0_u64; 0]);
        let config = Organization { management_account: ManagementAccount::Skip, ..Organization::default() };
        assert_eq!(scanned(&config), [3, 4]);
    }

    #[test]
    fn a_unit_that_does_not_exist_is_found_out() {
        let config = Organization {
            include_ous: vec![
                OuSelector::Path("Root/Workload".to_owned()),
                OuSelector::Id("ou-1-p".to_owned()),
            ],
            ..Organization::default()
        };
        assert_eq!(unknown_units(&config, &roster()), ["Root/Workload"]);
    }
}
