//! Step 7, tell: the weekly compliance report.
//!
//! [`Weekly`] is a plain value that is worked out once from the history; each format is a pure function of it, so all
//! formats say the same, and the same value gives the same bytes.

mod document;
mod model;
mod week;
mod weekly;

#[cfg(test)]
pub(crate) mod sample;

pub use document::DocumentError;
pub use model::*;
pub use week::{InvalidWeek, ReportWeek};
pub use weekly::weekly;

pub use crate::domain::ReportFormat;
