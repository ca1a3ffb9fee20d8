//! What goes wrong leaves the source as it was, and says how to go on.

use keywatch::{
    history::{RemediationLock, Writer},
    sandbox::{
        Fault, FaultKind,
        world::{KeySpec, TaskQuirk},
    },
};
use tokio::runtime::Builder;

use super::ward::{Case, Ward};
use crate::support::Output;

/// Asserts that it stopped, saying each of these, with the source untouched; and that it comes to its end once the cause
/// is mended.
#[track_caller]
fn assert_stops(ward: &Ward, run: Output, saying: &[&str]) {
    let run = run.exits(1);
    for text in saying {
        assert!(run.stderr.contains(text), "{text:?} is not in\n{}", run.stderr);
    }
    ward.assert_source_untouched();
}

#[track_caller]
fn assert_goes_on(ward: &Ward) {
    ward.apply(&["--delete-source"]).run().exits(0);
    ward.assert_put_right();
}

#[test]
fn a_task_that_cannot_be_stopped() {
    let ward = Ward::with(Case::Instance, |world, account, _| {
        let home = world.home_region();
        let arn = world.place(account, &home).tasks[0].arn.clone();
        world.task_mut(&arn).quirks.insert(TaskQuirk::StopRefused);
    });
    let run = ward.apply(&["--delete-source"]).run();
    assert_stops(&ward, run, &["stop_task", "InvalidResourceStateFault", "To go on"]);
    let journal = ward.scene.ask("SELECT event FROM remediation_steps WHERE step = 'stop_task'");
    assert_eq!(
        journal.iter().map(|row| row["event"].as_str().unwrap()).collect::<Vec<_>>(),
        ["started", "failed"]
    );
    calm(&ward);
    assert_goes_on(&ward);
}

#[test]
fn a_task_whose_move_fails_runs_again_where_it_was() {
    let ward = Ward::with(Case::Instance, |world, account, _| {
        let home = world.home_region();
        let arn = world.place(account, &home).tasks[0].arn.clone();
        world.task_mut(&arn).quirks.insert(TaskQuirk::MoveFails);
    });
    let run = ward.apply(&["--delete-source"]).run();
    assert_stops(&ward, run, &["move_task", "the move failed"]);
    let steps = ward.scene.ask("SELECT step, event FROM remediation_steps ORDER BY entry_id DESC LIMIT 1");
    assert_eq!((&steps[0]["step"], &steps[0]["event"]), (&"put_back_task".into(), &"done".into()));
    calm(&ward);
    assert_goes_on(&ward);
}

#[test]
fn a_task_in_between_stops_it_before_anything_is_made() {
    let ward = Ward::with(Case::Instance, |world, account, _| {
        let home = world.home_region();
        let arn = world.place(account, &home).tasks[0].arn.clone();
        world.task_mut(&arn).status = "modifying".to_owned();
    });
    let run = ward.apply(&["--delete-source"]).run();
    assert_stops(&ward, run, &["task_not_movable", "modifying"]);
    assert_eq!(ward.changes(), []);
}

#[test]
fn a_full_quota_seen_before_and_one_met_on_the_way() {
    let ward = Ward::with(Case::Instance, |world, account, _| {
        world.account_mut(account).dms_quotas.instances = 1;
    });
    let run = ward.apply(&["--delete-source"]).run();
    assert_stops(&ward, run, &["quota_full", "Service Quotas"]);
    assert_eq!(ward.changes(), [], "not even a key");

    ward.scene.sandbox.edit(|world| world.account_mut(ward.account).dms_quotas.instances = 60);
    let refused = FaultKind::Refused("ResourceQuotaExceededFault");
    ward.scene.sandbox.inject(Fault::new(refused).on("dms:CreateReplicationInstance").times(1));
    let run = ward.apply(&["--delete-source"]).run();
    assert_stops(
        &ward,
        run,
        &["create_replacement", "ResourceQuotaExceededFault", "The source is as it was"],
    );
    assert_goes_on(&ward);
}

#[test]
fn a_name_that_somebody_else_has() {
    let ward = Ward::with(Case::Instance, |world, account, _| {
        let home = world.home_region();
        let own = world.add_key(account, &home, KeySpec::default());
        world.add_instance(account, &home, "orders-cmk", Some(&own));
    });
    let run = ward.apply(&["--delete-source"]).run();
    assert_stops(&ward, run, &["name_taken", "orders-cmk", "--name"]);
    assert_eq!(ward.changes(), []);
}

