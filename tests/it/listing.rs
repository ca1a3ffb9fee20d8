//! The list of accounts, while the first of them are being scanned already.

use std::time::{Duration, Instant};

use keywatch::sandbox::{Fault, FaultKind};
use serde_json::json;

use crate::support::{
    Process,
    scene::{REGIONS, Scene, empty_world},
};

/// More accounts than one page of the list, each with a bad instance.
fn two_pages() -> Scene {
    let mut world = empty_world();
    for n in 0..25 {
        world.add_account(&format!("member {n}"));
    }
    let ids: Vec<_> = world.accounts.keys().copied().collect();
    for id in ids {
        world.add_instance(id, &REGIONS[0].parse().unwrap(), &format!("i-{id}"), None);
    }
    let scene = Scene::new(world);
    scene.configure("[scan]\nattempt_timeout = \"30s\"\ntarget_timeout = \"60s\"\n");
    scene
}

/// Starts a scan whose list stands still after its first page, and comes back when those accounts are read.
fn with_a_list_that_stands_still(scene: &Scene) -> Process {
    scene.sandbox.inject(Fault::new(FaultKind::Hang).on("organizations:ListAccounts").after(1));
    let scan = scene.keywatch(&["scan", "--format", "json"]).start();
    let deadline = Instant::now() + Duration::from_secs(30);
    // The last call to each of twenty accounts' two Regions.
    while scene.sandbox.calls().of("dms:DescribeReplicationConfigs") < 40 {
        assert!(Instant::now() < deadline, "no account is scanned while the list is read");
        std::thread::yield_now();
    }
    scan
}

#[test]
fn accounts_are_scanned_before_the_list_is_complete() {
    let scene = two_pages();
    let scan = with_a_list_that_stands_still(&scene);
    let killed = std::process::Command::new("kill").args(["-INT", &scan.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let scan = scan.finish(Duration::from_secs(10)).exits(4).json();
    assert_eq!(scan["scan"]["outcome"], "interrupted");

    // The rest of the list, and the units, are the next scan's; nothing is there twice.
    scene.sandbox.clear_faults();
    let scan = scene.scan().exits(3).json();
    assert_eq!(scan["scan"]["outcome"], "complete");
    assert_eq!(scan["findings"].as_array().unwrap().len(), 27);
    let unplaced =
        "SELECT count(*) AS n FROM accounts WHERE ou_path IS NULL OR name = '' OR left_at IS NOT NULL";
    assert_eq!(scene.ask(unplaced), [json!({"n": 0})]);
    assert_eq!(scene.ask("SELECT max(period) AS n FROM account_period"), [json!({"n": 1})]);
}

#[test]
fn a_list_that_ends_in_an_error_is_no_list_and_nobody_has_left() {
    let scene = two_pages();
    let before = scene.scan().exits(3).json();
    assert_eq!(before["findings"].as_array().unwrap().len(), 27);
    scene.sandbox.inject(Fault::new(FaultKind::AccessDenied).on("organizations:ListAccounts").after(1));
    let output = scene.scan().exits(1);
    for said in ["the scan ended early", "could not list the organization", "organization.reader_role_arn"] {
        assert!(output.stderr.contains(said), "{}", output.stderr);
    }
    assert_eq!(output.stdout, "");
    let outcome = scene.ask("SELECT outcome FROM scans ORDER BY scan_id DESC LIMIT 1");
    assert_eq!(outcome, [json!({"outcome": "interrupted"})]);
    let left = "SELECT (SELECT count(*) FROM accounts WHERE left_at IS NOT NULL) AS accounts,
                       (SELECT count(*) FROM findings WHERE state <> 'open') AS findings";
    assert_eq!(scene.ask(left), [json!({"accounts": 0, "findings": 0})]);
}

#[test]
fn an_account_that_is_named_and_not_there_is_warned_of() {
    let scene = two_pages();
    scene.configure("[organization]\nexclude_accounts = [\"999999999999\"]\n");
    let output = scene.scan().exits(3);
    assert!(output.stderr.contains("organization.exclude_accounts names 999999999999"), "{}", output.stderr);
}

#[test]
fn without_the_tree_all_are_scanned_unless_a_filter_needs_it() {
    for kind in [FaultKind::AccessDenied, FaultKind::InternalError] {
        let scene = two_pages();
        let fault = || Fault::new(kind).on("organizations:ListOrganizationalUnitsForParent");
        scene.sandbox.inject(fault());
        let output = scene.scan().exits(3);
        assert!(output.stderr.contains("without their OU path"), "{}", output.stderr);
        assert_eq!(output.json()["findings"].as_array().unwrap().len(), 27);
        assert_eq!(scene.ask("SELECT DISTINCT ou_path FROM accounts"), [json!({"ou_path": null})]);

        // A path that is known stays.
        scene.sandbox.clear_faults();
        scene.scan().exits(3);
        scene.sandbox.inject(fault());
        scene.scan().exits(3);
        let unplaced = "SELECT count(*) AS n FROM accounts WHERE ou_path IS NULL";
        assert_eq!(scene.ask(unplaced), [json!({"n": 0})]);

        scene.configure("[organization]\ninclude_ous = [\"Root\"]\n");
        let output = scene.scan().exits(1);
        assert!(output.stderr.contains("could not list the organization"), "{}", output.stderr);
        let open = "SELECT count(*) AS n FROM findings WHERE state = 'open'";
        assert_eq!(scene.ask(open), [json!({"n": 27})], "and nothing is resolved for it");
    }
}
