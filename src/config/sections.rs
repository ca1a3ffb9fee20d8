use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use crate::domain::Region;

/// `[database]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Database {
    /// The SQLite file; made if it is not there.
    pub path: PathBuf,
}

/// `[aws]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Aws {
    /// The Region whose STS endpoint is called, and whose partition is scanned.
    pub home_region: Region,
    /// The profile of the shared AWS config files; `None` for the default chain.
    pub profile: Option<String>,
}

/// `[regions]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Regions {
    /// The Regions to scan; a Region named here is scanned even if this version does not know it.
    pub include: Vec<RegionChoice>,
    /// Regions never to scan.
    pub exclude: Vec<Region>,
}

/// One entry of `regions.include`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionChoice {
    /// `"enabled"`: every Region that the account has enabled and where DMS is known to exist.
    Enabled,
    /// This Region.
    Named(Region),
}

/// `[scan]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// Calls in flight at one time, over all accounts.
    pub concurrency: NonZeroU32,
    /// The longest that one attempt of one call may take, connecting included.
    pub attempt_timeout: Duration,
    /// The longest that one target may take, waiting for permits and retries included.
    pub target_timeout: Duration,
    /// Attempts for one call, the first included.
    pub max_attempts: NonZeroU32,
}

/// `[rate_limits]`: one bucket per calling account, Region and service.
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimits {
    /// DMS; AWS gives one bucket of 200, refilled at 8/s, for all its operations.
    pub dms: RateLimit,
    /// KMS; the scarcer of the two operations used, ListAliases, has 500/s.
    pub kms: RateLimit,
    /// STS; 600/s.
    pub sts: RateLimit,
    /// Organizations; the scarcest operation used has 5/s with a burst of 8.
    pub organizations: RateLimit,
    /// Account Management; 5/s with a burst of 5.
    pub account: RateLimit,
}

/// The refill and the size of a token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// Calls per second in the long run; above 0.
    pub per_second: f64,
    /// Calls that may be made at once after a pause.
    pub burst: NonZeroU32,
}

/// `[exception_limits]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExceptionLimits {
    /// The longest that an exception may last, in days.
    pub longest_days: NonZeroU32,
}

impl Default for ExceptionLimits {
    fn default() -> Self {
        Self { longest_days: NonZeroU32::new(365).expect("a year has days") }
    }
}

impl RateLimit {
    const fn new(per_second: f64, burst: u32) -> Self {
        Self { per_second, burst: NonZeroU32::new(burst).expect("a burst is not zero") }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { path: "keywatch.db".into() }
    }
}

impl Default for Aws {
    fn default() -> Self {
        Self { home_region: "us-east-1".parse().expect("a Region's name"), profile: None }
    }
}

impl Default for Regions {
    fn default() -> Self {
        Self { include: vec![RegionChoice::Enabled], exclude: Vec::new() }
    }
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            concurrency: const { NonZeroU32::new(64).unwrap() },
            attempt_timeout: Duration::from_secs(10),
            target_timeout: Duration::from_secs(120),
            max_attempts: const { NonZeroU32::new(5).unwrap() },
        }
    }
}

impl Default for RateLimits {
    /// Half of AWS's documented quotas, so that the account's own automation keeps the other half.
    ///
    /// Sources: DMS user guide "Quotas"; KMS developer guide "Request quotas"; IAM user guide "IAM and
    /// AWS STS quotas"; Organizations user guide "Quotas"; Account Management reference guide "Quotas".
    fn default() -> Self {
        Self {
            dms: RateLimit::new(4.0, 100),
            kms: RateLimit::new(250.0, 250),
            sts: RateLimit::new(300.0, 300),
            organizations: RateLimit::new(2.5, 4),
            account: RateLimit::new(2.5, 2),
        }
    }
}
