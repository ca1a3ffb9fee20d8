//! Which accounts are scanned, through which way in, and under whose name the results stand.

use std::{collections::BTreeSet, fs};

use keywatch::{
    domain::{AccountId, AccountState},
    sandbox::world::World,
};
use serde_json::Value;

use crate::support::scene::{REGIONS, Scene, empty_world, gaps};

/// Gives every account one bad instance, named after it.
fn mark(world: &mut World) {
    let ids: Vec<AccountId> = world.accounts.keys().copied().collect();
    for id in ids {
        world.add_instance(id, &REGIONS[0].parse().unwrap(), &format!("i-{id}"), None);
    }
}

/// The accounts with an open finding; each has to stand under its own id and name.
#[track_caller]
fn found(scene: &Scene, scan: &Value) -> BTreeSet<AccountId> {
    let names = scene.sandbox.edit(|world| world.accounts.clone());
    let account = |row: &Value| {
        let id: AccountId = row["account_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(row["account_name"], names[&id].name.as_str(), "{row}");
        assert_eq!(row["resource_name"], format!("i-{id}"), "{row}");
        assert!(row["resource_arn"].as_str().unwrap().contains(id.as_str()), "{row}");
        id
    };
    scan["findings"].as_array().unwrap().iter().map(account).collect()
}

fn everyone(scene: &Scene) -> BTreeSet<AccountId> {
    scene.sandbox.edit(|world| world.accounts.keys().copied().collect())
}

fn three_members() -> (World, [AccountId; 3]) {
    let mut world = empty_world();
    let members = ["one", "two", "three"].map(|name| world.add_account(name));
    mark(&mut world);
    (world, members)
}

#[test]
fn from_a_delegated_administrator_and_from_the_management_account() {
    let (world, _) = three_members();
    let mut in_management = world.clone();
    in_management.hub_in_management_account();
    for world in [world, in_management] {
        let scene = Scene::new(world);
        let scan = scene.scan().exits(3).json();
        assert_eq!(found(&scene, &scan), everyone(&scene));
    }
}

#[test]
fn through_a_reader_role_or_not_at_all() {
    let (mut world, _) = three_members();
    let reader = world.hub_behind_reader_role("KeywatchReader");
    let scene = Scene::new(world);
    let plain = scene.scan().exits(1);
    for help in ["could not list the organization", "delegated", "organization.reader_role_arn"] {
        assert!(plain.stderr.contains(help), "{}", plain.stderr);
    }
    assert_eq!(plain.stdout, "");
    scene.configure(&format!("[organization]\nreader_role_arn = \"{reader}\"\n"));
    let scan = scene.scan().exits(3).json();
    assert_eq!(found(&scene, &scan), everyone(&scene));
}

#[test]
fn the_ways_into_the_own_and_the_management_account() {
    let (world, members) = three_members();
    let (hub, management) = (world.hub_account, world.management_account);
    let mut everyone: BTreeSet<_> = members.into_iter().collect();
    let scene = Scene::new(world);

    scene.configure("[organization]\nmanagement_account = \"skip\"\n");
    let scan = scene.scan().exits(3).json();
    assert_eq!(found(&scene, &scan), everyone);
    for id in [hub, management] {
        let reason = &gaps(&scan)[&(id.to_string(), REGIONS[0].to_owned())];
        assert_eq!(*reason, ("skipped".to_owned(), "account_excluded".to_owned()));
        assert_eq!(scene.sandbox.calls().of_account("sts:AssumeRole", id), 0);
    }

    // The hub has no audit role of its own, and needs none.
    scene.sandbox.edit(|world| world.account_mut(hub).roles.clear());
    scene.configure("[organization]\nmanagement_account = \"own_credentials\"\n");
    let scan = scene.scan().exits(3).json();
    everyone.extend([hub, management]);
    assert_eq!(found(&scene, &scan), everyone);
    assert_eq!(scene.sandbox.calls().of_account("sts:AssumeRole", hub), 0);

    scene.configure("[organization]\nmanagement_account = \"assume\"\n");
    let scan = scene.scan().exits(4).json();
    let reason = &gaps(&scan)[&(hub.to_string(), REGIONS[0].to_owned())];
    assert_eq!(*reason, ("failed".to_owned(), "assume_role_denied".to_owned()));
    assert_eq!(found(&scene, &scan), everyone, "what was known stays");
}

#[test]
fn units_and_accounts_are_included_and_excluded() {
    let mut world = empty_world();
    let root = world.root.clone();
    let outer = world.add_ou(&root, "Apps (EU)");
    let inner = world.add_ou(&outer, "Prod");
    let sibling = world.add_ou(&root, "Apps (EU) 2");
    let direct = world.add_account_in(&outer, "direct");
    let nested = world.add_account_in(&inner, "nested");
    let other = world.add_account_in(&sibling, "other");
    mark(&mut world);
    let cases = [
        (format!("include_ous = [\"{outer}\"]"), vec![direct, nested]),
        ("include_ous = [\"Root/Apps (EU)\"]".to_owned(), vec![direct, nested]),
        (format!("include_ous = [\"{inner}\"]"), vec![nested]),
        (
            "include_ous = [\"Root/Apps (EU)\"]\nexclude_ous = [\"Root/Apps (EU)/Prod\"]".to_owned(),
            vec![direct],
        ),
        (format!("include_ous = [\"{inner}\"]\ninclude_accounts = [\"{other}\"]"), vec![nested, other]),
        (format!("include_accounts = [\"{other}\"]"), vec![other]),
        (
            format!(
                "include_ous = [\"{root}\"]\nexclude_accounts = [\"{direct}\"]\nexclude_ous = [\"{sibling}\"]\nmanagement_account = \"skip\""
            ),
            vec![nested],
        ),
    ];
    for (config, expected) in cases {
        let scene = Scene::new(world.clone());
        scene.configure(&format!("[organization]\n{config}\n"));
        let scan = scene.scan().exits(3).json();
        assert_eq!(found(&scene, &scan), expected.into_iter().collect(), "{config}");
        let paths = scene.ask(&format!("SELECT ou_path FROM accounts WHERE account_id = '{nested}'"));
        assert_eq!(paths[0]["ou_path"], "Root/Apps (EU)/Prod");
    }
}

#[test]
fn a_unit_that_does_not_exist_stops_the_scan() {
    let (world, _) = three_members();
    let scene = Scene::new(world);
    for name in ["Root/Worklods", "ou-sb01-00000000"] {
        for key in ["include_ous", "exclude_ous"] {
            scene.configure(&format!("[organization]\n{key} = [\"{name}\"]\n"));
            let output = scene.scan().exits(1);
            assert!(output.stderr.contains(&format!("no unit {name}")), "{}", output.stderr);
        }
    }
}

#[test]
fn the_state_decides_and_the_older_status_where_it_is_missing() {
    let (mut world, [suspended, closing, active]) = three_members();
    let (closed, pending) = (world.add_account("closed"), world.add_account("pending"));
    for (id, state, has_state_field) in [
        (suspended, AccountState::Suspended, false),
        (closing, AccountState::PendingClosure, false),
        (active, AccountState::Active, false),
        (closed, AccountState::Closed, true),
        (pending, AccountState::PendingActivation, true),
    ] {
        let account = world.account_mut(id);
        account.state = state;
        account.has_state_field = has_state_field;
    }
    let expected = BTreeSet::from([closing, active, world.hub_account, world.management_account]);
    let scene = Scene::new(world);
    let scan = scene.scan().exits(3).json();
    assert_eq!(found(&scene, &scan), expected);
    for id in [suspended, closed, pending] {
        for region in REGIONS {
            let reason = &gaps(&scan)[&(id.to_string(), region.to_owned())];
            assert_eq!(*reason, ("skipped".to_owned(), "account_not_active".to_owned()), "{id} {region}");
        }
    }
    let states = scene.ask("SELECT account_id, state FROM accounts");
    let state = |id: AccountId| &states.iter().find(|row| row["account_id"] == id.as_str()).unwrap()["state"];
    assert_eq!((state(closing), state(pending)), (&"PENDING_CLOSURE".into(), &"PENDING_ACTIVATION".into()));
}

#[test]
fn what_the_filters_leave_out_is_resolved_as_no_longer_in_scope() {
    let (world, [first, ..]) = three_members();
    let scene = Scene::new(world);
    scene.scan().exits(3);
    scene.configure(&format!("[organization]\nexclude_accounts = [\"{first}\"]\n"));
    let scan = scene.scan().exits(3).json();
    assert!(!found(&scene, &scan).contains(&first));
    let gone = scene.ask("SELECT account_id, resolution FROM findings WHERE state = 'resolved'");
    assert_eq!(gone.len(), 1);
    assert_eq!(
        (&gone[0]["account_id"], &gone[0]["resolution"]),
        (&first.as_str().into(), &"no_longer_in_scope".into())
    );
    scene.configure("");
    let scan = scene.scan().exits(3).json();
    assert_eq!(found(&scene, &scan), everyone(&scene));
}

#[test]
fn an_account_that_leaves_takes_its_findings_along() {
    let (world, [first, ..]) = three_members();
    let scene = Scene::new(world);
    scene.scan().exits(3);
    scene.sandbox.edit(|world| world.accounts.remove(&first));
    let scan = scene.scan().exits(3).json();
    assert_eq!(found(&scene, &scan), everyone(&scene));
    let gone = scene.ask("SELECT account_id, resolution FROM findings WHERE state = 'resolved'");
    assert_eq!(gone.len(), 1);
    assert_eq!(
        (&gone[0]["account_id"], &gone[0]["resolution"]),
        (&first.as_str().into(), &"account_left".into())
    );
}

#[test]
fn wrong_credentials_are_named_and_not_shown() {
    let scene = Scene::new(empty_world());
    let secret = "wrong-secret-that-nobody-may-see-00000000";
    let output = scene.keywatch(&["-vv", "scan"]).env("AWS_SECRET_ACCESS_KEY", secret).run().exits(1);
    assert!(output.stderr.contains("could not find out whose credentials"), "{}", output.stderr);
    assert!(output.stderr.contains("SignatureDoesNotMatch"), "{}", output.stderr);
    assert!(!output.stderr.contains(secret) && !output.stdout.contains(secret));
    let unknown = scene.keywatch(&["scan"]).env("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN000000000").run().exits(1);
    assert!(unknown.stderr.contains("InvalidClientTokenId"), "{}", unknown.stderr);
}

#[test]
fn no_secret_is_written_anywhere() {
    let (mut world, [first, ..]) = three_members();
    // A refusal is where an external id would most likely be told.
    world.audit_role_mut(first).external_id = Some("another".to_owned());
    let secrets = [world.external_id.clone(), "sandbox-secret-that-opens-nothing-else00".to_owned()];
    let scene = Scene::new(world);
    let environment = scene.sandbox.environment();
    assert!(secrets.iter().all(|secret| environment.iter().any(|(_, value)| value == secret)));
    for log in [&["-vv"][..], &["-vv", "--log-format", "json"]] {
        let output = scene.keywatch(&[log, &["scan"]].concat()).env("KEYWATCH_LOG", "trace").run().exits(4);
        assert!(output.stderr.contains("sts:AssumeRole"), "the log says something");
        for secret in &secrets {
            assert!(!output.stdout.contains(secret.as_str()));
            let line = output.stderr.lines().find(|line| line.contains(secret.as_str()));
            assert_eq!(line, None);
        }
    }
    for entry in fs::read_dir(scene.dir.path()).unwrap() {
        let entry = entry.unwrap();
        let bytes = fs::read(entry.path()).unwrap();
        for secret in &secrets {
            let at = bytes.windows(secret.len()).position(|part| part == secret.as_bytes());
            assert_eq!(at, None, "{:?}", entry.path());
        }
    }
}
