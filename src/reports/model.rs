//! What a weekly report says: plain values, all of them as of the end of its week, in the order in which it is read.
//!
//! Moments are UTC as [`crate::domain::iso_utc`] writes them; shares are fractions from 0 to 1; an absent share means
//! that there was nothing to divide by, which is never shown as 0 % or 100 %.
//!
//! A week before is when the week began. A report of a week that is over says the same whenever it is worked out, so it
//! has nothing that later scans change: of what is still seen, the newest scan of the week stands for the last look,
//! though it may have left a quiet target waiting for up to `scan.cadence.longest_age`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of this form. A field may be added without a new one.
pub const VERSION: u32 = 1;

/// The compliance report of one ISO week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Weekly {
    /// The version of this form.
    pub version: u32,
    /// Which week, and of which moment everything below is true.
    pub period: ReportPeriod,
    /// How much was seen, and what was not.
    pub coverage: Coverage,
    /// How much of what was seen is as it should be: one for each check, in the order of the checks.
    pub compliance: Vec<CheckCompliance>,
    /// The same over all checks together.
    pub overall: Trend,
    /// What happened in the week.
    pub changes: Changes,
    /// The findings that have been open the longest, the oldest first; at most ten.
    pub oldest: Vec<Finding>,
    /// The findings resolved this week that had been open the longest, the slowest first; at most ten.
    pub slowest: Vec<Resolved>,
    /// By organizational unit, the most open findings first.
    pub ous: Vec<Place>,
    /// By account, the most open findings first; accounts in which nothing was open, opened or resolved in the week and
    /// no target failed are left out.
    pub accounts: Vec<Place>,
    /// By Region, the most open findings first.
    pub regions: Vec<Place>,
    /// Keys that data lies under and that can't be used, or soon can't.
    pub keys_in_danger: Vec<KeyInDanger>,
    /// Accepted risks that were in force at any time of the week, those that end first first.
    pub exceptions: Vec<ExceptionRow>,
    /// How long findings took to be resolved: one for each check, in the order of the checks.
    pub remediation_times: Vec<RemediationTime>,
    /// The controls that the checks support.
    pub controls: Vec<Control>,
    /// What the verdicts of everything judged rest on.
    pub evidence: Vec<EvidenceCount>,
    /// Every finding that is open or suppressed: by severity, account, Region, resource, check.
    pub findings: Vec<Finding>,
}

/// Which week, and how much of it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportPeriod {
    /// The ISO week, `2026-W47`.
    pub week: String,
    /// The IANA name of the zone in which it begins and ends.
    pub time_zone: String,
    /// Its first moment: Monday, 00:00 in the zone.
    pub begins_at: String,
    /// The first moment after it.
    pub ends_at: String,
    /// Everything is as known at this moment: `ends_at`, or earlier where the week is not over.
    pub as_of: String,
    /// Whether the week was over. A report of a week that is not will change.
    pub is_over: bool,
    /// When the first scan of the history began, or the oldest that pruning left; none if there was no scan by then.
    pub first_scan_at: Option<String>,
    /// The history before this moment was removed, so what happened before it is not counted; none if the twelve weeks
    /// are whole.
    pub pruned_before: Option<String>,
    /// Scans that ended in the week, and what they cost.
    pub scans: Scans,
    /// The version of keywatch that worked the report out.
    pub keywatch_version: String,
}

/// The scans of a week.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scans {
    /// Every target was seen or left out for a reason.
    pub complete: u64,
    /// At least one target failed.
    pub incomplete: u64,
    /// Stopped before the end. One that is gone on with later counts where it ends then.
    pub interrupted: u64,
    /// When the newest one that came to its end by `as_of` ended, in this week or before; none if there was none.
    pub newest_finished_at: Option<String>,
    /// API calls.
    pub api_calls: u64,
    /// Those of them that were throttled.
    pub throttled_calls: u64,
}

/// How much was seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Accounts in the organization.
    pub accounts: u64,
    /// Accounts of which every target was scanned or is left out by choice (`account_excluded`, `region_excluded`).
    pub accounts_seen_whole: u64,
    /// The targets.
    pub targets: TargetCounts,
    /// The same a week before; none in a first week.
    pub last_week: Option<TargetCounts>,
    /// Why targets were not seen: `failed` before `skipped`, the most targets first.
    pub reasons: Vec<GapReason>,
    /// Targets that were scanned a week before and are not now, `failed` or newly `skipped`.
    pub lost: u64,
    /// Targets that are scanned now and were not a week before, though they were known.
    pub regained: u64,
    /// How old the knowledge of the targets is that are not skipped, the youngest first; a band may be empty. A target
    /// that is scanned is as old as the newest scan.
    pub ages: Vec<AgeBand>,
    /// When the target that was seen the longest ago was last scanned; skipped and never scanned ones aside.
    pub oldest_scanned_at: Option<String>,
    /// Every failed target, and every skipped one that holds an open finding: by outcome, account, Region.
    pub gaps: Vec<Gap>,
}

