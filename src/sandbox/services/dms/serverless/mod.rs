//! DMS Serverless configs: described, made, deleted.

mod run;

use serde_json::{Value, json};

pub(super) use run::{replications, start, stop};

use super::{
    input::{self, epoch},
    instances::{arns, found, look, with_extra},
    keys,
    lists::{self, Filters},
    refusals, tasks,
};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::{own_account, require_region},
        world::{ConfigSettings, ResourceSettings, SandboxResource, World},
    },
};

const KIND: ResourceType = ResourceType::ReplicationConfig;

/// `DescribeReplicationConfigs`.
pub(super) fn describe(context: &Context<'_>) -> Result<Value, Refusal> {
    list(context, "ReplicationConfigs", |resource| with_extra(resource, config(resource)))
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

/// `CreateReplicationConfig`.
pub(super) fn create(context: &Context<'_>) -> Result<Value, Refusal> {
    let call = context.call;
    let (account, region) = (context.caller.account, &call.region);
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let name = input::identifier(context, "ReplicationConfigIdentifier", 255)?;
    let source = call.required("SourceEndpointArn")?;
    let target = call.required("TargetEndpointArn")?;
    let tags = input::tags(context)?;
    let new = input::arn(context, &world, "replication-config:*");
    input::allow_new(context, &world, &[source, target], &new, &tags)?;

    let place = world.place(account, region);
    // A made-up organization may have configs whose endpoints it does not have; AWS deletes no endpoint of a config.
    let known =
        |config: &ConfigSettings| config.source_endpoint == source && config.target_endpoint == target;
    if !place.of(KIND).filter_map(SandboxResource::config).any(known) {
        tasks::require_endpoints(place, source, target)?;
    }
    let settings = chosen(context, &world, ConfigSettings::between(source, target))?;
    if place.of(KIND).any(|other| other.name == name) {
        return Err(refusals::exists(format!("Replication Config already exists: {name}")));
    }
    let quota = own_account(context, &world)?.dms_quotas.configs;
    if place.of(KIND).count() as i64 >= quota {
        return Err(refusals::quota(format!("Replication Config quota exceeded: {quota}")));
    }
    let key = call.value("ComputeConfig").and_then(|compute| compute.get("KmsKeyId")?.as_str());
    let key = keys::key_for(context, &mut world, key)?;
    let settings = |_: &str| ResourceSettings::Config(Box::new(settings));
    let tail = input::tail(context)?;
    let arn = world.put_resource(account, region, &name, tail, Some(key), KIND, settings);
    let made = world.resource_mut(&arn);
    (made.created_at, made.tags) = (context.now(), tags);
    context.changed(&arn);
    Ok(json!({ "ReplicationConfig": world.resource(&arn).map(config) }))
}

/// The settings that the call asks for.
fn chosen(
    context: &Context<'_>,
    world: &World,
    mut settings: ConfigSettings,
) -> Result<ConfigSettings, Refusal> {
    let call = context.call;
    let replication_type = call.required("ReplicationType")?;
    if !["full-load", "cdc", "full-load-and-cdc"].contains(&replication_type) {
        return Err(refusals::invalid(format!("Invalid replication type: {replication_type}")));
    }
    replication_type.clone_into(&mut settings.replication_type);
    let compute = call.value("ComputeConfig").and_then(Value::as_object);
    let mut compute = compute.cloned().ok_or_else(|| refusals::invalid("ComputeConfig is missing"))?;
    compute.remove("KmsKeyId");
    // Source: DMS API, `ComputeConfig$MaxCapacityUnits`.
    let units = compute.get("MaxCapacityUnits").and_then(Value::as_i64);
    if !units.is_some_and(|units| [1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384].contains(&units)) {
        return Err(refusals::invalid("MaxCapacityUnits is missing or not valid"));
    }
    let multi_az = compute.get("MultiAZ").and_then(Value::as_bool).unwrap_or(false);
    if multi_az && compute.contains_key("AvailabilityZone") {
        return Err(refusals::combination(
            "Requesting a specific availability zone is not valid for Multi-AZ replications.",
        ));
    }
    let group = compute.get("ReplicationSubnetGroupId").and_then(Value::as_str);
    if let Some(group) = group.filter(|group| !input::has_subnet_group(context, world, group)) {
        return Err(refusals::not_found(format!("Replication Subnet Group not found: {group}")));
    }
    settings.compute = compute;
    for name in ["ReplicationSettings", "SupplementalSettings", "TableMappings"] {
        match call.text(name) {
            Some(text) if serde_json::from_str::<Value>(text).is_err() => {
                return Err(refusals::invalid(format!("Invalid JSON in {name}")));
            }
            Some(text) => settings.texts.insert(name.to_owned(), text.into()),
            None if name == "TableMappings" => return Err(refusals::invalid("TableMappings is missing")),
            None if name == "SupplementalSettings" => settings.texts.remove(name),
            None => None,
        };
    }
    Ok(settings)
}

/// `DeleteReplicationConfig`.
pub(super) fn delete(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = context.call.required("ReplicationConfigArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let place = world.place(context.caller.account, &context.call.region);
    run::require_state(found(place.find(KIND, arn), arn)?, &["created", "stopped", "failed"])?;
    let looks = world.settling;
    world.resource_mut(arn).begin("deleting", looks, None);
    context.changed(arn);
    let answer = json!({ "ReplicationConfig": world.resource(arn).map(config) });
    if world.settling == 0 {
        look(context, &mut world, &[arn.to_owned()]);
    }
    Ok(answer)
}
