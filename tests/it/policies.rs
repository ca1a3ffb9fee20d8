//! IAM policies taken apart.

use std::collections::BTreeSet;

use serde_json::Value;

/// All actions of a policy.
pub fn actions(policy: &Value) -> BTreeSet<String> {
    let of = |statement: &Value| match &statement["Action"] {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        other => panic!("no action: {other}"),
    };
    policy["Statement"].as_array().unwrap().iter().flat_map(of).collect()
}

/// The policy without one action; a statement that has no other goes with it.
pub fn without(policy: &Value, action: &str) -> Value {
    let mut policy = policy.clone();
    policy["Statement"].as_array_mut().unwrap().retain_mut(|statement| match &mut statement["Action"] {
        Value::Array(many) => {
            many.retain(|one| one != action);
            !many.is_empty()
        }
        one => one != action,
    });
    policy
}
