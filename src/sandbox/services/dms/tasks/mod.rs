//! Replication tasks: described, made, deleted.

mod run;

use serde_json::{Value, json};

pub(super) use run::{move_to, require_kind, start, stop};

use super::{
    input::{self, epoch},
    instances::found,
    lists::{self, Filters, Listed},
    refusals,
};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::{own_account, require_region},
        world::{Place, Task, World},
    },
};

impl Listed for Task {
    fn is_settling(&self) -> bool {
        self.settling.is_some()
    }
}

/// `DescribeReplicationTasks`.
pub(super) fn describe(context: &Context<'_>) -> Result<Value, Refusal> {
    let (answer, seen) = {
        let world = context.world();
        require_region(context, &world)?;
        context.allow(&world, "*")?;
        let known = [
            "replication-task-arn",
            "replication-task-id",
            "migration-type",
            "endpoint-arn",
            "replication-instance-arn",
        ];
        let filters = Filters::read(context, &known)?;
        let place = world.place(context.caller.account, &context.call.region);
        let fits = |task: &&Task| {
            filters.fit(|name| match name {
                "replication-task-arn" => vec![&*task.arn],
                "replication-task-id" => vec![&*task.name],
                "migration-type" => vec![&*task.migration_type],
                "endpoint-arn" => vec![&*task.source_endpoint, &*task.target_endpoint],
                _ => vec![&*task.instance],
            })
        };
        let all = place.tasks.iter().filter(fits).collect();
        let without = context.call.flag("WithoutSettings").unwrap_or(false);
        let (answer, seen) =
            lists::page(context, "ReplicationTasks", &filters, all, |task| render(task, !without))?;
        (answer, seen.iter().map(|task| task.arn.clone()).collect::<Vec<_>>())
    };
    lists::looked(context, &seen, |world, seen| look(context, world, seen));
    Ok(answer)
}

/// Counts a look at tasks.
fn look(context: &Context<'_>, world: &mut World, seen: &[String]) {
    let place = world.place_mut(context.caller.account, &context.call.region);
    place.tasks.retain_mut(|task| !(seen.contains(&task.arn) && task.look()));
}

/// The answer about a task that was just changed, which may be done with it at once.
fn finish(context: &Context<'_>, world: &mut World, arn: &str) -> Value {
    context.changed(arn);
    let answer = json!({ "ReplicationTask": render(world.task_mut(arn), true) });
    if world.settling == 0 {
        look(context, world, &[arn.to_owned()]);
    }
    answer
}

fn render(task: &Task, with_settings: bool) -> Value {
    let mut value = json!({
        "ReplicationTaskIdentifier": task.name,
        "ReplicationTaskArn": task.arn,
        "SourceEndpointArn": task.source_endpoint,
        "TargetEndpointArn": task.target_endpoint,
        "ReplicationInstanceArn": task.instance,
        "MigrationType": task.migration_type,
        "Status": task.status,
        "ReplicationTaskCreationDate": epoch(task.created_at),
        "SandboxExtra": { "Unknown": [null, { "Field": true }] },
    });
    let settings = |text: &String| with_settings.then(|| Value::from(text.clone()));
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let optional = [
        ("TableMappings", settings(&task.table_mappings)),
        ("ReplicationTaskSettings", settings(&task.settings)),
        ("TaskData", text(&task.data)),
        ("CdcStartPosition", text(&task.cdc_start_position)),
        ("CdcStopPosition", text(&task.cdc_stop_position)),
        ("RecoveryCheckpoint", text(&task.recovery_checkpoint)),
        ("StopReason", text(&task.stop_reason)),
        ("LastFailureMessage", text(&task.last_failure)),
        ("TargetReplicationInstanceArn", text(&task.target_instance)),
        ("ReplicationTaskStartDate", task.started_at.map(|at| epoch(at).into())),
        (
            "ReplicationTaskStats",
            task.started_at.map(|at| {
                json!({
                    "FullLoadProgressPercent": 100, "ElapsedTimeMillis": 1200, "TablesLoaded": 3,
                    "TablesLoading": 0, "TablesQueued": 0, "TablesErrored": 0, "StartDate": epoch(at),
                    "FreshStartDate": epoch(at),
                })
            }),
        ),
    ];
    for (name, there) in optional {
        if let Some(there) = there {
            value[name] = there;
        }
    }
    value
}

