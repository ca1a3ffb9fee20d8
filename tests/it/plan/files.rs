use std::fs;

use serde_json::Value;

use crate::support::scene::{Scene, small_world};

/// One of each kind of finding, and an instance that is as it should be.
fn mixed() -> Scene {
    let (mut world, account, region) = small_world();
    let key = world.add_key(account, &region, Default::default());
    let disabled = keywatch::sandbox::world::KeySpec { state: "Disabled".to_owned(), ..Default::default() };
    let disabled = world.add_key(account, &region, disabled);
    world.add_instance(account, &region, "orders", None);
    world.add_instance(account, &region, "sound", Some(&key));
    world.add_instance(account, &region, "in-danger", Some(&disabled));
    world.add_endpoint(account, &region, "orders-source", None);
    world.add_replication_config(account, &region, "serverless", None);
    let scene = Scene::new(world);
    scene.scan().exits(3);
    scene
}

#[test]
fn every_open_finding_gets_a_folder_and_looking_changes_nothing() {
    let scene = mixed();
    let out = scene.dir.path().join("plans");
    let plan = |more: &[&str]| {
        let command = [&["remediate", "plan", "--all", "--out", out.to_str().unwrap()], more].concat();
        scene.keywatch(&command).run()
    };
    let rows = plan(&["--format", "json"]).exits(0).json();
    let folders: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["folder"].as_str().unwrap()).collect();
    assert_eq!(folders.len(), 4);
    for folder in &folders {
        let script = fs::read_to_string(format!("{folder}/remediate.sh")).unwrap();
        assert!(script.starts_with("#!/usr/bin/env bash\n"));
        assert!(
            fs::read_to_string(format!("{folder}/runbook.md")).unwrap().contains("## What stands in the way")
        );
    }
    let index = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(
        index.contains("4 findings: 1 keys to be made usable, 1 instances, 1 endpoints and 1 serverless"),
        "{index}"
    );
    assert!(scene.sandbox.changes().is_empty());

    // They were read at another moment, and say so: another plan is not written over by itself.
    fs::write(format!("{}/runbook.md", folders[0]), "notes of a person").unwrap();
    let told = plan(&[]).exits(1);
    assert!(told.stderr.contains("--force"), "{}", told.stderr);
    let table = plan(&["--force"]).exits(0).stdout;
    assert!(table.contains("Read runbook.md first"), "{table}");
    assert_eq!(plan(&["--force", "--format", "csv"]).exits(0).stdout.lines().count(), 5);
}

#[test]
fn what_is_not_open_is_not_planned() {
    let scene = mixed();
    let plan = |what: &str| {
        scene
            .keywatch(&["remediate", "plan", what, "--out", scene.dir.path().join("p").to_str().unwrap()])
            .run()
    };
    assert!(plan("arn:aws:dms:us-east-1:111122223333:rep:NONE").exits(1).stderr.contains("no finding"));
    let arn =
        scene.ask("SELECT resource_arn FROM findings WHERE resource_name = 'orders'")[0]["resource_arn"]
            .clone();
    let arn = arn.as_str().unwrap();
    scene.sandbox.edit(|world| {
        let account = world.resource(arn).unwrap().arn.split(':').nth(4).unwrap().parse().unwrap();
        for resources in world.account_mut(account).resources.values_mut() {
            resources.retain(|resource| resource.arn != arn);
        }
    });
    assert!(plan(arn).exits(1).stderr.contains("AWS knows it no more"));
    scene.scan().exits(3);
    assert!(plan(arn).exits(1).stderr.contains("resolved"));
    scene.keywatch(&["remediate", "plan", "--out", "p"]).run().exits(2);
    scene.keywatch(&["remediate", "plan", "1", "--out", "p", "--key", "alias/aws/dms"]).run().exits(2);
    scene
        .keywatch(&["remediate", "plan", "1", "--out", "p", "--key-user", "arn:aws:iam::*:role/x"])
        .run()
        .exits(2);
}

#[test]
fn what_can_not_be_read_does_not_stop_the_others_and_names_the_right_that_is_missing() {
    let (mut world, account, region) = small_world();
    let other = world.add_account("Other");
    world.add_instance(account, &region, "orders", None);
    world.add_instance(other, &region, "billing", None);
    world.audit_role_mut(other).denied_actions.insert("dms:DescribeReplicationTasks".to_owned());
    let scene = Scene::new(world);
    scene.scan().exits(3);
    let out = scene.dir.path().join("plans");
    let rows = scene
        .keywatch(&["remediate", "plan", "--all", "--format", "json", "--out", out.to_str().unwrap()])
        .run()
        .exits(1)
        .json();
    let errors: Vec<&Value> = rows.as_array().unwrap().iter().map(|row| &row["error"]).collect();
    assert_eq!(errors.len(), 2);
    assert!(errors[0].is_null());
    let error = errors[1].as_str().unwrap();
    assert!(error.contains("dms:DescribeReplicationTasks") && error.contains("--with-plans"), "{error}");
    let arn = rows[1]["resource_arn"].as_str().unwrap();
    let told = scene.keywatch(&["remediate", "plan", arn, "--out", out.to_str().unwrap()]).run().exits(1);
    assert!(told.stderr.contains("--with-plans"), "{}", told.stderr);
}
