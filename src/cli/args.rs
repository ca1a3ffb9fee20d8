//! What the user may type.

mod as_of;
mod clock;
mod doctor;
mod exceptions;
mod iam;
mod notify;
mod query;
mod remediate;
mod report;
#[cfg(feature = "sandbox")]
mod sandbox;
mod shipping;
mod trend;

use std::{ffi::OsString, path::PathBuf};

use clap::{
    ArgAction, Args, Parser, Subcommand, ValueEnum,
    builder::{
        NonEmptyStringValueParser, PossibleValuesParser, Styles,
        styling::{AnsiColor, Effects},
    },
};

pub use super::db::args::*;
use crate::{
    domain::{AccountId, BUILD, CHECK_IDS as CHECKS, Region},
    history::{CoverageFilter, FindingFilter},
};

pub use as_of::AsOf;
pub use clock::ClockArgs;
pub use doctor::DoctorArgs;
pub use exceptions::{AddArgs, ExceptionsArgs, ExceptionsCommand, RemoveArgs};
pub use iam::{
    AuditPolicyArgs, HubArgs, HubPolicyArgs, IamCommand, OrganizationArgs, RemediationPolicyArgs,
    TemplateArgs, TrustPolicyArgs, TrustingRole,
};
pub use notify::{NotifyCommand, NotifyListArgs, TestArgs};
pub use query::QueryArgs;
pub use remediate::{ApplyArgs, KeyArgs, PlanArgs, RemediateCommand, RemediateStatusArgs, VerifyArgs};
pub use report::{ReportCommand, WeeklyArgs};
#[cfg(feature = "sandbox")]
pub use sandbox::{DemoArgs, SandboxArgs, SandboxSize};
pub use shipping::{CompletionsArgs, HealthcheckArgs, ManArgs, command};
pub use trend::{By, TrendArgs};

const STATES: [&str; 3] = ["open", "resolved", "suppressed"];

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default());

/// Finds the DMS data of an AWS Organization that is encrypted with a key AWS manages instead of one you
/// manage, and remembers it.
#[derive(Debug, Parser)]
#[command(
    name = "keywatch",
    version,
    long_version = BUILD,
    styles = STYLES,
    disable_help_subcommand = true,
    after_help = "\
Exit codes: 0 done, 1 could not run, 2 usage or config error, and of a scan
3 open failing findings, 4 coverage incomplete (a target could not be scanned).

  keywatch init                       write a commented config
  keywatch scan                       scan the organization now
  keywatch findings list --state open
  keywatch query 'SELECT * FROM scans'"
)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The options of every command.
#[derive(Debug, Clone, Args)]
pub struct GlobalArgs {
    /// Config file [env: KEYWATCH_CONFIG] [default: config/keywatch.toml or /etc/keywatch/keywatch.toml]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub config: Option<PathBuf>,
    /// History database, instead of the config's [env: KEYWATCH_DB]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub db: Option<PathBuf>,
    /// Form of the log on stderr
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Global options"
    )]
    pub log_format: LogFormat,
    /// Log more: -v debug, -vv trace (finer: env KEYWATCH_LOG)
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet", help_heading = "Global options")]
    pub verbose: u8,
    /// Log errors only, and show no progress
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub quiet: bool,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// An array of objects.
    Json,
    /// With a header line.
    Csv,
}

/// How one thing is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    /// For people.
    Table,
    /// One object.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan the organization once, now
    Scan(ScanArgs),
    /// Scan on schedule, and look after the history, until told to stop
    Daemon(DaemonArgs),
    /// What the daemon does, the last scans, and how old the knowledge is
    Status(StatusArgs),
    /// Accepted risks: who, why, until when
    #[command(subcommand)]
    Exceptions(ExceptionsCommand),
    /// What is not as it should be
    #[command(subcommand)]
    Findings(FindingsCommand),
    /// Targets that were not scanned, and why
    Coverage(CoverageArgs),
    /// How the numbers went, by day or week
    Trend(TrendArgs),
    /// The compliance report
    #[command(subcommand)]
    Report(ReportCommand),
    /// Put findings right: with a plan for their owners, or step by step
    #[command(subcommand)]
    Remediate(RemediateCommand),
    /// Ask the history in SQL (read only)
    Query(QueryArgs),
    /// Messages to people: try the channels, see what was sent
    #[command(subcommand)]
    Notify(NotifyCommand),
    /// Look after the history database
    #[command(subcommand)]
    Db(DbCommand),
    /// Look over all that a scan needs, and say what to do where it is missing
    Doctor(DoctorArgs),
    /// What to deploy for keywatch: policies, CloudFormation, Terraform
    #[command(subcommand)]
    Iam(IamCommand),
    /// Write a commented config file
    Init(InitArgs),
    /// Work with the config
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Ask the daemon of this machine or container whether it works
    Healthcheck(HealthcheckArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands
    Man(ManArgs),
    /// Serve an AWS organization in a box, to try keywatch on
    #[cfg(feature = "sandbox")]
    Sandbox(SandboxArgs),
    /// Live twelve weeks with a sandbox organization and show what comes of it
    #[cfg(feature = "sandbox")]
    Demo(DemoArgs),
}

