//! Reading what the calls of DMS give.

use std::collections::BTreeMap;

use serde_json::Value;

use super::refusals::invalid;
use crate::sandbox::{
    answer::Refusal,
    context::Context,
    world::{DEFAULT_SUBNET_GROUP, ResourceSettings, World},
};

/// The identifier of something new, in small letters as DMS keeps it. Source: DMS API,
/// `CreateReplicationInstance$ReplicationInstanceIdentifier`.
pub(super) fn identifier(context: &Context<'_>, name: &str, longest: usize) -> Result<String, Refusal> {
    let text = context.call.required(name)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let fits = text.len() <= longest
        && text.bytes().all(allowed)
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.ends_with('-')
        && !text.contains("--");
    if fits {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(invalid(format!(
            "The parameter {name} must be provided and must not be blank, must begin with a letter, and must not end \
             with a hyphen or contain two consecutive hyphens: {text}"
        )))
    }
}

/// The tail of a new ARN, where the call chooses it. Source: DMS API, `CreateReplicationInstance$ResourceIdentifier`.
pub(super) fn tail<'a>(context: &'a Context<'_>) -> Result<Option<&'a str>, Refusal> {
    match context.call.text("ResourceIdentifier") {
        Some(text) if text.is_empty() || text.len() > 31 => {
            Err(invalid(format!("The resource identifier {text:?} is not 1 to 31 characters long")))
        }
        other => Ok(other),
    }
}

/// The call's tags. Source: DMS API, `Tag$Key`: `aws:` and `dms:` are AWS's own.
pub(super) fn tags(context: &Context<'_>) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags = BTreeMap::new();
    let given = context.call.value("Tags").and_then(Value::as_array);
    for tag in given.into_iter().flatten() {
        let text = |name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (key, value) = (text("Key"), text("Value"));
        if key.is_empty() || key.len() > 128 || value.len() > 256 {
            return Err(invalid(format!("The tag {key:?} is not valid")));
        }
        if key.starts_with("aws:") || key.starts_with("dms:") {
            return Err(invalid(format!("Tag keys may not begin with aws: or dms:: {key}")));
        }
        tags.insert(key, value);
    }
    if tags.len() > 50 {
        return Err(invalid("A resource can have up to 50 tags"));
    }
    Ok(tags)
}

/// The condition keys that tags amount to. Source: Service Authorization Reference, DMS.
pub(super) fn tag_conditions(tags: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let of = |(key, value): (&String, &String)| {
        [
            (format!("aws:RequestTag/{key}"), value.clone()),
            (format!("dms:req-tag/{key}"), value.clone()),
            ("aws:TagKeys".to_owned(), key.clone()),
        ]
    };
    tags.iter().flat_map(of).collect()
}

/// Refuses unless the caller may do this to all of these ARNs, with the tags that the call gives; something new that is
/// tagged needs the right to tag it too.
pub(super) fn allow_new(
    context: &Context<'_>,
    world: &World,
    resources: &[&str],
    new: &str,
    tags: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let conditions = tag_conditions(tags);
    let conditions: Vec<(&str, &str)> = conditions.iter().map(|(k, v)| (&**k, &**v)).collect();
    for resource in resources {
        context.allow_action(world, &context.call.action(), resource, &conditions)?;
    }
    if !tags.is_empty() {
        context.allow_action(world, "dms:AddTagsToResource", new, &conditions)?;
    }
    Ok(())
}

/// The ARN of something of DMS's in the caller's account and Region: `rep:*`, `subgrp:name`, …
pub(super) fn arn(context: &Context<'_>, world: &World, tail: &str) -> String {
    format!("arn:{}:dms:{}:{}:{tail}", world.partition, context.call.region, context.caller.account)
}

/// Whether the account has that subnet group there: the default one, one that was made, or one that something is in.
pub(super) fn has_subnet_group(context: &Context<'_>, world: &World, name: &str) -> bool {
    let (account, region) = (context.caller.account, &context.call.region);
    let made = world.accounts.get(&account).and_then(|a| a.subnet_groups.get(region));
    name == DEFAULT_SUBNET_GROUP
        || made.is_some_and(|groups| groups.contains_key(name))
        || world.place(account, region).resources.iter().any(|resource| match &resource.settings {
            ResourceSettings::Instance(settings) => settings.subnet_group == name,
            ResourceSettings::Config(settings) => {
                settings.compute.get("ReplicationSubnetGroupId").and_then(Value::as_str) == Some(name)
            }
            ResourceSettings::Endpoint(_) => false,
        })
}

/// A moment as JSON services of AWS write it.
pub(super) fn epoch(at: crate::domain::Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
