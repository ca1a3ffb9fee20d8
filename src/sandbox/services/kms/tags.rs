//! Tags of keys.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Refuse, keys,
    names::{self, Purpose},
};
use crate::sandbox::{answer::Refusal, context::Context, services::require_region};

/// The call's tags.
pub(super) fn given(context: &Context<'_>) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags = BTreeMap::new();
    let given = context.call.value("Tags").and_then(Value::as_array);
    for tag in given.into_iter().flatten() {
        let text = |name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (key, value) = (text("TagKey"), text("TagValue"));
        if key.is_empty() || key.starts_with("aws:") {
            return Err(Refuse::with("TagException", format!("The tag key {key:?} is not valid")));
        }
        tags.insert(key, value);
    }
    Ok(tags)
}

/// The condition keys that tags amount to. Source: Service Authorization Reference, KMS.
pub(super) fn conditions(tags: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let of = |(key, value): (&String, &String)| {
        [(format!("aws:RequestTag/{key}"), value.clone()), ("aws:TagKeys".to_owned(), key.clone())]
    };
    tags.iter().flat_map(of).collect()
}

/// `TagResource`.
pub(super) fn add(context: &Context<'_>) -> Result<Value, Refusal> {
    let tags = given(context)?;
    keys::change(context, Purpose::Change, |key, _| key.tags.extend(tags)).map(|_| Value::Null)
}

/// `UntagResource`.
pub(super) fn remove(context: &Context<'_>) -> Result<Value, Refusal> {
    let gone = context.call.texts("TagKeys");
    keys::change(context, Purpose::Change, |key, _| key.tags.retain(|name, _| !gone.contains(name)))
        .map(|_| Value::Null)
}

/// `ListResourceTags`. Source: KMS API, `ListResourceTags$Limit`: 1 to 50, default 50; a key has at most 50.
pub(super) fn list(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    let id = names::own_key(context, &world, "KeyId", Purpose::Read)?;
    let size = context.size("Limit", 1..=50, 50, Refuse::validation)?;
    let key = names::key(&world, context.caller.account, &context.call.region, &id);
    let all: Vec<_> = key.into_iter().flat_map(|key| &key.tags).collect();
    let page = context.page("Marker", size, all.len()).ok_or_else(Refuse::marker)?;
    let items: Vec<Value> =
        all[page.items].iter().map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect();
    Ok(match page.next {
        Some(marker) => json!({ "Tags": items, "NextMarker": marker, "Truncated": true }),
        None => json!({ "Tags": items, "Truncated": false }),
    })
}
