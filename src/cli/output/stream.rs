use serde_json::{Map, Value};

use crate::domain::{visible, visible_json};

/// An array of objects, written row by row, one object a line.
pub struct JsonStream {
    names: Vec<String>,
    any: bool,
}

impl JsonStream {
    /// For rows with these columns.
    pub fn new(columns: &[String]) -> Self {
        Self { names: unique(columns), any: false }
    }

    /// The text of the next row.
    pub fn row(&mut self, row: &[Value]) -> String {
        let before = if self.any { ",\n" } else { "[\n" };
        self.any = true;
        format!("{before}  {}", visible_json(&row_object(&self.names, row).to_string()))
    }

    /// The text after the last row.
    pub fn end(&self) -> &'static str {
        if self.any { "\n]\n" } else { "[]\n" }
    }
}

/// One row as an object, its keys in the order of the columns.
pub fn row_object(names: &[String], row: &[Value]) -> Value {
    Value::Object(names.iter().cloned().zip(row.iter().cloned()).collect::<Map<_, _>>())
}

/// The names, with `_2`, `_3` behind one that came before: SQL allows the same name twice, an object does not.
pub fn unique(columns: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.clone();
        let mut n = 1;
        while names.contains(&name) {
            n += 1;
            name = format!("{column}_{n}");
        }
        names.push(name);
    }
    names
}

/// One CSV record with its line end; null is an empty field.
pub(super) fn csv_line(values: &[Value], for_terminal: bool) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(values.iter().map(|value| match value {
        Value::Null => String::new(),
        Value::String(text) if for_terminal => visible(text).into_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }))?;
    writer.into_inner().map_err(|error| error.into_error().into())
}
