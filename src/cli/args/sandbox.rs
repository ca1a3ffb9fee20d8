use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1".to_owned()),
        Ok(n) => Ok(n),
        Err(error) => Err(format!("{error}")),
    }
}

/// The size of a sandbox.
#[derive(Debug, Clone, Args)]
pub struct SandboxSize {
    /// Accounts of the organization
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = at_least_one)]
    pub accounts: usize,
    /// Regions of each account
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = at_least_one)]
    pub regions: usize,
    /// Same seed, same organization
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// `sandbox`.
#[derive(Debug, Args)]
#[command(after_help = "  keywatch sandbox --accounts 200 --regions 17 --seed 7")]
pub struct SandboxArgs {
    /// Its size.
    #[command(flatten)]
    pub size: SandboxSize,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4577")]
    pub listen: SocketAddr,
    /// Milliseconds that every answer takes
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub latency: u64,
}

/// `demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
The organization is scanned every three days, on a simulated clock, and last of all today.
Each demo in a directory begins anew.

  keywatch demo --dir /tmp/keywatch-demo")]
pub struct DemoArgs {
    /// Its size.
    #[command(flatten)]
    pub size: SandboxSize,
    /// Directory for the database and everything else that is written; empty, or another demo's
    #[arg(long, value_name = "DIR", default_value = "keywatch-demo")]
    pub dir: PathBuf,
    /// Serve the dashboard afterwards, until Ctrl-C
    #[arg(long, value_enum, value_name = "WHEN", default_value = "on-a-terminal")]
    pub serve: Serve,
    /// Where to serve it; another port if that one is taken
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Weeks that the organization lives before today
    #[arg(long, value_name = "N", default_value_t = 12, hide = true)]
    pub weeks: u32,
}

impl DemoArgs {
    /// Whether the dashboard is served.
    pub fn serves(&self, terminal: bool) -> bool {
        match self.serve {
            Serve::OnATerminal => terminal,
            Serve::Always => true,
            Serve::Never => false,
        }
    }
}

/// When a demo serves the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Serve {
    /// If somebody is there to look at it.
    OnATerminal,
    /// In any case.
    Always,
    /// In none.
    Never,
}
