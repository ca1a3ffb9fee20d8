//! A finding as other systems are told of it: what OCSF and ASFF have in common.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::text::cut;
use crate::{
    domain::{Partition, Region},
    reports::{Change, CheckCompliance, Control, Finding, Weekly},
};

/// What both formats file it under. Source: Security Hub's types taxonomy, which OCSF leaves to the producer.
pub const TYPE: &str = "Software and Configuration Checks/AWS Security Best Practices";
/// The longest id that ASFF takes.
const ID_LENGTH: usize = 512;

/// Where a finding stands at the end of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Open, and fails.
    Failing,
    /// Open, and could not be judged.
    Unjudged,
    /// Covered by an exception; `judged` says whether it fails or could not be judged.
    Suppressed {
        /// Whether it was judged.
        judged: bool,
    },
    /// Resolved: the resource passes.
    Fixed,
    /// Resolved: the resource, its account or its place in the scope is gone.
    Gone,
}

/// What the week's changes and checks say of its findings.
pub struct Teller<'a> {
    checks: HashMap<&'a str, &'a CheckCompliance>,
    controls: HashMap<&'a str, Vec<&'a Control>>,
    opened: HashSet<i64>,
    changed: HashMap<i64, &'a str>,
}

/// A finding, and what is known around it.
pub struct Told<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Its check; none if the report does not have it.
    pub check: Option<&'a CheckCompliance>,
    /// The controls that its check supports.
    pub controls: &'a [&'a Control],
    /// Where it stands.
    pub life: Life,
    /// Whether it was opened for the first time in this week.
    pub is_new: bool,
    /// When something last happened to it.
    pub changed_at: &'a str,
}

impl<'a> Teller<'a> {
    /// For the findings of a report.
    pub fn new(weekly: &'a Weekly) -> Self {
        let changes = &weekly.changes;
        let mut changed: HashMap<i64, &str> = HashMap::new();
        for Change { at, finding, .. } in
            [&changes.opened, &changes.reopened, &changes.resolved, &changes.suppressed].into_iter().flatten()
        {
            let newest = changed.entry(finding.finding_id).or_insert(at);
            *newest = at.as_str().max(newest);
        }
        let mut controls: HashMap<&str, Vec<&Control>> = HashMap::new();
        for control in &weekly.controls {
            for check_id in &control.check_ids {
                controls.entry(check_id).or_default().push(control);
            }
        }
        Self {
            checks: weekly.compliance.iter().map(|check| (check.check_id.as_str(), check)).collect(),
            controls,
            opened: changes.opened.iter().map(|change| change.finding.finding_id).collect(),
            changed,
        }
    }

    /// What there is to tell of one.
    pub fn tell<'b>(&'b self, finding: &'b Finding) -> Told<'b> {
        let changed = self.changed.get(&finding.finding_id).copied().unwrap_or_default();
        let resolved = finding.resolved_at.as_deref().unwrap_or_default();
        Told {
            finding,
            check: self.checks.get(finding.check_id.as_str()).copied(),
            controls: self.controls.get(finding.check_id.as_str()).map_or(&[], Vec::as_slice),
            life: Life::of(finding),
            is_new: self.opened.contains(&finding.finding_id),
            // One form, so the order of the texts is the order of the moments.
            changed_at: changed.max(resolved).max(&finding.opened_at),
        }
    }
}

impl Life {
    fn of(finding: &Finding) -> Self {
        let judged = finding.status != "unknown";
        match (finding.state.as_str(), finding.resolution.as_deref()) {
            ("resolved", Some("fixed")) => Self::Fixed,
            ("resolved", _) => Self::Gone,
            ("suppressed", _) => Self::Suppressed { judged },
            _ if judged => Self::Failing,
            _ => Self::Unjudged,
        }
    }

    /// Whether it is resolved.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Fixed | Self::Gone)
    }
}

impl Told<'_> {
    /// Its id, the same in every week: the check and the resource.
    pub fn uid(&self) -> String {
        let uid = format!("{}/{}", self.finding.check_id, self.finding.resource_arn);
        if uid.len() <= ID_LENGTH {
            return uid;
        }
        let digest: String = Sha256::digest(&uid).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}/{digest}", cut(&uid, ID_LENGTH - digest.len() - 1))
    }

    /// The check's heading.
    pub fn title(&self) -> &str {
        self.check.map_or(&self.finding.check_id, |check| &check.title)
    }

    /// What was found where, in a sentence.
    pub fn sentence(&self) -> String {
        let Finding { resource_type, resource_name, account_id, region, reason, .. } = self.finding;
        let kind = resource_type.replace('_', " ");
        format!("The {kind} {resource_name} of account {account_id} in {region}: {reason}.")
    }

    /// The sentence, and why it matters.
    pub fn description(&self) -> String {
        let rationale = self.check.map_or("", |check| &check.rationale);
        format!("{} {rationale}", self.sentence()).trim_end().to_owned()
    }

    /// When the newest of what is told here was true: it was seen, or it changed.
    pub fn updated_at(&self) -> &str {
        if self.life.is_over() { self.changed_at } else { self.changed_at.max(&self.finding.last_seen_at) }
    }

    /// The partition that its ARN names; the Region's where the ARN names none.
    pub fn partition(&self) -> Partition {
        let named = self.finding.resource_arn.strip_prefix("arn:").and_then(|rest| rest.split(':').next());
        let region = || self.finding.region.parse::<Region>().map(|region| region.partition());
        named.and_then(Partition::from_name).or_else(|| region().ok()).unwrap_or(Partition::Aws)
    }

    /// The control's framework and id, for each.
    pub fn requirements(&self) -> Vec<String> {
        self.controls.iter().map(|control| format!("{} {}", control.framework, control.id)).collect()
    }

    /// A page of AWS's on what to do.
    pub fn reference(&self) -> &'static str {
        if self.finding.check_id == "dms_kms_key_usable" {
            "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"
        } else {
            "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.html"
        }
    }
}

/// Takes out what is null: neither format has null.
pub fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
