use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::{cli::args::Format, domain::Timestamp};

/// `db …`.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Look whether the history is sound
    Check(CheckArgs),
    /// Copy the history, while others use it
    Backup(BackupArgs),
    /// Remove what ended before a day
    Prune(PruneArgs),
    /// Write every view as files for other engines
    Export(ExportArgs),
}

/// `db check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Asks SQLite whether the file is whole, and then whether what it holds agrees with itself.
Nothing is changed, and a scan may run meanwhile.

Exit codes: 0 everything holds, 1 something does not.

  keywatch db check
  keywatch --db backup.db db check --format json")]
pub struct CheckArgs {
    /// Name at most so many rows of each thing that does not hold
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub limit: usize,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `db backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
The copy is the history of one moment, whole, readable by its owner only. A file that is there
is never overwritten. To restore it, stop keywatch and put it in the history's place.

  keywatch db backup /backup/keywatch-2026-11-24.db")]
pub struct BackupArgs {
    /// The new file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `db prune`.
#[derive(Debug, Args)]
#[command(after_help = "\
Removes scans, resolved findings with their events, deleted resources, accounts that left, ended
exceptions, and periods of what was true, where they ended before the day (00:00 UTC). What is
open stays, with its whole life, and every day from then on reads as before; questions about
days before it are refused.

Without --yes it only says what would go. No other keywatch may be writing.

  keywatch db prune --before 2025-01-01
  keywatch db backup before-prune.db && keywatch db prune --before 2025-01-01 --yes")]
pub struct PruneArgs {
    /// The first day that stays, as 2025-01-01
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub before: Timestamp,
    /// Do it
    #[arg(long)]
    pub yes: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `db export`.
#[derive(Debug, Args)]
#[command(after_help = "\
One folder per view, divided as Hive does (DIR/finding_events/at_month=2026-11/part-0.parquet),
which Athena, Spark, Trino and DuckDB read as it is. DIR must be new or empty.

  keywatch db export --format parquet export/
  duckdb -c \"SELECT * FROM read_parquet('export/findings/**/*.parquet', hive_partitioning = true)\"")]
pub struct ExportArgs {
    /// The format of the files
    #[arg(long, value_enum, default_value = "parquet")]
    pub format: FileFormat,
    /// The directory to make
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// A format of exported files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// With types; snappy.
    Parquet,
    /// With a header line; text is quoted, null is empty.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// The first moment of a day, in UTC.
fn day(text: &str) -> Result<Timestamp, String> {
    let shape = || format!("{text:?} is no day; write it as 2025-01-31");
    // jiff takes more forms than a day has names.
    if text.len() != 10 {
        return Err(shape());
    }
    let day: jiff::civil::Date = text.parse().map_err(|_| shape())?;
    jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        assert_eq!(day("2025-01-31").unwrap().to_string(), "2025-01-31T00:00:00Z");
        for wrong in
            ["2025-02-30", "20250131", "2025-1-31", "yesterday", "", "2025-01-31T10:00:00Z", "+02025-01-3"]
        {
            let error = day(wrong).unwrap_err();
            assert!(error.contains("2025-01-31"), "{error}");
        }
    }
}
