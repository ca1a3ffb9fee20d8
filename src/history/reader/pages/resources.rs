use super::words;
use crate::history::{checked::question, reader::Question};

/// Which resources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourcePages {
    /// Accounts.
    pub accounts: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// Kinds.
    pub types: Vec<String>,
    /// Those that are deleted, or those that are not.
    pub deleted: Option<bool>,
}

/// The page is found by the table's own number, and only its rows are looked up in the view.
macro_rules! resources {
    ($accounts:literal, $parameters:ident) => {{
        let [after, limit, accounts, regions, types, deleted] = $parameters;
        question!(
            "SELECT page.seek, v.*
             FROM (SELECT r.resource_id AS seek, r.arn, r.resource_type, t.account_id, t.region
                   FROM resource r JOIN target t ON t.target_id = r.target_id
                   WHERE r.resource_id > ?1 AND "
                + $accounts
                + "
                     AND (?4 IS NULL OR t.region IN (SELECT value FROM json_each(?4)))
                     AND (?5 IS NULL OR r.resource_type IN (SELECT value FROM json_each(?5)))
                     AND (?6 IS NULL OR (r.deleted_at IS NOT NULL) = CAST(?6 AS INTEGER))
                   ORDER BY r.resource_id LIMIT CAST(?2 AS INTEGER)) page
             CROSS JOIN resources v ON v.resource_arn = page.arn AND v.account_id = page.account_id
                                   AND v.region = page.region AND v.resource_type = page.resource_type
             ORDER BY page.seek",
            after,
            limit,
            accounts,
            regions,
            types,
            deleted
        )
    }};
}

impl ResourcePages {
    pub(super) fn question(&self, after: Option<String>, limit: Option<String>) -> Question {
        let accounts = words(&self.accounts);
        let narrow = accounts.is_some();
        let deleted = self.deleted.map(|deleted| u8::from(deleted).to_string());
        let parameters = [after, limit, accounts, words(&self.regions), words(&self.types), deleted];
        if narrow {
            resources!("t.account_id IN (SELECT value FROM json_each(?3))", parameters)
        } else {
            resources!("?3 IS NULL", parameters)
        }
    }
}
