use super::words;
use crate::history::{checked::question, reader::Question};

/// Which accounts; those that have left are among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountPages {
    /// AWS's words for their states.
    pub states: Vec<String>,
    /// Paths of OUs; each stands for what is below it too.
    pub ous: Vec<String>,
}

impl AccountPages {
    pub(super) fn question(&self, after: Option<String>, limit: Option<String>) -> Question {
        let (states, ous) = (words(&self.states), words(&self.ous));
        question!(
            "SELECT CAST(account_id AS INTEGER) AS seek, * FROM accounts
             WHERE account_id > printf('%012d', ?1)
               AND (?3 IS NULL OR state IN (SELECT value FROM json_each(?3)))
               AND (?4 IS NULL OR EXISTS (
                   SELECT 1 FROM json_each(?4)
                   WHERE ou_path = value OR substr(ou_path, 1, length(value) + 1) = value || '/'))
             ORDER BY account_id LIMIT CAST(?2 AS INTEGER)",
            after,
            limit,
            states,
            ous
        )
    }
}
