use std::ops::ControlFlow;

use serde_json::Value;

use super::{JsonStream, Out};
use crate::{
    cli::{args::Format, exit::Failed},
    history::Answer,
};

/// Writes an answer as it comes, as CSV or as a JSON array, so that its length does not matter.
pub struct AnswerWriter {
    json: Option<JsonStream>,
    failed: Option<Failed>,
}

impl AnswerWriter {
    /// CSV for [`Format::Csv`], else JSON; a table is laid out whole and is no matter of this.
    pub fn new(format: Format) -> Self {
        let json = (format != Format::Csv).then(|| JsonStream::new(&[]));
        Self { json, failed: None }
    }

    /// Writes a piece; breaks off when the reader of our output has gone, or the disk is full.
    pub fn take(&mut self, out: &mut Out, piece: Answer) -> ControlFlow<()> {
        let written = match (&mut self.json, piece) {
            (Some(json), Answer::Columns(columns)) => {
                *json = JsonStream::new(&columns);
                Ok(())
            }
            (Some(json), Answer::Row(row)) => out.text(&json.row(&row)),
            (None, Answer::Columns(columns)) => {
                out.csv_line(&columns.into_iter().map(Value::from).collect::<Vec<_>>())
            }
            (None, Answer::Row(row)) => out.csv_line(&row),
        };
        if let Err(error) = written {
            self.failed = Some(error);
            return ControlFlow::Break(());
        }
        if out.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Writes what comes after the last row, or tells why it came no further; `answer` is how the asking ended.
    pub fn end<T>(self, out: &mut Out, answer: Result<T, impl Into<Failed>>) -> Result<(), Failed> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        answer.map_err(Into::into)?;
        self.json.map_or(Ok(()), |json| out.text(json.end()))
    }
}
