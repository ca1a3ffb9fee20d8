//! `/scans`: the newest scans, and the one on its way.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{self, Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

use super::{
    NoPage, filter, finish,
    frame::{Frame, Tab},
    running::Running,
    view::{Cells, When, cells},
};
use crate::{
    history::{Pages, ScanPages},
    server::State,
};

/// Which page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "server/pages/templates/scans.html")]
struct ScansPage<'a> {
    frame: Frame,
    running: Option<Running>,
    next_scan: Option<When>,
    scans: Vec<Cells<'a>>,
    is_first: bool,
    next: Option<i64>,
    jobs: Vec<Cells<'a>>,
}

/// `/scans`.
pub(super) async fn page(
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, NoPage> {
    let Query(asked) = asked?;
    let turn = state.history.turn().await?;
    let reader = &turn.reader;
    let place = filter::place(asked.after.as_deref())?;
    let scans = reader.page(&Pages::Scans(ScanPages::default()), place).await?;
    let jobs = reader.jobs().await?;
    let now = (state.now)();
    let jobs = cells(&jobs, now);
    finish(&ScansPage {
        frame: Frame::of(Tab::Scans, "Scans"),
        running: Running::of(&state),
        next_scan: jobs.iter().find(|job| job.text("job") == "scan").and_then(|job| job.when("next_at")),
        scans: cells(&scans.rows, now),
        is_first: place.after.is_none(),
        next: scans.next,
        jobs,
    })
}
