//! `/reports`: the weekly reports that were issued.

use std::sync::Arc;

use askama::Template;
use axum::{extract, response::Response};

use super::{
    NoPage, finish,
    frame::{Frame, Tab},
    view::When,
};
use crate::{domain::Timestamp, history::IssuedReport, reports::ReportFormat, server::State};

#[derive(Template)]
#[template(path = "server/pages/templates/reports.html")]
struct ReportsPage {
    frame: Frame,
    reports: Vec<Report>,
}

/// A line of the list.
struct Report {
    week: String,
    time_zone: String,
    begins: Option<When>,
    ends: Option<When>,
    issued: Option<When>,
    version: String,
}

impl Report {
    fn of(issued: IssuedReport, now: Timestamp) -> Self {
        Self {
            begins: When::read(&issued.begins_at, now),
            ends: When::read(&issued.ends_at, now),
            issued: When::read(&issued.issued_at, now),
            week: issued.week,
            time_zone: issued.time_zone,
            version: issued.keywatch_version,
        }
    }
}

/// `/reports`.
pub(super) async fn page(extract::State(state): extract::State<Arc<State>>) -> Result<Response, NoPage> {
    let turn = state.history.turn().await?;
    let reader = &turn.reader;
    let issued = reader.issued_reports().await?;
    let now = (state.now)();
    finish(&ReportsPage {
        frame: Frame::of(Tab::Reports, "Reports"),
        reports: issued.into_iter().map(|report| Report::of(report, now)).collect(),
    })
}
