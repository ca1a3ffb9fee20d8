//! Condition blocks. Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Set operators for
//! multi-valued context keys".

use serde_json::Value;

use super::{Keys, NotUnderstood, glob};

/// How the values of a key that may have several are taken together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    One,
    All,
    Any,
}

/// An operator without what stands before and behind it.
#[derive(Clone, Copy)]
struct Operator {
    compare: fn(&str, &str) -> bool,
    /// Whether a match is what must not be.
    negated: bool,
    /// Whether its values may hold policy variables.
    variables: bool,
}

/// Whether all of a block's conditions hold.
pub(super) fn hold(block: &Value, keys: &Keys) -> Result<bool, NotUnderstood> {
    let operators = block.as_object().ok_or_else(|| NotUnderstood::new("a Condition is no object"))?;
    let mut all = true;
    for (name, conditions) in operators {
        let conditions =
            conditions.as_object().ok_or_else(|| NotUnderstood::new(format!("{name} is no object")))?;
        for (key, wanted) in conditions {
            // No short cut: each is read, so that what is not understood is refused.
            all &= holds(name, key, &texts(wanted)?, keys)?;
        }
    }
    Ok(all)
}

fn holds(name: &str, key: &str, wanted: &[String], keys: &Keys) -> Result<bool, NotUnderstood> {
    let unknown = || NotUnderstood::new(format!("the condition operator {name}"));
    let (set, rest) = match name.split_once(':') {
        Some(("ForAllValues", rest)) => (Set::All, rest),
        Some(("ForAnyValue", rest)) => (Set::Any, rest),
        Some(_) => return Err(unknown()),
        None => (Set::One, name),
    };
    let given = keys.get(key);
    if rest == "Null" {
        return match wanted {
            [word] if word == "true" => Ok(given.is_none()),
            [word] if word == "false" => Ok(given.is_some()),
            _ => Err(NotUnderstood::new(format!("Null: {wanted:?}"))),
        };
    }
    let (base, if_exists) = match rest.strip_suffix("IfExists") {
        Some(base) => (base, true),
        None => (rest, false),
    };
    let operator = operator(base).ok_or_else(unknown)?;
    let Some(given) = given else {
        return Ok(if_exists || operator.negated || set == Set::All);
    };
    let one_fits = |value: &String| {
        let is_one = wanted.iter().any(|wanted| {
            let wanted = if operator.variables { keys.fill_in(wanted) } else { Some(wanted.clone()) };
            wanted.is_some_and(|wanted| (operator.compare)(&wanted, value))
        });
        is_one != operator.negated
    };
    match (set, given) {
        (Set::All, values) => Ok(values.iter().all(one_fits)),
        (Set::Any, values) => Ok(values.iter().any(one_fits)),
        (Set::One, [value]) => Ok(one_fits(value)),
        (Set::One, _) => {
            Err(NotUnderstood::new(format!("{key} has several values, so {name} needs a set operator")))
        }
    }
}

fn operator(name: &str) -> Option<Operator> {
    let (compare, negated): (fn(&str, &str) -> bool, bool) = match name {
        "StringEquals" => (|wanted, value| wanted == value, false),
        "StringNotEquals" => (|wanted, value| wanted == value, true),
        "StringEqualsIgnoreCase" => (|wanted, value| wanted.eq_ignore_ascii_case(value), false),
        "StringLike" => (glob::matches, false),
        "StringNotLike" => (glob::matches, true),
        "ArnEquals" | "ArnLike" => (glob::arn_matches, false),
        "ArnNotEquals" | "ArnNotLike" => (glob::arn_matches, true),
        "Bool" => (|wanted, value| wanted.eq_ignore_ascii_case(value), false),
        _ => return None,
    };
    Some(Operator { compare, negated, variables: name != "Bool" })
}

/// The values; a Bool's may be written as JSON's own.
fn texts(value: &Value) -> Result<Vec<String>, NotUnderstood> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(word) => Ok(word.to_string()),
        other => Err(NotUnderstood::new(format!("{other} as a condition's value"))),
    };
    match value {
        Value::Array(many) => many.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}