/// Targets by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetCounts {
    /// Seen.
    pub scanned: u64,
    /// Not seen, though they should have been.
    pub failed: u64,
    /// Left out, with a reason.
    pub skipped: u64,
}

/// Why targets were not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GapReason {
    /// `failed` or `skipped`.
    pub outcome: String,
    /// The reason's word, as in the view `coverage`.
    pub reason: String,
    /// Accounts that have such targets.
    pub accounts: u64,
    /// The targets.
    pub targets: u64,
    /// The same a week before; none in a first week.
    pub last_week: Option<u64>,
}

/// Targets whose knowledge is so old.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AgeBand {
    /// Up to so many hours; none in the last band, which has no bound, and for those never scanned.
    pub up_to_hours: Option<u64>,
    /// Whether these were never scanned at all.
    pub never: bool,
    /// The targets.
    pub targets: u64,
}

/// A target that was not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each but the last is the column of the same name in the view coverage")]
pub struct Gap {
    pub account_id: String,
    pub account_name: String,
    pub region: String,
    pub outcome: String,
    pub reason: String,
    pub error_code: Option<String>,
    /// What was said when the gap began.
    pub error_message: Option<String>,
    pub since: String,
    pub last_scanned_at: Option<String>,
    /// Findings that are open there, as they were last seen.
    pub open_findings: u64,
}

/// Verdicts, counted. A suppressed one counts as suppressed only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// As it should be.
    pub pass: u64,
    /// Not as it should be.
    pub fail: u64,
    /// Could not be judged; never counts as pass.
    pub unknown: u64,
    /// Covered by an exception; never counts as pass.
    pub suppressed: u64,
}

/// Verdicts at the end of one week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WeekPoint {
    /// The ISO week.
    pub week: String,
    /// The verdicts at its end; none where the history does not reach back.
    pub counts: Option<Counts>,
    /// Findings open at its end.
    pub open: Option<u64>,
    /// Whether a scan ended in the week: without one, the numbers are those of the week before.
    pub scanned: bool,
}

/// Verdicts at the end of the week, a week before, and over twelve weeks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trend {
    /// At the end of the week.
    pub now: Counts,
    /// A week before; none in a first week.
    pub last_week: Option<Counts>,
    /// Twelve weeks, the oldest first, this one the last.
    pub weeks: Vec<WeekPoint>,
}

/// How one check came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckCompliance {
    /// The check.
    pub check_id: String,
    /// In a line.
    pub title: String,
    /// `high` or `critical`.
    pub severity: String,
    /// Why it matters.
    pub rationale: String,
    /// What to do, in short.
    pub remediation: String,
    /// The numbers.
    pub trend: Trend,
}

/// What happened in the week. Each list has every event of its kind; a finding may stand in several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// Findings that were not there before; a finding opened and resolved within the week is here too.
    pub opened: Vec<Change>,
    /// Findings that were resolved or suppressed, and opened again.
    pub reopened: Vec<Change>,
    /// Findings that were resolved: how, is their `reason`.
    pub resolved: Vec<Change>,
    /// Findings that an exception came to cover.
    pub suppressed: Vec<Change>,
    /// Findings that were open when the week began, or at the first scan if that was later, and have been ever since.
    pub still_open: u64,
    /// Findings open at the end of the week.
    pub open: u64,
    /// Those of them that could not be judged.
    pub open_unknown: u64,
    /// Findings open a week before; none in a first week.
    pub open_last_week: Option<u64>,
}

/// One event of a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// When.
    pub at: String,
    /// Why: the verdict's reason, or how it was resolved.
    pub reason: Option<String>,
    /// The finding at the end of the week.
    pub finding: Finding,
}

/// A finding at the end of the week.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each is the column of the same name in the view findings")]
pub struct Finding {
    pub finding_id: i64,
    pub check_id: String,
    pub severity: String,
    pub state: String,
    pub status: String,
    pub reason: String,
    pub account_id: String,
    pub account_name: String,
    pub ou_path: Option<String>,
    pub region: String,
    pub resource_arn: String,
    pub resource_type: String,
    pub resource_name: String,
    pub key_arn: Option<String>,
    pub key_manager: Option<String>,
    pub key_state: Option<String>,
    pub evidence: Option<String>,
    pub opened_at: String,
    pub last_seen_at: String,
    pub resolved_at: Option<String>,
    pub resolution: Option<String>,
    pub times_opened: u64,
    pub exception_id: Option<i64>,
    pub exception_expires_at: Option<String>,
}

