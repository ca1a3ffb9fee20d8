//! How each section reads its keys: the kinds, the bounds, and what contradicts what.

mod cadence;
pub(super) mod exceptions;
mod notify;
mod organization;
mod regions;
mod remediation;
mod report;
mod role;
pub(super) mod server;
mod upkeep;

use std::{path::PathBuf, time::Duration};

use super::{
    Aws, Backup, Cadence, Config, Cycle, Database, ExceptionLimits, Notify, Organization, Prune, RateLimit,
    RateLimits, Regions, Remediation, Report, Scan, Server,
    problem::Wrong,
    reader::{Item, Reader, Setting, Source},
    values::{Bounds, Given, duration, number, show_duration, text, whole_number},
};

impl Config {
    /// Asks for every key there is.
    pub(super) fn read(from: &mut Reader) -> Self {
        let database = Database::read(from);
        let (aws, home_region) = Aws::read(from);
        Self {
            database,
            organization: Organization::read(from, &home_region),
            regions: Regions::read(from, &home_region),
            scan: Scan::read(from),
            cycle: Cycle::read(from),
            cadence: Cadence::read(from),
            rate_limits: RateLimits::read(from),
            backup: Backup::read(from),
            prune: Prune::read(from),
            report: Report::read(from),
            remediation: Remediation::read(from, &home_region),
            notify: Notify::read(from, &home_region),
            exception_limits: ExceptionLimits::read(from),
            server: Server::read(from),
            exceptions: exceptions::read(from),
            aws,
        }
    }
}

impl ExceptionLimits {
    fn read(from: &mut Reader) -> Self {
        let longest_days =
            from.read("exception_limits.longest_days", Self::default().longest_days, |given| {
                whole_number(given, 1..=3650)
            });
        Self { longest_days: longest_days.value }
    }
}

impl Database {
    fn read(from: &mut Reader) -> Self {
        Self { path: from.read("database.path", Self::default().path, database_path).value }
    }
}

fn database_path(given: &Given) -> Result<PathBuf, Wrong> {
    let path = text(given)?;
    // SQLite would take these for something else than a file's name.
    if path.starts_with(':') || path.starts_with("file:") || path.starts_with("sqlite:") {
        return Err(Wrong::new(
            format!("{path:?} is not a file's path"),
            "give the path of a file, such as \"keywatch.db\" or \"/var/lib/keywatch/keywatch.db\"",
        ));
    }
    Ok(path.into())
}

/// The home Region, for the checks of what has to lie in its partition.
type HomeRegion = Setting<crate::domain::Region>;

impl Aws {
    fn read(from: &mut Reader) -> (Self, HomeRegion) {
        let default = Self::default();
        let home_region = from.read("aws.home_region", default.home_region, regions::region);
        let profile = from.read("aws.profile", default.profile, |given| Ok(Some(text(given)?.to_owned())));
        (Self { home_region: home_region.value.clone(), profile: profile.value }, home_region)
    }
}

const ATTEMPT_TIMEOUT: Bounds =
    Bounds { shortest: Duration::from_millis(10), longest: Duration::from_secs(10 * 60) };
const TARGET_TIMEOUT: Bounds =
    Bounds { shortest: Duration::from_millis(10), longest: Duration::from_secs(24 * 3600) };
/// Above this, a machine's open files and ports become the limit.
const HIGH_CONCURRENCY: u32 = 1000;

