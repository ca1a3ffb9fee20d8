use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;

use super::Cli;

/// `healthcheck`.
#[derive(Debug, Args)]
#[command(after_help = "\
Asks /healthz at server.listen. With server.listen = \"off\" there is nothing to ask, and it only
says whether a daemon holds the lock of the history.

Exit codes: 0 it works; 1 it does not, or nobody answers.")]
pub struct HealthcheckArgs {
    /// The longest to wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub timeout: u64,
}

/// `completions`.
#[derive(Debug, Args)]
#[command(after_help = "  keywatch completions bash > /usr/share/bash-completion/completions/keywatch
  keywatch completions zsh > /usr/share/zsh/vendor-completions/_keywatch
  keywatch completions fish > ~/.config/fish/completions/keywatch.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// `man`.
#[derive(Debug, Args)]
#[command(after_help = "  keywatch man | man -l -
  keywatch man --out /usr/share/man/man1")]
pub struct ManArgs {
    /// Write a page for keywatch and for each of its commands into this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// The whole command line as clap knows it.
pub fn command() -> Command {
    Cli::command()
}
