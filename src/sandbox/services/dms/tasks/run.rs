//! Replication tasks: started, stopped, moved.

use serde_json::Value;

use super::{finish, task};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::{
            dms::{instances::found, keys, refusals},
            require_region,
        },
        world::{Place, Task, TaskQuirk},
    },
};

/// `StartReplicationTask`. Source: DMS API, `StartReplicationTask$StartReplicationTaskType`.
pub fn start(context: &Context<'_>) -> Result<Value, Refusal> {
    let call = context.call;
    let arn = call.required("ReplicationTaskArn")?;
    let how = call.required("StartReplicationTaskType")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let place = world.place(context.caller.account, &call.region);
    let this = task(place, arn)?;
    let position = call.text("CdcStartPosition");
    if !["ready", "stopped", "failed", "failed-move"].contains(&&*this.status) {
        return Err(refusals::state(format!(
            "Replication Task cannot be started, invalid state: {}",
            this.status
        )));
    }
    let has_run = this.started_at.is_some();
    require_kind(how, has_run, position.is_some() && this.migration_type == "cdc")?;
    require_connections(place, this)?;

    let (looks, now) = (world.settling, context.now());
    let stop = call.text("CdcStopPosition").map(str::to_owned);
    let this = world.task_mut(arn);
    let fails = this.quirks.contains(&TaskQuirk::FailsAtStart);
    this.begin("starting", looks, Some(if fails { "failed" } else { "running" }));
    this.started_at = Some(now);
    this.stop_reason = None;
    this.last_failure = None;
    if let Some(position) = position {
        this.cdc_start_position = Some(position.to_owned());
    }
    this.cdc_stop_position = stop.or(this.cdc_stop_position.take());
    Ok(finish(context, &mut world, arn))
}

/// Refuses a way of starting that doesn't fit whether it ran before; change data capture alone may start afresh where
/// a position is given.
pub(in crate::sandbox::services::dms) fn require_kind(
    how: &str,
    has_run: bool,
    from_a_position: bool,
) -> Result<(), Refusal> {
    match how {
        "start-replication" if has_run && !from_a_position => Err(refusals::combination(
            "Start Type : START_REPLICATION, valid only for tasks running for the first time",
        )),
        "resume-processing" | "reload-target" if !has_run => Err(refusals::combination(format!(
            "Start Type : {}, valid only for tasks that have run before",
            how.to_ascii_uppercase().replace('-', "_")
        ))),
        "start-replication" | "resume-processing" | "reload-target" => Ok(()),
        _ => Err(refusals::invalid(format!("Invalid start type: {how}"))),
    }
}

/// Refuses unless the task's instance is available and has reached both its endpoints.
fn require_connections(place: Place<'_>, task: &Task) -> Result<(), Refusal> {
    let instance = found(place.find(ResourceType::ReplicationInstance, &task.instance), &task.instance)?;
    if instance.status != "available" {
        return Err(refusals::state(format!("Replication Instance {} is not available", instance.name)));
    }
    for endpoint in [&task.source_endpoint, &task.target_endpoint] {
        let reached = place.connections.iter().any(|connection| {
            connection.instance == task.instance
                && connection.endpoint == *endpoint
                && connection.status == "successful"
        });
        if !reached {
            return Err(refusals::state(format!(
                "Test connection for replication instance and endpoint should be successful for starting the \
                 replication task: {} and {endpoint}",
                task.instance
            )));
        }
    }
    Ok(())
}

/// `StopReplicationTask`.
pub fn stop(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = context.call.required("ReplicationTaskArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let this = task(world.place(context.caller.account, &context.call.region), arn)?;
    if this.status != "running" || this.quirks.contains(&TaskQuirk::StopRefused) {
        let status = &this.status;
        return Err(refusals::state(format!(
            "Replication Task cannot be stopped, it is currently {}",
            if status == "running" { "busy" } else { status }
        )));
    }
    let looks = world.settling;
    let this = world.task_mut(arn);
    let fails = this.quirks.contains(&TaskQuirk::FailsAtStop);
    this.begin("stopping", looks, Some(if fails { "failed" } else { "stopped" }));
    if this.quirks.contains(&TaskQuirk::StopsForEver) {
        this.settling = None;
    }
    Ok(finish(context, &mut world, arn))
}

/// `MoveReplicationTask`. Source: DMS user guide, "Moving a task".
pub fn move_to(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = context.call.required("ReplicationTaskArn")?;
    let target_arn = context.call.required("TargetReplicationInstanceArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    context.allow(&world, target_arn)?;
    let place = world.place(context.caller.account, &context.call.region);
    let this = task(place, arn)?;
    let target = found(place.find(ResourceType::ReplicationInstance, target_arn), target_arn)?;
    if !["ready", "stopped", "failed", "failed-move"].contains(&&*this.status) {
        return Err(refusals::state(format!(
            "Replication Task {} can't be moved while it is {}: stop it first",
            this.name, this.status
        )));
    }
    if this.instance == target_arn {
        return Err(refusals::state(format!("Replication Task {} is on that instance already", this.name)));
    }
    if target.status != "available" {
        return Err(refusals::state(format!("Replication Instance {} is not available", target.name)));
    }
    let version = |arn: &str| {
        let instance = place.find(ResourceType::ReplicationInstance, arn)?.instance()?;
        let numbers = instance.engine_version.split('.').map(|part| part.parse().unwrap_or(0));
        Some(numbers.collect::<Vec<u32>>())
    };
    if version(target_arn) < version(&this.instance) {
        return Err(refusals::state(format!(
            "The engine version of Replication Instance {} is older than that of the task's instance",
            target.name
        )));
    }
    if let Some(key) = &target.kms_key_id {
        keys::usable(&world, key)?;
    }
    let looks = world.settling;
    let this = world.task_mut(arn);
    let then = match &*this.status {
        _ if this.quirks.contains(&TaskQuirk::MoveFails) => "failed-move",
        "failed-move" if this.started_at.is_some() => "stopped",
        "failed-move" => "ready",
        before => before,
    }
    .to_owned();
    this.begin("moving", looks, Some(&then));
    this.target_instance = Some(target_arn.to_owned());
    Ok(finish(context, &mut world, arn))
}
