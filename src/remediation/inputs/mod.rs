//! What `Create…` is told so that the new resource is the source again in every setting but the key: JSON in the form of the
//! AWS CLI's `--cli-input-json`, with the API's own names. Pure.
//!
//! Source: DMS API 2016-01-01, the `Describe…` shapes beside the `Create…` inputs.

mod config;
mod endpoint;
mod instance;
mod names;
mod task;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub use config::{captures_changes, config};
pub use endpoint::{Secret, WITHHELD, endpoint, put, secrets};
pub use instance::instance;
pub use names::{INSTANCE_NAME, InvalidName, NAME, beside, check_name};
pub use task::task;

use super::facts::Facts;
use crate::domain::ResourceType;

pub use crate::domain::REMEDIATES as TAG;

/// The most tags that a DMS resource may have.
///
/// Source: AWS general reference, "Tag naming limits and requirements".
pub const MOST_TAGS: usize = 50;

/// What `Create…` is told for the new resource of that name under that key, whatever its kind.
pub fn of(facts: &Facts, name: &str, key_arn: &str) -> Value {
    match facts.resource.resource_type {
        ResourceType::ReplicationInstance => instance(facts, name, key_arn),
        ResourceType::Endpoint => endpoint(facts, name, key_arn),
        ResourceType::ReplicationConfig => config(facts, name, key_arn),
    }
}

/// Fields of the source's document that this version does not know: nobody can say whether they have to be carried over.
pub fn unknown_fields(facts: &Facts) -> Vec<String> {
    let known: fn(&str) -> bool = match facts.resource.resource_type {
        ResourceType::ReplicationInstance => instance::knows,
        ResourceType::Endpoint => endpoint::knows,
        ResourceType::ReplicationConfig => config::knows,
    };
    let document = facts.document();
    let fields = document.as_object().into_iter().flatten();
    fields.filter(|(name, value)| !known(name) && !is_nothing(value)).map(|(name, _)| name.clone()).collect()
}

/// The source's own tags and ours. AWS keeps what begins with `aws:` or `dms:` to itself and refuses it.
fn tags(tags: &BTreeMap<String, String>, source_arn: &str) -> Value {
    let own = tags.iter().filter(|(key, _)| is_settable(key) && *key != TAG);
    let own = own.map(|(key, value)| json!({ "Key": key, "Value": value }));
    own.chain([json!({ "Key": TAG, "Value": source_arn })]).collect()
}

/// Whether a tag of that key can be set by anyone but AWS.
pub fn is_settable(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    !key.starts_with("aws:") && !key.starts_with("dms:")
}

/// Copies the fields of these names that say something.
fn carry(from: &Value, to: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        let value = &from[*name];
        if !is_nothing(value) {
            to.insert((*name).to_owned(), without_nulls(value));
        }
    }
}

/// AWS answers null, an empty text or an empty list where nothing was set, and takes neither of them back.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.iter().all(Value::is_null),
        Value::Object(object) => object.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_nulls(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().filter(|value| !value.is_null()).map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// Settings as a JSON text without the log's group and stream, which AWS fills in and refuses to be told.
///
/// Source: DMS user guide, "Logging task settings": `CloudWatchLogGroup` and `CloudWatchLogStream` are read only.
fn settings(text: &Value) -> Value {
    let Some(mut settings) = text.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return text.clone();
    };
    if let Some(logging) = settings["Logging"].as_object_mut() {
        logging.remove("CloudWatchLogGroup");
        logging.remove("CloudWatchLogStream");
    }
    settings.to_string().into()
}

#[cfg(test)]
mod tests;
