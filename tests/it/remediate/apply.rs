use serde_json::Value;

use super::ward::{Case, Ward};

#[test]
fn every_kind_is_put_right_from_the_finding_to_resolved() {
    for case in [Case::Instance, Case::Endpoint, Case::Serverless, Case::Key] {
        let ward = Ward::new(case);
        let told = ward.apply(&["--delete-source"]).run().exits(0).json();
        assert_eq!(told["remediation"]["state"], "done", "{case:?}: {told:#}");
        assert_eq!(told["finding"]["state"], "resolved", "{case:?}: {told:#}");
        ward.assert_put_right();
    }
}

#[test]
fn a_dry_run_says_what_it_would_do_and_changes_nothing() {
    let ward = Ward::new(Case::Instance);
    let told = ward
        .scene
        .keywatch(&["remediate", "apply", &ward.source, "--delete-source", "--format", "json"])
        .run()
        .exits(0)
        .json();
    let steps: Vec<&str> =
        told["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(
        steps,
        [
            "create_key",
            "create_alias",
            "create_replacement",
            "compare_settings",
            "test_connection",
            "test_connection",
            "stop_task",
            "move_task",
            "start_task",
            "move_task",
            "move_task",
            "delete_source",
        ]
    );
    assert_eq!(ward.changes(), []);
    ward.assert_source_untouched();
    assert!(ward.scene.ask("SELECT * FROM remediations").is_empty());
    let text = ward.scene.keywatch(&["remediate", "apply", &ward.source]).run().exits(0).stdout;
    assert!(text.contains("Nothing was changed. With --yes it is done."), "{text}");
    assert!(!text.contains("delete_source"), "{text}");
}

#[test]
fn the_source_stays_until_it_is_told_otherwise() {
    let ward = Ward::new(Case::Instance);
    let told = ward.apply(&[]).run().exits(0).json();
    assert_eq!(told["remediation"]["state"], "waiting");
    assert_eq!(told["finding"]["state"], "open", "the source is there, and fails");
    assert_eq!(ward.times("dms:DeleteReplicationInstance"), 0);
    // Twice is harmless.
    let changes = ward.changes();
    ward.apply(&[]).run().exits(0);
    assert_eq!(ward.changes(), changes);
    let listed = ward.scene.keywatch(&["remediate", "status"]).run().exits(0).stdout;
    assert!(listed.contains("waiting") && listed.contains("--delete-source"), "{listed}");

    let told = ward.apply(&["--delete-source"]).run().exits(0).json();
    assert_eq!(told["finding"]["state"], "resolved");
    ward.assert_put_right();
    // And a third time there is nothing left.
    let again = ward.apply(&["--delete-source"]).run().exits(1);
    assert!(again.stderr.contains("is resolved since"), "{}", again.stderr);
    let journal =
        ward.scene.keywatch(&["remediate", "status", "1", "--format", "json"]).run().exits(0).json();
    let events: Vec<(&str, &str)> = journal
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["step"].as_str().unwrap(), row["event"].as_str().unwrap()))
        .collect();
    let last = &events[events.len() - 2..];
    assert_eq!(last, [("delete_source", "started"), ("delete_source", "done")]);
}

#[test]
fn a_key_and_a_name_can_be_chosen() {
    let ward = Ward::new(Case::Instance);
    let key = ward.scene.sandbox.edit(|world| {
        let spec = keywatch::sandbox::world::KeySpec::default();
        world.add_key(ward.account, &ward.home, spec)
    });
    ward.apply(&["--key", &key, "--name", "orders-2027"]).run().exits(0);
    assert_eq!((ward.times("kms:CreateKey"), ward.times("kms:CreateAlias")), (0, 0));
    let made =
        ward.scene.ask("SELECT resource_name, key_arn FROM resources WHERE resource_name = 'orders-2027'");
    assert_eq!(made[0]["key_arn"], Value::from(key));
    // Whoever goes on can't give it another name.
    let renamed = ward.apply(&["--name", "orders-2028"]).run().exits(1);
    assert!(renamed.stderr.contains("called orders-2027"), "{}", renamed.stderr);
}

#[test]
fn verify_scans_the_target_and_says_how_the_finding_stands() {
    let ward = Ward::new(Case::Instance);
    let told =
        ward.scene.keywatch(&["remediate", "verify", &ward.source, "--format", "json"]).run().exits(3).json();
    assert_eq!(told[0]["state"], "open");
    ward.scene.sandbox.edit(|world| {
        let resources = &mut world.accounts.get_mut(&ward.account).unwrap().resources;
        resources.values_mut().for_each(|all| all.retain(|one| one.arn != ward.source));
    });
    let told = ward.scene.keywatch(&["remediate", "verify", "1", "--format", "json"]).run().exits(0).json();
    assert_eq!((&told[0]["state"], &told[0]["resolution"]), (&"resolved".into(), &"resource_deleted".into()));
    let unknown = ward.scene.keywatch(&["remediate", "verify", "4711"]).run().exits(1);
    assert!(unknown.stderr.contains("no finding 4711"), "{}", unknown.stderr);
}
