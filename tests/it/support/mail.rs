use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::Value;

use super::{Process, python_with};

/// aiosmtpd on a free port, and the file of what it got.
pub struct MailServer {
    _process: Process,
    port: u64,
    mails: PathBuf,
}

impl MailServer {
    /// Starts it; it keeps what it gets in the directory.
    pub fn start(dir: &Path, options: &[&str]) -> Self {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp");
        let python = python_with("smtp", &tests.join("requirements.txt"));
        let mails = dir.join("mails.jsonl");
        let mut command = Command::new(python);
        command.env_clear().arg(tests.join("server.py")).arg(&mails).args(options);
        let mut process = Process::spawn(command);
        let ready: Value =
            serde_json::from_str(&process.line(Duration::from_secs(60))).expect("a line of JSON");
        Self { _process: process, port: ready["port"].as_u64().unwrap(), mails }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u64 {
        self.port
    }

    /// The mails so far.
    pub fn mails(&self) -> Vec<Value> {
        let lines = fs::read_to_string(&self.mails).unwrap_or_default();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
