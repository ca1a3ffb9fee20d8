use std::fmt::Write;

use serde_json::Value;
use sqlx::{
    Decode, Row, Sqlite, TypeInfo, ValueRef,
    sqlite::{SqliteRow, SqliteValueRef},
};

/// A row's values: null, numbers, and text. A blob becomes its hex digits; a number that JSON cannot hold
/// (an infinity) becomes text.
pub(in crate::history) fn row_values(row: &SqliteRow) -> Result<Vec<Value>, sqlx::Error> {
    (0..row.len()).map(|at| value(row.try_get_raw(at)?)).collect()
}

fn value(raw: SqliteValueRef<'_>) -> Result<Value, sqlx::Error> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    // SQLite types each value, not each column; the driver knows some more types by the column's declaration.
    let kind = raw.type_info().name().to_owned();
    match kind.as_str() {
        "INTEGER" | "BOOLEAN" | "INT4" => Ok(decode::<i64>(raw)?.into()),
        "REAL" => {
            let number = decode::<f64>(raw)?;
            Ok(serde_json::Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number))
        }
        "BLOB" => {
            let bytes = decode::<&[u8]>(raw)?;
            let mut hex = String::with_capacity(bytes.len() * 2);
            for byte in bytes {
                // Writing to a String cannot fail.
                let _ = write!(hex, "{byte:02x}");
            }
            Ok(hex.into())
        }
        // Text need not be UTF-8: a blob can be cast to it.
        _ => Ok(String::from_utf8_lossy(decode::<&[u8]>(raw)?).into_owned().into()),
    }
}

fn decode<'r, T: Decode<'r, Sqlite>>(raw: SqliteValueRef<'r>) -> Result<T, sqlx::Error> {
    T::decode(raw).map_err(sqlx::Error::Decode)
}
