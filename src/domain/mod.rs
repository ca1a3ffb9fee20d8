//! The words that every stage shares: plain data without I/O, clock, AWS SDK or SQL.

mod account;
mod coverage;
mod exception;
mod key;
mod news;
mod observation;
mod record;
mod region;
mod report;
mod resource;
mod rows;
mod schedule;
mod standing;
mod text;
mod verdict;
mod version;

pub use account::{Account, AccountId, AccountState, InvalidAccountId};
pub use coverage::{CoverageReason, Failure, Outcome, Skip};
pub use exception::{Covers, Exception, InvalidExpiry, is_dms_arn, parse_expiry, parse_tag};
pub use key::{KeyHome, KeyManager, KeyMetadata, KeyRef};
pub use news::{
    Channel, FindingNews, Listed, LossNews, NEWS_LISTED, NEWS_VERSION, News, NewsKind, Occasion, ScanNews,
};
pub use observation::{Aliases, KeyFacts, KeyFailure, Observation, Part, Target};
pub use record::{JudgedResource, PartRecord, Reading, TargetRecord};
pub use region::{InvalidRegion, Partition, Region};
pub use report::ReportFormat;
pub use resource::{REMEDIATES, Resource, ResourceType};
pub use rows::{Row, Rows};
pub use schedule::{InvalidSchedule, Schedule};
pub use standing::Standing;
pub use text::{counted, thousands, visible, visible_json};
pub use verdict::{CHECK_IDS, Evidence, KEY_USABLE, KeyKnowledge, Reason, Severity, Status, Verdict};
pub use version::{BUILD, COMMIT, VERSION};

/// A moment in UTC.
pub type Timestamp = jiff::Timestamp;

/// The contract's form of a moment: UTC, ISO 8601, to the second, `2026-11-24T09:30:00Z`.
pub fn iso_utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
