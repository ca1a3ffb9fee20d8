//! Rows and columns, as the CSV file and the workbook have them.

use std::borrow::Cow;

/// A value at its place in a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing is known, or there is nothing to know.
    Empty,
    /// Words.
    Text(Cow<'a, str>),
    /// A moment, as [`crate::domain::iso_utc`] writes it.
    Moment(&'a str),
    /// A count or a number that names something.
    Whole(i64),
    /// Hours.
    Hours(f64),
    /// A fraction from 0 to 1.
    Share(f64),
}

/// A column of rows of one kind.
pub struct Column<T> {
    /// What stands above it.
    pub name: &'static str,
    /// How wide a workbook shows it, in characters.
    pub width: u16,
    /// Its value in a row.
    pub cell: for<'a> fn(&'a T) -> Cell<'a>,
}

impl<T> Column<T> {
    /// A column.
    pub const fn new(name: &'static str, width: u16, cell: for<'a> fn(&'a T) -> Cell<'a>) -> Self {
        Self { name, width, cell }
    }
}

/// A moment that may be absent.
pub fn moment(at: &Option<String>) -> Cell<'_> {
    at.as_deref().map_or(Cell::Empty, Cell::Moment)
}

/// A share that is absent where there was nothing to divide by.
pub fn share(share: Option<f64>) -> Cell<'static> {
    share.map_or(Cell::Empty, Cell::Share)
}

/// Hours that may not be known.
pub fn hours(hours: Option<f64>) -> Cell<'static> {
    hours.map_or(Cell::Empty, Cell::Hours)
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_ref().map_or(Self::Empty, Self::from)
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<u64> for Cell<'_> {
    fn from(count: u64) -> Self {
        Self::Whole(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Cell<'_> {
    fn from(count: usize) -> Self {
        Self::Whole(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<Option<u64>> for Cell<'_> {
    fn from(count: Option<u64>) -> Self {
        count.map_or(Self::Empty, Self::from)
    }
}

impl From<Option<i64>> for Cell<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Empty, Self::from)
    }
}
