//! Periods: each ends no earlier than it begins, and none begins before the last one has ended.

use super::{Invariant, RESTORE, SCAN};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        name: "evaluation_order",
        sentence: "no evaluation ends before it begins",
        remedy: RESTORE,
        sql: "SELECT printf('evaluation %d: %s to %s', evaluation_id, valid_from, valid_to)
              FROM evaluation WHERE valid_to < valid_from",
    },
    Invariant {
        name: "evaluation_overlap",
        sentence: "of one resource and check, one evaluation holds at a time",
        remedy: RESTORE,
        sql: "SELECT printf('evaluation %d: to %s, but the next begins %s', evaluation_id, coalesce(valid_to, 'now'), next)
              FROM (SELECT evaluation_id, valid_to, lead(valid_from) OVER (
                        PARTITION BY resource_id, check_id ORDER BY valid_from, evaluation_id) AS next
                    FROM evaluation)
              WHERE next IS NOT NULL AND (valid_to IS NULL OR valid_to > next)",
    },
    Invariant {
        name: "evaluation_life",
        sentence: "an evaluation begins no earlier than its resource was first seen, and none holds of a deleted one",
        remedy: RESTORE,
        sql: "SELECT printf('evaluation %d of resource %d', evaluation_id, e.resource_id)
              FROM evaluation e JOIN resource r ON r.resource_id = e.resource_id
              WHERE e.valid_from < r.first_seen_at OR (e.valid_to IS NULL AND r.deleted_at IS NOT NULL)",
    },
    Invariant {
        name: "version_order",
        sentence: "no earlier form of a resource ends before it begins, nor at once",
        remedy: RESTORE,
        sql: "SELECT printf('version %d: %s to %s', version_id, valid_from, valid_to)
              FROM resource_version WHERE valid_to <= valid_from",
    },
    Invariant {
        name: "version_overlap",
        sentence: "a resource has one form at a time, its present one after all others",
        remedy: RESTORE,
        sql: "SELECT printf('version %d of resource %d: to %s, but the next begins %s',
                            version_id, resource_id, valid_to, next)
              FROM (SELECT v.version_id, v.resource_id, v.valid_to,
                           coalesce(lead(v.valid_from) OVER (
                               PARTITION BY v.resource_id ORDER BY v.valid_from, v.version_id), r.valid_from) AS next
                    FROM resource_version v JOIN resource r ON r.resource_id = v.resource_id)
              WHERE valid_to > next",
    },
    Invariant {
        name: "resource_life",
        sentence: "a resource's present form is no older than the resource; a deleted one says when it was last seen",
        remedy: RESTORE,
        sql: "SELECT printf('resource %d: first seen %s, valid from %s, last seen %s, deleted %s', resource_id,
                            first_seen_at, valid_from, coalesce(last_seen_at, '-'), coalesce(deleted_at, '-'))
              FROM resource
              WHERE valid_from < first_seen_at OR deleted_at < valid_from OR last_seen_at > deleted_at
                 OR (deleted_at IS NULL) <> (last_seen_at IS NULL)",
    },
    Invariant {
        name: "resource_seen",
        sentence: "what is there was seen: its kind has been scanned in its target",
        remedy: RESTORE,
        sql: "SELECT printf('resource %d of target %d', resource_id, target_id) FROM resource r
              WHERE deleted_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM coverage_period s WHERE s.target_id = r.target_id
                                AND s.part = r.resource_type AND s.outcome = 'scanned')",
    },
    Invariant {
        name: "coverage_order",
        sentence: "no period of coverage ends before it begins, or was last seen to hold outside itself",
        remedy: RESTORE,
        sql: "SELECT printf('target %d, part %s, period %d: %s to %s, last at %s', target_id, part, period,
                            valid_from, coalesce(valid_to, 'now'), coalesce(last_at, '-'))
              FROM coverage_period
              WHERE valid_to < valid_from OR last_at > valid_to OR last_at < valid_from
                 OR (valid_to IS NULL) <> (last_at IS NULL)",
    },
    Invariant {
        name: "coverage_overlap",
        sentence: "of one target and kind of resource, one period of coverage holds at a time",
        remedy: RESTORE,
        sql: "SELECT printf('target %d, part %s, period %d: to %s, but the next begins %s', target_id, part, period,
                            coalesce(valid_to, 'now'), next)
              FROM (SELECT target_id, part, period, valid_to, lead(valid_from) OVER (
                        PARTITION BY target_id, part ORDER BY period) AS next
                    FROM coverage_period)
              WHERE next IS NOT NULL AND (valid_to IS NULL OR valid_to > next)",
    },
    Invariant {
        name: "coverage_since",
        sentence: "what is said of a target began no later than the last look at it",
        remedy: SCAN,
        sql: "SELECT printf('target %d, part %s: since %s, last attempt %s', c.target_id, c.part, c.valid_from,
                            t.last_attempt_at)
              FROM target t JOIN coverage_period c ON c.target_id = t.target_id
              WHERE c.valid_to IS NULL AND c.valid_from > t.last_attempt_at",
    },
    Invariant {
        name: "coverage_parts",
        sentence: "a target is scanned where all its parts are; else one of its parts has its outcome and reason",
        remedy: SCAN,
        sql: "SELECT printf('account %s, %s: %s', t.account_id, t.region, c.outcome)
              FROM coverage_period c JOIN target t ON t.target_id = c.target_id
              WHERE c.part = '' AND c.valid_to IS NULL
                AND iif(c.outcome = 'scanned',
                    EXISTS (SELECT 1 FROM coverage_period p WHERE p.target_id = c.target_id AND p.part <> ''
                            AND p.valid_to IS NULL AND p.outcome <> 'scanned'),
                    NOT EXISTS (SELECT 1 FROM coverage_period p WHERE p.target_id = c.target_id AND p.part <> ''
                                AND p.valid_to IS NULL AND p.outcome = c.outcome AND p.reason IS c.reason))
              UNION ALL
              SELECT printf('account %s, %s: %s holds, but nothing of the target as a whole', t.account_id, t.region, p.part)
              FROM coverage_period p JOIN target t ON t.target_id = p.target_id
              WHERE p.part <> '' AND p.valid_to IS NULL
                AND NOT EXISTS (SELECT 1 FROM coverage_period c WHERE c.target_id = p.target_id AND c.part = ''
                                AND c.valid_to IS NULL)",
    },
    Invariant {
        name: "account_order",
        sentence: "no span of an account ends before it begins",
        remedy: RESTORE,
        sql: "SELECT printf('account %s, period %d: %s to %s', account_id, period, valid_from, valid_to)
              FROM account_period WHERE valid_to < valid_from",
    },
    Invariant {
        name: "account_overlap",
        sentence: "an account is one thing at a time, and nothing after it has left",
        remedy: RESTORE,
        sql: "SELECT printf('account %s, period %d: to %s, but the next begins %s', account_id, period,
                            coalesce(valid_to, 'now'), next)
              FROM (SELECT account_id, period, valid_to, lead(valid_from) OVER (
                        PARTITION BY account_id ORDER BY period) AS next
                    FROM account_period)
              WHERE next IS NOT NULL AND (valid_to IS NULL OR valid_to > next)
              UNION ALL
              SELECT printf('account %s left %s, but its period %d holds', p.account_id, a.left_at, p.period)
              FROM account_period p JOIN account a ON a.account_id = p.account_id
              WHERE p.valid_to IS NULL AND a.left_at IS NOT NULL",
    },
    Invariant {
        name: "calendar",
        sentence: "the days from the first to the newest scan's, and their weeks, are there without a gap",
        remedy: RESTORE,
        sql: "SELECT printf('after %s comes %s', day, next)
              FROM (SELECT day, lead(day) OVER (ORDER BY day) AS next FROM day)
              WHERE next <> date(day, '+1 day')
              UNION ALL
              SELECT printf('%s is in no week', day) FROM day
              WHERE date(day, 'weekday 0') NOT IN (SELECT sunday FROM week)
              UNION ALL
              SELECT printf('scan %d of %s is after the last day', scan_id, started_at) FROM scan
              WHERE substr(coalesce(finished_at, started_at), 1, 10) > (SELECT max(day) FROM day)",
    },
];
