use aws_sdk_databasemigration::{
    Client,
    types::{MigrationTypeValue, ReplicationTask, StartReplicationTaskTypeValue as Start},
};

use super::{Bench, filter, refusal, region};
use crate::{
    domain::AccountId,
    sandbox::world::{EndpointSettings, TaskQuirk},
};

const HERE: &str = "eu-central-1";

/// Two instances, two endpoints, and a running task on the first instance.
struct Scene {
    bench: Bench,
    account: AccountId,
    instances: [String; 2],
    endpoints: [String; 2],
    task: String,
}

impl Scene {
    async fn new() -> (Self, Client) {
        let (bench, (account, instances, endpoints, task)) = Bench::new(|world| {
            let account = world.add_account("member");
            let here = region(HERE);
            let instances = ["old", "new"].map(|name| world.add_instance(account, &here, name, None));
            let endpoints = ["SOURCE", "TARGET"].map(|word| {
                let arn = world.add_endpoint(account, &here, &word.to_ascii_lowercase(), None);
                *world.resource_mut(&arn).endpoint_mut() = EndpointSettings::postgres(word);
                arn
            });
            let ends = [&*endpoints[0], &*endpoints[1]];
            let task = world.add_task(account, &here, "copy", &instances[0], ends);
            (account, instances, endpoints, task)
        })
        .await;
        let dms = bench.operator(account, HERE).await;
        (Self { bench, account, instances, endpoints, task }, dms)
    }

    fn quirk(&self, quirk: TaskQuirk) {
        self.bench.sandbox.edit(|world| world.task_mut(&self.task).quirks.insert(quirk));
    }
}

/// The task by a look at it.
async fn look(dms: &Client, arn: &str) -> ReplicationTask {
    let by = filter("replication-task-arn", arn);
    dms.describe_replication_tasks().filters(by).send().await.unwrap().replication_tasks()[0].clone()
}

/// Looks until the task has that status, and tells the statuses on the way.
async fn until(dms: &Client, arn: &str, wanted: &str) -> Vec<String> {
    let mut seen = Vec::new();
    while seen.last().map(String::as_str) != Some(wanted) {
        assert!(seen.len() < 9, "{seen:?}");
        seen.push(look(dms, arn).await.status().unwrap().to_owned());
    }
    seen
}

async fn test_connections(dms: &Client, instance: &str, endpoints: &[String]) {
    for endpoint in endpoints {
        dms.test_connection().replication_instance_arn(instance).endpoint_arn(endpoint).send().await.unwrap();
    }
    let by = filter("replication-instance-arn", instance);
    for wanted in ["testing", "testing", "successful"] {
        let answer = dms.describe_connections().filters(by.clone()).send().await.unwrap();
        assert_eq!(answer.connections().len(), endpoints.len());
        assert!(answer.connections().iter().all(|connection| connection.status() == Some(wanted)));
    }
}

