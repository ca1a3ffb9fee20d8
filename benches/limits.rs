//! What AWS's limits and an organization's troubles make of a scan.
//!
//! `cargo bench --bench limits` lets the sandbox throttle DMS at 5 and KMS at 10 calls per second in each
//! account and Region, and measures how long a scan takes beside the time that those rates allow, and how
//! much is throttled after the first minute; then, what one Region that hangs and one account that throttles
//! for ever cost the others. `cargo bench --bench limits -- quick` takes less of everything, and then has
//! hardly anything after the first minute. Each figure stands beside its target.

use std::{
    error::Error,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use keywatch::{
    domain::{AccountId, AccountState, Partition, Region},
    sandbox::{
        Calls, Fault, FaultKind, Quota, Sandbox, Settings,
        world::{GenerateOptions, KeySpec, World},
    },
};
use tempfile::TempDir;

const DMS: Quota = Quota { per_second: 5.0, burst: 5 };
const KMS: Quota = Quota { per_second: 10.0, burst: 10 };

const MINUTE: Duration = Duration::from_secs(60);

/// The config's default.
const TARGET_TIMEOUT: Duration = Duration::from_secs(120);

fn main() -> Result<(), Box<dyn Error>> {
    let scale = if std::env::args().any(|argument| argument == "quick") { 10 } else { 1 };
    large_targets(1500 / scale)?;
    small_targets(1000 / scale)?;
    troubles(200 / scale)?;
    Ok(())
}

/// Few targets with many keys each: each learns its own quota and keeps to it.
fn large_targets(keys: usize) -> Result<(), Box<dyn Error>> {
    let world = with_keys(4, keys);
    let measured = measure(world, true, "10m", |_| ())?;
    // Each target's keys go through a bucket of their own, all at the same time.
    let allowed = (keys as f64 - f64::from(KMS.burst)) / KMS.per_second;
    measured.print(&format!("4 accounts x 2 Regions x {keys} keys"));
    println!(
        "{:<56} {:>8.2}   (target: at most 1.2)",
        "  time beside what the quotas allow",
        measured.seconds() / allowed
    );
    Ok(())
}

/// Many targets with more keys than the burst: each is done before it has learned much by itself.
fn small_targets(accounts: usize) -> Result<(), Box<dyn Error>> {
    let keys = 30;
    let free = measure(with_keys(accounts, keys), false, "10m", |_| ())?;
    let measured = measure(with_keys(accounts, keys), true, "10m", |_| ())?;
    free.print(&format!("{accounts} accounts x 2 Regions x {keys} keys, no quota"));
    measured.print("  with the quotas");
    Ok(())
}

/// One Region that hangs and one account that throttles for ever.
fn troubles(accounts: usize) -> Result<(), Box<dyn Error>> {
    let world =
        || World::generate(&GenerateOptions { accounts, regions: 17, seed: 1, ..GenerateOptions::default() });
    let hanging: Region = "eu-west-1".parse()?;
    let throttled = throttled_account(&world()).ok_or("no account is active")?;
    let without = measure(world(), false, "120s", |_| ())?;
    let with = measure(world(), false, "120s", |sandbox| {
        sandbox.inject(Fault::new(FaultKind::Hang).in_region(&hanging));
        sandbox.inject(Fault::new(FaultKind::Throttle).in_account(throttled));
    })?;
    without.print(&format!("{accounts} accounts x 17 Regions"));
    with.print("  one Region hangs, one account throttles for ever");
    println!(
        "{:<56} {:>8.1}   (target: at most {})",
        "  seconds longer than without",
        with.seconds() - without.seconds(),
        TARGET_TIMEOUT.as_secs()
    );
    let into_it: u64 = with
        .calls
        .by_target
        .iter()
        .filter(|((.., region), _)| *region == hanging)
        .map(|(_, count)| count)
        .sum();
    println!("{:<56} {into_it:>8}", "  calls into the Region that hangs");
    Ok(())
}

/// An active member: what keywatch's own account is throttled in, all are.
fn throttled_account(world: &World) -> Option<AccountId> {
    let special = [world.hub_account, world.management_account];
    let mut members = world.accounts.iter().filter(|(id, _)| !special.contains(id));
    members.find(|(_, account)| account.state == AccountState::Active).map(|(id, _)| *id)
}

/// Members with so many keys in use in each of two Regions.
fn with_keys(accounts: usize, keys: usize) -> World {
    let mut world = World::empty(Partition::Aws);
    let regions: Vec<Region> =
        world.regions.keys().filter(|name| name.as_str().starts_with("us-east")).cloned().collect();
    world.regions.retain(|region, _| regions.contains(region));
    for n in 0..accounts {
        let account = world.add_account(&format!("member-{n}"));
        for region in &regions {
            for key in 0..keys {
                let arn = world.add_key(account, region, KeySpec::default());
                world.add_endpoint(account, region, &format!("endpoint-{key}"), Some(&arn));
            }
        }
    }
    world
}

struct Measured {
    wall: Duration,
    calls: Calls,
    /// Where the scan lasted longer than a minute: the calls and the throttled ones of it.
    first_minute: Option<(u64, u64)>,
}

impl Measured {
    fn seconds(&self) -> f64 {
        self.wall.as_secs_f64()
    }

    fn print(&self, name: &str) {
        let later = self.first_minute.map_or_else(
            || "ended in the first minute".to_owned(),
            |(calls, throttled)| {
                let share =
                    (self.calls.throttled - throttled) as f64 / (self.calls.total - calls).max(1) as f64;
                format!("{:.2} % after the first minute (target: less than 2)", 100.0 * share)
            },
        );
        println!(
            "{name:<56} {:>8.1} s {:>8} calls {:>6} throttled, {later}",
            self.seconds(),
            self.calls.total,
            self.calls.throttled
        );
    }
}

fn measure(
    world: World,
    quotas: bool,
    target_timeout: &str,
    trouble: impl FnOnce(&Sandbox),
) -> Result<Measured, Box<dyn Error>> {
    let regions: Vec<String> = world.regions.keys().map(ToString::to_string).collect();
    let settings = Settings { latency: Duration::from_millis(20), ..Settings::default() };
    let sandbox = Sandbox::start_blocking(world, settings)?;
    if quotas {
        sandbox.set_quota("dms", Some(DMS));
        sandbox.set_quota("kms", Some(KMS));
    }
    trouble(&sandbox);
    let dir = TempDir::new()?;
    let config = dir.path().join("keywatch.toml");
    // Only the list of accounts is made quick; DMS and KMS are configured as they come.
    std::fs::write(
        &config,
        format!(
            "[regions]\ninclude = {regions:?}\n[scan]\ntarget_timeout = \"{target_timeout}\"\n\
             [rate_limits.organizations]\nper_second = 1000\nburst = 1000\n"
        ),
    )?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_keywatch"));
    command
        .arg("--config")
        .arg(&config)
        .arg("--db")
        .arg(dir.path().join("history.db"))
        .args(["-q", "scan", "--format", "csv"])
        .envs(sandbox.environment())
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .stdout(Stdio::null());
    let begun = Instant::now();
    let (status, first_minute) = wait(command.spawn()?, &sandbox, begun)?;
    let wall = begun.elapsed();
    // Findings and gaps are results.
    match status.code() {
        Some(0 | 3 | 4) => Ok(Measured { wall, calls: sandbox.calls(), first_minute }),
        _ => Err(format!("{command:?}: {status}").into()),
    }
}

/// Waits for the end, and counts once when the first minute is over.
fn wait(
    mut child: Child,
    sandbox: &Sandbox,
    begun: Instant,
) -> std::io::Result<(ExitStatus, Option<(u64, u64)>)> {
    let mut first_minute = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, first_minute));
        }
        if first_minute.is_none() && begun.elapsed() >= MINUTE {
            let calls = sandbox.calls();
            first_minute = Some((calls.total, calls.throttled));
        }
        thread::sleep(Duration::from_millis(20));
    }
}
