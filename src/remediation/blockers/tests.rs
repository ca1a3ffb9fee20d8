use super::*;
use crate::remediation::{
    facts::{Beside, KeyFacts},
    sample,
};

fn codes(found: &[Hindrance]) -> Vec<(&'static str, &'static str)> {
    found.iter().map(|hindrance| (hindrance.severity.as_str(), hindrance.code)).collect()
}

#[track_caller]
fn of(change: impl FnOnce(&mut Facts), expected: &[(&str, &str)]) {
    let mut facts = sample::instance();
    facts.target_key = Some(sample::customer_key());
    // The sample's own task, which only loads, was never started.
    change(&mut facts);
    let found = of_new_key(&facts, "orders-cmk");
    assert_eq!(codes(&found), expected, "{found:#?}");
    assert!(found.iter().all(|one| !one.what.is_empty() && !one.fix.is_empty() && !one.place.is_empty()));
}

fn set(facts: &mut Facts, field: &str, value: serde_json::Value) {
    let mut document = facts.document();
    document[field] = value;
    facts.resource.document = document.to_string();
}

const BLOCKER: &str = "blocker";
const WARNING: &str = "warning";

#[test]
fn nothing_stands_in_the_way_of_a_sound_instance() {
    of(|_| {}, &[]);
    of(|facts| facts.target_key = None, &[]);
}

#[test]
fn an_instance_in_flux_waits() {
    for status in
        ["creating", "modifying", "upgrading", "storage-full", "inaccessible-encryption-credentials", "what"]
    {
        of(|facts| facts.resource.status = Some(status.to_owned()), &[(BLOCKER, "not_available")]);
    }
    let pending = serde_json::json!({ "AllocatedStorage": 200, "MultiAZ": null });
    of(|facts| set(facts, "PendingModifiedValues", pending), &[(WARNING, "pending_changes")]);
}

#[test]
fn what_a_zero_etl_integration_owns_is_left_alone() {
    of(
        |facts| set(facts, "ReplicationSubnetGroup", serde_json::json!({ "IsReadOnly": true })),
        &[(BLOCKER, "read_only")],
    );
    let mut facts = sample::config();
    set(&mut facts, "IsReadOnly", true.into());
    assert_eq!(codes(&of_new_key(&facts, "x"))[0], (BLOCKER, "read_only"));
}

#[test]
fn a_full_quota_is_in_the_way_unless_the_new_one_is_there() {
    let full = |facts: &mut Facts| facts.quotas[0].used = 60;
    of(full, &[(BLOCKER, "quota_full")]);
    of(|facts| facts.quotas[1].used = 29_901, &[(BLOCKER, "quota_full")]);
    of(|facts| facts.quotas[1].used = 29_900, &[]);
    let go_on = |facts: &mut Facts| {
        full(facts);
        facts.beside =
            Some(Beside { arn: "arn:new".to_owned(), remediates: Some(facts.resource.arn.clone()) });
    };
    of(go_on, &[(WARNING, "begun_before")]);
}

#[test]
fn a_name_is_taken_unless_it_is_our_own() {
    of(|facts| facts.names.push("ORDERS-cmk".to_owned()), &[(BLOCKER, "name_taken")]);
    for remediates in [None, Some("arn:of-another".to_owned())] {
        let beside = Some(Beside { arn: "arn:new".to_owned(), remediates });
        of(|facts| facts.beside = beside, &[(BLOCKER, "name_taken")]);
    }
}

#[test]
fn what_aws_no_longer_offers_can_not_be_made_again() {
    of(|facts| facts.orderable = None, &[(WARNING, "orderable_unknown")]);
    of(|facts| facts.orderable.as_mut().unwrap().as_it_is = false, &[(BLOCKER, "version_not_orderable")]);
    let none = |facts: &mut Facts| facts.orderable.as_mut().unwrap().engine_versions.clear();
    of(none, &[(BLOCKER, "class_not_orderable")]);
    let elsewhere = |facts: &mut Facts| {
        set(facts, "MultiAZ", false.into());
        facts.orderable.as_mut().unwrap().zones = vec!["eu-central-1c".to_owned()];
    };
    of(elsewhere, &[(BLOCKER, "zone_not_orderable")]);
}

#[test]
fn a_task_that_can_be_neither_stopped_nor_moved_is_in_the_way() {
    for status in ["creating", "deleting", "modifying", "moving", "starting", "stopping", "testing", "what"] {
        of(|facts| facts.tasks[0].status = status.to_owned(), &[(BLOCKER, "task_not_movable")]);
    }
    for status in ["running", "stopped", "ready", "failed-move"] {
        of(|facts| facts.tasks[0].status = status.to_owned(), &[]);
    }
    of(|facts| facts.tasks[0].status = "failed".to_owned(), &[(WARNING, "task_failed")]);
}

