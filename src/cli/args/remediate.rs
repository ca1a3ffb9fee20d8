use std::path::PathBuf;

use clap::{Args, Subcommand, builder::NonEmptyStringValueParser};

use super::{ClockArgs, Format, ShowFormat};

/// `remediate …`.
#[derive(Debug, Subcommand)]
pub enum RemediateCommand {
    /// Write what puts findings right: a runbook, a script and a key policy for each
    Plan(PlanArgs),
    /// Put a finding right, step by step: a dry run, unless --yes
    Apply(ApplyArgs),
    /// What was set out to do, and how far it came
    Status(RemediateStatusArgs),
    /// Scan where a finding is, and say how it stands
    Verify(VerifyArgs),
}

/// The key and the name of what is made.
#[derive(Debug, Clone, Args)]
pub struct KeyArgs {
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
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
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
    #[arg(long, conflicts_with = "name")]
    pub all: bool,
    /// Write into this directory, which is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Key and name.
    #[command(flatten)]
    pub key: KeyArgs,
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

/// `remediate apply`.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads everything afresh, with the remediation role, and says what it would do. With --yes it does it: each
step looks before it acts, and is written down before and after, so that the same command goes on after a
crash. The source is kept until --delete-source says otherwise.

Ctrl-C stops it in good order: a task that was stopped is moved and started first.
What AWS tells nobody of an endpoint is read from the environment, KEYWATCH_SECRET_PASSWORD.

  keywatch remediate apply 17
  keywatch remediate apply 17 --yes
  keywatch remediate apply 17 --yes --delete-source")]
pub struct ApplyArgs {
    /// ARN of a resource, or number of a finding
    #[arg(value_name = "ARN_OR_ID", value_parser = NonEmptyStringValueParser::new())]
    pub arn_or_id: String,
    /// Key and name.
    #[command(flatten)]
    pub key: KeyArgs,
    /// Do it
    #[arg(long)]
    pub yes: bool,
    /// Delete the source in the end, once nothing is left on it
    #[arg(long)]
    pub delete_source: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: ShowFormat,
    /// The time it goes by.
    #[command(flatten)]
    pub clock: ClockArgs,
}

/// `remediate status`.
#[derive(Debug, Args)]
#[command(after_help = "  keywatch remediate status
  keywatch remediate status arn:aws:dms:eu-central-1:111122223333:rep:ORDERS")]
pub struct RemediateStatusArgs {
    /// Only this one, with its journal: ARN of a resource, or number of a remediation
    #[arg(value_name = "ARN_OR_ID", value_parser = NonEmptyStringValueParser::new())]
    pub arn_or_id: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `remediate verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 no finding of it is open; 3 one is; 4 a target could not be scanned.

  keywatch remediate verify arn:aws:dms:eu-central-1:111122223333:rep:ORDERS")]
pub struct VerifyArgs {
    /// ARN of a resource, or number of a finding
    #[arg(value_name = "ARN_OR_ID", value_parser = NonEmptyStringValueParser::new())]
    pub arn_or_id: String,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// The time it goes by.
    #[command(flatten)]
    pub clock: ClockArgs,
}
