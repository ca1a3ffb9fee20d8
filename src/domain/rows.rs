use serde_json::Value;

/// The answer to a question in SQL: what every list of keywatch prints as a table, JSON or CSV.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// The column names, in order.
    pub columns: Vec<String>,
    /// The rows; each has one value per column (null, number, or text).
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// The rows, one by one.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|values| Row { columns: &self.columns, values })
    }
}

/// One row of an answer, by the names of its columns.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    columns: &'a [String],
    values: &'a [Value],
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
