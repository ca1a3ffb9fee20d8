//! `/accounts`: a page of them, with what is open and what is not seen.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{self, Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

use super::{
    NoPage,
    filter::{self, said},
    finish,
    frame::{Frame, Tab},
    view::{Cells, cells},
};
use crate::{
    history::{AccountPages, Page, Pages},
    server::State,
};

/// Accounts that a search shows, at most.
const FOUND: u32 = 200;

/// What the form asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    account: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "server/pages/templates/accounts.html")]
struct AccountsPage<'a> {
    frame: Frame,
    account: String,
    /// Each account, with its numbers.
    accounts: Vec<(Cells<'a>, Cells<'a>)>,
    /// More were found than are shown.
    cut: bool,
    is_first: bool,
    next: Option<i64>,
}

/// `/accounts`.
pub(super) async fn page(
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, NoPage> {
    let Query(asked) = asked?;
    let turn = state.history.turn().await?;
    let reader = &turn.reader;
    let place = filter::place(asked.after.as_deref())?;
    let searched = said(asked.account.as_deref());
    let (mut found, mut cut) = match searched {
        Some(text) => (Page { rows: reader.accounts_like(text, FOUND + 1).await?, next: None }, false),
        None => (reader.page(&Pages::Accounts(AccountPages::default()), place).await?, false),
    };
    if searched.is_some() && found.rows.rows.len() > FOUND as usize {
        found.rows.rows.truncate(FOUND as usize);
        cut = true;
    }
    let ids: Vec<String> = found.rows.iter().map(|account| account.text("account_id").to_owned()).collect();
    let numbers = reader.account_numbers(&ids).await?;
    let now = (state.now)();
    // Both are in the order of the ids.
    let accounts = cells(&found.rows, now).into_iter().zip(cells(&numbers, now)).collect();
    finish(&AccountsPage {
        frame: Frame::of(Tab::Accounts, "Accounts"),
        account: searched.unwrap_or_default().to_owned(),
        accounts,
        cut,
        is_first: place.after.is_none(),
        next: found.next,
    })
}
