use std::path::PathBuf;

use clap::{Args, Subcommand, builder::PossibleValuesParser};

use super::ClockArgs;
use crate::{domain::ReportFormat, reports::ReportWeek};

/// `report …`.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// The compliance report of an ISO week
    Weekly(WeeklyArgs),
}

/// `report weekly`.
#[derive(Debug, Args)]
#[command(after_help = "\
The report of a week that is over is kept in the history when it is first made, and is the
same ever after. That of the week in progress says how things stand now.

  keywatch report weekly
  keywatch report weekly --week 2026-W47 --format html --format xlsx --out reports
  keywatch report weekly --format json | jq .changes.open")]
pub struct WeeklyArgs {
    /// Which week [default: the newest that is over]
    #[arg(long, value_name = "WEEK")]
    pub week: Option<ReportWeek>,
    /// Form of the report; with --out may be repeated [default: md, with --out those of the config]
    #[arg(
        long = "format",
        value_name = "FORMAT",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(ReportFormat::ALL.map(ReportFormat::as_str))
    )]
    pub formats: Vec<String>,
    /// Write files into this directory, which is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The time it goes by.
    #[command(flatten)]
    pub clock: ClockArgs,
}

impl WeeklyArgs {
    /// The formats that were named, each once.
    pub fn formats(&self) -> Vec<ReportFormat> {
        let mut formats = Vec::new();
        for format in self.formats.iter().filter_map(|name| ReportFormat::from_name(name)) {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        formats
    }
}
