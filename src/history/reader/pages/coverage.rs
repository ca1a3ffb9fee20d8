use super::words;
use crate::history::{checked::question, reader::Question};

/// Which targets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CoveragePages {
    /// Accounts.
    pub accounts: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// `scanned`, `failed`, `skipped`.
    pub outcomes: Vec<String>,
    /// Why they were not scanned; those that were have no reason.
    pub reasons: Vec<String>,
}

/// The page is found by the target's own number, `$key`, in what `$from` gives in that order, and only its rows are
/// looked up in the view.
macro_rules! coverage {
    ($key:literal, $from:literal, $where:literal, $parameters:ident) => {{
        let [after, limit, accounts, regions, outcomes, reasons] = $parameters;
        question!(
            "SELECT page.seek, v.*
             FROM (SELECT "
                + $key
                + " AS seek, t.account_id, t.region
                   FROM "
                + $from
                + "
                   WHERE c.part = '' AND c.valid_to IS NULL AND "
                + $key
                + " > ?1 AND "
                + $where
                + "
                     AND (?4 IS NULL OR t.region IN (SELECT value FROM json_each(?4)))
                     AND (?5 IS NULL OR c.outcome IN (SELECT value FROM json_each(?5)))
                     AND (?6 IS NULL OR c.reason IN (SELECT value FROM json_each(?6)))
                   ORDER BY "
                + $key
                + " LIMIT CAST(?2 AS INTEGER)) page
             CROSS JOIN coverage v ON v.account_id = page.account_id AND v.region = page.region
             ORDER BY page.seek",
            after,
            limit,
            accounts,
            regions,
            outcomes,
            reasons
        )
    }};
}

impl CoveragePages {
    pub(super) fn question(&self, after: Option<String>, limit: Option<String>) -> Question {
        let accounts = words(&self.accounts);
        let narrow = accounts.is_some();
        let parameters =
            [after, limit, accounts, words(&self.regions), words(&self.outcomes), words(&self.reasons)];
        if narrow {
            coverage!(
                "t.target_id",
                "target t CROSS JOIN coverage_period c ON c.target_id = t.target_id",
                "t.account_id IN (SELECT value FROM json_each(?3))",
                parameters
            )
        } else if self.only_gaps() {
            // These are few, and the index `coverage_gap` has just them, in order.
            coverage!(
                "c.target_id",
                "coverage_period c CROSS JOIN target t ON t.target_id = c.target_id",
                "c.outcome <> 'scanned' AND ?3 IS NULL",
                parameters
            )
        } else {
            coverage!(
                "t.target_id",
                "target t CROSS JOIN coverage_period c ON c.target_id = t.target_id",
                "?3 IS NULL",
                parameters
            )
        }
    }

    /// Whether no target that was scanned can be meant.
    fn only_gaps(&self) -> bool {
        !self.reasons.is_empty()
            || !self.outcomes.is_empty() && !self.outcomes.iter().any(|outcome| outcome == "scanned")
    }
}
