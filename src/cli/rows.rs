//! Rows by the names of their columns.

use serde_json::Value;

use crate::domain::Rows;

/// One row of an answer.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    columns: &'a [String],
    values: &'a [Value],
}

/// The rows, one by one.
pub fn iter(rows: &Rows) -> impl Iterator<Item = Row<'_>> {
    rows.rows.iter().map(|values| Row { columns: &rows.columns, values })
}

impl<'a> Row<'a> {
    fn get(&self, column: &str) -> Option<&'a Value> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.values.get(at)
    }

    /// The value of a column; null if there is no such column.
    pub fn value(&self, column: &str) -> Value {
        self.get(column).cloned().unwrap_or_default()
    }

    /// The text of a column; empty if it is null or no text.
    pub fn text(&self, column: &str) -> &'a str {
        self.get(column).and_then(Value::as_str).unwrap_or("")
    }

    /// The count in a column; 0 if it is null or no count.
    pub fn count(&self, column: &str) -> u64 {
        self.get(column).and_then(Value::as_u64).unwrap_or(0)
    }
}