#[test]
fn a_key_that_dms_may_not_use() {
    let ward = Ward::new(Case::Instance);
    let spec = KeySpec { delegates_to_iam: false, ..KeySpec::default() };
    let hidden = ward.scene.sandbox.edit(|world| world.add_key(ward.account, &ward.home, spec));
    let run = ward.apply(&["--key", &hidden, "--delete-source"]).run();
    assert_stops(&ward, run, &["kms:DescribeKey"]);
    let refused = FaultKind::Refused("KMSKeyNotAccessibleFault");
    ward.scene.sandbox.inject(Fault::new(refused).on("dms:CreateReplicationInstance").times(1));
    let run = ward.apply(&["--delete-source"]).run();
    assert_stops(&ward, run, &["create_replacement", "KMSKeyNotAccessibleFault"]);
    assert_goes_on(&ward);
}

#[test]
fn a_replacement_that_does_not_reach_an_endpoint() {
    let ward = Ward::with(Case::Instance, |world, account, source| {
        let home = world.home_region();
        let target = world.place(account, &home).tasks[0].target_endpoint.clone();
        let only = std::collections::BTreeSet::from([source.to_owned()]);
        world.resource_mut(&target).endpoint_mut().reached_by = Some(only);
    });
    let run = ward.apply(&["--delete-source"]).run();
    assert_stops(&ward, run, &["test_connection", "does not reach the endpoint", "delete the replacement"]);
    ward.scene.sandbox.edit(|world| {
        let target = world.place(ward.account, &ward.home).tasks[0].target_endpoint.clone();
        world.resource_mut(&target).endpoint_mut().reached_by = None;
    });
    assert_goes_on(&ward);
}

#[test]
fn a_replacement_that_fails() {
    let ward = Ward::with(Case::Instance, |world, account, _| {
        world.account_mut(account).new_instances_end = Some("incompatible-network".to_owned());
    });
    let run = ward.apply(&["--delete-source"]).run();
    assert_stops(
        &ward,
        run,
        &["await_replacement", "incompatible-network", "delete the replacement orders-cmk"],
    );
}

#[test]
fn every_answer_that_is_lost_is_looked_for() {
    for case in [Case::Instance, Case::Endpoint, Case::Serverless, Case::Key] {
        let ward = Ward::new(case);
        for operation in [
            "kms:CreateKey",
            "kms:CreateAlias",
            "kms:CancelKeyDeletion",
            "kms:EnableKey",
            "dms:CreateReplicationInstance",
            "dms:CreateEndpoint",
            "dms:CreateReplicationConfig",
            "dms:CreateReplicationTask",
            "dms:StopReplicationTask",
            "dms:MoveReplicationTask",
            "dms:StartReplicationTask",
            "dms:StopReplication",
            "dms:StartReplication",
            "dms:TestConnection",
            "dms:DeleteReplicationTask",
            "dms:DeleteReplicationInstance",
            "dms:DeleteEndpoint",
            "dms:DeleteReplicationConfig",
        ] {
            ward.scene.sandbox.inject(Fault::new(FaultKind::AnswerLost).on(operation).times(1));
        }
        ward.apply(&["--delete-source"]).run().exits(0);
        ward.assert_put_right();
    }
}

#[test]
fn only_one_at_a_time() {
    let ward = Ward::new(Case::Instance);
    let database = ward.scene.dir.path().join("history.db");
    let first = RemediationLock::take(&database).unwrap();
    let second = ward.apply(&[]).run().exits(1);
    assert!(second.stderr.contains("another `keywatch remediate apply` runs"), "{}", second.stderr);
    assert_eq!(ward.scene.sandbox.calls().total, 0, "it does not even look");
    // A dry run only looks.
    ward.scene.keywatch(&["remediate", "apply", &ward.source]).run().exits(0);
    drop(first);
    assert_goes_on(&ward);
}

#[test]
fn what_was_done_stands_whoever_writes_to_the_history() {
    let ward = Ward::new(Case::Instance);
    let database = ward.scene.dir.path().join("history.db");
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let writer = runtime.block_on(Writer::open(&database, "2026-11-26T00:00:00Z".parse().unwrap())).unwrap();
    let told = ward.apply(&["--delete-source"]).run().exits(0);
    assert!(told.stderr.contains("no scan has seen it yet"), "{}", told.stderr);
    let told = told.json();
    assert_eq!((&told["remediation"]["state"], &told["finding"]["state"]), (&"done".into(), &"open".into()));
    drop(writer);
    ward.scene.keywatch(&["remediate", "verify", "1"]).run().exits(0);
    ward.assert_put_right();
}

/// What misbehaved does so no more.
fn calm(ward: &Ward) {
    ward.scene.sandbox.edit(|world| {
        let arns: Vec<String> =
            world.place(ward.account, &ward.home).tasks.iter().map(|task| task.arn.clone()).collect();
        for arn in arns {
            world.task_mut(&arn).quirks.clear();
        }
    });
}
