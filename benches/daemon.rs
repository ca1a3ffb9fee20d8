//! What the daemon costs where nothing is to be done: how long it takes from its start to its first call, and the
//! memory and CPU of a process that waits for its next scan.
//!
//! `cargo bench --bench daemon` starts the binary against a sandbox organization of 1,000 accounts in 17 Regions,
//! lets it scan once, and watches it for a minute. Linux only: it reads /proc.

use std::{
    error::Error,
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use keywatch::sandbox::{
    Sandbox, Settings,
    world::{GenerateOptions, World},
};
use tempfile::TempDir;

/// How long it is watched.
const WATCHED: Duration = Duration::from_secs(60);

/// The kernel counts CPU time in hundredths of a second on every Linux.
const TICK: Duration = Duration::from_millis(10);

const CONFIG: &str = "[server]\nlisten = \"127.0.0.1:0\"\n[scan]\nschedule = \"every 6h\"\njitter = \"0s\"\n\
[rate_limits.organizations]\nper_second = 1000\nburst = 1000\n[rate_limits.account]\nper_second = 1000\nburst = 1000\n";

fn main() -> Result<(), Box<dyn Error>> {
    let options = GenerateOptions { accounts: 1000, regions: 17, seed: 1, ..GenerateOptions::default() };
    let sandbox = Sandbox::start_blocking(World::generate(&options), Settings::default())?;
    let dir = TempDir::new()?;
    fs::write(dir.path().join("keywatch.toml"), CONFIG)?;
    println!("{:<48} {:>10} {:>10}", "", "measured", "target");

    // The first start makes the database; those after it find one.
    let mut least = Duration::MAX;
    for _ in 0..5 {
        sandbox.reset_calls();
        let began = Instant::now();
        let mut daemon = Daemon::start(&sandbox, &dir)?;
        if !sandbox.wait_for_calls(1, Duration::from_secs(10)) {
            return Err(format!("the daemon makes no call: {:?}", daemon.0.try_wait()?).into());
        }
        least = least.min(began.elapsed());
    }
    println!("{:<48} {:>7} ms {:>7} ms", "start to first call, least of 5", least.as_millis(), 100);

    let daemon = Daemon::start(&sandbox, &dir)?;
    daemon.wait_until_idle(&sandbox)?;
    let (before, began) = (daemon.cpu()?, Instant::now());
    thread::sleep(WATCHED);
    let used = daemon.cpu()? - before;
    println!(
        "{:<48} {:>7} MB {:>7} MB",
        "resident memory after a scan, idle",
        daemon.resident()? / 1_000_000,
        40
    );
    println!("{:<48} {:>7} MB", "  at its peak, during the scan", daemon.peak()? / 1_000_000);
    println!("{:<48} {:>7} ms", format!("CPU of {:.0?} idle", began.elapsed()), used.as_millis());
    println!("{:<48} {:>7}", "open file descriptors", daemon.descriptors()?);
    Ok(())
}

/// The daemon's process, killed when dropped.
struct Daemon(Child);

impl Daemon {
    fn start(sandbox: &Sandbox, dir: &TempDir) -> Result<Self, Box<dyn Error>> {
        let child = Command::new(env!("CARGO_BIN_EXE_keywatch"))
            .args(["--config", "keywatch.toml", "--db", "history.db", "--quiet", "daemon"])
            .env_clear()
            .env("HOME", dir.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(sandbox.environment())
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Self(child))
    }

    fn file(&self, name: &str) -> std::io::Result<String> {
        fs::read_to_string(format!("/proc/{}/{name}", self.0.id()))
    }

    fn cpu(&self) -> Result<Duration, Box<dyn Error>> {
        let stat = self.file("stat")?;
        // After the name in parentheses: the 12th and 13th are the times in user and system mode.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
        Ok(TICK * ticks)
    }

    fn status(&self, name: &str) -> Result<u64, Box<dyn Error>> {
        let status = self.file("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
        Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    fn resident(&self) -> Result<u64, Box<dyn Error>> {
        self.status("VmRSS")
    }

    fn peak(&self) -> Result<u64, Box<dyn Error>> {
        self.status("VmHWM")
    }

    fn descriptors(&self) -> std::io::Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.0.id()))?.count())
    }

    /// Comes back when no call has come and no CPU was used for a while.
    fn wait_until_idle(&self, sandbox: &Sandbox) -> Result<(), Box<dyn Error>> {
        let deadline = Instant::now() + Duration::from_secs(300);
        let mut last = (0, Duration::ZERO);
        loop {
            thread::sleep(Duration::from_secs(3));
            let now = (sandbox.calls().total, self.cpu()?);
            if now == last && now.0 > 0 {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err("the daemon never rests".into());
            }
            last = now;
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
