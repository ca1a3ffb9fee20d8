use std::sync::Arc;

use axum::{
    extract,
    http::{HeaderMap, Uri},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Stopped, answer, typed},
    list::Items,
    parameters::Parameters,
    refused::Refused,
    words::JobOutcome,
};
use crate::server::State;

/// A row of the view `jobs`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Job {
    /// Its name.
    job: String,
    /// How its last run ended, or that it runs.
    outcome: JobOutcome,
    /// When the last run began.
    started_at: String,
    /// When it ended.
    finished_at: Option<String>,
    /// What there is to say of it.
    message: Option<String>,
    /// When a run last did its work.
    done_at: Option<String>,
    /// Runs that failed since then, in a row.
    failures: i64,
    /// When the next one is due.
    next_at: Option<String>,
}

/// The daemon's jobs
///
/// What became of the last run of each, and when the next is due.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    tag = "work",
    responses(
        (status = 200, description = "The jobs", body = Items<Job>, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match"),
        )),
        Refused,
    )
)]
pub(super) async fn jobs(
    extract::State(state): extract::State<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    Parameters::of(&uri).end()?;
    let turn = state.history.turn().await?;
    let jobs = turn.reader.jobs().await?;
    drop(turn);
    answer(&headers, &Items::all(typed::<Job>(jobs)?))
}