/// A finding that was resolved in the week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resolved {
    /// The finding at the end of the week.
    pub finding: Finding,
    /// When this opening of it began.
    pub opened_at: String,
    /// When it ended.
    pub resolved_at: String,
    /// How: `fixed`, `resource_deleted`, `account_left`, `no_longer_in_scope`.
    pub resolution: String,
    /// The hours between.
    pub hours_open: f64,
}

/// The numbers of one OU, account or Region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Its name: the OU's path (empty for an account whose OU is not known), the account's id, or the Region's name.
    pub id: String,
    /// What people call it: the account's name; of an OU or a Region the same as `id`.
    pub name: String,
    /// Where it lies: an account's OU path.
    pub ou_path: Option<String>,
    /// The verdicts at the end of the week.
    pub counts: Counts,
    /// Findings open at its end.
    pub open: u64,
    /// The same a week before; none in a first week. An account counts where it was at each time.
    pub open_last_week: Option<u64>,
    /// Findings opened or reopened in the week; of an OU, in the accounts that stand there at its end.
    pub opened: u64,
    /// Findings resolved in the week.
    pub resolved: u64,
    /// Its targets.
    pub targets: TargetCounts,
}

/// A key that data lies under and that can't be used, or soon can't.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyInDanger {
    /// The key, as the resources name it.
    pub key_arn: Option<String>,
    /// AWS's word for its state, where that is known.
    pub key_state: Option<String>,
    /// Why it is in danger: the finding's reason.
    pub reason: String,
    /// The open findings of `dms_kms_key_usable` under it that fail; what could not be judged is not known to be so.
    pub findings: Vec<Finding>,
}

/// An accepted risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExceptionRow {
    /// Its number.
    pub exception_id: i64,
    /// At the end of the week: `active`, `expired` or `removed`.
    pub state: String,
    /// The check; none: all.
    pub check_id: Option<String>,
    /// What it covers, in words: `account 111122223333`, `ou Root/Sandbox`, `tag team=data`, or the ARN.
    pub covers: String,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    pub owner: String,
    /// When it was made.
    pub created_at: String,
    /// When it ends by itself.
    pub expires_at: String,
    /// When it ended, if it has.
    pub ended_at: Option<String>,
    /// Findings that it suppresses at the end of the week.
    pub findings: u64,
}

/// How long findings of a check took to be resolved; medians and percentiles by the nearest rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RemediationTime {
    /// The check.
    pub check_id: String,
    /// Of the week.
    pub week: Times,
    /// Of the twelve weeks that end with it.
    pub twelve_weeks: Times,
}

/// Times to resolve.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// Openings that were resolved.
    pub resolved: u64,
    /// Those of them in which the resource now passes; the others went with their resource or account.
    pub fixed: u64,
    /// Hours, of those fixed.
    pub median_hours: Option<f64>,
    /// Hours within which nine in ten were fixed.
    pub p90_hours: Option<f64>,
    /// Hours of the slowest fix.
    pub longest_hours: Option<f64>,
}

/// A framework's control and the checks that support it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Control {
    /// `NIST SP 800-53 r5`
    pub framework: String,
    /// `SC-12(2)`
    pub id: String,
    /// The checks that support it.
    pub check_ids: Vec<String>,
    /// The verdicts of those checks together.
    pub counts: Counts,
}

/// How many verdicts rest on one kind of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceCount {
    /// `describe_key`, `list_aliases`, `arn_account` or `none`.
    pub evidence: String,
    /// `pass`, `fail` or `unknown`, exceptions not regarded.
    pub status: String,
    /// Verdicts.
    pub verdicts: u64,
}

impl Counts {
    /// All that were judged.
    pub const fn judged(&self) -> u64 {
        self.pass + self.fail + self.unknown + self.suppressed
    }

    /// The share that passes of all that were judged; none if nothing was.
    pub fn compliance(&self) -> Option<f64> {
        let judged = self.judged();
        (judged > 0).then(|| self.pass as f64 / judged as f64)
    }
}

impl TargetCounts {
    /// All of them.
    pub const fn all(&self) -> u64 {
        self.scanned + self.failed + self.skipped
    }

    /// The share that was seen of all; none if there are no targets.
    pub fn seen(&self) -> Option<f64> {
        let all = self.all();
        (all > 0).then(|| self.scanned as f64 / all as f64)
    }
}
