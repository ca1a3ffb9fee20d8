//! Endpoints: described and deleted.

mod make;

use serde_json::{Value, json};

pub(super) use make::create;

use super::{
    instances::{arns, found, look, with_extra},
    lists::{self, Filters},
    refusals,
};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::require_region,
        world::{ConfigSettings, SandboxResource, World},
    },
};

const KIND: ResourceType = ResourceType::Endpoint;

/// `DescribeEndpoints`.
pub(super) fn describe(context: &Context<'_>) -> Result<Value, Refusal> {
    let (answer, seen) = {
        let world = context.world();
        require_region(context, &world)?;
        context.allow(&world, "*")?;
        let known = ["endpoint-arn", "endpoint-type", "endpoint-id", "engine-name"];
        let filters = Filters::read(context, &known)?;
        let place = world.place(context.caller.account, &context.call.region);
        let fits = |resource: &&SandboxResource| {
            let small = resource.endpoint().map(|settings| settings.endpoint_type.to_ascii_lowercase());
            filters.fit(|name| match name {
                "endpoint-arn" => vec![&*resource.arn],
                "endpoint-id" => vec![&*resource.name],
                "endpoint-type" => small.as_deref().into_iter().collect(),
                _ => {
                    let settings = resource.endpoint();
                    settings.and_then(|s| s.fields.get("EngineName")?.as_str()).into_iter().collect()
                }
            })
        };
        let all = place.of(KIND).filter(fits).collect();
        let (answer, seen) = lists::page(context, "Endpoints", &filters, all, |resource| {
            with_extra(resource, render(resource))
        })?;
        (answer, arns(&seen))
    };
    lists::looked(context, &seen, |world, seen| look(context, world, seen));
    Ok(answer)
}

/// An endpoint as DMS answers it.
fn render(resource: &SandboxResource) -> Value {
    let mut value = json!({
        "EndpointIdentifier": resource.name,
        "EndpointArn": resource.arn,
        "Status": resource.status,
    });
    if let Some(settings) = resource.endpoint() {
        value["EndpointType"] = settings.endpoint_type.clone().into();
        for (name, field) in &settings.fields {
            value[name] = field.clone();
        }
    }
    if let Some(key) = resource.answered_key() {
        value["KmsKeyId"] = json!(key);
    }
    value
}

fn finish(context: &Context<'_>, world: &mut World, arn: &str) -> Value {
    context.changed(arn);
    let answer = json!({ "Endpoint": world.resource(arn).map(render) });
    if world.settling == 0 {
        look(context, world, &[arn.to_owned()]);
    }
    answer
}

/// `DeleteEndpoint`. Source: DMS API: "All tasks associated with the endpoint must be deleted before you can delete the
/// endpoint."
pub(super) fn delete(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = context.call.required("EndpointArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let place = world.place(context.caller.account, &context.call.region);
    let endpoint = found(place.find(KIND, arn), arn)?;
    if let Some(task) = place.tasks.iter().find(|task| task.uses_endpoint(arn)) {
        return Err(refusals::state(format!(
            "Endpoint {} is part of the replication task {}",
            endpoint.name, task.name
        )));
    }
    let uses = |config: &ConfigSettings| config.source_endpoint == arn || config.target_endpoint == arn;
    if let Some(config) = place.resources.iter().find(|other| other.config().is_some_and(uses)) {
        return Err(refusals::state(format!(
            "Endpoint {} is part of the replication config {}",
            endpoint.name, config.name
        )));
    }
    if endpoint.status == "deleting" {
        return Err(refusals::state(format!("Endpoint {} is being deleted already", endpoint.name)));
    }
    let looks = world.settling;
    world.resource_mut(arn).begin("deleting", looks, None);
    Ok(finish(context, &mut world, arn))
}
