//! The journal of remediations.

use super::{Invariant, RESTORE};
use crate::history::checked::checked;

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        name: "remediation_guards",
        sentence: "a journal can neither be changed nor deleted: the triggers that see to it are there",
        remedy: "someone removed them: compare with a backup to see what was changed, and restore it",
        sql: checked!(
            "SELECT 'trigger ' || value
             FROM json_each('[\"remediation_entry_no_update\", \"remediation_entry_no_delete\"]')
             WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = value
                               AND tbl_name = 'remediation_entry' AND sql LIKE '%RAISE(ABORT,%')"
        ),
    },
    Invariant {
        name: "remediation_done",
        sentence: "a remediation that is done has all of its steps ended, and never one that began without an end since",
        remedy: RESTORE,
        sql: checked!(
            "SELECT printf('remediation %d: %s of %s', r.remediation_id, e.step, e.subject)
             FROM remediation r JOIN remediation_entry e USING (remediation_id)
             WHERE r.state = 'done' AND e.event = 'started'
               AND NOT EXISTS (SELECT 1 FROM remediation_entry l
                               WHERE l.remediation_id = e.remediation_id AND l.step = e.step AND l.subject = e.subject
                                 AND l.entry_id > e.entry_id)"
        ),
    },
    Invariant {
        name: "remediation_moments",
        sentence: "a remediation begins before it ends, and has an end when it is done",
        remedy: RESTORE,
        sql: checked!(
            "SELECT printf('remediation %d', r.remediation_id) FROM remediation r
             WHERE r.updated_at < r.started_at OR r.finished_at < r.started_at
                OR (r.state = 'done') <> (r.finished_at IS NOT NULL)"
        ),
    },
];
