//! Step 7, tell: the weekly compliance report.
//!
//! [`Weekly`] is a plain value that is worked out once from the history; each format is a pure function of it, so all
//! formats say the same, and the same value gives the same bytes.

mod document;
mod issued;
mod model;
mod render;
mod summary;
mod week;
mod weekly;
pub mod words;

#[cfg(test)]
pub(crate) mod sample;

pub use issued::DocumentError;
pub use model::*;
pub use render::{RenderError, render, report_schema};
pub use summary::{Summary, summary};
pub use week::{InvalidWeek, ReportWeek};
pub use weekly::weekly;

pub use crate::domain::ReportFormat;
