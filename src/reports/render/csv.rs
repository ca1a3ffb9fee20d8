//! One table: a line for each finding.
//!
//! As RFC 4180 has it: comma, quotes where needed, lines that end with CR LF. It opens in spreadsheets, so text that
//! would be a formula there has an apostrophe before it ([`guarded`]); a program that needs the names as they are reads
//! the JSON report. Source: rfc-editor.org/rfc/rfc4180.

use csv::{Terminator, WriterBuilder};

use super::{
    RenderError,
    finding::{COLUMNS, listed},
    table::Cell,
    text::guarded,
};
use crate::reports::Weekly;

/// The findings: the week, then the columns of the view `findings`.
pub fn render(weekly: &Weekly) -> Result<Vec<u8>, RenderError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(["week"].into_iter().chain(COLUMNS.iter().map(|column| column.name)))?;
    for finding in listed(weekly) {
        writer.write_field(guarded(&weekly.period.week).as_ref())?;
        for column in &COLUMNS {
            writer.write_field(field(&(column.cell)(finding)))?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => guarded(text).into_owned(),
        Cell::Moment(at) => guarded(at).into_owned(),
        Cell::Whole(number) => number.to_string(),
        Cell::Hours(number) | Cell::Share(number) => number.to_string(),
    }
}