#[test]
fn a_load_in_progress_is_better_waited_for() {
    of(|facts| facts.tasks[1].status = "running".to_owned(), &[(BLOCKER, "full_load_running")]);
    let loading = |facts: &mut Facts| {
        facts.tasks[0].document["ReplicationTaskStats"] =
            serde_json::json!({ "FullLoadProgressPercent": 40 });
    };
    of(loading, &[(WARNING, "full_load_in_progress")]);
}

#[test]
fn the_new_key_has_to_be_one_that_dms_takes() {
    let with =
        |change: fn(&mut KeyFacts)| move |facts: &mut Facts| change(facts.target_key.as_mut().unwrap());
    of(with(|key| key.manager = "AWS".to_owned()), &[(BLOCKER, "key_not_yours")]);
    for state in [
        "Disabled",
        "PendingDeletion",
        "PendingReplicaDeletion",
        "PendingImport",
        "Unavailable",
        "Creating",
        "",
    ] {
        of(|facts| facts.target_key.as_mut().unwrap().state = state.to_owned(), &[(BLOCKER, "key_unusable")]);
    }
    of(with(|key| key.usage = "SIGN_VERIFY".to_owned()), &[(BLOCKER, "key_wrong_kind")]);
    of(with(|key| key.spec = "RSA_2048".to_owned()), &[(BLOCKER, "key_wrong_kind")]);
    of(with(|key| key.arn = key.arn.replace("eu-central-1", "us-east-1")), &[(BLOCKER, "key_elsewhere")]);
    of(
        with(|key| key.arn = key.arn.replace("111122223333", "999988887777")),
        &[(WARNING, "key_of_another_account")],
    );
}

#[test]
fn more_than_fifty_tags_leave_no_room_for_ours() {
    of(
        |facts| facts.tags = (0..50).map(|at| (format!("tag-{at}"), String::new())).collect(),
        &[(BLOCKER, "too_many_tags")],
    );
}

#[test]
fn an_endpoint_needs_its_secret_and_its_tasks_are_made_anew() {
    let mut facts = sample::endpoint();
    assert_eq!(
        codes(&of_new_key(&facts, "orders-source-cmk")),
        [(WARNING, "secret_needed"), (WARNING, "task_made_anew")]
    );
    facts.configs = vec!["serverless".to_owned()];
    facts.resource.status = Some("deleting".to_owned());
    let found = of_new_key(&facts, "orders-source-cmk");
    assert_eq!(codes(&found)[..2], [(BLOCKER, "not_available"), (BLOCKER, "used_by_config")]);
    assert!(block(&found));
}

#[test]
fn a_serverless_replication_is_stopped_only_where_it_can_go_on() {
    let mut facts = sample::config();
    for (status, expected) in [
        ("running", &[(WARNING, "replication_interrupted")][..]),
        ("created", &[]),
        ("stopped", &[]),
        ("failed", &[]),
        ("provisioning_capacity", &[(BLOCKER, "not_available")]),
        ("stopping", &[(BLOCKER, "not_available")]),
    ] {
        facts.replication.as_mut().unwrap().status = status.to_owned();
        assert_eq!(codes(&of_new_key(&facts, "x")), expected, "{status}");
    }
    facts.replication.as_mut().unwrap().status = "running".to_owned();
    set(&mut facts, "ReplicationType", "full-load".into());
    assert_eq!(codes(&of_new_key(&facts, "x")), [(BLOCKER, "full_load_running")]);
}

#[test]
fn a_key_in_danger_is_mended_by_us_or_by_a_person() {
    let mut facts = sample::key_in_danger();
    for (state, origin, expected) in [
        ("PendingDeletion", "AWS_KMS", &[][..]),
        ("PendingReplicaDeletion", "AWS_KMS", &[]),
        ("Disabled", "AWS_KMS", &[]),
        ("PendingImport", "EXTERNAL", &[(BLOCKER, "key_needs_a_person")]),
        ("Unavailable", "AWS_CLOUDHSM", &[(BLOCKER, "key_needs_a_person")]),
        ("Unavailable", "EXTERNAL_KEY_STORE", &[(BLOCKER, "key_needs_a_person")]),
        ("What", "AWS_KMS", &[(BLOCKER, "key_needs_a_person")]),
    ] {
        let key = facts.key.as_mut().unwrap();
        (key.state, key.origin) = (state.to_owned(), origin.to_owned());
        assert_eq!(codes(&of_key(&facts)), expected, "{state}");
    }
    facts.key = None;
    assert_eq!(codes(&of_key(&facts)), [(BLOCKER, "key_not_read")]);
}
