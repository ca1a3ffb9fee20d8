use clap::{Args, ValueEnum, builder::PossibleValuesParser};
use jiff::civil::Date;

use super::{AsOf, CHECKS, Format};
use crate::{
    domain::AccountId,
    history::{Period, TrendFilter},
};

/// What a row of the trend stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// A UTC day.
    Day,
    /// An ISO week.
    Week,
}

/// `trend`.
#[derive(Debug, Args)]
#[command(after_help = "\
One line per period: new, resolved and reopened findings are those of the period, all else
is the state at its end (of the newest: now). Compliance is pass out of all that was judged
or suppressed; neither an exception nor an unknown ever raises it.

  keywatch trend
  keywatch trend --by day --from 2026-11-01 --account 111122223333
  keywatch trend --check dms_kms_key_usable --format csv > trend.csv")]
pub struct TrendArgs {
    /// One line per day or per ISO week
    #[arg(long, value_enum, default_value = "week")]
    pub by: By,
    /// First day, or a day of the first week [default: twelve weeks up to --to]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub from: Option<Date>,
    /// Last day, or a day of the last week [default: the newest]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub to: Option<Date>,
    /// Only findings of this check; may be repeated
    #[arg(long = "check", value_name = "CHECK", value_delimiter = ',', value_parser = PossibleValuesParser::new(CHECKS))]
    pub checks: Vec<String>,
    /// Only this account; may be repeated
    #[arg(long = "account", value_name = "ID", value_delimiter = ',')]
    pub accounts: Vec<AccountId>,
    /// As it was known at the end of this UTC day, or at this moment
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<AsOf>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

impl TrendArgs {
    /// Which trend is meant.
    pub fn filter(&self) -> TrendFilter {
        TrendFilter {
            by: match self.by {
                By::Day => Period::Day,
                By::Week => Period::Week,
            },
            from: self.from,
            to: self.to,
            checks: self.checks.clone(),
            accounts: self.accounts.clone(),
        }
    }
}

/// Parses a day.
pub(super) fn date(text: &str) -> Result<Date, String> {
    // The parser alone would take the date out of a whole moment.
    text.parse()
        .ok()
        .filter(|_| text.len() == 10)
        .ok_or_else(|| "a day is written year, month, day: 2026-11-24".to_owned())
}
