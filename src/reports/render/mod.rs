//! One file a format. Each is a pure function of [`Weekly`]: no clock, no file, and the same bytes each time.

mod asff;
mod csv;
mod finding;
mod json;
mod ocsf;
mod table;
mod text;
mod told;
mod xlsx;

pub use json::report_schema;

use super::{ReportFormat, Weekly};

/// Why a report can't be written in a format.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A moment in it is none.
    #[error("{text:?} is no moment such as 2026-11-24T09:30:00Z")]
    Moment {
        /// What stands there.
        text: String,
    },
    /// The CSV writer refused a row.
    #[error("cannot write CSV: {0}")]
    Csv(#[from] ::csv::Error),
    /// The JSON writer refused a value.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The workbook's writer refused a cell.
    #[error("cannot write the workbook: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// Nothing writes this format yet.
    #[error("nothing writes a report as {}", .0.as_str())]
    Format(ReportFormat),
}

/// The report in a format: the whole content of its file.
pub fn render(weekly: &Weekly, format: ReportFormat) -> Result<Vec<u8>, RenderError> {
    match format {
        ReportFormat::Html | ReportFormat::Markdown => Err(RenderError::Format(format)),
        ReportFormat::Csv => csv::render(weekly),
        ReportFormat::Json => json::render(weekly),
        ReportFormat::Xlsx => xlsx::render(weekly),
        ReportFormat::Ocsf => ocsf::render(weekly),
        ReportFormat::Asff => asff::render(weekly),
    }
}

#[cfg(test)]
mod tests;
