//! Reports that were issued, rendered when they are asked for.

use tokio::task::spawn_blocking;

use crate::{
    domain::ReportFormat,
    reports::{Weekly, render},
};

/// An issued document in one format, or why it can't be had.
pub(super) async fn rendered(document: Vec<u8>, format: ReportFormat) -> Result<Vec<u8>, String> {
    let work = move || {
        let weekly = Weekly::from_document(&document).map_err(|error| error.to_string())?;
        render(&weekly, format).map_err(|error| error.to_string())
    };
    spawn_blocking(work).await.unwrap_or_else(|error| Err(error.to_string()))
}
