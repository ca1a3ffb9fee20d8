//! Scans as processes of their own: the AWS SDK takes its endpoint and credentials from the environment, and
//! nothing of the user's real environment may reach it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{process::Command, time::timeout};
use tokio_util::sync::CancellationToken;

use super::place::Place;
use crate::{
    app::{self, ServedSandbox},
    cli::exit::Failed,
    domain::Timestamp,
};

/// How long a daemon has that was told to stop along with this process.
const STOPPED_BY_ITSELF: Duration = Duration::from_secs(2);

/// Scans one sandbox into one history.
pub struct Scanner<'a> {
    sandbox: &'a ServedSandbox,
    place: &'a Place,
    program: PathBuf,
}

impl<'a> Scanner<'a> {
    /// A scanner that is this same program.
    pub fn new(sandbox: &'a ServedSandbox, place: &'a Place) -> Result<Self, Failed> {
        let program = std::env::current_exe().map_err(Failed::could_not_run)?;
        Ok(Self { sandbox, place, program })
    }

    /// Scans as if it were that moment now, without a word unless it fails.
    pub async fn at(&self, moment: Timestamp) -> Result<(), Failed> {
        let mut command = self.command();
        command.args(["--quiet", "scan", "--sandbox-now", &moment.to_string()]);
        self.quietly(command).await
    }

    /// Accepts a risk as if it were that moment now.
    pub async fn accept(&self, moment: Timestamp, what: &[&str]) -> Result<(), Failed> {
        let mut command = self.command();
        command.args(["exceptions", "add"]).args(what).args(["--sandbox-now", &moment.to_string()]);
        self.quietly(command).await
    }

    /// Makes the report of the week that was over then.
    pub async fn report(&self, moment: Timestamp) -> Result<(), Failed> {
        let mut command = self.command();
        command.args(["report", "weekly", "--sandbox-now", &moment.to_string()]);
        self.quietly(command).await
    }

    /// Writes the newest report into the directory.
    pub async fn write_report(&self, directory: &Path) -> Result<(), Failed> {
        let mut command = self.command();
        command.args(["report", "weekly", "--format", "html,xlsx,json", "--out"]).arg(directory);
        self.quietly(command).await
    }

    /// Goes on as a daemon that serves there, until this process is told to stop.
    pub async fn serve(&self, listen: SocketAddr) -> Result<(), Failed> {
        let stop = CancellationToken::new();
        app::on_signal(stop.clone()).map_err(Failed::could_not_run)?;
        let mut command = self.command();
        command.arg("daemon").env("KEYWATCH_SERVER__LISTEN", listen.to_string()).kill_on_drop(true);
        let mut daemon = command.spawn().map_err(Failed::could_not_run)?;
        let status = tokio::select! {
            status = daemon.wait() => status,
            () = stop.cancelled() => {
                // A Ctrl-C has reached it already; a second signal would end it at once.
                drop(timeout(STOPPED_BY_ITSELF, daemon.wait()).await);
                if let Some(pid) = daemon.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
                    kill_process(pid, Signal::TERM).map_err(Failed::could_not_run)?;
                }
                daemon.wait().await
            }
        };
        match status.map_err(Failed::could_not_run)? {
            status if status.success() => Ok(()),
            status => Err(Failed::could_not_run(format!("the dashboard could not be served: {status}"))),
        }
    }

    /// Without a word unless it fails.
    async fn quietly(&self, mut command: Command) -> Result<(), Failed> {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let output = command.output().await.map_err(Failed::could_not_run)?;
        check(output.status.code(), &String::from_utf8_lossy(&output.stderr))
    }

    /// Scans, and shows what comes of it.
    pub async fn today(&self) -> Result<(), Failed> {
        let status = self.command().arg("scan").status().await.map_err(Failed::could_not_run)?;
        check(status.code(), "")
    }

    /// Shows how the numbers went.
    pub async fn trend(&self) -> Result<(), Failed> {
        let status = self.command().arg("trend").status().await.map_err(Failed::could_not_run)?;
        match status.success() {
            true => Ok(()),
            false => Err(Failed::could_not_run(format!("the trend could not be shown: {status}"))),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(&self.place.config).arg("--db").arg(&self.place.database);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("AWS_")
                || text.starts_with("KEYWATCH_")
                || text.to_ascii_lowercase().ends_with("_proxy")
            {
                command.env_remove(name);
            }
        }
        command
            .envs(self.sandbox.environment())
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            // Ctrl-C reaches the child as well, which ends the scan in order.
            .stdin(Stdio::null());
        command
    }
}

/// Whether a command ran, whatever a scan found.
fn check(code: Option<i32>, said: &str) -> Result<(), Failed> {
    let said = said.trim_end();
    let more = if said.is_empty() { String::new() } else { format!(":\n{said}") };
    match code {
        Some(0 | 3 | 4) => Ok(()),
        Some(code) => Err(Failed::could_not_run(format!("it ended with exit code {code}{more}"))),
        None => Err(Failed::could_not_run(format!("it was ended by a signal{more}"))),
    }
}
