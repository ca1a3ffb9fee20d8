//! `/reports`: the weekly reports that were issued; `/reports/{week}`: one of them, to read.

use std::sync::Arc;

use askama::Template;
use aws_smithy_types::base64;
use axum::{
    extract::{self, Path},
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_SECURITY_POLICY},
    response::Response,
};
use sha2::{Digest, Sha256};

use super::{
    NoPage, finish,
    frame::{Frame, Tab},
    view::When,
};
use crate::{
    domain::{Timestamp, visible},
    history::IssuedReport,
    reports::ReportFormat,
    server::{State, api, report::rendered},
};

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
    let issued = issued.ok_or_else(|| {
        NoPage::not_found(format!("no report was issued of {:?}; /reports lists them", visible(&week)))
    })?;
    let content = rendered(issued, ReportFormat::Html)
        .await
        .map_err(|detail| NoPage { status: StatusCode::INTERNAL_SERVER_ERROR, detail })?;
    drop(turn);
    let policy = policy(&String::from_utf8_lossy(&content));
    let mut answer = api::document_answer(&headers, ReportFormat::Html.content_type(), content);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(answer)
}

/// What a report may show: itself, in the one style that it brings.
fn policy(page: &str) -> String {
    let style = page
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .map_or("'none'".to_owned(), |(style, _)| {
            format!("'sha256-{}'", base64::encode(Sha256::digest(style.as_bytes())))
        });
    format!(
        "default-src 'none'; style-src {style}; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_style_that_a_report_has_is_let_through() {
        let policy = policy("<html><style>a { color: red }</style><style>b {}</style></html>");
        let digest = base64::encode(Sha256::digest(b"a { color: red }"));
        assert!(policy.contains(&format!("style-src 'sha256-{digest}';")), "{policy}");
        assert!(super::policy("<html></html>").contains("style-src 'none';"));
    }
}
