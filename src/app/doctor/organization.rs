//! Whether the organization can be listed, and which account of each unit to try.

use super::{Step, TREE, advice, iam::Facts, result::CheckResult};
use crate::{
    aws::{Bounds, CallError, Pages},
    domain::{Account, AccountId},
    organization::{Described, OrganizationReader, Roster, Sample, Tree, skip},
};

const READER: &str = "reader_role";
const ORGANIZATION: &str = "organization";
const ACCOUNTS: &str = "accounts";
const TREE_OF_UNITS: &str = "organization_tree";
pub const NAMES: [&str; 3] = [ORGANIZATION, ACCOUNTS, TREE_OF_UNITS];

/// The most units in which an account is tried; at Organizations' pace these take a minute.
const UNITS: usize = 60;

/// An account to enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub account: AccountId,
    /// How to call it: its unit and name, as far as known.
    pub label: String,
    /// It manages the organization, so no policy of it reaches there: what holds there says little of the others.
    pub manages: bool,
}

pub struct Found {
    pub results: Vec<CheckResult>,
    pub candidates: Vec<Candidate>,
    /// With the organization's id.
    pub facts: Facts,
}

pub async fn check(step: &Step<'_>, mut facts: Facts, chosen: Option<AccountId>) -> Found {
    let (config, sessions) = (&step.config.organization, &step.connection.sessions);
    let chosen = chosen.map(|account| Candidate { account, label: account.to_string(), manages: false });
    let mut results = Vec::new();
    let mut lister = facts.own_arn.clone();
    if let Some(role_arn) = &config.reader_role_arn {
        match sessions.reader().credentials(&step.connection.caller, &step.bounds()).await {
            Ok(_) => results.push(CheckResult::ok(READER, format!("assumed {role_arn}"))),
            Err(error) => {
                let fix = advice::reader(&error, &facts, role_arn);
                results.push(CheckResult::failed(READER, error.to_string(), fix));
                results.extend(CheckResult::all_skipped(&NAMES, "needs the reader role"));
                return Found { results, candidates: chosen.into_iter().collect(), facts };
            }
        }
        lister.clone_from(role_arn);
    }

    let (sdk, caller, home) = (&step.connection.sdk, &step.connection.caller, &step.config.aws.home_region);
    let (short, long) = (step.bounds(), Bounds::within(TREE, step.cancel));
    let reader = OrganizationReader::new(sdk, caller, sessions.reader(), home, &short);
    let patient = OrganizationReader::new(sdk, caller, sessions.reader(), home, &long);
    let mut pages = Pages::default();
    let (described, accounts, sample) =
        tokio::join!(reader.describe(), reader.next_accounts(&mut pages), patient.sample(UNITS));
    let accounts = accounts.map(Option::unwrap_or_default);

    facts.place.organization_id = described.as_ref().ok().and_then(|described| described.id.clone());
    results.push(organization(&described, &facts, &lister));
    results.push(listed(&accounts, &facts, &lister));
    let by_unit = !config.include_ous.is_empty() || !config.exclude_ous.is_empty();
    results.push(tree(&sample, by_unit, &facts, &lister));

    let candidates = match chosen {
        Some(chosen) => vec![chosen],
        None => {
            let roster = Roster {
                management_account: described
                    .map_or(AccountId::NONE, |described| described.management_account),
                accounts: Vec::new(),
                tree: sample.as_ref().map_or_else(|_| Tree::default(), Sample::tree),
            };
            let to_scan = |account: &Account| skip(config, &roster, facts.hub, account).is_none();
            let mut found =
                candidates(sample.as_ref().ok(), accounts.as_deref().unwrap_or_default(), to_scan);
            for candidate in &mut found {
                candidate.manages = candidate.account == roster.management_account;
            }
            found
        }
    };
    Found { results, candidates, facts }
}

fn organization(described: &Result<Described, CallError>, facts: &Facts, lister: &str) -> CheckResult {
    match described {
        Ok(Described { id, management_account }) => {
            let id = id.as_deref().unwrap_or("without an id");
            CheckResult::ok(ORGANIZATION, format!("{id}, managed by {management_account}"))
        }
        Err(error) => refused(ORGANIZATION, error, facts, lister),
    }
}

