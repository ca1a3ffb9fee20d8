//! One file of one format.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use serde_json::{Map, Value};

use super::{ExportFormat, columns::Kind, parquet::ParquetFile};

/// A file that is being written.
pub(super) enum Sink {
    Csv(BufWriter<File>),
    Jsonl(BufWriter<File>, Vec<String>),
    Parquet(ParquetFile),
}

impl Sink {
    pub(super) fn new(file: File, format: ExportFormat, columns: &[(String, Kind)]) -> io::Result<Self> {
        let names = || columns.iter().map(|(name, _)| name.clone());
        Ok(match format {
            ExportFormat::Csv => {
                let mut out = BufWriter::new(file);
                writeln!(out, "{}", names().collect::<Vec<_>>().join(","))?;
                Self::Csv(out)
            }
            ExportFormat::Jsonl => Self::Jsonl(BufWriter::new(file), names().collect()),
            ExportFormat::Parquet => Self::Parquet(ParquetFile::new(file, columns)?),
        })
    }

    pub(super) fn row(&mut self, row: Vec<Value>) -> io::Result<()> {
        match self {
            Self::Csv(out) => csv(out, &row),
            Self::Jsonl(out, names) => {
                let object: Map<String, Value> = names.iter().cloned().zip(row).collect();
                serde_json::to_writer(&mut *out, &object)?;
                out.write_all(b"\n")
            }
            Self::Parquet(file) => file.row(row),
        }
    }

    /// Ends the file; it is on the disk then.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Csv(out) | Self::Jsonl(out, _) => {
                out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
            }
            Self::Parquet(file) => file.finish(),
        }
    }
}

/// Text is quoted always and null is nothing at all, so that a null is no empty text; no CSV library of ours
/// tells the two apart.
fn csv(out: &mut impl Write, row: &[Value]) -> io::Result<()> {
    for (at, value) in row.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        match value {
            Value::Null => {}
            Value::String(text) => write!(out, "\"{}\"", text.replace('"', "\"\""))?,
            other => write!(out, "{other}")?,
        }
    }
    out.write_all(b"\n")
}
