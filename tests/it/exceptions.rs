//! Accepted risks, through the binary: the config's, a command's, by tag, and how they end.

use serde_json::{Value, json};

use crate::support::scene::{Scene, findings, small_world};

const UNTIL: &str = "expires = 2026-12-31";

/// Two bad instances, one of them tagged `Stage=test`, and a good one with the same tag.
fn tagged() -> Scene {
    let (mut world, account, region) = small_world();
    let key = world.add_key(account, &region, Default::default());
    let arns = [("a", None), ("b", None), ("good", Some(key.as_str()))]
        .map(|(name, key)| world.add_instance(account, &region, name, key));
    for arn in [&arns[1], &arns[2]] {
        world.resource_mut(arn).tags.insert("Stage".to_owned(), "test".to_owned());
    }
    Scene::new(world)
}

fn names(scan: &Value) -> Vec<String> {
    findings(scan).into_iter().map(|finding| finding.1).collect()
}

fn states(scene: &Scene) -> Vec<Value> {
    scene.ask("SELECT resource_name AS name, state FROM findings ORDER BY resource_name")
}

/// The scan of that moment.
fn scan_at(scene: &Scene, moment: &str) -> crate::support::Output {
    scene.keywatch(&["scan", "--sandbox-now", moment, "--format", "json"]).run()
}

fn by_tag() -> String {
    format!("[[exceptions]]\ntag = \"Stage=test\"\nreason = \"RISK-42\"\nowner = \"payments\"\n{UNTIL}\n")
}

#[test]
fn tags_are_asked_for_only_where_an_exception_needs_them() {
    let scene = tagged();
    assert_eq!(names(&scan_at(&scene, "2026-11-01T06:00:00Z").exits(3).json()), ["a", "b"]);
    assert_eq!(scene.sandbox.calls().of("dms:ListTagsForResource"), 0);

    scene.configure(&by_tag());
    let scan = scan_at(&scene, "2026-11-02T06:00:00Z").exits(3).json();
    assert_eq!(names(&scan), ["a"], "what is suppressed is not among the open findings");
    assert_eq!(scene.sandbox.calls().of("dms:ListTagsForResource"), 1, "both of one target at once");
    assert_eq!(
        states(&scene),
        [json!({"name": "a", "state": "open"}), json!({"name": "b", "state": "suppressed"})]
    );
    let numbers = "SELECT fail, suppressed, pass FROM compliance_daily WHERE check_id LIKE 'dms_instance%'
                   ORDER BY day DESC LIMIT 1";
    assert_eq!(scene.ask(numbers), [json!({"fail": 1, "suppressed": 1, "pass": 1})]);

    // The config loses it: open again.
    scene.configure("");
    assert_eq!(names(&scan_at(&scene, "2026-11-03T06:00:00Z").exits(3).json()), ["a", "b"]);
    let ended = scene.ask("SELECT state, ended_at FROM exceptions");
    assert_eq!(ended[0]["state"], "removed");
    scene.keywatch(&["db", "check"]).run().exits(0);
}

#[test]
fn tags_that_are_refused_suppress_nothing_and_are_told() {
    let scene = tagged();
    scene.sandbox.edit(|world| {
        for account in world.accounts.values_mut() {
            for role in account.roles.values_mut() {
                role.denied_actions.insert("dms:ListTagsForResource".to_owned());
            }
        }
    });
    scene.configure(&by_tag());
    let output = scan_at(&scene, "2026-11-02T06:00:00Z").exits(3);
    assert_eq!(names(&output.json()), ["a", "b"]);
    assert!(output.stderr.contains("exceptions by tag can't be applied"), "{}", output.stderr);
}

