//! The configuration: one struct per section, checked whole before anything is done.

mod cadence;
mod env;
mod file;
mod load;
mod names;
mod notify;
mod organization;
mod principal;
mod problem;
mod read;
mod reader;
mod remediation;
mod report;
mod sections;
mod server;
#[cfg(test)]
mod tests;
mod upkeep;
mod values;

pub use cadence::Cadence;
pub use load::{Loaded, find_and_load};
pub use notify::{Address, Email, HookUrl, InvalidUrl, Login, Notify, Slack, Sns, Template, Tls, Webhook};
pub use organization::{ExternalId, ManagementAccount, Organization, OuSelector};
pub use principal::{InvalidPrincipal, KeyPrincipal};
pub use problem::ConfigErrors;
pub use remediation::Remediation;
pub use report::Report;
pub use sections::{Aws, Database, ExceptionLimits, RateLimit, RateLimits, RegionChoice, Regions, Scan};
pub use server::Server;
pub use upkeep::{Backup, Cycle, Prune};

use crate::domain::Exception;

/// The commented reference: every key with its default, its unit and its meaning.
pub const REFERENCE: &str = include_str!("../../config/keywatch.toml");

/// The whole configuration. Only `app` and `cli` see it; a stage gets its own section.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// Where the history lives.
    pub database: Database,
    /// How to reach AWS.
    pub aws: Aws,
    /// Which accounts, and how to get in.
    pub organization: Organization,
    /// Which Regions.
    pub regions: Regions,
    /// How fast, and how long to wait.
    pub scan: Scan,
    /// How often targets are asked whose answer does not change.
    pub cadence: Cadence,
    /// How many calls per second AWS is asked to bear.
    pub rate_limits: RateLimits,
    /// When it is scanned.
    pub cycle: Cycle,
    /// Copies of the history.
    pub backup: Backup,
    /// What of the history is kept.
    pub prune: Prune,
    /// The weekly report.
    pub report: Report,
    /// How findings are put right.
    pub remediation: Remediation,
    /// Whom to tell of what.
    pub notify: Notify,
    /// What an exception may be.
    pub exception_limits: ExceptionLimits,
    /// What is served over HTTP.
    pub server: Server,
    /// Accepted risks.
    pub exceptions: Vec<Exception>,
}
