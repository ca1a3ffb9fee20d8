use std::sync::Arc;

use axum::{
    extract,
    http::{HeaderMap, Uri},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::Stopped,
    list::{Items, List, PageParameters, page},
    parameters::Parameters,
    refused::Refused,
    values::Text,
    words::{AccountState, Word, all_words},
};
use crate::{
    history::{AccountPages, Pages},
    server::State,
};

/// A row of the view `accounts`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Account {
    /// Its id.
    account_id: String,
    /// Its name.
    name: String,
    /// The address of its root user.
    email: String,
    /// The names of its organizational units from the root down; null where the tree could not be read.
    ou_path: Option<String>,
    /// AWS's word for its state: ACTIVE, PENDING_CLOSURE, SUSPENDED, CLOSED, PENDING_ACTIVATION, or a newer one.
    state: String,
    /// When it was created in or invited to the organization.
    joined_at: Option<String>,
    /// When it was first seen.
    first_seen_at: String,
    /// When it was last seen.
    last_seen_at: String,
    /// When it was missing for the first time; null while it is there.
    left_at: Option<String>,
}

/// Which accounts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
pub(super) struct Accounts {
    /// Only in this state; may be repeated.
    #[param(inline, required = false)]
    state: Vec<AccountState>,
    /// Only in this OU, by its path, or below it; may be repeated.
    #[param(inline, required = false)]
    ou: Vec<Text>,
}

impl List for Accounts {
    type Row = Account;

    fn read(parameters: &mut Parameters) -> Self {
        Self { state: parameters.all("state"), ou: parameters.all("ou") }
    }

    fn pages(self) -> Pages {
        Pages::Accounts(AccountPages {
            states: all_words(self.state, Word::word),
            ous: all_words(self.ou, |Text(path)| path),
        })
    }
}

/// The accounts
///
/// By their ids; those that have left are among them.
#[utoipa::path(
    get,
    path = "/api/v1/accounts",
    tag = "organization",
    params(Accounts, PageParameters),
    responses(
        (status = 200, description = "A page of accounts", body = Items<Account>, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match"),
            ("link" = String, description = "The next page, as rel=\"next\"; not on the last"),
        )),
        Refused,
    )
)]
pub(super) async fn accounts(
    extract::State(state): extract::State<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    page::<Accounts>(&state, &uri, &headers).await
}
