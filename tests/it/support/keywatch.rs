//! The binary, run as a user would, but in an environment of its own.

use std::{ffi::OsStr, process::Command, time::Duration};

use tempfile::TempDir;

use super::{Output, Process};

/// One run of the binary. Nothing of the machine's environment reaches it: no credentials, no profile, no
/// home directory, no instance metadata.
pub struct Keywatch {
    command: Command,
    within: Duration,
}

impl Keywatch {
    /// A run with the directory as working directory and home.
    pub fn new(dir: &TempDir) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keywatch"));
        command
            .env_clear()
            .env("HOME", dir.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", dir.path().join("no-aws-config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", dir.path().join("no-aws-credentials"))
            .current_dir(dir.path());
        Self { command, within: Duration::from_secs(60) }
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// How long it may take; a minute if not said.
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Starts it.
    #[cfg(feature = "sandbox")]
    #[track_caller]
    pub fn start(self) -> Process {
        Process::spawn(self.command)
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(self) -> Output {
        Process::spawn(self.command).finish(self.within)
    }
}
