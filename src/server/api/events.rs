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
    values::{FindingId, When},
    words::{EventKind, Status, Word, all_words},
};
use crate::{
    history::{EventPages, Pages},
    server::State,
};

/// A row of the view `finding_events`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Event {
    /// Its number; later events have higher ones.
    event_id: i64,
    /// The finding.
    finding_id: i64,
    /// When it happened.
    at: String,
    /// The scan that saw it; null where it was none.
    scan_id: Option<i64>,
    /// What happened.
    event: EventKind,
    /// What the check said before.
    from_status: Option<Status>,
    /// What the check says since.
    to_status: Option<Status>,
    /// Why; of a resolved finding, how.
    reason: Option<String>,
}

/// Which events.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
pub(super) struct Events {
    /// Only of the finding with this number; may be repeated.
    #[param(inline, required = false)]
    finding_id: Vec<FindingId>,
    /// Only of this kind; may be repeated.
    #[param(inline, required = false)]
    event: Vec<EventKind>,
    /// Only at or after this moment, or the beginning of this UTC day.
    #[param(inline)]
    since: Option<When>,
    /// Only before this moment, or the beginning of this UTC day.
    #[param(inline)]
    until: Option<When>,
}

impl List for Events {
    type Row = Event;

    fn read(parameters: &mut Parameters) -> Self {
        Self {
            finding_id: parameters.all("finding_id"),
            event: parameters.all("event"),
            since: parameters.one("since"),
            until: parameters.one("until"),
        }
    }

    fn pages(self) -> Pages {
        Pages::Events(EventPages {
            findings: self.finding_id.into_iter().map(|FindingId(id)| id).collect(),
            events: all_words(self.event, Word::word),
            since: self.since.map(|when| when.begins()),
            until: self.until.map(|when| when.begins()),
        })
    }
}

/// What happened to the findings
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/api/v1/finding-events",
    tag = "findings",
    params(Events, PageParameters),
    responses(
        (status = 200, description = "A page of events", body = Items<Event>, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match"),
            ("link" = String, description = "The next page, as rel=\"next\"; not on the last"),
        )),
        Refused,
    )
)]
pub(super) async fn finding_events(
    extract::State(state): extract::State<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    page::<Events>(&state, &uri, &headers).await
}
