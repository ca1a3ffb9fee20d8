//! What a scan costs beside a bare loop over the same SDK calls that stores nothing.
//!
//! `cargo bench` measures; the sandbox organization is served by this process, and what is measured runs
//! in children, so that the figures are theirs alone. `cargo bench -- quick` takes a tenth of the
//! accounts. The children's peak memory is the largest of all so far, so the smaller run comes first.

#[path = "scan/bare.rs"]
mod bare;

use std::{
    error::Error,
    process::{Command, Stdio},
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
const CONCURRENCY: u32 = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "bare") {
        return bare::run(CONCURRENCY as usize);
    }
    let scale = if arguments.iter().any(|argument| argument == "quick") { 10 } else { 1 };

    println!(
        "{:<34} {:>8} {:>9} {:>9} {:>11} {:>9}",
        "", "calls", "wall s", "calls/s", "CPU µs/call", "peak MB"
    );
    let small = measure("scan", 1000 / scale, Duration::ZERO, Which::Keywatch)?;
    let bare = measure("bare loop", 1000 / scale, Duration::ZERO, Which::Bare)?;
    let again = measure("scan again, nothing changed", 1000 / scale, Duration::ZERO, Which::KeywatchTwice)?;
    let late = measure("scan, 20 ms latency", 1000 / scale, Duration::from_millis(20), Which::Keywatch)?;
    let large = measure("scan, four times the accounts", 4000 / scale, Duration::ZERO, Which::Keywatch)?;

    let ideal = late.calls as f64 * 0.020 / f64::from(CONCURRENCY);
    println!();
    println!("CPU per call beside the bare loop      {:.2}x", small.cpu_per_call() / bare.cpu_per_call());
    println!("CPU per call, second scan              {:.2}x", again.cpu_per_call() / bare.cpu_per_call());
    println!("peak memory, four times the accounts   {:.2}x", large.peak_mb / small.peak_mb);
    println!("wall time beside calls x latency / {CONCURRENCY}  {:.2}x", late.wall.as_secs_f64() / ideal);
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
    run(command, &sandbox)?;
    let wall = begun.elapsed();
    let measured = Measured {
        wall,
        cpu: cpu_of_children()?.saturating_sub(cpu_before),
        calls: sandbox.calls().total,
        peak_mb: getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() as f64 / 1024.0,
    };
    println!(
        "{:<34} {:>8} {:>9.2} {:>9.0} {:>11.0} {:>9.1}",
        format!("{name} ({accounts} x {REGIONS})"),
        measured.calls,
        measured.wall.as_secs_f64(),
        measured.calls as f64 / measured.wall.as_secs_f64(),
        measured.cpu_per_call(),
        measured.peak_mb,
    );
    let calls = sandbox.calls();
    let busy = calls.busy.as_secs_f64();
    println!(
        "  mean {:.2} ms, on average {:.1} in progress, at most {}",
        busy * 1e3 / measured.calls as f64,
        busy / wall.as_secs_f64(),
        sandbox.calls().max_in_flight
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

/// Runs a child to its end; a scan's exit codes 3 and 4 are results.
fn run(mut command: Command, sandbox: &Sandbox) -> Result<(), Box<dyn Error>> {
    let status = command
        .envs(sandbox.environment())
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .stdout(Stdio::null())
        .status()?;
    match status.code() {
        Some(0 | 3 | 4) => Ok(()),
        _ => Err(format!("{command:?}: {status}").into()),
    }
}

fn cpu_of_children() -> Result<Duration, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = |time: nix::sys::time::TimeVal| time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64;
    Ok(Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time())))
}
