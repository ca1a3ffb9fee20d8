//! What DMS Serverless runs: described, started, stopped.

use serde_json::{Value, json};

use super::{KIND, list};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::{
            dms::{
                input::epoch,
                instances::{found, look, with_extra},
                refusals, tasks,
            },
            require_region,
        },
        world::{ConfigSettings, SandboxResource, World},
    },
};

/// `DescribeReplications`: what each config runs.
pub fn replications(context: &Context<'_>) -> Result<Value, Refusal> {
    list(context, "Replications", |resource| with_extra(resource, replication(resource)))
}

/// What a config runs, as DMS answers it.
fn replication(resource: &SandboxResource) -> Value {
    let Some(settings) = resource.config() else { return Value::Null };
    let run = &settings.replication;
    let created = epoch(resource.created_at) + 0.5;
    let is_provisioned = !["created", "stopped", "failed"].contains(&run.status());
    let mut value = json!({
        "ReplicationConfigIdentifier": resource.name,
        "ReplicationConfigArn": resource.arn,
        "SourceEndpointArn": settings.source_endpoint,
        "TargetEndpointArn": settings.target_endpoint,
        "ReplicationType": settings.replication_type,
        "Status": if resource.status.is_empty() { run.status() } else { &resource.status },
        "ProvisionData": {
            "ProvisionState": if is_provisioned { "provisioned" } else { "not_provisioned" },
            "ProvisionedCapacityUnits": i32::from(is_provisioned) * 2,
        },
        "ReplicationCreateTime": created,
        "ReplicationUpdateTime": created,
    });
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let optional = [
        ("StartReplicationType", text(&run.start_type)),
        ("CdcStartPosition", text(&run.cdc_start_position)),
        ("RecoveryCheckpoint", text(&run.recovery_checkpoint)),
        ("StopReason", text(&run.stop_reason)),
        ("FailureMessages", run.failure.as_ref().map(|failure| json!([failure]))),
        ("ReplicationLastStopTime", run.stopped_at.map(|at| epoch(at).into())),
    ];
    for (name, there) in optional {
        if let Some(there) = there {
            value[name] = there;
        }
    }
    value
}

/// `StartReplication`. Source: DMS API, `StartReplication$StartReplicationType`.
pub fn start(context: &Context<'_>) -> Result<Value, Refusal> {
    let call = context.call;
    let how = call.required("StartReplicationType")?;
    let position = call.text("CdcStartPosition");
    change(context, &["created", "stopped", "failed"], |world, arn, settings| {
        let has_run = settings.replication.start_type.is_some();
        tasks::require_kind(how, has_run, position.is_some() && settings.replication_type == "cdc")?;
        let place = world.place(context.caller.account, &call.region);
        let ends = [&settings.source_endpoint, &settings.target_endpoint];
        let reached = ends.into_iter().all(|end| {
            let endpoint = place.find(ResourceType::Endpoint, end).and_then(SandboxResource::endpoint);
            endpoint.is_none_or(|endpoint| endpoint.is_reached_by(arn))
        });
        let run = &mut settings.replication;
        run.begin("initializing", world.settling, if reached { "running" } else { "failed" });
        run.failure = (!reached).then(|| "Test connection failed for an endpoint".to_owned());
        run.start_type = Some(how.to_owned());
        run.stop_reason = None;
        run.cdc_start_position = position.map(str::to_owned).or(run.cdc_start_position.take());
        Ok(())
    })
}

/// `StopReplication`.
pub fn stop(context: &Context<'_>) -> Result<Value, Refusal> {
    change(context, &["running"], |world, arn, settings| {
        let run = &mut settings.replication;
        if run.cannot_be_stopped {
            return Err(refusals::state(format!("The replication of {arn} can't be stopped")));
        }
        run.begin("stopping", world.settling, "stopped");
        run.stopped_at = Some(context.now());
        Ok(())
    })
}

/// Changes what a config runs, if that is in one of these states.
fn change(
    context: &Context<'_>,
    states: &[&str],
    change: impl FnOnce(&World, &str, &mut ConfigSettings) -> Result<(), Refusal>,
) -> Result<Value, Refusal> {
    let arn = context.call.required("ReplicationConfigArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let place = world.place(context.caller.account, &context.call.region);
    let resource = found(place.find(KIND, arn), arn)?;
    let mut settings = require_state(resource, states)?.clone();
    change(&world, arn, &mut settings)?;
    *world.resource_mut(arn).config_mut() = settings;
    context.changed(arn);
    let answer = json!({ "Replication": world.resource(arn).map(replication) });
    if world.settling == 0 {
        look(context, &mut world, &[arn.to_owned()]);
    }
    Ok(answer)
}

/// The config's settings, if what it runs is in one of these states and it isn't being deleted.
pub(super) fn require_state<'a>(
    resource: &'a SandboxResource,
    states: &[&str],
) -> Result<&'a ConfigSettings, Refusal> {
    let settings = resource.config();
    let now = settings.map_or("", |settings| settings.replication.status());
    match settings.filter(|_| resource.status.is_empty() && states.contains(&now)) {
        Some(settings) => Ok(settings),
        None => Err(refusals::state(format!(
            "The replication of {} is in an invalid state: {}",
            resource.name,
            if resource.status.is_empty() { now } else { &resource.status }
        ))),
    }
}