/// The task that the call names.
fn task<'a>(place: Place<'a>, arn: &str) -> Result<&'a Task, Refusal> {
    place.task(arn).ok_or_else(|| refusals::not_found(format!("Replication Task not found: {arn}")))
}

/// `CreateReplicationTask`.
pub(super) fn create(context: &Context<'_>) -> Result<Value, Refusal> {
    let call = context.call;
    let (account, region) = (context.caller.account, &call.region);
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let name = input::identifier(context, "ReplicationTaskIdentifier", 255)?;
    let source = call.required("SourceEndpointArn")?;
    let target = call.required("TargetEndpointArn")?;
    let instance = call.required("ReplicationInstanceArn")?;
    let migration_type = call.required("MigrationType")?;
    let mappings = call.required("TableMappings")?;
    let tags = input::tags(context)?;
    let new = input::arn(context, &world, "task:*");
    input::allow_new(context, &world, &[source, target, instance], &new, &tags)?;

    if !["full-load", "cdc", "full-load-and-cdc"].contains(&migration_type) {
        return Err(refusals::invalid(format!("Invalid migration type: {migration_type}")));
    }
    for text in [Some(mappings), call.text("ReplicationTaskSettings")].into_iter().flatten() {
        if serde_json::from_str::<Value>(text).is_err() {
            return Err(refusals::invalid("Invalid JSON in task settings or table mappings"));
        }
    }
    if call.value("CdcStartTime").is_some() && call.value("CdcStartPosition").is_some() {
        return Err(refusals::combination("CdcStartTime and CdcStartPosition exclude each other"));
    }
    let place = world.place(account, region);
    require_endpoints(place, source, target)?;
    let on = found(place.find(ResourceType::ReplicationInstance, instance), instance)?;
    if on.status != "available" {
        return Err(refusals::state(format!("Replication Instance {} is not available", on.name)));
    }
    if place.tasks.iter().any(|other| other.name == name) {
        return Err(refusals::exists(format!("Replication Task already exists: {name}")));
    }
    let quota = own_account(context, &world)?.dms_quotas.tasks;
    if place.tasks.len() as i64 >= quota {
        return Err(refusals::quota(format!("Replication Task quota exceeded: {quota}")));
    }
    let arn = world.task_arn(account, region, input::tail(context)?);
    let text = |name: &str| call.text(name).map(str::to_owned);
    let mut made = Task::new(&arn, &name, instance, source, target, context.now());
    migration_type.clone_into(&mut made.migration_type);
    mappings.clone_into(&mut made.table_mappings);
    made.settings = text("ReplicationTaskSettings").unwrap_or(made.settings);
    made.data = text("TaskData");
    made.cdc_start_position = text("CdcStartPosition");
    made.cdc_stop_position = text("CdcStopPosition");
    made.tags = tags;
    made.begin("creating", world.settling, Some("ready"));
    world.place_mut(account, region).tasks.push(made);
    Ok(finish(context, &mut world, &arn))
}

/// Refuses endpoints that aren't there, or are the wrong way round.
pub(super) fn require_endpoints(place: Place<'_>, source: &str, target: &str) -> Result<(), Refusal> {
    for (arn, word) in [(source, "source"), (target, "target")] {
        let endpoint = found(place.find(ResourceType::Endpoint, arn), arn)?;
        if endpoint.status == "deleting" {
            return Err(refusals::state(format!("Endpoint {} is being deleted", endpoint.name)));
        }
        if !endpoint.endpoint().is_some_and(|e| e.endpoint_type.eq_ignore_ascii_case(word)) {
            return Err(refusals::invalid(format!("Endpoint {} is no {word} endpoint", endpoint.name)));
        }
    }
    Ok(())
}

/// `DeleteReplicationTask`. Source: DMS user guide, task status: while a task is moving, deleting it is the one thing
/// that may be done.
pub(super) fn delete(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = context.call.required("ReplicationTaskArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let task = task(world.place(context.caller.account, &context.call.region), arn)?;
    if ["running", "starting", "stopping", "creating", "modifying", "deleting"].contains(&&*task.status) {
        return Err(refusals::state(format!(
            "Replication Task {} can't be deleted while it is {}",
            task.name, task.status
        )));
    }
    let looks = world.settling;
    world.task_mut(arn).begin("deleting", looks, None);
    Ok(finish(context, &mut world, arn))
}
