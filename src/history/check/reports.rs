//! The reports that were issued.

use super::{Invariant, RESTORE};
use crate::history::checked::checked;

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        name: "report_guards",
        sentence: "issued reports can neither be changed nor deleted: the triggers that see to it are there",
        remedy: "someone removed them: compare with a backup to see what was changed, and restore it",
        sql: checked!(
            "SELECT 'trigger ' || value FROM json_each('[\"report_no_update\", \"report_no_delete\"]')
             WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = value
                               AND tbl_name = 'report' AND sql LIKE '%RAISE(ABORT,%')"
        ),
    },
    Invariant {
        name: "report_issued",
        sentence: "a report was issued once its week was over, and has a document",
        remedy: RESTORE,
        sql: checked!(
            "SELECT printf('report %s: %s to %s, issued %s, %d bytes', week, begins_at, ends_at, issued_at, length(document))
             FROM report
             WHERE ends_at <= begins_at OR issued_at < ends_at OR length(document) = 0
                OR week NOT GLOB '[0-9][0-9][0-9][0-9]-W[0-5][0-9]'
                OR begins_at NOT GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z'
                OR ends_at NOT GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z'
                OR issued_at NOT GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z'"
        ),
    },
];
