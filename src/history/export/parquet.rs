//! Parquet: every column optional, integers INT64, times TIMESTAMP(MICROS, UTC), text UTF8, snappy.

use std::{fs::File, io, sync::Arc};

use ::parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::parser::parse_message_type,
};
use serde_json::Value;

use super::columns::Kind;
use crate::domain::Timestamp;

/// Rows of one row group, held in memory until it is written.
const ROWS: usize = 50_000;
/// Bytes of text of one row group: documents are long.
const BYTES: usize = 16 << 20;

/// A file that is being written.
pub(super) struct ParquetFile {
    writer: SerializedFileWriter<File>,
    kinds: Vec<Kind>,
    rows: Vec<Vec<Value>>,
    bytes: usize,
}

impl ParquetFile {
    pub(super) fn new(file: File, columns: &[(String, Kind)]) -> io::Result<Self> {
        let fields: String = columns
            .iter()
            .map(|(name, kind)| match kind {
                Kind::Integer => format!("optional int64 {name}; "),
                Kind::Real => format!("optional double {name}; "),
                Kind::Time => format!("optional int64 {name} (TIMESTAMP(MICROS,true)); "),
                Kind::Text => format!("optional binary {name} (UTF8); "),
            })
            .collect();
        let schema = parse_message_type(&format!("message row {{ {fields} }}")).map_err(other)?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer =
            SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(other)?;
        let kinds = columns.iter().map(|(_, kind)| *kind).collect();
        Ok(Self { writer, kinds, rows: Vec::new(), bytes: 0 })
    }

    pub(super) fn row(&mut self, row: Vec<Value>) -> io::Result<()> {
        self.bytes += row.iter().filter_map(Value::as_str).map(str::len).sum::<usize>();
        self.rows.push(row);
        if self.rows.len() >= ROWS || self.bytes >= BYTES { self.group() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if !self.rows.is_empty() {
            self.group()?;
        }
        self.writer.finish().map_err(other)?;
        self.writer.inner().sync_all()
    }

    fn group(&mut self) -> io::Result<()> {
        let mut group = self.writer.next_row_group().map_err(other)?;
        for (at, kind) in self.kinds.iter().enumerate() {
            let Some(mut column) = group.next_column().map_err(other)? else { break };
            let values = self.rows.iter().filter_map(|row| row.get(at));
            match kind {
                Kind::Integer => write::<Int64Type>(&mut column, values, Value::as_i64)?,
                Kind::Real => write::<DoubleType>(&mut column, values, Value::as_f64)?,
                Kind::Time => write::<Int64Type>(&mut column, values, micros)?,
                Kind::Text => write::<ByteArrayType>(&mut column, values, text)?,
            }
            column.close().map_err(other)?;
        }
        group.close().map_err(other)?;
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }
}

fn micros(value: &Value) -> Option<i64> {
    value.as_str()?.parse::<Timestamp>().ok().map(|at| at.as_microsecond())
}

fn text(value: &Value) -> Option<ByteArray> {
    Some(match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().as_str().into(),
    })
}

fn write<'a, T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    values: impl Iterator<Item = &'a Value>,
    convert: impl Fn(&Value) -> Option<T::T>,
) -> io::Result<()> {
    let (mut found, mut levels) = (Vec::new(), Vec::new());
    for value in values {
        if value.is_null() {
            levels.push(0);
            continue;
        }
        let value =
            convert(value).ok_or_else(|| io::Error::other(format!("{value} is not of its column's type")))?;
        found.push(value);
        levels.push(1);
    }
    column.typed::<T>().write_batch(&found, Some(&levels), None).map_err(other)?;
    Ok(())
}

fn other(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
