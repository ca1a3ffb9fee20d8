//! Every metric there is. docs/metrics.md is made from this list.

/// One metric.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its whole name, as it is written.
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// Its labels, in order.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

/// The kinds of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Grows from 0 at the start of the process; its name ends in `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

impl Kind {
    /// Its word in the text format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, help }
}

pub(super) static AWS_REQUESTS: Metric = counter(
    "keywatch_aws_requests_total",
    &["service", "operation", "outcome"],
    "Attempts of calls to AWS by how they ended: ok, throttled, denied, not_enabled, not_found, expired, timeout, \
     cancelled or error. Each is an event of CloudTrail.",
);

pub(super) static AWS_DURATION: Metric = Metric {
    name: "keywatch_aws_request_duration_seconds",
    kind: Kind::Histogram,
    labels: &["service"],
    help: "How long attempts of calls to AWS took, however they ended.",
};

pub(super) static DATABASE_READABLE: Metric =
    gauge("keywatch_database_readable", &[], "1 if the history could be read for this answer, else 0.");

pub(super) static TARGETS: Metric = gauge(
    "keywatch_targets",
    &["outcome"],
    "Targets, an account in a Region each, by what became of them when they were last tried: scanned, failed or \
     skipped.",
);

pub(super) static OLDEST_KNOWLEDGE: Metric = gauge(
    "keywatch_oldest_knowledge_seconds",
    &[],
    "How long ago the target was scanned that was scanned the longest ago; those aside that are skipped, and those \
     that never were scanned.",
);

pub(super) static FINDINGS_OPEN: Metric = gauge(
    "keywatch_findings_open",
    &["check", "severity"],
    "Open findings, failing or unknown, of every check that ever had one.",
);

pub(super) static FINDINGS_SUPPRESSED: Metric = gauge(
    "keywatch_findings_suppressed",
    &["check", "severity"],
    "Findings that an exception covers, of every check that ever had a finding.",
);

pub(super) static SCAN_RUNNING: Metric =
    gauge("keywatch_scan_running", &[], "1 while this process scans, else 0.");

pub(super) static SCANS: Metric = counter(
    "keywatch_scans_total",
    &["outcome"],
    "Scans of this process by how they ended: complete, incomplete, interrupted, or error if it could not run.",
);

pub(super) static SCAN_DURATION: Metric = gauge(
    "keywatch_scan_duration_seconds",
    &[],
    "How long the newest scan took that came to its end, complete or incomplete.",
);

pub(super) static LAST_SCAN: Metric = gauge(
    "keywatch_last_scan_timestamp_seconds",
    &[],
    "When the newest scan ended that came to its end, complete or incomplete.",
);

pub(super) static LAST_COMPLETE_SCAN: Metric = gauge(
    "keywatch_last_complete_scan_timestamp_seconds",
    &[],
    "When the newest scan ended in which no target failed.",
);

pub(super) static JOB_LAST_SUCCESS: Metric =
    gauge("keywatch_job_last_success_timestamp_seconds", &["job"], "When a periodic job was last done.");

pub(super) static BUILD_INFO: Metric = gauge(
    "keywatch_build_info",
    &["version", "commit"],
    "Always 1; the version, and the commit where it is known, are in the labels.",
);

pub(super) static START_TIME: Metric = gauge(
    "process_start_time_seconds",
    &[],
    "When the process started. Linux only, as all process_ metrics.",
);

pub(super) static CPU: Metric =
    counter("process_cpu_seconds_total", &[], "CPU time that the process used, in user and in system mode.");

pub(super) static RESIDENT_MEMORY: Metric =
    gauge("process_resident_memory_bytes", &[], "Memory of the process that is in RAM.");

pub(super) static OPEN_FDS: Metric = gauge("process_open_fds", &[], "Files that the process has open.");

pub(super) static MAX_FDS: Metric = gauge("process_max_fds", &[], "Files that the process may have open.");

/// All of them, in the order in which they are told.
pub static METRICS: [&Metric; 19] = [
    &AWS_REQUESTS,
    &AWS_DURATION,
    &DATABASE_READABLE,
    &TARGETS,
    &OLDEST_KNOWLEDGE,
    &FINDINGS_OPEN,
    &FINDINGS_SUPPRESSED,
    &SCAN_RUNNING,
    &SCANS,
    &SCAN_DURATION,
    &LAST_SCAN,
    &LAST_COMPLETE_SCAN,
    &JOB_LAST_SUCCESS,
    &BUILD_INFO,
    &START_TIME,
    &CPU,
    &RESIDENT_MEMORY,
    &OPEN_FDS,
    &MAX_FDS,
];