#[tokio::test]
async fn a_task_is_stopped_moved_and_resumed() {
    let (scene, dms) = Scene::new().await;
    let [old, new] = &scene.instances;
    let task = &scene.task;
    dms.stop_replication_task().replication_task_arn(task).send().await.unwrap();
    assert_eq!(until(&dms, task, "stopped").await, ["stopping", "stopping", "stopped"]);
    let stopped = look(&dms, task).await;
    assert_eq!(stopped.stop_reason(), Some("Stop Reason NORMAL"));
    assert!(stopped.recovery_checkpoint().unwrap().starts_with("checkpoint:V1#1#"));

    let move_to = |arn: &str| {
        dms.move_replication_task().replication_task_arn(task).target_replication_instance_arn(arn)
    };
    move_to(new).send().await.unwrap();
    let moving = look(&dms, task).await;
    assert_eq!(moving.target_replication_instance_arn(), Some(&**new));
    assert_eq!(moving.replication_instance_arn(), Some(&**old));
    assert_eq!(until(&dms, task, "stopped").await, ["moving", "stopped"]);
    let moved = look(&dms, task).await;
    assert_eq!(
        (moved.replication_instance_arn(), moved.target_replication_instance_arn()),
        (Some(&**new), None)
    );

    let start =
        |how: Start| dms.start_replication_task().replication_task_arn(task).start_replication_task_type(how);
    let (_, code, message) = refusal(start(Start::ResumeProcessing).send().await);
    assert_eq!(code, "InvalidResourceStateFault");
    assert!(message.starts_with("Test connection for replication instance and endpoint"), "{message}");
    test_connections(&dms, new, &scene.endpoints).await;
    let (_, code, _) = refusal(start(Start::StartReplication).send().await);
    assert_eq!(code, "InvalidParameterCombinationException");
    start(Start::ResumeProcessing).send().await.unwrap();
    assert_eq!(until(&dms, task, "running").await, ["starting", "starting", "running"]);

    dms.delete_replication_instance().replication_instance_arn(old).send().await.ok();
    let actions: Vec<String> = scene.bench.sandbox.changes().into_iter().map(|c| c.action).collect();
    let wanted = ["StopReplicationTask", "MoveReplicationTask", "TestConnection", "TestConnection"];
    let wanted = wanted.into_iter().chain(["StartReplicationTask", "DeleteReplicationInstance"]);
    assert_eq!(actions, wanted.map(|action| format!("dms:{action}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_move_has_its_rules() {
    let (scene, dms) = Scene::new().await;
    let [old, new] = &scene.instances;
    let call = |target: &str| {
        dms.move_replication_task()
            .replication_task_arn(&scene.task)
            .target_replication_instance_arn(target)
            .send()
    };
    assert_eq!(refusal(call(new).await).1, "InvalidResourceStateFault", "running");
    let edit = |status: &str| {
        scene.bench.sandbox.edit(|world| {
            world.task_mut(&scene.task).status = status.to_owned();
        })
    };
    edit("stopped");
    assert_eq!(refusal(call(old).await).1, "InvalidResourceStateFault", "the same");
    assert_eq!(refusal(call("arn:aws:dms:eu-central-1:1:rep:NONE").await).1, "ResourceNotFoundFault");
    let version = |version: &str| {
        scene.bench.sandbox.edit(|world| {
            world.resource_mut(new).instance_mut().engine_version = version.to_owned();
        })
    };
    version("3.5.3");
    assert_eq!(refusal(call(new).await).1, "InvalidResourceStateFault", "an older version");
    version("3.6.0");
    scene.bench.sandbox.edit(|world| world.resource_mut(new).status = "creating".to_owned());
    assert_eq!(refusal(call(new).await).1, "InvalidResourceStateFault", "not available");
    scene.bench.sandbox.edit(|world| world.resource_mut(new).status = "available".to_owned());
    for status in ["ready", "failed", "failed-move"] {
        edit(status);
        scene.bench.sandbox.edit(|world| world.task_mut(&scene.task).instance = old.clone());
        call(new).await.unwrap();
        let seen = until(&dms, &scene.task, if status == "failed-move" { "stopped" } else { status }).await;
        assert_eq!(seen.len(), 3);
    }
    edit("stopped");
    scene.bench.sandbox.edit(|world| world.task_mut(&scene.task).instance = old.clone());
    scene.quirk(TaskQuirk::MoveFails);
    call(new).await.unwrap();
    until(&dms, &scene.task, "failed-move").await;
    assert_eq!(look(&dms, &scene.task).await.replication_instance_arn(), Some(&**old));
}

#[tokio::test]
async fn a_task_may_refuse_to_stop_or_never_end_to() {
    let (scene, dms) = Scene::new().await;
    scene.quirk(TaskQuirk::StopRefused);
    let stop = || dms.stop_replication_task().replication_task_arn(&scene.task).send();
    assert_eq!(refusal(stop().await).1, "InvalidResourceStateFault");
    scene.bench.sandbox.edit(|world| world.task_mut(&scene.task).quirks.clear());
    scene.quirk(TaskQuirk::StopsForEver);
    stop().await.unwrap();
    for _ in 0..5 {
        assert_eq!(look(&dms, &scene.task).await.status(), Some("stopping"));
    }
}

#[tokio::test]
async fn a_connection_test_fails_where_the_endpoint_is_out_of_reach() {
    let (scene, dms) = Scene::new().await;
    let [old, new] = &scene.instances;
    let [source, _] = &scene.endpoints;
    scene.bench.sandbox.edit(|world| {
        world.resource_mut(source).endpoint_mut().reached_by = Some([old.clone()].into());
    });
    dms.test_connection().replication_instance_arn(new).endpoint_arn(source).send().await.unwrap();
    let (_, code, _) =
        refusal(dms.test_connection().replication_instance_arn(new).endpoint_arn(source).send().await);
    assert_eq!(code, "InvalidResourceStateFault", "it is being tested");
    let both = || {
        dms.describe_connections()
            .filters(filter("replication-instance-arn", new))
            .filters(filter("endpoint-arn", source))
            .send()
    };
    for _ in 0..2 {
        both().await.unwrap();
    }
    let answer = both().await.unwrap();
    let connection = &answer.connections()[0];
    assert_eq!(connection.status(), Some("failed"));
    assert!(connection.last_failure_message().unwrap().contains("Cannot connect"));
    assert_eq!(connection.endpoint_identifier(), Some("source"));
    dms.delete_connection().replication_instance_arn(new).endpoint_arn(source).send().await.unwrap();
    for _ in 0..2 {
        both().await.unwrap();
    }
    assert_eq!(refusal(both().await).1, "ResourceNotFoundFault");
}

#[tokio::test]
async fn a_task_is_made_run_from_a_checkpoint_and_deleted() {
    let (scene, dms) = Scene::new().await;
    let [instance, _] = &scene.instances;
    let [source, target] = &scene.endpoints;
    let create = |name: &str, source: &str, target: &str| {
        dms.create_replication_task()
            .replication_task_identifier(name)
            .source_endpoint_arn(source)
            .target_endpoint_arn(target)
            .replication_instance_arn(instance)
            .migration_type(MigrationTypeValue::Cdc)
            .table_mappings(r#"{"rules":[]}"#)
            .cdc_start_position("checkpoint:V1#1#x")
            .send()
    };
    assert_eq!(refusal(create("copy", source, target).await).1, "ResourceAlreadyExistsFault");
    assert_eq!(refusal(create("new", target, source).await).1, "InvalidParameterValueException");
    let made = create("new", source, target).await.unwrap().replication_task.unwrap();
    let arn = made.replication_task_arn().unwrap();
    assert_eq!(until(&dms, arn, "ready").await, ["creating", "creating", "ready"]);
    let start =
        |how: Start| dms.start_replication_task().replication_task_arn(arn).start_replication_task_type(how);
    assert_eq!(
        refusal(start(Start::ResumeProcessing).send().await).1,
        "InvalidParameterCombinationException"
    );
    start(Start::StartReplication).send().await.unwrap();
    until(&dms, arn, "running").await;
    assert_eq!(look(&dms, arn).await.cdc_start_position(), Some("checkpoint:V1#1#x"));

    let delete = || dms.delete_replication_task().replication_task_arn(arn).send();
    assert_eq!(refusal(delete().await).1, "InvalidResourceStateFault");
    dms.stop_replication_task().replication_task_arn(arn).send().await.unwrap();
    until(&dms, arn, "stopped").await;
    delete().await.unwrap();
    let of = filter("endpoint-arn", source);
    let list = || dms.describe_replication_tasks().filters(of.clone()).without_settings(true).send();
    for _ in 0..2 {
        assert_eq!(list().await.unwrap().replication_tasks().len(), 2);
    }
    let left = list().await.unwrap();
    assert_eq!(left.replication_tasks()[0].replication_task_identifier(), Some("copy"));
    assert_eq!(left.replication_tasks()[0].replication_task_settings(), None);
    assert_eq!(scene.bench.sandbox.edit(|world| world.place(scene.account, &region(HERE)).tasks.len()), 1);
}

#[tokio::test]
async fn a_full_load_alone_is_over_some_time() {
    let (scene, dms) = Scene::new().await;
    scene.bench.sandbox.edit(|world| {
        let task = world.task_mut(&scene.task);
        (task.migration_type, task.status) = ("full-load".to_owned(), "stopped".to_owned());
    });
    let start = dms.start_replication_task().replication_task_arn(&scene.task);
    start.start_replication_task_type(Start::ReloadTarget).send().await.unwrap();
    let seen = until(&dms, &scene.task, "stopped").await;
    assert_eq!(seen, ["starting", "starting", "running", "running", "stopped"]);
    let over = look(&dms, &scene.task).await;
    assert_eq!(over.stop_reason(), Some("Stop Reason FULL_LOAD_ONLY_FINISHED"));
    assert_eq!(over.recovery_checkpoint(), None);
}
