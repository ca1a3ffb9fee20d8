//! The API: what the views say, in JSON. Each list is a file that has its filters and its rows; the document that
//! describes them all is made of the same types.

mod accounts;
mod answer;
mod coverage;
mod cursor;
mod document;
mod events;
mod findings;
mod jobs;
mod list;
mod parameters;
mod path;
mod refused;
mod reports;
mod resources;
mod scans;
#[cfg(test)]
mod tests;
mod trend;
mod values;
mod words;

use std::sync::Arc;

use axum::Router;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::State;

pub(super) use answer::document as document_answer;
pub use document::document;

/// Every path below `/api/v1`.
pub(super) fn routes() -> Router<Arc<State>> {
    let (routes, described) = described().split_for_parts();
    routes.merge(document::routes(described))
}

fn described() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::with_openapi(document::frame())
        .routes(routes!(findings::findings))
        .routes(routes!(findings::finding))
        .routes(routes!(events::finding_events))
        .routes(routes!(resources::resources))
        .routes(routes!(coverage::coverage))
        .routes(routes!(accounts::accounts))
        .routes(routes!(scans::scans))
        .routes(routes!(trend::trend))
        .routes(routes!(reports::reports))
        .routes(routes!(reports::report))
        .routes(routes!(jobs::jobs))
}
