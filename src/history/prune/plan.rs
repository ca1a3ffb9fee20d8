//! What goes. Each statement fills one temporary table with the keys of rows whose time was over before `?1`
//! and that nothing refers to which stays; later ones build on earlier ones.
//!
//! Every day from `?1` on has to read as before, live and with `--as-of`. So whatever reaches over `?1` stays
//! whole, and so does the newest of a kind that ended before it, where questions about later days go back to it.

/// Makes the temporary tables.
pub(super) const TABLES: &str = "
    CREATE TEMP TABLE doomed_finding (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE doomed_evaluation (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE doomed_version (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE doomed_resource (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE doomed_target (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE doomed_coverage (target_id, part, period, PRIMARY KEY (target_id, part, period)) WITHOUT ROWID;
    CREATE TEMP TABLE doomed_account (id TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TEMP TABLE doomed_scan (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE doomed_exception (id INTEGER PRIMARY KEY);";

/// Fills them, in this order.
pub(super) const DOOMED: [&str; 9] = [
    "INSERT INTO doomed_finding
     SELECT finding_id FROM finding WHERE state = 'resolved' AND resolved_at < ?1",
    // The whole life of what is open stays.
    "INSERT INTO doomed_evaluation
     SELECT evaluation_id FROM evaluation e
     WHERE valid_to < ?1
       AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.resource_id = e.resource_id AND f.check_id = e.check_id
                       AND f.state <> 'resolved')",
    "INSERT INTO doomed_version
     SELECT version_id FROM resource_version v
     WHERE valid_to < ?1
       AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.resource_id = v.resource_id AND f.state <> 'resolved')",
    // A resource is gone when it was deleted, and also when its account left: nobody looks at it any more.
    "INSERT INTO doomed_resource
     SELECT resource_id FROM resource r
     JOIN target t ON t.target_id = r.target_id
     JOIN account a ON a.account_id = t.account_id
     WHERE (r.deleted_at < ?1
            OR (a.left_at < ?1 AND NOT EXISTS (SELECT 1 FROM coverage_period c WHERE c.target_id = r.target_id
                                               AND (c.valid_to IS NULL OR c.valid_to >= ?1))))
       AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.resource_id = r.resource_id
                       AND f.finding_id NOT IN (SELECT id FROM doomed_finding))
       AND NOT EXISTS (SELECT 1 FROM evaluation e WHERE e.resource_id = r.resource_id
                       AND e.evaluation_id NOT IN (SELECT id FROM doomed_evaluation))
       AND NOT EXISTS (SELECT 1 FROM resource_version v WHERE v.resource_id = r.resource_id
                       AND v.version_id NOT IN (SELECT id FROM doomed_version))",
    "INSERT INTO doomed_target
     SELECT target_id FROM target t
     JOIN account a ON a.account_id = t.account_id
     WHERE a.left_at < ?1
       AND NOT EXISTS (SELECT 1 FROM coverage_period c WHERE c.target_id = t.target_id
                       AND (c.valid_to IS NULL OR c.valid_to >= ?1))
       AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.target_id = t.target_id
                       AND r.resource_id NOT IN (SELECT id FROM doomed_resource))",
    // The newest scanned period of a part stays: when something was last seen follows from it, on the days up
    // to the next one too.
    "INSERT INTO doomed_coverage
     SELECT target_id, part, period FROM coverage_period c
     WHERE valid_to < ?1
       AND (target_id IN (SELECT id FROM doomed_target)
            OR period IS NOT (SELECT max(period) FROM coverage_period s WHERE s.target_id = c.target_id
                              AND s.part = c.part AND s.outcome = 'scanned' AND s.valid_from <= ?1))",
    "INSERT INTO doomed_account
     SELECT account_id FROM account a
     WHERE left_at < ?1
       AND NOT EXISTS (SELECT 1 FROM target t WHERE t.account_id = a.account_id
                       AND t.target_id NOT IN (SELECT id FROM doomed_target))
       AND NOT EXISTS (SELECT 1 FROM account_period p WHERE p.account_id = a.account_id
                       AND (p.valid_to IS NULL OR p.valid_to >= ?1))",
    // The newest scan before stays, for what it saw held until the next; and each that a target, an event or a
    // message which stays goes back to.
    "INSERT INTO doomed_scan
     SELECT scan_id FROM scan
     WHERE finished_at < ?1
       AND scan_id < (SELECT max(scan_id) FROM scan WHERE started_at <= ?1)
       AND scan_id NOT IN (SELECT last_scan_id FROM target
                           WHERE last_scan_id IS NOT NULL AND target_id NOT IN (SELECT id FROM doomed_target))
       AND scan_id NOT IN (SELECT scan_id FROM finding_event
                           WHERE scan_id IS NOT NULL AND finding_id NOT IN (SELECT id FROM doomed_finding))
       AND scan_id NOT IN (SELECT scan_id FROM notification WHERE scan_id IS NOT NULL
                           AND coalesce(delivered_at, given_up_at, '9999') >= ?1)",
    // What is in force has not ended.
    "INSERT INTO doomed_exception
     SELECT exception_id FROM exception
     WHERE ended_at < ?1
       AND exception_id NOT IN (SELECT exception_id FROM finding WHERE exception_id IS NOT NULL)
       AND exception_id NOT IN (SELECT exception_id FROM finding_event
                                WHERE exception_id IS NOT NULL AND finding_id NOT IN (SELECT id FROM doomed_finding))",
];

/// Each table, and which of its rows go.
pub(super) const REMOVED: [(&str, &str); 14] = [
    ("scan", "scan_id IN (SELECT id FROM doomed_scan)"),
    ("account", "account_id IN (SELECT id FROM doomed_account)"),
    // The one that held last before says what an account was until the next, even if it was away meanwhile.
    (
        "account_period",
        "valid_to < ?1 AND (account_id IN (SELECT id FROM doomed_account)
                            OR EXISTS (SELECT 1 FROM account_period l WHERE l.account_id = account_period.account_id
                                       AND l.period > account_period.period AND l.valid_from <= ?1))",
    ),
    ("target", "target_id IN (SELECT id FROM doomed_target)"),
    ("coverage_period", "(target_id, part, period) IN (SELECT target_id, part, period FROM doomed_coverage)"),
    ("resource", "resource_id IN (SELECT id FROM doomed_resource)"),
    ("resource_version", "version_id IN (SELECT id FROM doomed_version)"),
    ("evaluation", "evaluation_id IN (SELECT id FROM doomed_evaluation)"),
    ("finding", "finding_id IN (SELECT id FROM doomed_finding)"),
    ("exception", "exception_id IN (SELECT id FROM doomed_exception)"),
    // What is still to be sent stays.
    ("notification", "coalesce(delivered_at, given_up_at) < ?1"),
    ("coverage_loss", "target_id IN (SELECT id FROM doomed_target)"),
    // The week of `?1` stays: its numbers are those of its Sunday. So does the newest of each, which the
    // calendar goes on from and whose numbers are those of now.
    ("day", "day < substr(?1, 1, 10) AND day < (SELECT max(day) FROM day)"),
    ("week", "sunday < substr(?1, 1, 10) AND sunday < (SELECT max(sunday) FROM week)"),
];

/// The events of a finding go with it, and not without it.
pub(super) const EVENTS: (&str, &str) = ("finding_event", "finding_id IN (SELECT id FROM doomed_finding)");
