//! `/scans`: the newest scans, and the one on its way.

use std::sync::Arc;

use askama::Template;
use axum::{extract, response::Response};

use super::{
    NoPage, finish,
    frame::{Frame, Tab},
    open,
    running::Running,
    view::{Cells, When, cells},
};
use crate::server::State;

/// Scans on the page.
const LISTED: u32 = 50;

#[derive(Template)]
#[template(path = "server/pages/templates/scans.html")]
struct ScansPage<'a> {
    frame: Frame,
    running: Option<Running>,
    next_scan: Option<When>,
    scans: Vec<Cells<'a>>,
    jobs: Vec<Cells<'a>>,
}

/// `/scans`.
pub(super) async fn page(extract::State(state): extract::State<Arc<State>>) -> Result<Response, NoPage> {
    let reader = open(&state).await?;
    let (scans, jobs) = (reader.newest_scans(LISTED).await?, reader.jobs().await?);
    let now = (state.now)();
    let jobs = cells(&jobs, now);
    finish(&ScansPage {
        frame: Frame::of(Tab::Scans, "Scans"),
        running: Running::of(&state),
        next_scan: jobs.iter().find(|job| job.text("job") == "scan").and_then(|job| job.when("next_at")),
        scans: cells(&scans, now),
        jobs,
    })
}
