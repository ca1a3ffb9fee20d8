//! Which findings a list of a report has, and in which columns.

use std::collections::HashSet;

use super::table::{Cell, Column, moment};
use crate::reports::{Finding, Weekly};

/// A finding, its columns named as in the view `findings`.
pub const COLUMNS: [Column<Finding>; 24] = [
    Column::new("finding_id", 10, |f| f.finding_id.into()),
    Column::new("check_id", 34, |f| (&f.check_id).into()),
    Column::new("severity", 10, |f| (&f.severity).into()),
    Column::new("state", 11, |f| (&f.state).into()),
    Column::new("status", 10, |f| (&f.status).into()),
    Column::new("reason", 24, |f| (&f.reason).into()),
    Column::new("account_id", 14, |f| (&f.account_id).into()),
    Column::new("account_name", 22, |f| (&f.account_name).into()),
    Column::new("ou_path", 24, |f| (&f.ou_path).into()),
    Column::new("region", 14, |f| (&f.region).into()),
    Column::new("resource_arn", 56, |f| (&f.resource_arn).into()),
    Column::new("resource_type", 20, |f| (&f.resource_type).into()),
    Column::new("resource_name", 26, |f| (&f.resource_name).into()),
    Column::new("key_arn", 56, |f| (&f.key_arn).into()),
    Column::new("key_manager", 12, |f| (&f.key_manager).into()),
    Column::new("key_state", 16, |f| (&f.key_state).into()),
    Column::new("evidence", 14, |f| (&f.evidence).into()),
    Column::new("opened_at", 19, |f| Cell::Moment(&f.opened_at)),
    Column::new("last_seen_at", 19, |f| Cell::Moment(&f.last_seen_at)),
    Column::new("resolved_at", 19, |f| moment(&f.resolved_at)),
    Column::new("resolution", 20, |f| (&f.resolution).into()),
    Column::new("times_opened", 13, |f| f.times_opened.into()),
    Column::new("exception_id", 13, |f| f.exception_id.into()),
    Column::new("exception_expires_at", 20, |f| moment(&f.exception_expires_at)),
];

/// The findings that are open or suppressed, and after them those that were resolved in the week and still are; each
/// once.
pub fn listed(weekly: &Weekly) -> Vec<&Finding> {
    let mut known: HashSet<i64> = weekly.findings.iter().map(|finding| finding.finding_id).collect();
    let resolved = weekly.changes.resolved.iter().map(|change| &change.finding);
    weekly.findings.iter().chain(resolved.filter(|finding| known.insert(finding.finding_id))).collect()
}
