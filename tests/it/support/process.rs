//! Child processes that never outlive a test, nor hold it up.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

#[cfg(feature = "sandbox")]
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// What a process that has ended leaves behind.
#[derive(Debug)]
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Asserts the exit code, and shows what the process said where it is another one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr))
    }
}

/// A running process. It is killed when this is dropped.
pub struct Process {
    name: String,
    child: Child,
    /// Held open: some processes end when it closes.
    stdin: Option<ChildStdin>,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Process {
    /// Starts the command with all three streams as pipes.
    #[track_caller]
    pub fn spawn(mut command: Command) -> Self {
        let name = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            name,
            stdin: child.stdin.take(),
            stdout: lines(child.stdout.take().expect("a pipe")),
            stderr: lines(child.stderr.take().expect("a pipe")),
            child,
        }
    }

    /// Its process id.
    #[cfg(feature = "sandbox")]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    #[cfg(feature = "sandbox")]
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the status of a child").is_some()
    }

    /// Ends it as a power cut would: with SIGKILL. Returns false if it had ended before.
    #[cfg(feature = "sandbox")]
    #[track_caller]
    pub fn kill(mut self) -> bool {
        // One that has ended but was not waited for takes the signal all the same.
        self.child.kill().expect("the right to kill a child");
        self.child.wait().expect("the status of a child").code().is_none()
    }

    /// Asks it to end, with SIGTERM, and waits until it has.
    #[cfg(feature = "sandbox")]
    #[track_caller]
    pub fn terminate(self, within: Duration) -> Output {
        let pid = Pid::from_raw(self.id().cast_signed());
        kill(pid, Signal::SIGTERM).expect("the right to stop a child");
        self.finish(within)
    }

    /// The next line of its standard output.
    #[track_caller]
    pub fn line(&mut self, within: Duration) -> String {
        match self.stdout.recv_timeout(within) {
            Ok(line) => line,
            Err(why) => self.give_up(&format!("no line of output ({why})")),
        }
    }

    /// Closes its standard input and waits for its end.
    #[track_caller]
    pub fn finish(mut self, within: Duration) -> Output {
        drop(self.stdin.take());
        let deadline = Instant::now() + within;
        let (stdout, stdout_ended) = collect(&self.stdout, deadline);
        let (stderr, stderr_ended) = collect(&self.stderr, deadline);
        if !(stdout_ended && stderr_ended) {
            drop(self.child.kill());
            panic!("{}: still running after {within:?}\nstdout:\n{stdout}\nstderr:\n{stderr}", self.name);
        }
        // Both streams are closed, so it has ended or is about to.
        let status = self.child.wait().expect("the status of a child");
        Output { code: status.code(), stdout, stderr }
    }

    #[track_caller]
    fn give_up(&mut self, what: &str) -> ! {
        drop(self.child.kill());
        let stderr: String = self.stderr.iter().collect();
        panic!("{}: {what}\nstderr:\n{stderr}", self.name)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What arrives until the stream ends or the time is up, and whether it ended.
fn collect(lines: &Receiver<String>, deadline: Instant) -> (String, bool) {
    let mut text = String::new();
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => text.push_str(&line),
            Err(why) => return (text, why == RecvTimeoutError::Disconnected),
        }
    }
}

/// The lines of a stream, their ends included, as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    receiver
}
