use std::collections::HashMap;

use crate::domain::AccountId;

/// A root or organizational unit, with the way down to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id and those of everything above it, the root's first.
    pub ids: Vec<String>,
    /// The names in the same order, joined: `Root/Workloads/Prod`.
    pub path: String,
}

impl Unit {
    /// A root.
    pub fn root(id: String, name: &str) -> Self {
        Self { ids: vec![id], path: name.to_owned() }
    }

    /// A unit right below this one.
    pub fn child(&self, id: String, name: &str) -> Self {
        let mut ids = self.ids.clone();
        ids.push(id);
        Self { ids, path: format!("{}/{name}", self.path) }
    }

    /// Its own id.
    pub fn id(&self) -> &str {
        self.ids.last().map_or("", String::as_str)
    }

    /// Whether it is that unit, or lies below it. A name may hold a slash, so a path is matched by whole
    /// names as far as slashes can tell; an id is exact.
    pub fn is_within(&self, selector: &crate::config::OuSelector) -> bool {
        use crate::config::OuSelector;
        match selector {
            OuSelector::Id(id) => self.ids.contains(id),
            OuSelector::Path(path) => {
                self.path == *path
                    || self.path.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
            }
        }
    }
}

/// The tree of organizational units: which unit each account lies in.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    units: Vec<Unit>,
    of_account: HashMap<AccountId, usize>,
}

impl Tree {
    /// Adds a unit with the accounts right below it.
    pub fn add(&mut self, unit: Unit, accounts: impl IntoIterator<Item = AccountId>) {
        let index = self.units.len();
        self.units.push(unit);
        self.of_account.extend(accounts.into_iter().map(|account| (account, index)));
    }

    /// The unit that the account lies in.
    pub fn unit_of(&self, account: AccountId) -> Option<&Unit> {
        self.of_account.get(&account).and_then(|&index| self.units.get(index))
    }

    /// Every unit.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }
}
