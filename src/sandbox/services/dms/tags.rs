//! Tags of everything that DMS has.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{input, refusals};
use crate::sandbox::{
    answer::Refusal,
    context::Context,
    services::require_region,
    world::{Place, World},
};

/// Source: DMS API, `ListTagsForResource`: one ARN or a list of them; `Tag$ResourceArn` says whose a tag is.
pub(super) fn list(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    let one = context.call.text("ResourceArn");
    let many = context.call.texts("ResourceArnList");
    let place = world.place(context.caller.account, &context.call.region);
    let mut tags = Vec::new();
    for arn in one.into_iter().chain(many.iter().map(String::as_str)) {
        context.allow(&world, arn)?;
        for (key, value) in of(place, arn).ok_or_else(|| missing(arn))? {
            tags.push(match one {
                Some(_) => json!({ "Key": key, "Value": value }),
                None => json!({ "Key": key, "Value": value, "ResourceArn": arn }),
            });
        }
    }
    Ok(json!({ "TagList": tags }))
}

fn missing(arn: &str) -> Refusal {
    refusals::not_found(format!("The requested resource {arn} was not found."))
}

fn of<'a>(place: Place<'a>, arn: &str) -> Option<&'a BTreeMap<String, String>> {
    let resource = place.resources.iter().find(|resource| resource.arn == arn).map(|resource| &resource.tags);
    resource.or_else(|| place.task(arn).map(|task| &task.tags))
}

/// The tags of something of the caller's, to change them.
fn of_mut<'a>(
    context: &Context<'_>,
    world: &'a mut World,
    arn: &str,
) -> Result<&'a mut BTreeMap<String, String>, Refusal> {
    let place = world.place_mut(context.caller.account, &context.call.region);
    let resource = place.resources.iter_mut().find(|resource| resource.arn == arn).map(|r| &mut r.tags);
    resource
        .or_else(|| place.tasks.iter_mut().find(|task| task.arn == arn).map(|task| &mut task.tags))
        .ok_or_else(|| missing(arn))
}

/// `AddTagsToResource`.
pub(super) fn add(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = context.call.required("ResourceArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let new = input::tags(context)?;
    let conditions = input::tag_conditions(&new);
    let conditions: Vec<(&str, &str)> = conditions.iter().map(|(k, v)| (&**k, &**v)).collect();
    context.allow_action(&world, &context.call.action(), arn, &conditions)?;
    let tags = of_mut(context, &mut world, arn)?;
    tags.extend(new);
    context.changed(arn);
    Ok(json!({}))
}

/// `RemoveTagsFromResource`.
pub(super) fn remove(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = context.call.required("ResourceArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let gone = context.call.texts("TagKeys");
    of_mut(context, &mut world, arn)?.retain(|key, _| !gone.contains(key));
    context.changed(arn);
    Ok(json!({}))
}