impl Scan {
    fn read(from: &mut Reader) -> Self {
        let default = Self::default();
        let concurrency =
            from.read("scan.concurrency", default.concurrency, |given| whole_number(given, 1..=10_000));
        let attempt_timeout = from
            .read("scan.attempt_timeout", default.attempt_timeout, |given| duration(given, &ATTEMPT_TIMEOUT));
        let target_timeout = from
            .read("scan.target_timeout", default.target_timeout, |given| duration(given, &TARGET_TIMEOUT));
        let max_attempts =
            from.read("scan.max_attempts", default.max_attempts, |given| whole_number(given, 1..=20));
        check_timeouts(from, &attempt_timeout, &target_timeout);
        if let Source::Set(place) = &concurrency.source
            && concurrency.value.get() > HIGH_CONCURRENCY
        {
            let wrong = Wrong::new(
                format!("{} calls in flight need as many open files", concurrency.value),
                format!("check `ulimit -n`, or stay at {HIGH_CONCURRENCY} or below"),
            );
            from.warning(place.clone(), "scan.concurrency", wrong);
        }
        Self {
            concurrency: concurrency.value,
            attempt_timeout: attempt_timeout.value,
            target_timeout: target_timeout.value,
            max_attempts: max_attempts.value,
        }
    }
}

/// Either may be the one that was set; the later one in the file gets the blame.
fn check_timeouts(from: &mut Reader, attempt: &Setting<Duration>, target: &Setting<Duration>) {
    if attempt.value <= target.value {
        return;
    }
    let (key, mine, other, verb) = if target.source >= attempt.source {
        ("scan.target_timeout", target, ("scan.attempt_timeout", attempt), "shorter")
    } else {
        ("scan.attempt_timeout", attempt, ("scan.target_timeout", target), "longer")
    };
    if let (Source::Set(place), Some(origin)) = (&mine.source, other.1.origin()) {
        let wrong = Wrong::new(
            format!(
                "{} is {verb} than {} ({}, {origin})",
                show_duration(mine.value),
                other.0,
                show_duration(other.1.value),
            ),
            "one attempt cannot outlast its target: raise scan.target_timeout or lower scan.attempt_timeout",
        );
        from.problem(place.clone(), key, wrong);
    }
}

impl<T> Setting<T> {
    /// Where the value comes from, in words; `None` if it is a stand-in for a broken one.
    fn origin(&self) -> Option<String> {
        match &self.source {
            Source::Default => Some("the default".to_owned()),
            Source::Broken => None,
            Source::Set(place) => Some(place.to_string()),
        }
    }
}

impl RateLimits {
    fn read(from: &mut Reader) -> Self {
        let default = Self::default();
        Self {
            dms: RateLimit::read(from, "rate_limits.dms", default.dms),
            kms: RateLimit::read(from, "rate_limits.kms", default.kms),
            sts: RateLimit::read(from, "rate_limits.sts", default.sts),
            organizations: RateLimit::read(from, "rate_limits.organizations", default.organizations),
            account: RateLimit::read(from, "rate_limits.account", default.account),
        }
    }
}

impl RateLimit {
    fn read(from: &mut Reader, section: &str, default: Self) -> Self {
        // The bounds keep a bucket's time to fill up, burst / per_second, within 64-bit nanoseconds.
        let per_second = from.read(&format!("{section}.per_second"), default.per_second, |given| {
            number(given, 0.01..=100_000.0)
        });
        let burst =
            from.read(&format!("{section}.burst"), default.burst, |given| whole_number(given, 1..=100_000));
        Self { per_second: per_second.value, burst: burst.value }
    }
}

/// The values of a list, each once.
fn distinct<T: PartialEq>(items: Vec<Item<T>>) -> Vec<T> {
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        if !values.contains(&item.value) {
            values.push(item.value);
        }
    }
    values
}

/// Reports each value that is both wanted and unwanted, where it is unwanted.
fn check_not_both<T: PartialEq>(
    from: &mut Reader,
    (include_key, include): (&str, &[Item<T>]),
    (exclude_key, exclude): (&str, &[Item<T>]),
    show: impl Fn(&T) -> String,
) {
    for out in exclude {
        if let Some(wanted) = include.iter().find(|wanted| wanted.value == out.value) {
            let wrong = Wrong::new(
                format!("{} is also in {include_key} ({})", show(&out.value), wanted.place),
                "take it out of one of the two",
            );
            from.problem(out.place.clone(), exclude_key, wrong);
        }
    }
}
