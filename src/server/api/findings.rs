use std::sync::Arc;

use axum::{
    extract,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::{Stopped, answer, typed},
    events::Event,
    list::{Items, List, PageParameters, page},
    parameters::Parameters,
    path::Named,
    refused::Refused,
    values::{Account, FindingId, RegionName, Text, Value, When},
    words::{Check, FindingState, Severity, Status, Word, all_words},
};
use crate::{
    history::{FindingPages, Pages},
    server::{State, problem::problem},
};

/// A row of the view `findings`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Finding {
    /// Its number.
    finding_id: i64,
    /// The check.
    check_id: String,
    /// How much it matters: high, critical.
    severity: String,
    /// Whether it stands.
    state: FindingState,
    /// What the check says.
    status: Status,
    /// Why.
    reason: String,
    /// The account of the resource.
    account_id: String,
    /// Its name.
    account_name: String,
    /// The names of its organizational units from the root down; null where the tree could not be read.
    ou_path: Option<String>,
    /// The Region.
    region: String,
    /// The resource.
    resource_arn: String,
    /// Its kind: replication_instance, endpoint, replication_config.
    resource_type: String,
    /// The name its owner gave it.
    resource_name: String,
    /// The key it is encrypted with, or the text it names it by; null for DMS's default key.
    key_arn: Option<String>,
    /// Who manages the key: AWS, CUSTOMER; null where nobody could find out.
    key_manager: Option<String>,
    /// AWS's word for the key's state, where it was told.
    key_state: Option<String>,
    /// What the status rests on: describe_key, list_aliases, arn_account, none.
    evidence: String,
    /// When it opened, or reopened the last time.
    opened_at: String,
    /// When the resource was last seen.
    last_seen_at: String,
    /// When it was resolved.
    resolved_at: Option<String>,
    /// How: fixed, resource_deleted, account_left, no_longer_in_scope.
    resolution: Option<String>,
    /// How often it opened.
    times_opened: i64,
    /// The exception that suppresses it.
    exception_id: Option<i64>,
    /// Until when.
    exception_expires_at: Option<String>,
}

/// A row of the view `evaluations`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Evaluation {
    /// The check.
    check_id: String,
    /// The resource.
    resource_arn: String,
    /// Its account.
    account_id: String,
    /// The Region.
    region: String,
    /// What the check said.
    status: Status,
    /// Why.
    reason: String,
    /// From when on.
    valid_from: String,
    /// Until when; null if it still says so.
    valid_to: Option<String>,
}

/// A finding's whole history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingHistory {
    /// The finding.
    finding: Finding,
    /// What happened to it, oldest first.
    events: Vec<Event>,
    /// What its check said of its resource over time, oldest first.
    evaluations: Vec<Evaluation>,
}

/// Which findings. A parameter that is given several times keeps what matches one of its values.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
pub(super) struct Findings {
    /// Only in this state; may be repeated.
    #[param(inline, required = false)]
    state: Vec<FindingState>,
    /// Only of this check; may be repeated.
    #[param(inline, required = false)]
    check: Vec<Check>,
    /// Only in this account; may be repeated.
    #[param(inline, required = false)]
    account: Vec<Account>,
    /// Only in this Region; may be repeated.
    #[param(inline, required = false)]
    region: Vec<RegionName>,
    /// Only of this severity; may be repeated.
    #[param(inline, required = false)]
    severity: Vec<Severity>,
    /// Only of this status; may be repeated.
    #[param(inline, required = false)]
    status: Vec<Status>,
    /// Only in this OU, by its path, or below it; may be repeated.
    #[param(inline, required = false)]
    ou: Vec<Text>,
    /// Only of the resource with this ARN; may be repeated.
    #[param(inline, required = false)]
    resource: Vec<Text>,
    /// Only of resources with this in their name; the case of A to Z does not matter.
    #[param(inline)]
    q: Option<Text>,
}

impl List for Findings {
    type Row = Finding;

    fn read(parameters: &mut Parameters) -> Self {
        Self {
            state: parameters.all("state"),
            check: parameters.all("check"),
            account: parameters.all("account"),
            region: parameters.all("region"),
            severity: parameters.all("severity"),
            status: parameters.all("status"),
            ou: parameters.all("ou"),
            resource: parameters.all("resource"),
            q: parameters.one("q"),
        }
    }

    fn pages(self) -> Pages {
        Pages::Findings(FindingPages {
            states: all_words(self.state, Word::word),
            checks: all_words(self.check, Word::word),
            accounts: all_words(self.account, |Account(id)| id.to_string()),
            regions: all_words(self.region, |RegionName(name)| name.to_string()),
            severities: all_words(self.severity, Word::word),
            statuses: all_words(self.status, Word::word),
            ous: all_words(self.ou, |Text(path)| path),
            arns: all_words(self.resource, |Text(arn)| arn),
            name: self.q.map(|Text(part)| part),
        })
    }
}

/// The findings
///
/// The newest first, by their number.
#[utoipa::path(
    get,
    path = "/api/v1/findings",
    tag = "findings",
    params(Findings, PageParameters),
    responses(
        (status = 200, description = "A page of findings", body = Items<Finding>, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match"),
            ("link" = String, description = "The next page, as rel=\"next\"; not on the last"),
        )),
        Refused,
    )
)]
pub(super) async fn findings(
    extract::State(state): extract::State<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    page::<Findings>(&state, &uri, &headers).await
}

/// As of when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
#[expect(dead_code, reason = "it says what there is; the handler takes it")]
pub(super) struct AsOf {
    /// As it was known at this moment, or at the end of this UTC day. The history has to reach back to it.
    #[param(inline)]
    as_of: Option<When>,
}

/// One finding
///
/// With all that happened to it.
#[utoipa::path(
    get,
    path = "/api/v1/findings/{id}",
    tag = "findings",
    params(("id" = inline(FindingId), Path, description = "The number of the finding"), AsOf),
    responses(
        (status = 200, description = "The finding", body = FindingHistory, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match"),
        )),
        (status = 404, description = "There is no such finding, or the history does not reach back so far",
         body = super::refused::Problem, content_type = "application/problem+json"),
        Refused,
    )
)]
pub(super) async fn finding(
    extract::State(state): extract::State<Arc<State>>,
    Named(id): Named,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    let mut parameters = Parameters::of(&uri);
    let as_of = parameters.one::<When>("as_of");
    let id = FindingId::read(&id).unwrap_or_else(|wanted| {
        parameters.refuse("id", format!("has to be {wanted}"));
        FindingId(0)
    });
    parameters.end()?;

    let turn = state.history.turn().await?;
    let FindingId(id) = id;
    let history = match as_of {
        None => turn.reader.finding(&id.to_string()).await?,
        Some(when) => {
            let now = (state.now)();
            turn.reader.as_of(when.ends(now), now).await?.finding(&id.to_string()).await?
        }
    };
    drop(turn);
    let Some(finding) = typed::<Finding>(history.findings)?.into_iter().next() else {
        let detail = format!("there is no finding {id}");
        return Err(problem(StatusCode::NOT_FOUND, &detail, json!({})).into());
    };
    let evaluations = typed(history.evaluations)?;
    answer(&headers, &FindingHistory { finding, events: typed(history.events)?, evaluations })
}
