use super::words;
use crate::history::{checked::question, reader::Question};

/// Which findings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindingPages {
    /// `open`, `resolved`, `suppressed`.
    pub states: Vec<String>,
    /// Ids of checks.
    pub checks: Vec<String>,
    /// Accounts.
    pub accounts: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// `high`, `critical`.
    pub severities: Vec<String>,
    /// `pass`, `fail`, `unknown`.
    pub statuses: Vec<String>,
    /// Paths of OUs; each stands for what is below it too.
    pub ous: Vec<String>,
    /// ARNs of resources.
    pub arns: Vec<String>,
    /// A part of the resource's name; of the letters A to Z, the case does not matter.
    pub name: Option<String>,
}

/// The findings behind a number. Where accounts or ARNs are asked for, their condition stands alone: only so SQLite
/// begins with them, and not with all findings.
macro_rules! findings {
    ($accounts:literal, $arns:literal, $parameters:ident) => {{
        let [after, limit, accounts, arns, states, checks, regions, severities, statuses, ous, name] =
            $parameters;
        question!(
            "SELECT finding_id AS seek, * FROM findings
             WHERE finding_id < ?1 AND "
                + $accounts
                + " AND "
                + $arns
                + "
               AND (?5 IS NULL OR state IN (SELECT value FROM json_each(?5)))
               AND (?6 IS NULL OR check_id IN (SELECT value FROM json_each(?6)))
               AND (?7 IS NULL OR region IN (SELECT value FROM json_each(?7)))
               AND (?8 IS NULL OR severity IN (SELECT value FROM json_each(?8)))
               AND (?9 IS NULL OR status IN (SELECT value FROM json_each(?9)))
               AND (?10 IS NULL OR EXISTS (
                   SELECT 1 FROM json_each(?10)
                   WHERE ou_path = value OR substr(ou_path, 1, length(value) + 1) = value || '/'))
               AND (?11 IS NULL OR instr(lower(resource_name), lower(?11)) > 0)
             ORDER BY finding_id DESC LIMIT CAST(?2 AS INTEGER)",
            after,
            limit,
            accounts,
            arns,
            states,
            checks,
            regions,
            severities,
            statuses,
            ous,
            name
        )
    }};
}

impl FindingPages {
    pub(super) fn question(&self, after: Option<String>, limit: Option<String>) -> Question {
        let (accounts, arns) = (words(&self.accounts), words(&self.arns));
        let narrow = (accounts.is_some(), arns.is_some());
        let parameters = [
            after,
            limit,
            accounts,
            arns,
            words(&self.states),
            words(&self.checks),
            words(&self.regions),
            words(&self.severities),
            words(&self.statuses),
            words(&self.ous),
            self.name.clone(),
        ];
        match narrow {
            (_, true) => findings!(
                "(?3 IS NULL OR account_id IN (SELECT value FROM json_each(?3)))",
                "resource_arn IN (SELECT value FROM json_each(?4))",
                parameters
            ),
            (true, false) => {
                findings!("account_id IN (SELECT value FROM json_each(?3))", "?4 IS NULL", parameters)
            }
            (false, false) => findings!("?3 IS NULL", "?4 IS NULL", parameters),
        }
    }
}
