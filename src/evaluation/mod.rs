//! Step 5, judge: pure functions from observations to verdicts.
//!
//! A check is one file in `checks/` and one line in [`CHECKS`].

mod checks;
mod key;

pub use key::{Judged, judge_key};

use crate::domain::{
    JudgedResource, KeyFacts, KeyKnowledge, Observation, PartRecord, Reading, Resource, ResourceType,
    Severity, TargetRecord, Verdict,
};

/// One rule.
pub struct Check {
    /// Its id, the same in every output.
    pub id: &'static str,
    /// One line for a heading.
    pub title: &'static str,
    /// How much a failure matters.
    pub severity: Severity,
    /// Why it matters.
    pub rationale: &'static str,
    /// What to do, in short.
    pub remediation: &'static str,
    /// The controls it supports, as sourced; no other is claimed.
    pub controls: &'static [Control],
    /// The judgement; `None` where the check does not apply to the resource.
    pub judge: fn(&Resource, &Judged) -> Option<key::Finding>,
}

/// A framework's control that a check supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control {
    /// The framework.
    pub framework: &'static str,
    /// Its control's id.
    pub id: &'static str,
}

/// Every check.
pub const CHECKS: [&Check; 4] = [
    &checks::instance_cmk::CHECK,
    &checks::endpoint_cmk::CHECK,
    &checks::serverless_cmk::CHECK,
    &checks::key_usable::CHECK,
];

/// Judges everything that a target answered.
pub fn evaluate(observation: Observation) -> TargetRecord {
    let Observation { target, at, parts, keys } = observation;
    let unasked = KeyFacts::default();
    let account = target.account;
    let parts = parts
        .into_iter()
        .map(|part| PartRecord {
            resource_type: part.resource_type,
            resources: part.resources.map(|resources| {
                resources
                    .into_iter()
                    .map(|resource| {
                        let facts = resource.key.as_ref().and_then(|key| keys.get(key)).unwrap_or(&unasked);
                        judge(resource, account, facts)
                    })
                    .collect()
            }),
        })
        .collect();
    TargetRecord { target, at, reading: Reading::Read(parts) }
}

fn judge(resource: Resource, account: crate::domain::AccountId, facts: &KeyFacts) -> JudgedResource {
    let judged = judge_key(&resource, account, facts);
    let verdicts = CHECKS
        .iter()
        .filter_map(|check| {
            let finding = (check.judge)(&resource, &judged)?;
            Some(Verdict {
                check_id: check.id,
                severity: check.severity,
                resource_arn: resource.arn.clone(),
                resource_type: resource.resource_type,
                status: finding.status,
                reason: finding.reason,
                evidence: finding.evidence,
            })
        })
        .collect();
    let key = KeyKnowledge { arn: judged.arn, manager: judged.manager, state: judged.state };
    JudgedResource { resource, key, verdicts, tags: None }
}

/// What every check on encryption says of a resource of its own kind.
fn encryption(of: ResourceType, resource: &Resource, judged: &Judged) -> Option<key::Finding> {
    (resource.resource_type == of).then_some(judged.encryption)
}

#[cfg(test)]
mod tests;
