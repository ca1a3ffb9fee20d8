//! What every kind of replacement has in common: what stands in its way, whose it is, and whether it is the source again.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Halt, Step,
    journal::{Journal, has_moved, last},
    runner::{Runner, Seen, StepError},
};
use crate::{
    aws::CallError,
    remediation::{
        aws::Place,
        blockers::{self, Hindrance, Severity},
        facts::Facts,
        inputs::TAG,
    },
};

/// What stands in the way, before anything is done.
pub(super) async fn check(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<(), Halt> {
    let hindrances = blockers::of_new_key(facts, &runner.order.replacement_name);
    let begun =
        facts.beside.as_ref().is_some_and(|beside| beside.remediates.as_deref() == Some(&facts.resource.arn));
    // Whoever goes on finds tasks in between, and looks at each by itself.
    let in_the_way = |hindrance: &&Hindrance| {
        hindrance.severity == Severity::Blocker && !(begun && hindrance.code == "task_not_movable")
    };
    let blocking: Vec<_> = hindrances.iter().filter(in_the_way).cloned().collect();
    if !blocking.is_empty() {
        return Err(Halt::Blocked(blocking));
    }
    runner.already(Step::Check, &facts.resource.arn).await
}

/// Whether the replacement has to be compared: not again once tasks are on it, for its owner may change it then.
pub(super) fn has_to_be_compared(runner: &Runner<'_, impl Journal>, made: &str) -> bool {
    let compared = last(runner.past(), Step::CompareSettings, made)
        .is_some_and(|entry| matches!(entry.event.as_str(), "done" | "already"));
    !(compared && has_moved(runner.past()))
}

/// Whether a resource was made in place of the source, by its tag.
pub(super) async fn is_ours(place: &Place, arn: &str, source: &str) -> Result<bool, CallError> {
    Ok(place.tags(arn).await?.get(TAG).is_some_and(|of| of == source))
}

/// What bears the name that was to be had, and is not ours.
pub(super) fn somebody_elses<T>(arn: &str, source: &str) -> Seen<T> {
    Seen::Never(format!("{arn} is there, and was not made in place of {source}"))
}

/// That a replacement is what was wanted: all settings, and the key.
pub(super) fn assert_same(
    wanted: &Value,
    found: &Value,
    has_key: &Value,
    key: &str,
) -> Result<(), StepError> {
    let mut differing = Vec::new();
    let fields = wanted.as_object().into_iter().chain(found.as_object()).flatten().map(|(name, _)| name);
    for field in fields.collect::<BTreeSet<_>>() {
        let (is, should) = (&found[field.as_str()], &wanted[field.as_str()]);
        let same = match (field.as_str(), is, should) {
            // An organization may tag whatever is made in it.
            ("Tags", Value::Array(is), Value::Array(should)) => all_in(is, should),
            _ => holds(is, should),
        };
        if !same {
            differing.push(format!("{field} is {is}, not {should}"));
        }
    }
    if has_key != key {
        differing.push(format!("KmsKeyId is {has_key}, not {key}"));
    }
    if differing.is_empty() {
        Ok(())
    } else {
        Err(StepError::Why(format!("it differs from the source: {}", differing.join("; "))))
    }
}

/// Whether all that was wanted is there. Where nothing was wanted, AWS may say what it chose; lists come in any order.
fn holds(is: &Value, should: &Value) -> bool {
    match (is, should) {
        (_, Value::Null) => true,
        (Value::Array(is), Value::Array(should)) => is.len() == should.len() && all_in(is, should),
        (Value::Object(is), Value::Object(should)) => {
            should.iter().all(|(name, should)| holds(is.get(name).unwrap_or(&Value::Null), should))
        }
        _ => is == should,
    }
}

fn all_in(is: &[Value], should: &[Value]) -> bool {
    should.iter().all(|should| is.iter().any(|is| holds(is, should)))
}

/// A look between two steps that failed.
pub(super) fn cannot_look(runner: &Runner<'_, impl Journal>, subject: &str, error: &CallError) -> Halt {
    Halt::Failed {
        step: Step::Check,
        subject: subject.to_owned(),
        why: error.to_string(),
        advice: super::advice::after(Step::StopTask, subject, runner.order, has_moved(runner.past())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn difference(wanted: Value, found: Value, has_key: &str) -> Option<String> {
        assert_same(&wanted, &found, &json!(has_key), "key").err().map(|error| error.to_string())
    }

    #[test]
    fn what_was_wanted_has_to_be_there_and_more_may_be() {
        let wanted = || json!({ "Storage": 50, "MultiAZ": false, "Settings": { "Port": 1 }, "Tags": [1, 2], "Groups": ["a", "b"] });
        let found = json!({ "Storage": 50, "MultiAZ": false, "Settings": { "Port": 1, "User": "dms" }, "Tags": [2, 3, 1], "Groups": ["b", "a"], "Zone": "a" });
        assert_eq!(difference(wanted(), found.clone(), "key"), None);
        for (field, value) in [
            ("Storage", json!(51)),
            ("Storage", Value::Null),
            ("MultiAZ", json!(true)),
            ("Settings", json!({ "Port": 2 })),
            ("Settings", json!({})),
            ("Tags", json!([1])),
            ("Groups", json!(["a"])),
            ("Groups", json!(["a", "b", "c"])),
        ] {
            let mut other = found.clone();
            other[field] = value;
            assert!(difference(wanted(), other, "key").is_some_and(|text| text.contains(field)), "{field}");
        }
        assert!(difference(wanted(), found, "another").is_some_and(|text| text.contains("KmsKeyId")));
    }
}
