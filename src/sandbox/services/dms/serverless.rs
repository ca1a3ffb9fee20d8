//! DMS Serverless: configs, and what they run.

use serde_json::{Value, json};

use super::{
    input::epoch,
    instances::{arns, look, with_extra},
    lists::{self, Filters},
};
use crate::{
    domain::ResourceType,
    sandbox::{answer::Refusal, context::Context, services::require_region, world::SandboxResource},
};

const KIND: ResourceType = ResourceType::ReplicationConfig;

/// `DescribeReplicationConfigs`.
pub(super) fn describe(context: &Context<'_>) -> Result<Value, Refusal> {
    list(context, "ReplicationConfigs", |resource| with_extra(config(resource)))
}

/// A list that has something of every config.
fn list(
    context: &Context<'_>,
    name: &str,
    render: impl Fn(&SandboxResource) -> Value,
) -> Result<Value, Refusal> {
    let (answer, seen) = {
        let world = context.world();
        require_region(context, &world)?;
        context.allow(&world, "*")?;
        let known =
            ["replication-config-arn", "replication-config-id", "source-endpoint-arn", "target-endpoint-arn"];
        let filters = Filters::read(context, &known)?;
        let place = world.place(context.caller.account, &context.call.region);
        let fits = |resource: &&SandboxResource| {
            let settings = resource.config();
            filters.fit(|name| match name {
                "replication-config-arn" => vec![&*resource.arn],
                "replication-config-id" => vec![&*resource.name],
                "source-endpoint-arn" => settings.iter().map(|s| &*s.source_endpoint).collect(),
                _ => settings.iter().map(|s| &*s.target_endpoint).collect(),
            })
        };
        let all = place.of(KIND).filter(fits).collect();
        let (answer, seen) = lists::page(context, name, &filters, all, render)?;
        (answer, arns(&seen))
    };
    lists::looked(context, &seen, |world, seen| look(context, world, seen));
    Ok(answer)
}

/// A config as DMS answers it.
fn config(resource: &SandboxResource) -> Value {
    let created = epoch(resource.created_at) + 0.5;
    let mut value = json!({
        "ReplicationConfigIdentifier": resource.name,
        "ReplicationConfigArn": resource.arn,
        "ReplicationConfigCreateTime": created,
        "ReplicationConfigUpdateTime": created,
        "IsReadOnly": false,
    });
    if let Some(settings) = resource.config() {
        value["SourceEndpointArn"] = settings.source_endpoint.clone().into();
        value["TargetEndpointArn"] = settings.target_endpoint.clone().into();
        value["ReplicationType"] = settings.replication_type.clone().into();
        value["ComputeConfig"] = settings.compute.clone().into();
        for (name, text) in &settings.texts {
            value[name] = text.clone();
        }
    }
    if let Some(key) = resource.answered_key() {
        value["ComputeConfig"]["KmsKeyId"] = json!(key);
    }
    value
}
