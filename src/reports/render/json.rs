//! Everything, for programs.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::RenderError;
use crate::reports::{VERSION, Weekly};

/// The report as JSON, indented so that two weeks can be compared line by line, with a line's end after it.
pub fn render(weekly: &Weekly) -> Result<Vec<u8>, RenderError> {
    let mut bytes = serde_json::to_vec_pretty(weekly)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The JSON Schema (2020-12) of a report as JSON.
///
/// It is kept in docs/report.schema.json. What it does not name is allowed, for a field may be added under the same
/// version.
pub fn report_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Weekly>();
    schema.insert("$id".to_owned(), json!(format!("urn:keywatch:weekly-report:{VERSION}")));
    schema.insert("title".to_owned(), json!("keywatch weekly report"));
    schema.to_value()
}
