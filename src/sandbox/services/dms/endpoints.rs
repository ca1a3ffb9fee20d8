//! Endpoints: described, made, deleted.

use serde_json::{Value, json};

use super::{
    instances::{arns, look, with_extra},
    lists::{self, Filters},
};
use crate::{
    domain::ResourceType,
    sandbox::{answer::Refusal, context::Context, services::require_region, world::SandboxResource},
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
        let (answer, seen) =
            lists::page(context, "Endpoints", &filters, all, |resource| with_extra(render(resource)))?;
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
