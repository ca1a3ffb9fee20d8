//! A workbook: a sheet for each part of the report, to be sorted, filtered and counted in.
//!
//! Moments are Excel's dates, in UTC; shares are fractions shown as percent. Every text is a string cell, so no name
//! becomes a formula or a link, and it stands there as it is.

mod book;
mod compliance;
mod places;
mod summary;
mod tables;

use self::book::Book;
use super::{
    RenderError,
    finding::{COLUMNS, listed},
};
use crate::reports::Weekly;

/// The workbook.
pub fn render(weekly: &Weekly) -> Result<Vec<u8>, RenderError> {
    write(weekly, Book::new(weekly)?)
}

fn write(weekly: &Weekly, mut book: Book) -> Result<Vec<u8>, RenderError> {
    summary::write(weekly, &mut book.sheet("Summary")?)?;
    summary::write_coverage(weekly, &mut book.sheet("Coverage")?)?;
    book.table("Gaps", &tables::GAPS, &weekly.coverage.gaps)?;
    compliance::write(weekly, &mut book.sheet("Compliance")?)?;
    book.table("Findings", &COLUMNS, listed(weekly))?;
    tables::write_changes(weekly, &mut book)?;
    places::write(weekly, &mut book)?;
    tables::write_keys(weekly, &mut book)?;
    book.table("Exceptions", &tables::EXCEPTIONS, &weekly.exceptions)?;
    tables::write_times(weekly, &mut book.sheet("Times")?)?;
    book.table("Controls", &tables::CONTROLS, &weekly.controls)?;
    summary::write_method(weekly, &mut book.sheet("Method")?)?;
    Ok(book.finish()?)
}

#[cfg(test)]
mod tests;
