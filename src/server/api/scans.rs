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
    words::{ScanOutcome, Trigger, Word, all_words},
};
use crate::{
    history::{Pages, ScanPages},
    server::State,
};

/// A row of the view `scans`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Scan {
    /// Its number.
    scan_id: i64,
    /// What began it: schedule, manual.
    trigger: String,
    /// When it began.
    started_at: String,
    /// When it ended.
    finished_at: Option<String>,
    /// How it ended, or that it runs.
    outcome: ScanOutcome,
    /// Its targets.
    targets: i64,
    /// Those that were seen whole.
    scanned: i64,
    /// Those that should have been seen and were not.
    failed: i64,
    /// Those that were left out.
    skipped: i64,
    /// Resources that were seen.
    resources: i64,
    /// Findings that opened or reopened.
    findings_opened: i64,
    /// Findings that were resolved.
    findings_resolved: i64,
    /// Calls of AWS.
    api_calls: i64,
    /// Those that AWS throttled.
    throttled_calls: i64,
    /// Targets that were not asked, because what is known of them is young enough.
    deferred: i64,
}

/// Which scans.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
pub(super) struct Scans {
    /// Only with this outcome; may be repeated.
    #[param(inline, required = false)]
    outcome: Vec<ScanOutcome>,
    /// Only those that this began; may be repeated.
    #[param(inline, required = false)]
    trigger: Vec<Trigger>,
}

impl List for Scans {
    type Row = Scan;

    fn read(parameters: &mut Parameters) -> Self {
        Self { outcome: parameters.all("outcome"), trigger: parameters.all("trigger") }
    }

    fn pages(self) -> Pages {
        Pages::Scans(ScanPages {
            outcomes: all_words(self.outcome, Word::word),
            triggers: all_words(self.trigger, Word::word),
        })
    }
}

/// The scans
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/api/v1/scans",
    tag = "work",
    params(Scans, PageParameters),
    responses(
        (status = 200, description = "A page of scans", body = Items<Scan>, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match"),
            ("link" = String, description = "The next page, as rel=\"next\"; not on the last"),
        )),
        Refused,
    )
)]
pub(super) async fn scans(
    extract::State(state): extract::State<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    page::<Scans>(&state, &uri, &headers).await
}
