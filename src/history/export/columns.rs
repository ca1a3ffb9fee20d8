//! What the public columns hold, by their names, and how each view is divided.

/// The views that are a contract; others are steps on the way to these.
pub(super) const PUBLIC: &[&str] = &[
    "accounts",
    "compliance_daily",
    "compliance_weekly",
    "coverage",
    "coverage_parts",
    "evaluations",
    "exceptions",
    "finding_events",
    "findings",
    "remediation_times",
    "resources",
    "scans",
];

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Real,
    /// A moment in UTC.
    Time,
    Text,
}

/// Columns that count or number things.
const INTEGERS: &[&str] = &[
    "finding_id",
    "event_id",
    "scan_id",
    "exception_id",
    "times_opened",
    "targets",
    "scanned",
    "failed",
    "skipped",
    "resources",
    "findings_opened",
    "findings_resolved",
    "api_calls",
    "throttled_calls",
    "pass",
    "fail",
    "unknown",
    "suppressed",
    "findings",
];
const REALS: &[&str] = &["compliance", "hours_open"];
const TIMES: &[&str] = &["at", "since", "valid_from", "valid_to"];

pub(super) fn kind(column: &str) -> Kind {
    if INTEGERS.contains(&column) {
        Kind::Integer
    } else if REALS.contains(&column) {
        Kind::Real
    } else if TIMES.contains(&column) || column.ends_with("_at") {
        Kind::Time
    } else {
        Kind::Text
    }
}

/// By what a view is divided into folders: the name in `name=value`, and what gives the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Partition {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// What grows with time is divided by the month in which it happened, so that a question about some weeks
/// reads some folders. What lasts is divided by Region: few folders, and none of them tiny. Scans and accounts
/// are small and stay whole.
pub(super) fn partition(view: &str, columns: &[String]) -> Option<Partition> {
    let has = |name: &str| columns.iter().any(|column| column == name);
    match view {
        "scans" | "accounts" => None,
        _ if has("day") => Some(Partition { name: "month", sql: "substr(day, 1, 7)" }),
        _ if has("week") => Some(Partition { name: "year", sql: "substr(week, 1, 4)" }),
        _ if has("at") => Some(Partition { name: "at_month", sql: "substr(at, 1, 7)" }),
        _ if has("region") => Some(Partition { name: "region", sql: "region" }),
        _ => None,
    }
}
