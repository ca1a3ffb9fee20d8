//! The file, its references, its guards, and the scans.

use super::{Invariant, RESTORE};
use crate::history::checked::checked;

/// Nothing else is looked at where this is broken.
pub(super) const INTEGRITY: &str = "integrity";

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        name: INTEGRITY,
        sentence: "the file is whole: every page, index and value is as SQLite wrote it",
        remedy: "restore a backup; without one, save what is readable with `sqlite3 FILE .recover`, and look at the disk",
        // The pragma itself: its table-valued form ends at the first damaged page.
        sql: "PRAGMA integrity_check(1000)",
    },
    Invariant {
        name: "foreign_keys",
        sentence: "every row that refers to another finds it",
        remedy: RESTORE,
        sql: checked!(
            r#"SELECT printf('%s, row %s, refers to %s', "table", coalesce(rowid, '?'), parent)
               FROM pragma_foreign_key_check"#
        ),
    },
    Invariant {
        name: "event_guards",
        sentence: "finding events can neither be changed nor deleted: the triggers that see to it are there",
        remedy: "someone removed them: compare with a backup to see what was changed, and restore it",
        sql: checked!(
            "SELECT 'trigger ' || value FROM json_each('[\"finding_event_no_update\", \"finding_event_no_delete\"]')
             WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = value
                               AND tbl_name = 'finding_event' AND sql LIKE '%RAISE(ABORT,%')"
        ),
    },
    Invariant {
        name: "time_format",
        sentence: "every time is UTC, ISO 8601, to the second, so that times compare as text",
        remedy: RESTORE,
        sql: checked!(
            "SELECT place || ': ' || at FROM (
                 SELECT 'scan ' || scan_id AS place, started_at AS at FROM scan
                 UNION ALL SELECT 'scan ' || scan_id, finished_at FROM scan
                 UNION ALL SELECT 'finding ' || finding_id, opened_at FROM finding
                 UNION ALL SELECT 'finding ' || finding_id, resolved_at FROM finding
                 UNION ALL SELECT 'event ' || event_id, at FROM finding_event
                 UNION ALL SELECT 'evaluation ' || evaluation_id, valid_from FROM evaluation
                 UNION ALL SELECT 'evaluation ' || evaluation_id, valid_to FROM evaluation
                 UNION ALL SELECT 'target ' || target_id, last_attempt_at FROM target
                 UNION ALL SELECT 'resource ' || resource_id, deleted_at FROM resource
                 UNION ALL SELECT 'job ' || name, planned_at FROM job
                 UNION ALL SELECT 'job ' || name, started_at FROM job
                 UNION ALL SELECT 'job ' || name, finished_at FROM job)
             WHERE at NOT GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z'"
        ),
    },
    Invariant {
        name: "words",
        sentence: "outcomes, states and statuses are the words that keywatch writes",
        remedy: RESTORE,
        // The tables have the same CHECKs, but SQLite's integrity check does not evaluate each of them.
        sql: checked!(
            "SELECT printf('scan %d: %s', scan_id, outcome) FROM scan
             WHERE outcome NOT IN ('running', 'complete', 'incomplete', 'interrupted')
             UNION ALL SELECT printf('finding %d: %s, %s', finding_id, state, status) FROM finding
             WHERE state NOT IN ('open', 'resolved', 'suppressed') OR status NOT IN ('pass', 'fail', 'unknown')
             UNION ALL SELECT printf('evaluation %d: %s', evaluation_id, status) FROM evaluation
             WHERE status NOT IN ('pass', 'fail', 'unknown')
             UNION ALL SELECT printf('target %d, part %s, period %d: %s', target_id, part, period, outcome)
             FROM coverage_period WHERE outcome NOT IN ('scanned', 'failed', 'skipped')"
        ),
    },
    Invariant {
        name: "scan_targets",
        sentence: "a scan's targets are those it scanned, those that failed and those it skipped, whether asked or not",
        remedy: RESTORE,
        sql: checked!(
            "SELECT printf('scan %d: %d targets, but %d scanned, %d failed, %d skipped',
                           scan_id, targets, scanned, failed, skipped)
             FROM scan WHERE targets <> scanned + failed + skipped OR deferred > targets
                OR min(targets, scanned, failed, skipped, resources, findings_opened, findings_resolved, deferred) < 0"
        ),
    },
    Invariant {
        name: "job_end",
        sentence: "a job's run that is not going on has an end, not before its beginning",
        remedy: "run `keywatch daemon`, whose next run of the job sets it right",
        sql: checked!(
            "SELECT printf('job %s: %s, %s to %s', name, outcome, started_at, coalesce(finished_at, '-'))
             FROM job WHERE finished_at < started_at"
        ),
    },
    Invariant {
        name: "scan_end",
        sentence: "a scan that is not running has an end, not before its beginning; at most one runs, the newest",
        remedy: "run `keywatch scan`, which ends what a dead process left; if it stays, restore a backup",
        sql: checked!(
            "SELECT printf('scan %d: %s, %s to %s', scan_id, outcome, started_at, coalesce(finished_at, '-'))
             FROM scan
             WHERE (outcome = 'running') <> (finished_at IS NULL) OR finished_at < started_at
                OR (outcome = 'running' AND scan_id < (SELECT max(scan_id) FROM scan))"
        ),
    },
];
