//! What a day of scans costs in calls where nothing changes: of hourly scans and of one every six hours.
//!
//! `cargo bench --bench cadence` scans 1,000 accounts in 17 Regions with DMS in 5 % of the targets, on a clock that
//! is set on from scan to scan; `cargo bench --bench cadence -- quick` takes a tenth of the accounts.

use std::{
    collections::BTreeSet,
    error::Error,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use keywatch::{
    config::Cadence,
    domain::{KeyManager, Region, Timestamp},
    sandbox::{
        Sandbox, Settings,
        world::{GenerateOptions, SandboxResource, World},
    },
    targets::{Size, estimate},
};
use tempfile::TempDir;

const REGIONS: usize = 17;

/// The share of targets with DMS resources.
const DMS: f64 = 0.05;

/// The first scan, and those whose answers make it sure.
const BUILD_UP: i64 = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let quick = std::env::args().any(|argument| argument == "quick");
    let accounts = if quick { 100 } else { 1000 };
    for hours in [1, 6] {
        day(accounts, hours)?;
    }
    Ok(())
}

/// Builds up what is sure, then scans for a day.
fn day(accounts: usize, hours: i64) -> Result<(), Box<dyn Error>> {
    let options = GenerateOptions { accounts, regions: REGIONS, seed: 1, dms_share: Some(DMS) };
    let world = World::generate(&options);
    let size = size(&world);
    let sandbox = Sandbox::start_blocking(world.clone(), Settings::default())?;
    let dir = TempDir::new()?;
    std::fs::write(dir.path().join("keywatch.toml"), config_text(&world))?;
    println!(
        "{accounts} accounts x {REGIONS} Regions, DMS in {:.0} % of the targets, a scan every {hours} h",
        DMS * 1e2
    );

    let begins: Timestamp = "2026-03-02T00:00:00Z".parse()?;
    let scans = 24 / hours;
    let (mut first, mut steady) = (0, Vec::new());
    for number in 0..BUILD_UP + scans {
        let now = begins.checked_add(SignedDuration::from_hours(number * hours))?;
        sandbox.reset_calls();
        let begun = Instant::now();
        scan(dir.path(), &sandbox, now)?;
        let calls = sandbox.calls().total;
        if number == 0 {
            first = calls;
        }
        let share = 1e2 * calls as f64 / first as f64;
        println!(
            "  scan {:>2}: {calls:>7} calls, {share:>5.1} %, {:.1} s",
            number + 1,
            begun.elapsed().as_secs_f64()
        );
        if number >= BUILD_UP {
            steady.push(calls);
        }
    }
    let last = sandbox.calls();
    let operations: BTreeSet<&str> =
        last.by_target.keys().map(|(operation, ..)| operation.as_str()).collect();
    let by_operation: Vec<String> =
        operations.iter().map(|operation| format!("{} {operation}", last.of(operation))).collect();
    println!("  the last of them: {}", by_operation.join(", "));
    let total: u64 = steady.iter().sum();
    let interval = Duration::from_secs(hours.unsigned_abs() * 3600);
    let expected = estimate(&size, interval, &Cadence::default());
    println!("  first scan {first} calls (estimated {})", expected.full_scan);
    println!(
        "  a day of steady scans {total} calls, {:.1} % of as many full ones (estimated {}, {:.1} %)\n",
        1e2 * total as f64 / (first * steady.len() as u64) as f64,
        expected.a_day,
        1e2 * expected.a_day as f64 / expected.a_day_of_full_scans as f64,
    );
    Ok(())
}

/// What `estimate` has to know of a world.
fn size(world: &World) -> Size {
    let coverage = world.expected_coverage();
    let mut size = Size::default();
    for account in world.accounts.values() {
        let scanned = |region: &&Region| coverage[&(account.id, (*region).clone())].0 == "scanned";
        let regions: Vec<&Region> = world.regions.keys().filter(scanned).collect();
        size.accounts += u64::from(!regions.is_empty());
        size.targets += regions.len() as u64;
        for region in regions {
            let resources = account.resources.get(region).map_or(&[][..], Vec::as_slice);
            size.always += u64::from(!resources.is_empty());
            let named: BTreeSet<&str> = resources
                .iter()
                .filter_map(SandboxResource::answered_key)
                .filter(|key| is_asked(world, key))
                .collect();
            size.keys += named.len() as u64;
        }
    }
    size
}

/// Whether the key is asked for in each scan: those of AWS are remembered, and nobody asks for `alias/aws/...`.
fn is_asked(world: &World, key: &str) -> bool {
    let id = key.rsplit('/').next().unwrap_or(key);
    let mut owners = world.accounts.values().flat_map(|account| account.keys.values());
    let managed = owners.any(|keys| keys.get(id).is_some_and(|spec| spec.manager == KeyManager::Aws));
    !managed && !key.contains("alias/aws/")
}

/// No limit but the concurrency: what is counted is calls, not time.
fn config_text(world: &World) -> String {
    let names: Vec<&str> = world.regions.keys().map(Region::as_str).collect();
    let mut text = format!("[regions]\ninclude = {names:?}\n");
    for service in ["dms", "kms", "sts", "organizations", "account"] {
        text += &format!("[rate_limits.{service}]\nper_second = 100000\nburst = 100000\n");
    }
    text
}

/// Scans at that moment; a scan's exit codes 3 and 4 are results.
fn scan(dir: &Path, sandbox: &Sandbox, now: Timestamp) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keywatch"));
    command
        .current_dir(dir)
        .args(["--config", "keywatch.toml", "--db", "history.db", "-q", "scan", "--format", "csv"])
        .args(["--sandbox-now", &now.to_string()])
        .envs(sandbox.environment())
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .stdout(Stdio::null());
    let status = command.status()?;
    match status.code() {
        Some(0 | 3 | 4) => Ok(()),
        _ => Err(format!("{command:?}: {status}").into()),
    }
}
