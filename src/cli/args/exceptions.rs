use clap::{
    Args, Subcommand,
    builder::{NonEmptyStringValueParser, PossibleValuesParser},
};

use super::{CHECKS, ClockArgs, Format};
use crate::domain::{AccountId, Covers, Exception, Timestamp, is_dms_arn, parse_expiry, parse_tag};

/// `exceptions …`.
#[derive(Debug, Subcommand)]
pub enum ExceptionsCommand {
    /// Accept a risk until a day; what it covers is suppressed at once
    Add(Box<AddArgs>),
    /// List the exceptions in force
    List(ExceptionsArgs),
    /// End an exception; what it suppressed is open again
    Remove(RemoveArgs),
}

/// `exceptions add`.
#[derive(Debug, Args)]
#[command(after_help = "\
Suppressed findings are counted apart in every number, never as compliant. When the exception
ends, its findings reopen.

  keywatch exceptions add --ou Root/Sandbox --reason 'no customer data' --owner platform --expires 2027-01-31
  keywatch exceptions add --tag Stage=test --check dms_endpoint_kms_cmk_encryption \\
      --reason RISK-42 --owner payments --expires 2027-01-31")]
pub struct AddArgs {
    /// What it covers.
    #[command(flatten)]
    pub covers: CoversArgs,
    /// Only findings of this check [default: all checks]
    #[arg(long, value_name = "CHECK", value_parser = PossibleValuesParser::new(CHECKS))]
    pub check: Option<String>,
    /// Why the risk is accepted
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub reason: String,
    /// Who accepts it
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub owner: String,
    /// The last day, in UTC
    #[arg(long, value_name = "DATE", value_parser = expiry)]
    pub expires: Timestamp,
    /// The time it goes by.
    #[command(flatten)]
    pub clock: ClockArgs,
}

/// What an exception covers: one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct CoversArgs {
    /// This resource, by its ARN
    #[arg(long, value_name = "ARN", value_parser = resource)]
    pub resource: Option<Covers>,
    /// Everything in this account
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
    /// Everything in this organizational unit and below it, by its path
    #[arg(long, value_name = "PATH", value_parser = unit)]
    pub ou: Option<Covers>,
    /// Every resource with this tag
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    pub tag: Option<Covers>,
}

/// `exceptions list`.
#[derive(Debug, Args)]
pub struct ExceptionsArgs {
    /// Those that have ended, too
    #[arg(long)]
    pub all: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `exceptions remove`.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Its number in `exceptions list`
    #[arg(value_name = "ID")]
    pub id: i64,
    /// The time it goes by.
    #[command(flatten)]
    pub clock: ClockArgs,
}

impl AddArgs {
    /// The exception that is meant.
    pub fn exception(&self) -> Option<Exception> {
        let CoversArgs { resource, account, ou, tag } = &self.covers;
        let covers = resource.clone().or(account.map(Covers::Account)).or(ou.clone()).or(tag.clone())?;
        Some(Exception {
            check_id: self.check.clone(),
            covers,
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            expires_at: self.expires,
        })
    }
}

fn resource(text: &str) -> Result<Covers, String> {
    if is_dms_arn(text) {
        return Ok(Covers::Resource(text.to_owned()));
    }
    Err("not the ARN of a DMS resource, as `findings list --format csv` has it".to_owned())
}

fn unit(text: &str) -> Result<Covers, String> {
    let mut names = text.split('/');
    if names.next() == Some("Root") && names.all(|name| !name.is_empty()) {
        return Ok(Covers::Unit(text.to_owned()));
    }
    Err("a unit is named by its path from the root, Root/Workloads/Prod".to_owned())
}

fn tag(text: &str) -> Result<Covers, String> {
    parse_tag(text).ok_or_else(|| "a tag is written key=value".to_owned())
}

fn expiry(text: &str) -> Result<Timestamp, String> {
    parse_expiry(text).map_err(|error| error.to_string())
}
