use super::words;
use crate::history::{checked::question, reader::Question};

/// Which scans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScanPages {
    /// `running`, `complete`, `incomplete`, `interrupted`.
    pub outcomes: Vec<String>,
    /// What began them.
    pub triggers: Vec<String>,
}

impl ScanPages {
    pub(super) fn question(&self, after: Option<String>, limit: Option<String>) -> Question {
        let (outcomes, triggers) = (words(&self.outcomes), words(&self.triggers));
        question!(
            r#"SELECT scan_id AS seek, * FROM scans
               WHERE scan_id < ?1
                 AND (?3 IS NULL OR outcome IN (SELECT value FROM json_each(?3)))
                 AND (?4 IS NULL OR "trigger" IN (SELECT value FROM json_each(?4)))
               ORDER BY scan_id DESC LIMIT CAST(?2 AS INTEGER)"#,
            after,
            limit,
            outcomes,
            triggers
        )
    }
}
