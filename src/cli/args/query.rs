use std::path::PathBuf;

use clap::{Args, builder::PossibleValuesParser};

use super::Format;
use crate::history::NamedQuery;

/// `query`.
#[derive(Debug, Args)]
#[command(after_help = "\
One statement that reads, for at most 30 seconds. The views: findings, finding_events,
resources, evaluations, coverage, scans, accounts, exceptions, compliance_daily,
compliance_weekly, remediation_times; docs/sql.md describes them.

  keywatch query \"SELECT account_name, count(*) AS open FROM findings
                  WHERE state = 'open' GROUP BY 1 ORDER BY 2 DESC\"
  keywatch query --file report.sql --format csv > report.csv
  keywatch query --list
  keywatch query --name coverage-gaps --param days=30")]
pub struct QueryArgs {
    /// The statement
    #[arg(value_name = "SQL", required_unless_present_any = ["file", "name", "list"], conflicts_with_all = ["file", "name", "list"])]
    pub sql: Option<String>,
    /// Read the statement from a file; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "list"])]
    pub file: Option<PathBuf>,
    /// Ask one of the named queries
    #[arg(long, value_name = "NAME", conflicts_with = "list", hide_possible_values = true,
          value_parser = PossibleValuesParser::new(NamedQuery::all().map(|query| query.name)))]
    pub name: Option<String>,
    /// Set a parameter of the named query; may be repeated
    #[arg(long = "param", value_name = "KEY=VALUE", requires = "name", conflicts_with_all = ["sql", "file", "list"], value_parser = key_and_value)]
    pub parameters: Vec<(String, String)>,
    /// Print the SQL of the named query instead of its answer
    #[arg(long, requires = "name", conflicts_with_all = ["sql", "file", "list", "parameters", "format"])]
    pub show: bool,
    /// List the named queries
    #[arg(long)]
    pub list: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a parameter is set as KEY=VALUE, days=30".to_owned()),
    }
}
