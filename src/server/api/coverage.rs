use std::sync::Arc;

use axum::{
    extract,
    http::{HeaderMap, Uri},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::Stopped,
    list::{Items, List, PageParameters, page},
    parameters::Parameters,
    refused::Refused,
    values::{Account, RegionName},
    words::{CoverageReason, Outcome, Word, all_words},
};
use crate::{
    history::{CoveragePages, Pages},
    server::State,
};

/// A row of the view `coverage`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Target {
    /// The account.
    account_id: String,
    /// Its name.
    account_name: String,
    /// The Region.
    region: String,
    /// What became of it.
    outcome: Outcome,
    /// Why it was not scanned.
    reason: Option<String>,
    /// AWS's error code.
    error_code: Option<String>,
    /// What AWS or the network said.
    error_message: Option<String>,
    /// Since when it is so.
    since: String,
    /// When it was last asked.
    last_attempt_at: String,
    /// When it was last seen whole; null if it never was.
    last_scanned_at: Option<String>,
    /// Hours since then, as of now.
    age_hours: Option<f64>,
}

/// Which targets.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
pub(super) struct Coverage {
    /// Only in this account; may be repeated.
    #[param(inline, required = false)]
    account: Vec<Account>,
    /// Only in this Region; may be repeated.
    #[param(inline, required = false)]
    region: Vec<RegionName>,
    /// Only with this outcome; may be repeated.
    #[param(inline, required = false)]
    outcome: Vec<Outcome>,
    /// Only those that were not scanned for this reason; may be repeated.
    #[param(inline, required = false)]
    reason: Vec<CoverageReason>,
}

impl List for Coverage {
    type Row = Target;

    fn read(parameters: &mut Parameters) -> Self {
        Self {
            account: parameters.all("account"),
            region: parameters.all("region"),
            outcome: parameters.all("outcome"),
            reason: parameters.all("reason"),
        }
    }

    fn pages(self) -> Pages {
        Pages::Coverage(CoveragePages {
            accounts: all_words(self.account, |Account(id)| id.to_string()),
            regions: all_words(self.region, |RegionName(name)| name.to_string()),
            outcomes: all_words(self.outcome, Word::word),
            reasons: all_words(self.reason, Word::word),
        })
    }

    /// The age says nothing that the time of the last scan doesn't, and never stands still.
    fn lasting(rows: &[Target]) -> Option<Vec<Value>> {
        let lasting = rows.iter().map(|row| {
            let mut row = json!(row);
            if let Some(row) = row.as_object_mut() {
                row.remove("age_hours");
            }
            row
        });
        Some(lasting.collect())
    }
}

/// What became of the targets
///
/// Every account in every Region, scanned or not, in the order in which they were first seen.
#[utoipa::path(
    get,
    path = "/api/v1/coverage",
    tag = "organization",
    params(Coverage, PageParameters),
    responses(
        (status = 200, description = "A page of targets", body = Items<Target>, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match; the age aside"),
            ("link" = String, description = "The next page, as rel=\"next\"; not on the last"),
        )),
        Refused,
    )
)]
pub(super) async fn coverage(
    extract::State(state): extract::State<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    page::<Coverage>(&state, &uri, &headers).await
}
