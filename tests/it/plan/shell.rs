//! A shell in an account of the sandbox: bash, the real AWS CLI, a session of the remediation role.

use std::{
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use keywatch::domain::AccountId;
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use serde_json::Value;

use crate::support::{Output, Process, python_with, scene::Scene};

/// Longer than a script takes whose every call starts a Python.
const PATIENCE: Duration = Duration::from_secs(600);

/// The directory of the AWS CLI and of shellcheck.
pub fn tools() -> PathBuf {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws-cli/requirements.txt");
    python_with("aws-cli", &requirements).parent().unwrap().to_owned()
}

/// A shell in one account.
pub struct Shell {
    environment: Vec<(String, String)>,
}

impl Shell {
    /// Takes the role that the organization has for remediation, as a person would with `aws sts assume-role`.
    pub fn in_account(scene: &Scene, account: AccountId) -> Self {
        let path = format!("{}:{}", tools().display(), std::env::var("PATH").unwrap());
        let mut environment = scene.sandbox.environment();
        environment.retain(|(name, _)| name.starts_with("AWS_"));
        environment.extend([("PATH".to_owned(), path), ("KEYWATCH_POLL_SECONDS".to_owned(), "0".to_owned())]);
        environment.push(("HOME".to_owned(), scene.dir.path().display().to_string()));
        let mut shell = Self { environment };
        let (role, id) =
            scene.sandbox.edit(|world| (world.remediation_role.clone(), world.external_id.clone()));
        let session = shell.run(
            scene.dir.path(),
            &format!(
                "aws sts assume-role --region=us-east-1 --role-session-name=test --external-id='{id}' --output json \
                 --role-arn='arn:aws:iam::{account}:role/{role}'"
            ),
        );
        let session: Value = serde_json::from_str(&session.exits(0).stdout).unwrap();
        for (name, field) in [
            ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
            ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
            ("AWS_SESSION_TOKEN", "SessionToken"),
        ] {
            let value = session["Credentials"][field].as_str().unwrap().to_owned();
            shell.environment.retain(|(known, _)| known != name);
            shell.environment.push((name.to_owned(), value));
        }
        shell
    }

    /// With a variable more.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn start(&self, folder: &Path, line: &str) -> Process {
        let mut command = Command::new("bash");
        command.args(["-c", line]).current_dir(folder).env_clear().envs(self.environment.iter().cloned());
        // A group of its own, so that nothing of it outlives a kill.
        command.process_group(0);
        Process::spawn(command)
    }

    /// Runs a line to its end.
    pub fn run(&self, folder: &Path, line: &str) -> Output {
        self.start(folder, line).finish(PATIENCE)
    }

    /// Runs a line and kills all of it once the sandbox was called so often.
    pub fn kill_after(&self, scene: &Scene, folder: &Path, line: &str, calls: u64) {
        scene.sandbox.reset_calls();
        let process = self.start(folder, line);
        assert!(scene.sandbox.wait_for_calls(calls, PATIENCE), "{line} made no {calls} calls");
        killpg(Pid::from_raw(process.id().cast_signed()), Signal::SIGKILL).unwrap();
        process.kill();
    }
}
