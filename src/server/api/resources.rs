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
    values::{Account, RegionName},
    words::{Kind, Word, all_words},
};
use crate::{
    history::{Pages, ResourcePages},
    server::State,
};

/// A row of the view `resources`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Resource {
    /// Its ARN.
    resource_arn: String,
    /// Its kind.
    resource_type: Kind,
    /// The name its owner gave it.
    resource_name: String,
    /// Its account.
    account_id: String,
    /// The Region.
    region: String,
    /// The key it is encrypted with, or the text it names it by; null for DMS's default key.
    key_arn: Option<String>,
    /// Who manages the key: AWS, CUSTOMER; null where nobody could find out.
    key_manager: Option<String>,
    /// AWS's word for the key's state, where it was told.
    key_state: Option<String>,
    /// When it was first seen.
    first_seen_at: String,
    /// When it was last seen.
    last_seen_at: String,
    /// When it was missing for the first time; null while it is there.
    deleted_at: Option<String>,
    /// What AWS said of it, a text in JSON.
    document: String,
}

/// Which resources.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
pub(super) struct Resources {
    /// Only in this account; may be repeated.
    #[param(inline, required = false)]
    account: Vec<Account>,
    /// Only in this Region; may be repeated.
    #[param(inline, required = false)]
    region: Vec<RegionName>,
    /// Only of this kind; may be repeated.
    #[param(rename = "type", inline, required = false)]
    kind: Vec<Kind>,
    /// Only those that are deleted, or only those that are not.
    deleted: Option<bool>,
}

impl List for Resources {
    type Row = Resource;

    fn read(parameters: &mut Parameters) -> Self {
        Self {
            account: parameters.all("account"),
            region: parameters.all("region"),
            kind: parameters.all("type"),
            deleted: parameters.one("deleted"),
        }
    }

    fn pages(self) -> Pages {
        Pages::Resources(ResourcePages {
            accounts: all_words(self.account, |Account(id)| id.to_string()),
            regions: all_words(self.region, |RegionName(name)| name.to_string()),
            types: all_words(self.kind, Word::word),
            deleted: self.deleted,
        })
    }
}

/// The DMS resources
///
/// In the order in which they were first seen.
#[utoipa::path(
    get,
    path = "/api/v1/resources",
    tag = "organization",
    params(Resources, PageParameters),
    responses(
        (status = 200, description = "A page of resources", body = Items<Resource>, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match"),
            ("link" = String, description = "The next page, as rel=\"next\"; not on the last"),
        )),
        Refused,
    )
)]
pub(super) async fn resources(
    extract::State(state): extract::State<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    page::<Resources>(&state, &uri, &headers).await
}
