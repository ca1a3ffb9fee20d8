//! Reports that were issued, rendered when they are asked for.

use axum::{http::StatusCode, response::Response};
use serde_json::json;
use tokio::task::spawn_blocking;

use super::problem::problem;
use crate::{
    domain::ReportFormat,
    reports::{Weekly, render},
};

/// An issued document in one format, or the answer that says why not.
pub(super) async fn rendered(document: Vec<u8>, format: ReportFormat) -> Result<Vec<u8>, Response> {
    let work = move || -> Result<Vec<u8>, String> {
        let weekly = Weekly::from_document(&document).map_err(|error| error.to_string())?;
        render(&weekly, format).map_err(|error| error.to_string())
    };
    let done = spawn_blocking(work).await.unwrap_or_else(|error| Err(error.to_string()));
    done.map_err(|error| problem(StatusCode::INTERNAL_SERVER_ERROR, &error, json!({})))
}
