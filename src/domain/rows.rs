/// The answer to a question in SQL: what every list of keywatch prints as a table, JSON or CSV.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// The column names, in order.
    pub columns: Vec<String>,
    /// The rows; each has one value per column (null, number, or text).
    pub rows: Vec<Vec<serde_json::Value>>,
}