/// `scan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Prints the open findings and the targets that were not scanned. What a narrower scan
leaves out keeps its findings as they were. A scan of the same that crashed less than a day
ago goes on where it was.

Exit codes: 0 no target failed, nothing fails; 3 open failing findings; 4 a target failed.

  keywatch scan
  keywatch scan --account 111122223333 --region eu-central-1 --format json")]
pub struct ScanArgs {
    /// Only this account; may be repeated
    #[arg(long = "account", value_name = "ID", value_delimiter = ',')]
    pub accounts: Vec<AccountId>,
    /// Only this Region; may be repeated
    #[arg(long = "region", value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<Region>,
    /// Go on with the last scan if it was stopped (one that crashed is gone on with anyway)
    #[arg(long)]
    pub resume: bool,
    /// Ask every target, however sure its last answer
    #[arg(long)]
    pub full: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// The time it goes by.
    #[command(flatten)]
    pub clock: ClockArgs,
}

/// `daemon`.
#[derive(Debug, Args)]
#[command(after_help = "\
Signals: SIGTERM or SIGINT stops it in good order, within 30 s; a second one at once.
SIGHUP reads the config again; a bad one is refused and named, and the old one stays.

  keywatch daemon --config /etc/keywatch/keywatch.toml --log-format json")]
pub struct DaemonArgs {
    /// The time it goes by.
    #[command(flatten)]
    pub clock: ClockArgs,
}

/// `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: ShowFormat,
}

/// `findings …`.
#[derive(Debug, Subcommand)]
pub enum FindingsCommand {
    /// List the findings, the worst first
    List(ListArgs),
    /// Show one finding's whole history
    Show(ShowArgs),
}

/// `findings list`.
#[derive(Debug, Args)]
#[command(after_help = "  keywatch findings list --state open --region eu-central-1
  keywatch findings list --check dms_kms_key_usable --format csv > findings.csv
  keywatch findings list --state open --as-of 2026-06-30")]
pub struct ListArgs {
    /// Only findings in this state; may be repeated [default: all]
    #[arg(long = "state", value_name = "STATE", value_delimiter = ',', value_parser = PossibleValuesParser::new(STATES))]
    pub states: Vec<String>,
    /// Only findings of this check; may be repeated
    #[arg(long = "check", value_name = "CHECK", value_delimiter = ',', value_parser = PossibleValuesParser::new(CHECKS))]
    pub checks: Vec<String>,
    /// Only this account; may be repeated
    #[arg(long = "account", value_name = "ID", value_delimiter = ',')]
    pub accounts: Vec<AccountId>,
    /// Only this Region; may be repeated
    #[arg(long = "region", value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<Region>,
    /// As it was known at the end of this UTC day, or at this moment
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<AsOf>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

impl ListArgs {
    /// Which findings are meant.
    pub fn filter(&self) -> FindingFilter {
        FindingFilter {
            states: self.states.clone(),
            checks: self.checks.clone(),
            accounts: self.accounts.clone(),
            regions: self.regions.clone(),
        }
    }
}

/// `findings show`.
#[derive(Debug, Args)]
#[command(after_help = "  keywatch findings show 17
  keywatch findings show arn:aws:dms:eu-central-1:111122223333:rep:ORDERS")]
pub struct ShowArgs {
    /// ARN of a resource, or number of a finding
    #[arg(value_name = "ARN_OR_ID", value_parser = NonEmptyStringValueParser::new())]
    pub arn_or_id: String,
    /// As it was known at the end of this UTC day, or at this moment
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<AsOf>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: ShowFormat,
}

/// `coverage`.
#[derive(Debug, Args)]
#[command(after_help = "  keywatch coverage
  keywatch coverage --account 111122223333 --format json
  keywatch coverage --as-of 2026-06-30")]
pub struct CoverageArgs {
    /// Only this account; may be repeated
    #[arg(long = "account", value_name = "ID", value_delimiter = ',')]
    pub accounts: Vec<AccountId>,
    /// Only this Region; may be repeated
    #[arg(long = "region", value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<Region>,
    /// As it was known at the end of this UTC day, or at this moment
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<AsOf>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

impl CoverageArgs {
    /// Which targets are meant.
    pub fn filter(&self) -> CoverageFilter {
        CoverageFilter {
            outcomes: Vec::new(),
            accounts: self.accounts.clone(),
            regions: self.regions.clone(),
        }
    }
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where to write [default: --config, else config/keywatch.toml]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Overwrite a file that is there
    #[arg(long)]
    pub force: bool,
}

/// `config …`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// List every problem of the config at once
    Check,
}

/// Parses a command line, the program's name first.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(args)
}

#[cfg(test)]
mod tests;
