use serde_json::{Map, Value};

use super::{carry, settings, tags};
use crate::remediation::facts::Task;

/// Fields that `CreateReplicationTask` takes under the name and in the form that `DescribeReplicationTasks` gives.
pub(super) const CARRIED: [&str; 8] = [
    "SourceEndpointArn",
    "TargetEndpointArn",
    "ReplicationInstanceArn",
    "MigrationType",
    "TableMappings",
    "ReplicationTaskSettings",
    "CdcStopPosition",
    "TaskData",
];

/// Fields that become a parameter in another form.
#[cfg(test)]
pub(super) const TURNED: [&str; 3] = ["ReplicationTaskIdentifier", "RecoveryCheckpoint", "CdcStartPosition"];

/// Fields that say how the task is, not how it was made.
#[cfg(test)]
pub(super) const OUTPUT_ONLY: [&str; 8] = [
    "Status",
    "LastFailureMessage",
    "StopReason",
    "ReplicationTaskCreationDate",
    "ReplicationTaskStartDate",
    "ReplicationTaskArn",
    "ReplicationTaskStats",
    "TargetReplicationInstanceArn",
];

/// `CreateReplicationTask` for a task of that name that does what the source does, but with the endpoint `old` replaced by
/// `new`. With a checkpoint it goes on from there and loads nothing again; without one it starts where the source did.
pub fn task(
    source: &Task,
    name: &str,
    (old, new): (&str, &str),
    checkpoint: Option<&str>,
    own_tags: &std::collections::BTreeMap<String, String>,
) -> Value {
    let mut input = Map::new();
    input.insert("ReplicationTaskIdentifier".to_owned(), name.into());
    carry(&source.document, &mut input, &CARRIED);
    for endpoint in ["SourceEndpointArn", "TargetEndpointArn"] {
        if input.get(endpoint).is_some_and(|arn| arn == old) {
            input.insert(endpoint.to_owned(), new.into());
        }
    }
    if let Some(text) = input.get_mut("ReplicationTaskSettings") {
        *text = settings(text);
    }
    match checkpoint {
        Some(checkpoint) => {
            input.insert("MigrationType".to_owned(), "cdc".into());
            input.insert("CdcStartPosition".to_owned(), checkpoint.into());
        }
        None => carry(&source.document, &mut input, &["CdcStartPosition"]),
    }
    input.insert("Tags".to_owned(), tags(own_tags, &source.arn));
    Value::Object(input)
}
