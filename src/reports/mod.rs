//! Step 7, tell: the weekly compliance report.
//!
//! [`Weekly`] is a plain value that is worked out once from the history; each format is a pure function of it, so all
//! formats say the same, and the same value gives the same bytes.

mod model;
mod render;
mod week;

#[cfg(test)]
pub(crate) mod sample;

pub use model::*;
pub use render::{RenderError, render, report_schema};
pub use week::{InvalidWeek, ReportWeek};

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReportFormat {
    /// One page for people, printable, with nothing outside it.
    Html,
    /// The same for a wiki or a chat.
    Markdown,
    /// The findings, a line each.
    Csv,
    /// All numbers and lists, as published in docs/report.schema.json.
    Json,
    /// A workbook with a sheet for each part.
    Xlsx,
    /// OCSF compliance findings, one JSON object a line.
    Ocsf,
    /// Findings in the AWS Security Finding Format.
    Asff,
}

impl ReportFormat {
    /// Every format.
    pub const ALL: [Self; 7] =
        [Self::Html, Self::Markdown, Self::Csv, Self::Json, Self::Xlsx, Self::Ocsf, Self::Asff];

    /// The word on the command line and in the config.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
            Self::Ocsf => "ocsf",
            Self::Asff => "asff",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// How a file of it is named: `keywatch-2026-W47.html`, `keywatch-2026-W47.ocsf.jsonl`.
    pub fn file_name(self, week: &str) -> String {
        let ending = match self {
            Self::Ocsf => "ocsf.jsonl",
            Self::Asff => "asff.json",
            other => other.as_str(),
        };
        format!("keywatch-{week}.{ending}")
    }

    /// Its media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json | Self::Asff => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ocsf => "application/x-ndjson",
        }
    }
}
