//! Findings: each state has its event, and each agrees with what is judged of its resource.

use super::{Invariant, RESTORE, SCAN};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        name: "finding_state",
        sentence: "a finding's state is what its last event made of it",
        remedy: RESTORE,
        // A change of status leaves the state as it is.
        sql: "SELECT printf('finding %d: %s, but its last event is %s', f.finding_id, f.state, coalesce(e.event, 'none'))
              FROM finding f
              LEFT JOIN finding_event e ON e.event_id = (
                  SELECT max(event_id) FROM finding_event l WHERE l.finding_id = f.finding_id
                  AND l.event IN ('opened', 'reopened', 'resolved', 'suppressed'))
              WHERE f.state IS NOT CASE e.event WHEN 'opened' THEN 'open' WHEN 'reopened' THEN 'open'
                                                ELSE e.event END",
    },
    Invariant {
        name: "finding_beginning",
        sentence: "a finding's first event, and no other, is that it opened",
        remedy: RESTORE,
        sql: "SELECT printf('finding %d: event %d is %s', e.finding_id, e.event_id, e.event)
              FROM finding_event e
              WHERE (e.event = 'opened') <> (e.event_id = (
                  SELECT min(event_id) FROM finding_event m WHERE m.finding_id = e.finding_id))",
    },
    Invariant {
        name: "finding_times_opened",
        sentence: "a finding was opened as often as its events say",
        remedy: RESTORE,
        sql: "SELECT printf('finding %d: %d times, but %d events', finding_id, times_opened, events)
              FROM (SELECT f.finding_id, f.times_opened,
                           (SELECT count(*) FROM finding_event e WHERE e.finding_id = f.finding_id
                            AND e.event IN ('opened', 'reopened')) AS events
                    FROM finding f)
              WHERE times_opened <> events",
    },
    Invariant {
        name: "finding_status",
        sentence: "a finding's status and reason are those of the last event that gave it one",
        remedy: SCAN,
        sql: "SELECT printf('finding %d: %s %s, but event %d says %s %s', f.finding_id, f.status, f.reason,
                            e.event_id, e.to_status, e.reason)
              FROM finding f
              JOIN finding_event e ON e.event_id = (
                  SELECT max(event_id) FROM finding_event l WHERE l.finding_id = f.finding_id
                  AND l.to_status IS NOT NULL AND l.event IN ('opened', 'reopened', 'status_changed', 'resolved')
                  -- An exception that begins or ends says nothing of the status.
                  AND l.exception_id IS NULL)
              WHERE f.status <> e.to_status OR f.reason IS NOT e.reason",
    },
    Invariant {
        name: "finding_resolution",
        sentence: "a resolved finding was resolved when and how its last event says",
        remedy: RESTORE,
        sql: "SELECT printf('finding %d: %s at %s, but event %d says %s at %s', f.finding_id, f.resolution,
                            f.resolved_at, e.event_id, coalesce(e.resolution, '-'), e.at)
              FROM finding f
              JOIN finding_event e ON e.event_id = (
                  SELECT max(event_id) FROM finding_event l WHERE l.finding_id = f.finding_id AND l.event = 'resolved')
              WHERE f.state = 'resolved' AND (f.resolved_at <> e.at OR f.resolution IS NOT e.resolution)",
    },
    Invariant {
        name: "finding_life",
        sentence: "a finding resolves no earlier than it opened, and a resolved one says when it was last seen",
        remedy: RESTORE,
        sql: "SELECT printf('finding %d: opened %s, resolved %s, last seen %s', finding_id, opened_at,
                            coalesce(resolved_at, '-'), coalesce(last_seen_at, '-'))
              FROM finding
              WHERE resolved_at < opened_at OR (state = 'resolved') <> (last_seen_at IS NOT NULL)",
    },
    Invariant {
        name: "finding_evaluated",
        sentence: "a finding that is open or suppressed has an evaluation that holds, with its status and reason",
        remedy: SCAN,
        sql: "SELECT printf('finding %d: %s %s, but the evaluation is %s', f.finding_id, f.status, f.reason,
                            coalesce(e.status || ' ' || e.reason, 'none'))
              FROM finding f
              LEFT JOIN evaluation e ON e.resource_id = f.resource_id AND e.check_id = f.check_id
                                    AND e.valid_to IS NULL
              WHERE f.state <> 'resolved'
                AND (e.status IS NULL OR e.status = 'pass' OR f.status <> e.status OR f.reason <> e.reason)",
    },
    Invariant {
        name: "evaluation_found",
        sentence: "an evaluation that holds and is no pass has a finding that is open or suppressed",
        remedy: SCAN,
        sql: "SELECT printf('evaluation %d: %s %s', e.evaluation_id, e.status, e.reason)
              FROM evaluation e
              WHERE e.valid_to IS NULL AND e.status <> 'pass'
                AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.resource_id = e.resource_id
                                AND f.check_id = e.check_id AND f.state <> 'resolved')",
    },
    Invariant {
        name: "finding_account",
        sentence: "an account that left has no finding that is open or suppressed",
        remedy: SCAN,
        sql: "SELECT printf('finding %d: %s in account %s, which left %s', f.finding_id, f.state, a.account_id, a.left_at)
              FROM finding f
              JOIN resource r ON r.resource_id = f.resource_id
              JOIN target t ON t.target_id = r.target_id
              JOIN account a ON a.account_id = t.account_id
              WHERE f.state <> 'resolved' AND a.left_at IS NOT NULL",
    },
    Invariant {
        name: "finding_exception",
        sentence: "a suppressed finding is under an exception in force, by its last event of that kind, and no other is",
        remedy: SCAN,
        sql: "SELECT printf('finding %d: %s under exception %s', f.finding_id, f.state, coalesce(f.exception_id, 'none'))
              FROM finding f
              LEFT JOIN exception x ON x.exception_id = f.exception_id
              LEFT JOIN finding_event e ON e.event_id = (
                  SELECT max(event_id) FROM finding_event l WHERE l.finding_id = f.finding_id AND l.event = 'suppressed')
              WHERE (f.state = 'suppressed') <> (f.exception_id IS NOT NULL)
                 OR f.state = 'suppressed' AND (x.exception_id IS NULL OR x.ended_at IS NOT NULL
                                                OR e.exception_id IS NOT f.exception_id)",
    },
    Invariant {
        name: "daily_numbers",
        sentence: "the newest day of compliance_daily has the verdicts that hold, suppressed ones apart",
        remedy: RESTORE,
        sql: "SELECT printf('%d, %d, %d, %d by day, but %d, %d, %d, %d hold', d.pass, d.fail, d.unknown, d.suppressed,
                            l.pass, l.fail, l.unknown, l.suppressed)
              FROM (SELECT total(pass) AS pass, total(fail) AS fail, total(unknown) AS unknown,
                           total(suppressed) AS suppressed
                    FROM compliance_daily WHERE day = (SELECT max(day) FROM day)) d
              JOIN (SELECT total(e.status = 'pass') AS pass,
                           total(e.status = 'fail' AND f.exception_id IS NULL) AS fail,
                           total(e.status = 'unknown' AND f.exception_id IS NULL) AS unknown,
                           total(e.status <> 'pass' AND f.exception_id IS NOT NULL) AS suppressed
                    FROM evaluation e
                    LEFT JOIN finding f ON f.resource_id = e.resource_id AND f.check_id = e.check_id
                    WHERE e.valid_to IS NULL) l
              WHERE (d.pass, d.fail, d.unknown, d.suppressed) <> (l.pass, l.fail, l.unknown, l.suppressed)",
    },
];
