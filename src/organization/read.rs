use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_organizations::{Client, config, types};
use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{Roster, Tree, Unit};
use crate::{
    aws::{Bounds, CallError, Caller, Class, Operation, Page, Session, timestamp},
    domain::{Account, AccountId, AccountState, CoverageReason, Region},
};

/// Organizations' largest page.
const PAGE: i32 = 20;

/// Reads the organization with one session.
pub struct OrganizationReader<'a> {
    client: Client,
    caller: &'a Caller,
    session: &'a Session,
    home: &'a Region,
    bounds: &'a Bounds,
}

impl<'a> OrganizationReader<'a> {
    /// A reader that calls with the session's credentials, from the home Region.
    pub fn new(
        sdk: &SdkConfig,
        caller: &'a Caller,
        session: &'a Session,
        home: &'a Region,
        bounds: &'a Bounds,
    ) -> Self {
        Self { client: Client::new(sdk), caller, session, home, bounds }
    }

    /// Reads the accounts and the tree of organizational units.
    ///
    /// # Errors
    /// Whatever the calls say; there is no half a list. Where only the tree is refused and
    /// `tree_needed` is false, the list comes without OU paths, with the refusal.
    pub async fn roster(&self, tree_needed: bool) -> Result<(Roster, Option<CallError>), CallError> {
        // At once: each is a chain of pages, and none needs another.
        let (management_account, accounts, tree) =
            tokio::join!(self.management_account(), self.accounts(), self.tree());
        let (management_account, mut accounts) = (management_account?, accounts?);
        let (tree, refused) = match tree {
            Ok(tree) => (tree, None),
            Err(error) if error.class == Class::Denied && !tree_needed => (Tree::default(), Some(error)),
            Err(error) => return Err(error),
        };
        for account in &mut accounts {
            account.ou_path = tree.unit_of(account.id).map(|unit| unit.path.clone());
        }
        Ok((Roster { management_account, accounts, tree }, refused))
    }

    async fn management_account(&self) -> Result<AccountId, CallError> {
        let operation = Operation::DescribeOrganization;
        let answer = self
            .caller
            .call(operation, self.session, self.home, self.bounds, |credentials| {
                let call =
                    self.client.describe_organization().customize().config_override(acting_as(credentials));
                async move { call.send().await.map_err(|error| CallError::from_sdk(operation, &error)) }
            })
            .await?;
        let id = answer.organization.and_then(|organization| organization.master_account_id);
        parse_id(operation, id.as_deref())
    }

    async fn accounts(&self) -> Result<Vec<Account>, CallError> {
        let operation = Operation::ListAccounts;
        let accounts = self
            .all_pages(operation, |credentials, token| {
                let call = self.client.list_accounts().max_results(PAGE).set_next_token(token);
                let call = call.customize().config_override(acting_as(credentials));
                async move {
                    let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                    Page::new(operation, page.accounts, page.next_token)
                }
            })
            .await?;
        accounts.iter().map(account_from).collect()
    }

    async fn tree(&self) -> Result<Tree, CallError> {
        let mut tree = Tree::default();
        let mut reading: FuturesUnordered<_> =
            self.roots().await?.into_iter().map(|root| self.below(root)).collect();
        while let Some(below) = reading.next().await {
            let (unit, children, accounts) = below?;
            reading.extend(children.into_iter().map(|child| self.below(child)));
            tree.add(unit, accounts);
        }
        Ok(tree)
    }

    /// A unit with what lies right below it.
    async fn below(&self, unit: Unit) -> Result<(Unit, Vec<Unit>, Vec<AccountId>), CallError> {
        let (children, accounts) = tokio::join!(self.children(&unit), self.accounts_in(&unit));
        Ok((unit, children?, accounts?))
    }

    async fn roots(&self) -> Result<Vec<Unit>, CallError> {
        let operation = Operation::ListRoots;
        let roots = self
            .all_pages(operation, |credentials, token| {
                let call = self.client.list_roots().max_results(PAGE).set_next_token(token);
                let call = call.customize().config_override(acting_as(credentials));
                async move {
                    let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                    Page::new(operation, page.roots, page.next_token)
                }
            })
            .await?;
        roots
            .into_iter()
            .map(|root| Ok(Unit::root(named(operation, root.id)?, root.name.as_deref().unwrap_or("Root"))))
            .collect()
    }

    async fn children(&self, parent: &Unit) -> Result<Vec<Unit>, CallError> {
        let operation = Operation::ListOrganizationalUnitsForParent;
        let units = self
            .all_pages(operation, |credentials, token| {
                let call = self.client.list_organizational_units_for_parent();
                let call = call.parent_id(parent.id()).max_results(PAGE).set_next_token(token);
                let call = call.customize().config_override(acting_as(credentials));
                async move {
                    let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                    Page::new(operation, page.organizational_units, page.next_token)
                }
            })
            .await?;
        units
            .into_iter()
            .map(|unit| {
                let id = named(operation, unit.id)?;
                let name = unit.name.unwrap_or_else(|| id.clone());
                Ok(parent.child(id, &name))
            })
            .collect()
    }

    async fn accounts_in(&self, parent: &Unit) -> Result<Vec<AccountId>, CallError> {
        let operation = Operation::ListAccountsForParent;
        let accounts = self
            .all_pages(operation, |credentials, token| {
                let call = self.client.list_accounts_for_parent();
                let call = call.parent_id(parent.id()).max_results(PAGE).set_next_token(token);
                let call = call.customize().config_override(acting_as(credentials));
                async move {
                    let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                    Page::new(operation, page.accounts, page.next_token)
                }
            })
            .await?;
        accounts.iter().map(|account| parse_id(operation, account.id())).collect()
    }

    async fn all_pages<T, F>(
        &self,
        operation: Operation,
        page: impl Fn(Credentials, Option<String>) -> F,
    ) -> Result<Vec<T>, CallError>
    where
        F: Future<Output = Result<Page<T>, CallError>>,
    {
        self.caller.all_pages(operation, self.session, self.home, self.bounds, page).await
    }
}

fn acting_as(credentials: Credentials) -> config::Builder {
    config::Builder::new().credentials_provider(credentials)
}

fn account_from(account: &types::Account) -> Result<Account, CallError> {
    let state = account.state().map(types::AccountState::as_str);
    // Retired on 2026-09-09, and the only word that an older answer has.
    let status = || account.status().map(types::AccountStatus::as_str);
    Ok(Account {
        id: parse_id(Operation::ListAccounts, account.id())?,
        name: account.name().unwrap_or_default().to_owned(),
        email: account.email().unwrap_or_default().to_owned(),
        ou_path: None,
        state: AccountState::from(state.or_else(status).unwrap_or("UNKNOWN")),
        joined_at: account.joined_timestamp().and_then(timestamp),
    })
}

fn parse_id(operation: Operation, id: Option<&str>) -> Result<AccountId, CallError> {
    id.unwrap_or_default()
        .parse()
        .map_err(|error: crate::domain::InvalidAccountId| invalid(operation, error.to_string()))
}

fn named(operation: Operation, id: Option<String>) -> Result<String, CallError> {
    id.ok_or_else(|| invalid(operation, "an entry without an id".to_owned()))
}

fn invalid(operation: Operation, message: String) -> CallError {
    CallError::defect(operation, CoverageReason::InvalidResponse, message)
}
