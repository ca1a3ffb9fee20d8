use std::sync::Arc;

use axum::{
    extract,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header::CONTENT_DISPOSITION},
    response::Response,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    answer::{Stopped, answer, document},
    list::Items,
    parameters::Parameters,
    path::Named,
    refused::{Problem, Refused},
};
use crate::{
    domain::ReportFormat,
    history::IssuedReport,
    server::{State, problem::problem, report::rendered},
};

/// A row of the view `reports`, and where the report is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Report {
    /// The ISO week.
    #[schema(example = "2026-W47")]
    week: String,
    /// The IANA name of the zone in which it begins and ends.
    time_zone: String,
    /// Its first moment.
    begins_at: String,
    /// The first moment after it.
    ends_at: String,
    /// When the report was made; it is the same ever after.
    issued_at: String,
    /// The version of keywatch that worked it out.
    keywatch_version: String,
    /// The path of each format, below this server.
    files: Vec<String>,
}

impl From<IssuedReport> for Report {
    fn from(row: IssuedReport) -> Self {
        let path = |format: ReportFormat| format!("/api/v1/reports/{}.{}", row.week, format.as_str());
        let files = ReportFormat::ALL.map(path).to_vec();
        let IssuedReport { week, time_zone, begins_at, ends_at, issued_at, keywatch_version } = row;
        Self { week, time_zone, begins_at, ends_at, issued_at, keywatch_version, files }
    }
}

/// The weekly reports
///
/// Those that were issued, the newest week first.
#[utoipa::path(
    get,
    path = "/api/v1/reports",
    tag = "reports",
    responses(
        (status = 200, description = "The reports", body = Items<Report>, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match"),
        )),
        Refused,
    )
)]
pub(super) async fn reports(
    extract::State(state): extract::State<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    Parameters::of(&uri).end()?;
    let turn = state.history.turn().await?;
    let reports = turn.reader.issued_reports().await?;
    drop(turn);
    answer(&headers, &Items::all(reports.into_iter().map(Report::from).collect()))
}

/// One report, in one format
///
/// `2026-W47.html`: the week, and one of `html`, `md`, `csv`, `json`, `xlsx`, `ocsf`, `asff`.
#[utoipa::path(
    get,
    path = "/api/v1/reports/{file}",
    tag = "reports",
    params(("file" = String, Path, description = "Week and format", example = "2026-W47.json",
            pattern = "^[0-9]{4}-W[0-9]{2}\\.(html|md|csv|json|xlsx|ocsf|asff)$")),
    responses(
        (status = 200, description = "The report", content(
            (serde_json::Value = "application/json"),
            (String = "text/html; charset=utf-8"),
            (String = "text/markdown; charset=utf-8"),
            (String = "text/csv; charset=utf-8"),
            (String = "application/x-ndjson"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ), headers(("etag" = String, description = "Stands for this answer, for If-None-Match"))),
        (status = 404, description = "No report was issued of that week, or there is no such format",
         body = Problem, content_type = "application/problem+json"),
        Refused,
    )
)]
pub(super) async fn report(
    extract::State(state): extract::State<Arc<State>>,
    Named(file): Named,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    Parameters::of(&uri).end()?;
    let named =
        file.rsplit_once('.').and_then(|(week, format)| Some((week, ReportFormat::from_name(format)?)));
    let Some((week, format)) = named else {
        return Err(none(&format!("{file:?} is no week with a format, as in 2026-W47.html")));
    };
    let turn = state.history.turn().await?;
    let issued = turn.reader.issued_report(week).await?;
    let Some(issued) = issued else { return Err(none(&format!("no report was issued of {week:?}"))) };
    let content = rendered(issued, format)
        .await
        .map_err(|error| problem(StatusCode::INTERNAL_SERVER_ERROR, &error, json!({})))?;
    // Held until here: to render is work, too.
    drop(turn);
    let mut answer = document(&headers, format.content_type(), content);
    let name = format!("attachment; filename=\"{}\"", format.file_name(week));
    if let Ok(name) = HeaderValue::from_str(&name) {
        answer.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}

fn none(detail: &str) -> Stopped {
    problem(StatusCode::NOT_FOUND, detail, json!({})).into()
}
