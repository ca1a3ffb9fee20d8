//! `/reports`: the weekly reports that were issued.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{self, Path},
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_SECURITY_POLICY},
    response::Response,
};

use super::{
    NoPage, finish,
    frame::{Frame, Tab},
    view::When,
};
use crate::{
    domain::Timestamp,
    history::IssuedReport,
    reports::ReportFormat,
    server::{State, api, report::rendered},
};

/// A report is one file with its style in it; that is all that it brings.
const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; \
                             frame-ancestors 'none'; base-uri 'none'";

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

/// `/reports/{week}`: the report as a page.
pub(super) async fn report(
    extract::State(state): extract::State<Arc<State>>,
    Path(week): Path<String>,
    headers: HeaderMap,
) -> Result<Response, NoPage> {
    let turn = state.history.turn().await?;
    let issued = turn.reader.issued_report(&week).await?;
    let issued = issued.ok_or_else(|| NoPage::not_found(format!("no report was issued of {week:?}")))?;
    let content = rendered(issued, ReportFormat::Html)
        .await
        .map_err(|detail| NoPage { status: StatusCode::INTERNAL_SERVER_ERROR, detail })?;
    drop(turn);
    let mut answer = api::document_answer(&headers, ReportFormat::Html.content_type(), content);
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(REPORT_POLICY));
    Ok(answer)
}
