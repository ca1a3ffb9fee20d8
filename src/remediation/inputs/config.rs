use serde_json::{Map, Value};

use super::{carry, settings, tags, without_nulls};
use crate::remediation::facts::Facts;

/// Fields that `CreateReplicationConfig` takes under the name and in the form that `DescribeReplicationConfigs` gives.
pub(super) const CARRIED: [&str; 6] = [
    "SourceEndpointArn",
    "TargetEndpointArn",
    "ReplicationType",
    "TableMappings",
    "SupplementalSettings",
    "ReplicationSettings",
];

/// Fields that become a parameter in another form.
pub(super) const TURNED: [&str; 2] = ["ReplicationConfigIdentifier", "ComputeConfig"];

/// Fields that say how the config is, not how it was made.
pub(super) const OUTPUT_ONLY: [&str; 4] =
    ["ReplicationConfigArn", "ReplicationConfigCreateTime", "ReplicationConfigUpdateTime", "IsReadOnly"];

pub(super) fn knows(field: &str) -> bool {
    CARRIED.contains(&field) || TURNED.contains(&field) || OUTPUT_ONLY.contains(&field)
}

/// `CreateReplicationConfig` for a config of that name under that key, the source in every other setting.
pub fn config(facts: &Facts, name: &str, key_arn: &str) -> Value {
    let source = facts.document();
    let mut input = Map::new();
    input.insert("ReplicationConfigIdentifier".to_owned(), name.into());
    carry(&source, &mut input, &CARRIED);
    if let Some(text) = input.get_mut("ReplicationSettings") {
        *text = settings(text);
    }
    input.insert("Tags".to_owned(), tags(&facts.tags, &facts.resource.arn));
    // All of it goes over, fields that this version does not know among them: both sides have the same shape.
    let mut compute = without_nulls(&source["ComputeConfig"]);
    if !compute.is_object() {
        compute = Value::Object(Map::new());
    }
    // AWS refuses a zone beside Multi-AZ.
    if compute["MultiAZ"] == Value::Bool(true)
        && let Some(compute) = compute.as_object_mut()
    {
        compute.remove("AvailabilityZone");
    }
    compute["KmsKeyId"] = key_arn.into();
    input.insert("ComputeConfig".to_owned(), compute);
    Value::Object(input)
}

/// Whether a replication or task of that type captures changes, so that there is a place in the source's log to go on from.
pub fn captures_changes(migration_type: &str) -> bool {
    migration_type.to_ascii_lowercase().contains("cdc")
}
