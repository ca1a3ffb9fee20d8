//! What a scan costs beside a bare loop over the same SDK calls that stores nothing.
//!
//! `cargo bench` measures; the sandbox organization is served by this process, and what is measured runs
//! in children, so that the figures are theirs alone. `cargo bench -- quick` takes a tenth of the
//! accounts. The last two columns are the sandbox's: how long it took to answer, and how many calls it had at a time.

#[path = "scan/bare.rs"]
mod bare;

use std::{
    error::Error,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use keywatch::{
    domain::Region,
    sandbox::{
        Sandbox, Settings,
        world::{GenerateOptions, World},
    },
};
use nix::sys::resource::{UsageWho, getrusage};
use tempfile::TempDir;

const REGIONS: usize = 17;

/// Rounds of scan and bare loop.
const ROUNDS: usize = 3;

const CONCURRENCY: u32 = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "bare") {
        return bare::run(CONCURRENCY as usize);
    }
    let scale = if arguments.iter().any(|argument| argument == "quick") { 10 } else { 1 };

    println!(
        "{:<46} {:>8} {:>7} {:>8} {:>12} {:>8} {:>8} {:>10}",
        "", "calls", "wall s", "calls/s", "CPU \u{b5}s/call", "peak MB", "ms/call", "in flight"
    );
    // Side by side and more than once: a machine that others use too is not the same from minute to minute.
    let (mut small, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        small.push(measure("scan", 1000 / scale, Duration::ZERO, Which::Keywatch)?);
        bare.push(measure("bare loop", 1000 / scale, Duration::ZERO, Which::Bare)?);
    }
    let late = measure("scan, 20 ms latency", 1000 / scale, Duration::from_millis(20), Which::Keywatch)?;
    let large = measure("scan, four times the accounts", 4000 / scale, Duration::ZERO, Which::Keywatch)?;
    let again = measure("scan again, nothing changed", 1000 / scale, Duration::ZERO, Which::KeywatchTwice)?;

    let least = |runs: &[Measured]| runs.iter().map(Measured::cpu_per_call).fold(f64::INFINITY, f64::min);
    let ideal = late.calls as f64 * 0.020 / f64::from(CONCURRENCY);
    println!();
    println!("CPU per call beside the bare loop, least of {ROUNDS}  {:.2}x", least(&small) / least(&bare));
    println!("CPU per call, second scan                   {:.2}x", again.cpu_per_call() / least(&bare));
    println!("peak memory, four times the accounts        {:.2}x", large.peak_mb / small[0].peak_mb);
    println!(
        "wall time beside calls x latency / {CONCURRENCY}       {:.2}x",
        late.wall.as_secs_f64() / ideal
    );
    Ok(())
}

enum Which {
    Keywatch,
    /// Once without measuring, then again.
    KeywatchTwice,
    Bare,
}

struct Measured {
    calls: u64,
    wall: Duration,
    cpu: Duration,
    peak_mb: f64,
}

impl Measured {
    fn cpu_per_call(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.calls as f64
    }
}

fn measure(name: &str, accounts: usize, latency: Duration, which: Which) -> Result<Measured, Box<dyn Error>> {
    let options = GenerateOptions { accounts, regions: REGIONS, seed: 1, ..GenerateOptions::default() };
    let world = World::generate(&options);
    let regions: Vec<Region> = world.regions.keys().cloned().collect();
    let sandbox = Sandbox::start_blocking(world, Settings { latency, ..Settings::default() })?;
    let dir = TempDir::new()?;
    let config = dir.path().join("keywatch.toml");
    std::fs::write(&config, config_text(&regions))?;

    let keywatch = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keywatch"));
        command.arg("--config").arg(&config).arg("--db").arg(dir.path().join("history.db"));
        command.args(["-q", "scan", "--format", "csv"]);
        command
    };
    let command = match which {
        Which::Keywatch => keywatch(),
        Which::KeywatchTwice => {
            run(keywatch(), &sandbox)?;
            keywatch()
        }
        Which::Bare => {
            let mut command = Command::new(std::env::current_exe()?);
            command.arg("bare");
            command
        }
    };
    sandbox.reset_calls();
    let cpu_before = cpu_of_children()?;
    let begun = Instant::now();
    let peak_mb = run(command, &sandbox)?;
    let wall = begun.elapsed();
    let measured = Measured {
        wall,
        cpu: cpu_of_children()?.saturating_sub(cpu_before),
        calls: sandbox.calls().total,
        peak_mb,
    };
    let calls = sandbox.calls();
    let busy = calls.busy.as_secs_f64();
    println!(
        "{:<46} {:>8} {:>7.2} {:>8.0} {:>12.0} {:>8.1} {:>8.2} {:>10.1}",
        format!("{name} ({accounts} x {REGIONS})"),
        measured.calls,
        measured.wall.as_secs_f64(),
        measured.calls as f64 / measured.wall.as_secs_f64(),
        measured.cpu_per_call(),
        measured.peak_mb,
        busy * 1e3 / measured.calls as f64,
        busy / wall.as_secs_f64(),
    );
    Ok(measured)
}

/// No limit but the concurrency: what is measured is keywatch, not its patience.
fn config_text(regions: &[Region]) -> String {
    let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
    let mut text = format!("[regions]\ninclude = {names:?}\n[scan]\nconcurrency = {CONCURRENCY}\n");
    for service in ["dms", "kms", "sts", "organizations", "account"] {
        text += &format!("[rate_limits.{service}]\nper_second = 100000\nburst = 100000\n");
    }
    text
}

/// Runs a child to its end, and gives the peak of its memory in MB; a scan's exit codes 3 and 4 are results.
fn run(mut command: Command, sandbox: &Sandbox) -> Result<f64, Box<dyn Error>> {
    let mut child = command
        .envs(sandbox.environment())
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .stdout(Stdio::null())
        .spawn()?;
    // What the system tells of a child that has ended includes what its parent held when it was started.
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_mb = 0.0;
    let status = loop {
        let text = std::fs::read_to_string(&status_file).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak_mb = peak.and_then(|kb| kb.parse().ok()).map_or(peak_mb, |kb: f64| kb / 1024.0);
        match child.try_wait()? {
            Some(status) => break status,
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    match status.code() {
        Some(0 | 3 | 4) => Ok(peak_mb),
        _ => Err(format!("{command:?}: {status}").into()),
    }
}

fn cpu_of_children() -> Result<Duration, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = |time: nix::sys::time::TimeVal| time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64;
    Ok(Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time())))
}
