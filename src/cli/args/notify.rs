use clap::{Args, Subcommand, builder::PossibleValuesParser};

use super::{ClockArgs, Format};
use crate::domain::Channel;

/// `notify …`.
#[derive(Debug, Subcommand)]
pub enum NotifyCommand {
    /// Send a test message to each channel that the config has
    Test(TestArgs),
    /// List the messages: what is still to be sent, and what became of the others
    List(NotifyListArgs),
}

/// `notify test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 every message was taken, 1 one was not.

  keywatch notify test
  keywatch notify test --channel slack")]
pub struct TestArgs {
    /// Only this channel; may be repeated
    #[arg(
        long = "channel",
        value_name = "CHANNEL",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Channel::ALL.map(Channel::as_str))
    )]
    pub channels: Vec<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// The time it goes by.
    #[command(flatten)]
    pub clock: ClockArgs,
}

/// `notify list`.
#[derive(Debug, Args)]
pub struct NotifyListArgs {
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}
