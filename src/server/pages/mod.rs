//! The dashboard: pages for people, made here and whole, without a script and without anything from elsewhere.

mod account;
mod accounts;
mod coverage;
mod error;
mod filter;
mod finding;
mod findings;
mod frame;
mod posture;
mod reports;
mod running;
mod scans;
mod style;
mod view;
mod words;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::rejection::QueryRejection,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use super::{State, history::Refused, problem::problem};
use crate::history::HistoryError;
pub(super) use error::for_people;

/// A page can show what it has, and nothing else: no script, no style of its own, no frame, no other place.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// The pages. What they show is for those who may read.
pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/", get(posture::page))
        .route("/findings", get(findings::page))
        .route("/findings/{id}", get(finding::page))
        .route("/accounts", get(accounts::page))
        .route("/accounts/{id}", get(account::page))
        .route("/coverage", get(coverage::page))
        .route("/scans", get(scans::page))
        .route("/reports", get(reports::page))
        .route("/reports/{week}", get(reports::report))
}

/// What a page looks like, which says nothing of what it shows.
pub(super) fn assets() -> Router<Arc<State>> {
    Router::new().route("/assets/{name}", get(style::asset))
}

/// Why there is no page.
struct NoPage {
    status: StatusCode,
    detail: String,
}

impl NoPage {
    fn not_found(detail: String) -> Self {
        Self { status: StatusCode::NOT_FOUND, detail }
    }

    fn bad(detail: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, detail }
    }
}

impl From<QueryRejection> for NoPage {
    fn from(error: QueryRejection) -> Self {
        Self::bad(error.body_text())
    }
}

impl From<HistoryError> for NoPage {
    fn from(error: HistoryError) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, detail: error.to_string() }
    }
}

impl From<Refused> for NoPage {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Busy => {
                let detail = "too many ask at once; ask again in a few seconds".to_owned();
                Self { status: StatusCode::SERVICE_UNAVAILABLE, detail }
            }
            Refused::History(error) => error.into(),
        }
    }
}

impl From<askama::Error> for NoPage {
    fn from(error: askama::Error) -> Self {
        let detail = format!("a defect in keywatch, please report it: the page can't be made: {error}");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, detail }
    }
}

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        problem(self.status, &self.detail, json!({}))
    }
}

/// A page, finished.
fn finish(template: &impl Template) -> Result<Response, NoPage> {
    Ok(html(StatusCode::OK, template.render()?))
}

fn html(status: StatusCode, page: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (status, headers, page).into_response()
}
