use serde_json::json;

use super::words;
use crate::history::{checked::question, reader::Question};

/// Which events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventPages {
    /// Numbers of findings.
    pub findings: Vec<i64>,
    /// `opened`, `status_changed`, `resolved`, `suppressed`, `reopened`.
    pub events: Vec<String>,
    /// The first moment, as in the view.
    pub since: Option<String>,
    /// The moment before which they happened.
    pub until: Option<String>,
}

macro_rules! events {
    ($findings:literal, $parameters:ident) => {{
        let [after, limit, findings, events, since, until] = $parameters;
        question!(
            "SELECT event_id AS seek, * FROM finding_events
             WHERE event_id < ?1 AND "
                + $findings
                + "
               AND (?4 IS NULL OR event IN (SELECT value FROM json_each(?4)))
               AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6)
             ORDER BY event_id DESC LIMIT CAST(?2 AS INTEGER)",
            after,
            limit,
            findings,
            events,
            since,
            until
        )
    }};
}

impl EventPages {
    pub(super) fn question(&self, after: Option<String>, limit: Option<String>) -> Question {
        let findings = (!self.findings.is_empty()).then(|| json!(self.findings).to_string());
        let narrow = findings.is_some();
        let parameters =
            [after, limit, findings, words(&self.events), self.since.clone(), self.until.clone()];
        if narrow {
            events!("finding_id IN (SELECT value FROM json_each(?3))", parameters)
        } else {
            events!("?3 IS NULL", parameters)
        }
    }
}