fn listed(accounts: &Result<Vec<Account>, CallError>, facts: &Facts, lister: &str) -> CheckResult {
    match accounts {
        Ok(accounts) if accounts.is_empty() => CheckResult::failed(
            ACCOUNTS,
            "organizations:ListAccounts answers an empty list, and an organization has at least its management account",
            "Look at what answers: AWS_ENDPOINT_URL, a proxy",
        ),
        Ok(accounts) => CheckResult::ok(ACCOUNTS, format!("{} on the first page", accounts.len())),
        Err(error) => refused(ACCOUNTS, error, facts, lister),
    }
}

/// Without the tree a scan goes on, if no filter of the config needs it.
fn tree(sample: &Result<Sample, CallError>, by_unit: bool, facts: &Facts, lister: &str) -> CheckResult {
    match sample {
        Ok(Sample { units, whole: true }) => {
            CheckResult::ok(TREE_OF_UNITS, format!("{} roots and units", units.len()))
        }
        Ok(Sample { units, whole: false }) => {
            let looked_at = units.len();
            CheckResult::ok(
                TREE_OF_UNITS,
                format!(
                    "can be read; the first {looked_at} roots and units were, for more --account looks into one"
                ),
            )
        }
        Err(error) if by_unit => refused(TREE_OF_UNITS, error, facts, lister),
        Err(error) => CheckResult::warning(
            TREE_OF_UNITS,
            format!("accounts will be shown without their path: {error}"),
            advice::organization(error, facts, lister),
        ),
    }
}

fn refused(name: &'static str, error: &CallError, facts: &Facts, lister: &str) -> CheckResult {
    CheckResult::failed(name, error.to_string(), advice::organization(error, facts, lister))
}

/// The first account of each unit that would be scanned; the first listed one where no unit is known.
fn candidates(
    sample: Option<&Sample>,
    listed: &[Account],
    to_scan: impl Fn(&Account) -> bool,
) -> Vec<Candidate> {
    let candidate = |account: &Account, unit: &str| Candidate {
        account: account.id,
        label: format!("{unit}{} ({})", account.name, account.id),
        manages: false,
    };
    match sample {
        Some(sample) => sample
            .units
            .iter()
            .filter_map(|(unit, accounts)| {
                let account = accounts.iter().find(|account| to_scan(account))?;
                Some(candidate(account, &format!("{}: ", unit.path)))
            })
            .collect(),
        None => listed
            .iter()
            .find(|account| to_scan(account))
            .map(|account| candidate(account, ""))
            .into_iter()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::AccountState, organization::Unit};

    fn account(n: u64, state: AccountState) -> Account {
        let id = format!("{n:012}").parse().unwrap();
        let (name, email) = (format!("account {n}"), String::new());
        Account { id, name, email, ou_path: None, state, joined_at: None }
    }

    #[test]
    fn one_account_of_each_unit_is_tried() {
        let root = Unit::root("r-1".to_owned(), "Root");
        let prod = root.child("ou-1".to_owned(), "Prod");
        let empty = root.child("ou-2".to_owned(), "Empty");
        let units = vec![
            (root, vec![account(1, AccountState::Active)]),
            (
                prod,
                vec![
                    account(2, AccountState::Suspended),
                    account(3, AccountState::Active),
                    account(4, AccountState::Active),
                ],
            ),
            (empty, vec![account(5, AccountState::Closed)]),
        ];
        let sample = Sample { units, whole: true };
        let found = candidates(Some(&sample), &[], |account| account.state.is_usable());
        let labels: Vec<&str> = found.iter().map(|candidate| candidate.label.as_str()).collect();
        assert_eq!(labels, ["Root: account 1 (000000000001)", "Root/Prod: account 3 (000000000003)"]);
    }

    #[test]
    fn without_units_one_of_the_listed_accounts_is_tried() {
        let listed = [
            account(1, AccountState::Suspended),
            account(2, AccountState::Active),
            account(3, AccountState::Active),
        ];
        let found = candidates(None, &listed, |account| account.state.is_usable());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].account, listed[1].id);
        assert!(candidates(None, &[], |_| true).is_empty());
    }
}
