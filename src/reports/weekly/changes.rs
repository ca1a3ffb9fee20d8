use std::collections::{HashMap, HashSet};

use super::Frame;
use crate::{
    history::{EventThen, WeekFacts},
    reports::{Change, Changes, Finding},
};

/// What happened in the week.
///
/// `open_before` are the findings open when the week began; none in a first week.
pub(super) fn changes(
    frame: &Frame<'_>,
    facts: &WeekFacts,
    findings: &[Finding],
    open_before: Option<&HashSet<i64>>,
) -> Changes {
    let by_id: HashMap<i64, &Finding> =
        findings.iter().map(|finding| (finding.finding_id, finding)).collect();
    let of = |kind: &str| {
        let change = |event: &EventThen| {
            let finding = (*by_id.get(&event.finding_id)?).clone();
            Some(Change { at: event.at.clone(), reason: event.reason.clone(), finding })
        };
        facts.events.iter().filter(|event| event.event == kind).filter_map(change).collect()
    };
    let open: Vec<&Finding> = findings.iter().filter(|finding| finding.state == "open").collect();
    let count =
        |which: &dyn Fn(&Finding) -> bool| open.iter().filter(|finding| which(finding)).count() as u64;
    Changes {
        opened: of("opened"),
        reopened: of("reopened"),
        resolved: of("resolved"),
        suppressed: of("suppressed"),
        still_open: count(&|finding| {
            finding.opened_at < frame.begins_at || open_before.is_none() && opened_first(facts, finding)
        }),
        open: open.len() as u64,
        open_unknown: count(&|finding| finding.status == "unknown"),
        open_last_week: open_before.map(|before| before.len() as u64),
    }
}

/// Whether it is open since the first scan.
fn opened_first(facts: &WeekFacts, finding: &Finding) -> bool {
    facts
        .events
        .iter()
        .rfind(|event| {
            event.finding_id == finding.finding_id && matches!(event.event.as_str(), "opened" | "reopened")
        })
        .is_some_and(|event| event.scan_id == Some(facts.first_scan.scan_id))
}
