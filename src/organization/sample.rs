use std::collections::VecDeque;

use super::{OrganizationReader, Tree, Unit};
use crate::{
    aws::{CallError, Pages},
    domain::Account,
};

/// A part of the organization, for whoever wants one account of each unit and not all of them.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Roots and units from the top down, each with its first accounts.
    pub units: Vec<(Unit, Vec<Account>)>,
    /// Whether no unit was left out.
    pub whole: bool,
}

impl Sample {
    /// The units and accounts as a tree.
    pub fn tree(&self) -> Tree {
        let mut tree = Tree::default();
        for (unit, accounts) in &self.units {
            tree.add(unit.clone(), accounts.iter().map(|account| account.id));
        }
        tree
    }
}

impl OrganizationReader<'_> {
    /// Reads at most so many units, from the top down, with the first page of the accounts in each.
    ///
    /// # Errors
    /// What the calls say.
    pub async fn sample(&self, most: usize) -> Result<Sample, CallError> {
        let mut waiting: VecDeque<Unit> = self.roots().await?.into();
        let mut sample = Sample::default();
        while let Some(unit) = waiting.pop_front() {
            if sample.units.len() == most {
                return Ok(sample);
            }
            let mut pages = Pages::default();
            let (children, accounts) =
                tokio::join!(self.children(&unit), self.next_accounts_in(&unit, &mut pages));
            waiting.extend(children?);
            sample.units.push((unit, accounts?.unwrap_or_default()));
        }
        sample.whole = true;
        Ok(sample)
    }
}
