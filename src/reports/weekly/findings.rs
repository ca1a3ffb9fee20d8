use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use crate::{
    domain::KEY_USABLE,
    evaluation::CHECKS,
    history::{FindingThen, WeekFacts},
    reports::{Finding, KeyInDanger},
};

/// Findings in a list of the longest open, or the slowest resolved.
pub(super) const TOP: usize = 10;

/// All findings that the report speaks of: by severity, account, Region, resource, check.
pub(super) fn all(then: Vec<FindingThen>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = then.into_iter().map(finding).collect();
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
    findings
}

fn key(finding: &Finding) -> (bool, [&str; 4], i64) {
    let Finding { account_id, region, resource_arn, check_id, .. } = finding;
    (finding.severity != "critical", [account_id, region, resource_arn, check_id], finding.finding_id)
}

/// The findings that were open when the week began; none in a first week. Whatever happened to a finding in the week,
/// its first event tells what was before.
pub(super) fn open_before(facts: &WeekFacts, findings: &[Finding]) -> Option<HashSet<i64>> {
    let [.., had_begun, _] = facts.known;
    let mut first: HashMap<i64, Option<&str>> = HashMap::new();
    for event in &facts.events {
        first.entry(event.finding_id).or_insert(event.before.as_deref());
    }
    let was_open = |finding: &&Finding| match first.get(&finding.finding_id) {
        Some(before) => matches!(before, Some("opened" | "reopened")),
        None => finding.state == "open",
    };
    had_begun.then(|| findings.iter().filter(was_open).map(|finding| finding.finding_id).collect())
}

/// Those that are open or suppressed.
pub(super) fn standing(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.retain(|finding| finding.state != "resolved");
    findings
}

/// Those that have been open the longest.
pub(super) fn oldest(findings: &[Finding]) -> Vec<Finding> {
    let mut open: Vec<&Finding> = findings.iter().filter(|finding| finding.state == "open").collect();
    open.sort_by(|a, b| (&a.opened_at, a.finding_id).cmp(&(&b.opened_at, b.finding_id)));
    open.into_iter().take(TOP).cloned().collect()
}

/// By key and by what is wrong with it; those under which most lies come first. What could not be judged is not known
/// to be in danger.
pub(super) fn keys_in_danger(findings: &[Finding]) -> Vec<KeyInDanger> {
    let mut keys: BTreeMap<[Option<&str>; 3], Vec<Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| {
        finding.check_id == KEY_USABLE && finding.state == "open" && finding.status == "fail"
    }) {
        let key = [finding.key_arn.as_deref(), finding.key_state.as_deref(), Some(finding.reason.as_str())];
        keys.entry(key).or_default().push(finding.clone());
    }
    let mut keys: Vec<KeyInDanger> = keys
        .into_iter()
        .map(|([key_arn, key_state, reason], findings)| KeyInDanger {
            key_arn: key_arn.map(str::to_owned),
            key_state: key_state.map(str::to_owned),
            reason: reason.unwrap_or_default().to_owned(),
            findings,
        })
        .collect();
    keys.sort_by_key(|key| Reverse(key.findings.len()));
    keys
}

fn finding(then: FindingThen) -> Finding {
    // What this version says of a check: the row has what the newest scan said.
    let severity = CHECKS.iter().find(|check| check.id == then.check_id).map(|check| check.severity.as_str());
    Finding {
        finding_id: then.finding_id,
        check_id: then.check_id,
        severity: severity.map_or(then.severity, str::to_owned),
        state: then.state,
        status: then.status,
        reason: then.reason,
        account_id: then.account_id,
        account_name: then.account_name,
        ou_path: then.ou_path,
        region: then.region,
        resource_arn: then.resource_arn,
        resource_type: then.resource_type,
        resource_name: then.resource_name,
        key_arn: then.key_arn,
        key_manager: then.key_manager,
        key_state: then.key_state,
        evidence: then.evidence,
        opened_at: then.opened_at,
        last_seen_at: then.last_seen_at,
        resolved_at: then.resolved_at,
        resolution: then.resolution,
        times_opened: then.times_opened,
        exception_id: then.exception_id,
        exception_expires_at: then.exception_expires_at,
    }
}
