use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_organizations::{Client, config, types};
use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{Tree, Unit};
use crate::{
    aws::{Bounds, CallError, Caller, Operation, Page, Pages, Session, timestamp},
    domain::{Account, AccountId, AccountState, CoverageReason, Region},
};

/// Organizations' largest page.
const PAGE: i32 = 20;

/// What an organization says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its id, `o-…`.
    pub id: Option<String>,
    /// The account that manages it.
    pub management_account: AccountId,
}

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

    /// The account that manages the organization.
    ///
    /// # Errors
    /// What the call says.
    pub async fn management_account(&self) -> Result<AccountId, CallError> {
        Ok(self.describe().await?.management_account)
    }

    /// What the organization is called, and who manages it.
    ///
    /// # Errors
    /// What the call says.
    pub async fn describe(&self) -> Result<Described, CallError> {
        let operation = Operation::DescribeOrganization;
        let answer = self
            .caller
            .call(operation, self.session, self.home, self.bounds, |credentials| {
                let call =
                    self.client.describe_organization().customize().config_override(acting_as(credentials));
                async move { call.send().await.map_err(|error| CallError::from_sdk(operation, &error)) }
            })
            .await?;
        let organization = answer.organization;
        let manager = organization.as_ref().and_then(|organization| organization.master_account_id());
        let management_account = parse_id(operation, manager)?;
        Ok(Described { id: organization.and_then(|organization| organization.id), management_account })
    }

    /// The next page of the accounts, without their OU paths; `None` after the last.
    ///
    /// # Errors
    /// What the call says.
    pub async fn next_accounts(&self, pages: &mut Pages) -> Result<Option<Vec<Account>>, CallError> {
        let operation = Operation::ListAccounts;
        let page = |credentials, token| {
            let call = self.client.list_accounts().max_results(PAGE).set_next_token(token);
            let call = call.customize().config_override(acting_as(credentials));
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                Page::new(operation, page.accounts, page.next_token)
            }
        };
        let accounts =
            self.caller.next_page(operation, self.session, self.home, self.bounds, page, pages).await?;
        accounts.map(|page| page.iter().map(|account| account_from(operation, account)).collect()).transpose()
    }

    /// The tree of organizational units, with the accounts in each.
    ///
    /// # Errors
    /// What the calls say; there is no half a tree.
    pub async fn tree(&self) -> Result<Tree, CallError> {
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

    /// Every root.
    pub(super) async fn roots(&self) -> Result<Vec<Unit>, CallError> {
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

    /// The units right below one.
    pub(super) async fn children(&self, parent: &Unit) -> Result<Vec<Unit>, CallError> {
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
        let (mut pages, mut all) = (Pages::default(), Vec::new());
        while let Some(page) = self.next_accounts_in(parent, &mut pages).await? {
            all.extend(page.into_iter().map(|account| account.id));
        }
        Ok(all)
    }

    /// The next page of the accounts right below a unit; `None` after the last.
    pub(super) async fn next_accounts_in(
        &self,
        parent: &Unit,
        pages: &mut Pages,
    ) -> Result<Option<Vec<Account>>, CallError> {
        let operation = Operation::ListAccountsForParent;
        let page = |credentials, token| {
            let call = self.client.list_accounts_for_parent();
            let call = call.parent_id(parent.id()).max_results(PAGE).set_next_token(token);
            let call = call.customize().config_override(acting_as(credentials));
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                Page::new(operation, page.accounts, page.next_token)
            }
        };
        let accounts =
            self.caller.next_page(operation, self.session, self.home, self.bounds, page, pages).await?;
        accounts.map(|page| page.iter().map(|account| account_from(operation, account)).collect()).transpose()
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

fn account_from(operation: Operation, account: &types::Account) -> Result<Account, CallError> {
    let state = account.state().map(types::AccountState::as_str);
    // Retired on 2026-09-09, and the only word that an older answer has.
    let status = || account.status().map(types::AccountStatus::as_str);
    Ok(Account {
        id: parse_id(operation, account.id())?,
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
