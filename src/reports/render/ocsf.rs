//! OCSF: one Compliance Finding (class 2003) a line, for each finding.
//!
//! The form is that of OCSF 1.7.0; the fields used are in 1.5.0 to 1.8.0 alike. A finding has the same
//! `finding_info.uid` in every week. Times are milliseconds since 1970. Source: schema.ocsf.io.

use serde_json::{Value, json};

use super::{
    RenderError,
    finding::listed,
    told::{Life, TYPE, Teller, Told, drop_nulls},
};
use crate::{domain::Timestamp, reports::Weekly};

const OCSF_VERSION: &str = "1.7.0";
const CATEGORY: u32 = 2;
const CLASS: u32 = 2003;
const AWS_ACCOUNT: u32 = 10;

/// The findings that are open or suppressed, and those resolved in the week.
pub fn render(weekly: &Weekly) -> Result<Vec<u8>, RenderError> {
    let teller = Teller::new(weekly);
    let mut out = Vec::new();
    for finding in listed(weekly) {
        serde_json::to_writer(&mut out, &event(weekly, &teller.tell(finding))?)?;
        out.push(b'\n');
    }
    Ok(out)
}

fn event(weekly: &Weekly, told: &Told) -> Result<Value, RenderError> {
    let finding = told.finding;
    let (activity_id, activity) = activity(told);
    let (severity_id, severity) = severity(&finding.severity);
    let (status_id, status) = status(told.life);
    let uid = told.uid();
    let mut event = json!({
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + activity_id,
        "type_name": format!("Compliance Finding: {activity}"),
        "time": milliseconds(told.updated_at())?,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "status_code": finding.reason,
        "status_detail": told.life.is_over().then_some(&finding.resolution),
        "message": told.sentence(),
        "metadata": {
            "version": OCSF_VERSION,
            "profiles": ["cloud"],
            "product": {
                "uid": "keywatch",
                "name": "keywatch",
                "vendor_name": "keywatch",
                "version": weekly.period.keywatch_version,
            },
            // The same event each time this week is told, so that a receiver can leave out a repeat.
            "uid": format!("{}/{uid}", weekly.period.week),
            "event_code": finding.check_id,
        },
        "cloud": {
            "provider": "AWS",
            "cloud_partition": told.partition().as_str(),
            "region": finding.region,
            "account": account(told),
        },
        "finding_info": {
            "uid": uid,
            "title": told.title(),
            "desc": told.description(),
            "types": [TYPE],
            "created_time": milliseconds(&finding.opened_at)?,
            "modified_time": milliseconds(told.changed_at)?,
            "first_seen_time": milliseconds(&finding.opened_at)?,
            "last_seen_time": milliseconds(&finding.last_seen_at)?,
        },
        "compliance": compliance(told, severity_id),
        "resources": [{
            "uid": finding.resource_arn,
            "name": finding.resource_name,
            "type": resource_type(&finding.resource_type),
            "region": finding.region,
            "cloud_partition": told.partition().as_str(),
            "owner": { "account": account(told) },
        }],
        "evidences": [{ "data": {
            "key_arn": finding.key_arn,
            "key_manager": finding.key_manager,
            "key_state": finding.key_state,
            "reason": finding.reason,
            "evidence": finding.evidence,
        } }],
        "remediation": told.check.map(|check| json!({
            "desc": check.remediation,
            "references": [told.reference()],
        })),
        // OCSF has no place for a path of OUs without the organization's id, nor for an exception.
        "unmapped": {
            "ou_path": finding.ou_path,
            "finding_id": finding.finding_id,
            "times_opened": finding.times_opened,
            "exception_id": finding.exception_id,
            "exception_expires_at": finding.exception_expires_at,
        },
    });
    drop_nulls(&mut event);
    Ok(event)
}

fn account(told: &Told) -> Value {
    json!({
        "uid": told.finding.account_id,
        "name": told.finding.account_name,
        "type": "AWS Account",
        "type_id": AWS_ACCOUNT,
    })
}

fn compliance(told: &Told, severity_id: u32) -> Value {
    let (status_id, status) = compliance_status(told);
    let mut standards: Vec<&str> = Vec::new();
    for control in told.controls {
        if !standards.contains(&control.framework.as_str()) {
            standards.push(&control.framework);
        }
    }
    json!({
        "control": told.finding.check_id,
        "standards": standards,
        "requirements": told.requirements(),
        "status_id": status_id,
        "status": status,
        "status_details": [told.finding.reason],
        "checks": [{
            "uid": told.finding.check_id,
            "name": told.title(),
            "severity_id": severity_id,
            "status_id": status_id,
            "status": status,
        }],
    })
}

fn activity(told: &Told) -> (u32, &'static str) {
    match told.life {
        Life::Fixed | Life::Gone => (3, "Close"),
        _ if told.is_new => (1, "Create"),
        _ => (2, "Update"),
    }
}

fn severity(word: &str) -> (u32, &str) {
    match word {
        "critical" => (5, "Critical"),
        "high" => (4, "High"),
        "medium" => (3, "Medium"),
        "low" => (2, "Low"),
        other => (99, other),
    }
}

/// An open finding is `New`: whether somebody works on it is not known here.
fn status(life: Life) -> (u32, &'static str) {
    match life {
        Life::Failing | Life::Unjudged => (1, "New"),
        Life::Suppressed { .. } => (3, "Suppressed"),
        Life::Fixed | Life::Gone => (4, "Resolved"),
    }
}

/// `Warning` is OCSF's word where a check "did not yield a result due to missing information"; what is gone has no
/// status of OCSF's, so it is told how it went.
fn compliance_status<'a>(told: &'a Told) -> (u32, &'a str) {
    match told.life {
        Life::Failing | Life::Suppressed { judged: true } => (3, "Fail"),
        Life::Unjudged | Life::Suppressed { judged: false } => (2, "Warning"),
        Life::Fixed => (1, "Pass"),
        Life::Gone => (99, told.finding.resolution.as_deref().unwrap_or("resolved")),
    }
}

/// CloudFormation's name of the type.
fn resource_type(word: &str) -> &str {
    match word {
        "replication_instance" => "AWS::DMS::ReplicationInstance",
        "endpoint" => "AWS::DMS::Endpoint",
        "replication_config" => "AWS::DMS::ReplicationConfig",
        other => other,
    }
}

fn milliseconds(at: &str) -> Result<i64, RenderError> {
    let moment: Timestamp = at.parse().map_err(|_| RenderError::Moment { text: at.to_owned() })?;
    Ok(moment.as_millisecond())
}