#[test]
fn one_of_a_command_suppresses_at_once_and_its_end_reopens() {
    let scene = tagged();
    scan_at(&scene, "2026-11-01T06:00:00Z").exits(3);
    let account =
        scene.ask("SELECT DISTINCT account_id FROM findings")[0]["account_id"].as_str().unwrap().to_owned();
    let add = |arguments: &[&str]| {
        let mut all = vec!["exceptions", "add", "--reason", "RISK-7", "--owner", "payments"];
        all.extend(arguments);
        all.extend(["--sandbox-now", "2026-11-01T07:00:00Z"]);
        scene.keywatch(&all).run()
    };
    let added = add(&["--account", &account, "--expires", "2026-11-20"]).exits(0);
    assert_eq!(
        added.stdout,
        format!("Exception 1, for account {account}: 2 findings suppressed until 2026-11-20T23:59:59Z.\n")
    );
    let list = scene.keywatch(&["exceptions", "list", "--format", "json"]).run().exits(0).json();
    assert_eq!((&list[0]["state"], &list[0]["findings"]), (&json!("active"), &json!(2)));

    // Nothing open: the scan has nothing to complain of. Then the last day passes.
    assert_eq!(names(&scan_at(&scene, "2026-11-20T06:00:00Z").exits(0).json()), [""; 0]);
    assert_eq!(names(&scan_at(&scene, "2026-11-21T06:00:00Z").exits(3).json()), ["a", "b"]);
    let events = scene.ask("SELECT event, reason FROM finding_events WHERE finding_id = 1 ORDER BY event_id");
    assert_eq!(events[2], json!({"event": "reopened", "reason": "exception_expired"}));
    assert_eq!(scene.keywatch(&["exceptions", "list"]).run().exits(0).stdout, "No exceptions.\n");
    let all = scene.keywatch(&["exceptions", "list", "--all"]).run().exits(0).stdout;
    assert!(all.contains("expired") && all.contains("RISK-7"), "{all}");
    let shown = scene.keywatch(&["findings", "show", "1"]).run().exits(0).stdout;
    assert!(shown.contains("suppressed") && shown.contains("exception_expired"), "{shown}");
    scene.keywatch(&["db", "check"]).run().exits(0);

    for (arguments, said) in [
        (vec!["--account", &account, "--expires", "2026-10-31"], "which has passed"),
        (vec!["--account", &account, "--expires", "2027-12-31"], "exception_limits.longest_days"),
        (vec!["--account", &account, "--expires", "soon"], "is no day such as"),
        (vec!["--expires", "2026-12-31"], "required"),
        (vec!["--account", &account, "--ou", "Root", "--expires", "2026-12-31"], "cannot be used with"),
        (vec!["--ou", "Sandbox", "--expires", "2026-12-31"], "Root/Workloads/Prod"),
        (vec!["--account", &account], "--expires"),
    ] {
        let refused = add(&arguments).exits(2);
        assert!(refused.stderr.contains(said), "{arguments:?}: {}", refused.stderr);
    }
    let refused = scene.keywatch(&["exceptions", "remove", "1"]).run().exits(1);
    assert!(refused.stderr.contains("no exception 1 is in force"), "{}", refused.stderr);
}

#[test]
fn a_history_that_is_not_there_is_not_made_for_it() {
    let scene = tagged();
    let add =
        ["exceptions", "add", "--ou", "Root", "--reason", "r", "--owner", "o", "--expires", "2026-12-31"];
    let mut add = add.to_vec();
    add.extend(["--sandbox-now", "2026-11-02T06:00:00Z"]);
    for arguments in [add, vec!["exceptions", "remove", "1"]] {
        let refused = scene.keywatch(&arguments).run().exits(1);
        assert!(refused.stderr.contains("there is no history at history.db"), "{}", refused.stderr);
        assert!(!scene.dir.path().join("history.db").exists());
    }
}

#[test]
fn one_of_the_config_is_taken_out_there() {
    let scene = tagged();
    scene.configure(&by_tag());
    scan_at(&scene, "2026-11-02T06:00:00Z").exits(3);
    let refused = scene.keywatch(&["exceptions", "remove", "1"]).run().exits(2);
    assert!(refused.stderr.contains("stands in the config"), "{}", refused.stderr);

    scene.configure(&by_tag().replace("2026-12-31", "2029-12-31"));
    let refused = scan_at(&scene, "2026-11-03T06:00:00Z").exits(2);
    assert!(
        refused.stderr.contains("tag Stage=test") && refused.stderr.contains("365 days"),
        "{}",
        refused.stderr
    );
}
