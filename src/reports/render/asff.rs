//! The AWS Security Finding Format: one array of findings, a line each. BatchImportFindings takes 100 of them at a
//! time.
//!
//! Source: docs.aws.amazon.com/securityhub, "AWS Security Finding Format (ASFF)"; the lengths are in the API's model.

use serde_json::{Map, Value, json};

use super::{
    RenderError,
    finding::listed,
    text::line,
    told::{Life, TYPE, Teller, Told, drop_nulls},
};
use crate::{
    domain::Partition,
    reports::{Finding, Weekly},
};

const SCHEMA_VERSION: &str = "2018-10-08";
const TITLE_LENGTH: usize = 256;
const DESCRIPTION_LENGTH: usize = 1024;
const REMEDIATION_LENGTH: usize = 512;
const ID_LENGTH: usize = 512;
const FIELD_LENGTH: usize = 1024;
const SEVERITY_LENGTH: usize = 64;
const REQUIREMENTS: usize = 32;

/// The findings that are open or suppressed, and those resolved in the week.
pub fn render(weekly: &Weekly) -> Result<Vec<u8>, RenderError> {
    let teller = Teller::new(weekly);
    let mut out = b"[".to_vec();
    let mut before: &[u8] = b"\n";
    for finding in listed(weekly) {
        out.extend(before);
        serde_json::to_writer(&mut out, &entry(&teller.tell(finding)))?;
        before = b",\n";
    }
    out.extend(if out.len() > 1 { b"\n]\n".as_slice() } else { b"]\n" });
    Ok(out)
}

fn entry(told: &Told) -> Value {
    let Finding { account_id, region, .. } = told.finding;
    let partition = told.partition();
    let mut entry = json!({
        "SchemaVersion": SCHEMA_VERSION,
        "Id": line(&told.uid(), ID_LENGTH),
        "ProductArn": format!(
            "arn:{}:securityhub:{region}:{account_id}:product/{account_id}/default",
            partition.as_str(),
        ),
        "ProductName": "keywatch",
        "GeneratorId": told.finding.check_id,
        "AwsAccountId": account_id,
        "Types": [TYPE],
        "CreatedAt": told.finding.opened_at,
        "UpdatedAt": told.updated_at(),
        "FirstObservedAt": told.finding.opened_at,
        "LastObservedAt": told.finding.last_seen_at,
        "Severity": {
            "Label": severity(&told.finding.severity),
            "Original": line(&told.finding.severity, SEVERITY_LENGTH),
        },
        "Title": line(told.title(), TITLE_LENGTH),
        "Description": line(&told.description(), DESCRIPTION_LENGTH),
        "Remediation": told.check.map(|check| json!({ "Recommendation": {
            "Text": line(&check.remediation, REMEDIATION_LENGTH),
            "Url": told.reference(),
        } })),
        "ProductFields": product_fields(told.finding),
        "Resources": [resource(told.finding, partition)],
        "Compliance": {
            "Status": compliance(told),
            "RelatedRequirements":
                told.requirements().into_iter().take(REQUIREMENTS).collect::<Vec<_>>(),
        },
        "Workflow": { "Status": workflow(told.life) },
        "RecordState": if told.life.is_over() { "ARCHIVED" } else { "ACTIVE" },
    });
    drop_nulls(&mut entry);
    entry
}

fn resource(finding: &Finding, partition: Partition) -> Value {
    let name = line(&finding.resource_name, FIELD_LENGTH);
    let key = finding.key_arn.as_deref().and_then(|key| line(key, FIELD_LENGTH));
    let (kind, details) = match finding.resource_type.as_str() {
        "replication_instance" => (
            "AwsDmsReplicationInstance",
            json!({ "AwsDmsReplicationInstance": { "ReplicationInstanceIdentifier": name, "KmsKeyId": key } }),
        ),
        "endpoint" => (
            "AwsDmsEndpoint",
            json!({ "AwsDmsEndpoint": {
                "EndpointArn": line(&finding.resource_arn, FIELD_LENGTH),
                "EndpointIdentifier": name,
                "KmsKeyId": key,
            } }),
        ),
        // ASFF has no type for the configs of DMS Serverless.
        _ => ("Other", json!({ "Other": { "Identifier": name, "KmsKeyId": key } })),
    };
    json!({
        "Type": kind,
        "Id": line(&finding.resource_arn, FIELD_LENGTH),
        "Partition": partition_word(partition),
        "Region": finding.region,
        "Details": details,
    })
}

/// What ASFF has no field for.
fn product_fields(finding: &Finding) -> Value {
    let id = finding.exception_id.map(|id| id.to_string());
    let fields: [(&str, Option<&str>); 9] = [
        ("keywatch/reason", Some(&finding.reason)),
        ("keywatch/account_name", Some(&finding.account_name)),
        ("keywatch/ou_path", finding.ou_path.as_deref()),
        ("keywatch/key_manager", finding.key_manager.as_deref()),
        ("keywatch/key_state", finding.key_state.as_deref()),
        ("keywatch/evidence", finding.evidence.as_deref()),
        ("keywatch/resolution", finding.resolution.as_deref()),
        ("keywatch/exception_id", id.as_deref()),
        ("keywatch/exception_expires_at", finding.exception_expires_at.as_deref()),
    ];
    let told = fields
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), line(text?, FIELD_LENGTH)?.into())));
    Value::Object(told.collect::<Map<_, _>>())
}

fn severity(word: &str) -> &'static str {
    match word {
        "critical" => "CRITICAL",
        "medium" => "MEDIUM",
        "low" => "LOW",
        // A word of a later version is taken seriously.
        _ => "HIGH",
    }
}

/// `WARNING` is "some information is missing". `NOT_AVAILABLE` is what could not be checked because a call failed, and
/// what is no longer there to be checked.
fn compliance(told: &Told) -> &'static str {
    match told.life {
        Life::Failing | Life::Suppressed { judged: true } => "FAILED",
        Life::Unjudged | Life::Suppressed { judged: false } if told.finding.reason == "key_lookup_failed" => {
            "NOT_AVAILABLE"
        }
        Life::Unjudged | Life::Suppressed { judged: false } => "WARNING",
        Life::Fixed => "PASSED",
        Life::Gone => "NOT_AVAILABLE",
    }
}

fn workflow(life: Life) -> &'static str {
    match life {
        Life::Failing | Life::Unjudged => "NEW",
        Life::Suppressed { .. } => "SUPPRESSED",
        Life::Fixed | Life::Gone => "RESOLVED",
    }
}

/// ASFF's word for the partition, where it has one.
fn partition_word(partition: Partition) -> Option<&'static str> {
    match partition {
        Partition::Aws | Partition::China | Partition::UsGov => Some(partition.as_str()),
        Partition::Iso => Some("aws-us-iso"),
        Partition::IsoB => Some("aws-us-iso-b"),
        Partition::IsoE | Partition::IsoF | Partition::Eusc => None,
    }
}
