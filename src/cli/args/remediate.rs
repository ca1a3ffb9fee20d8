use std::path::PathBuf;

use clap::{Args, Subcommand, builder::NonEmptyStringValueParser};

use super::{ClockArgs, Format};

/// `remediate …`.
#[derive(Debug, Subcommand)]
pub enum RemediateCommand {
    /// Write what puts findings right: a runbook, a script and a key policy for each
    Plan(PlanArgs),
}

/// `remediate plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads everything about the resource afresh, with the audit role, and changes nothing. Each
finding gets a folder with runbook.md (read it first), remediate.sh, key-policy.json and the
inputs that the script uses. With --all, README.md lists them in order.

Exit codes: 0 all planned, 1 some could not be read, 2 usage or config error.

  keywatch remediate plan 17 --out plans
  keywatch remediate plan arn:aws:dms:eu-central-1:111122223333:rep:ORDERS --out plans
  keywatch remediate plan --all --out plans --format csv
  keywatch remediate plan 17 --out plans --key arn:aws:kms:eu-central-1:111122223333:key/…")]
pub struct PlanArgs {
    /// ARN of a resource, or number of a finding
    #[arg(
        value_name = "ARN_OR_ID",
        required_unless_present = "all",
        conflicts_with = "all",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub arn_or_id: Option<String>,
    /// Every open finding
    #[arg(long)]
    pub all: bool,
    /// Write into this directory, which is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The key to move to, by ARN, id or alias [default: that of remediation.key_alias, made where there is none]
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Who administers a key that is made, beside those of the config; {account} stands for the account; may be repeated
    #[arg(long = "key-administrator", value_name = "ARN")]
    pub key_administrators: Vec<String>,
    /// Who uses a key that is made, beside those of the config; may be repeated
    #[arg(long = "key-user", value_name = "ARN")]
    pub key_users: Vec<String>,
    /// Name of what is made [default: the source's with -cmk]
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub name: Option<String>,
    /// Write over the files of another plan
    #[arg(long)]
    pub force: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// The time it goes by.
    #[command(flatten)]
    pub clock: ClockArgs,
}
