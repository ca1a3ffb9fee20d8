//! The policies that are printed are exactly enough, held to by the sandbox, which checks every call against them: with
//! them a scan sees what one sees that may do everything, and without any one action it says so.

use std::collections::BTreeMap;

use keywatch::{
    domain::AccountId,
    sandbox::world::{KeySpec, World},
};
use serde_json::Value;

use crate::{
    policies::{actions, without},
    support::{
        Output,
        scene::{Finding, REGIONS, Scene, empty_world, findings},
    },
};

/// The user whose key the tests hold.
const KEYWATCH: &str = "arn:aws:iam::222222222222:user/keywatch";

/// What makes each action matter: units that a filter goes by, a Region that is off, each kind of resource, a key whose
/// policy lets nobody describe it, and one that is told from AWS's by its alias alone.
fn world() -> (World, AccountId) {
    let mut world = empty_world();
    let root = world.root.clone();
    let unit = world.add_ou(&root, "Shared");
    let nested = world.add_ou(&unit, "Payments");
    let account = world.add_account_in(&nested, "payments");
    world.add_account_in(&unit, "other");
    let left_out = world.add_ou(&root, "Playground");
    world.add_account_in(&left_out, "play");

    let home = REGIONS[0].parse().unwrap();
    let own = world.add_key(account, &home, KeySpec::default());
    let closed = world.add_key(account, &home, KeySpec { delegates_to_iam: false, ..KeySpec::default() });
    world.add_alias(account, &home, "alias/closed", &closed);
    world.add_instance(account, &home, "good", Some(&own));
    world.add_instance(account, &home, "closed", Some(&closed));
    let accepted = world.add_instance(account, &home, "accepted", None);
    world.resource_mut(&accepted).tags.insert("Stage".to_owned(), "test".to_owned());
    world.add_endpoint(account, &home, "managed", None);
    world.add_replication_config(account, &home, "managed", None);
    (world, account)
}

const CONFIG: &str = "[organization]\nexclude_ous = [\"Root/Playground\"]\n\
    [[exceptions]]\ntag = \"Stage=test\"\nreason = \"RISK-42\"\nowner = \"payments\"\nexpires = \"2026-12-31\"\n";

/// The two policies as they are printed for the scene's config.
struct Printed {
    hub: Value,
    audit: Value,
}

fn printed(scene: &Scene) -> Printed {
    let iam = |arguments: &[&str]| scene.keywatch(arguments).run().exits(0).json();
    let organization = scene.sandbox.edit(|world| world.organization_id.clone());
    Printed {
        hub: iam(&["iam", "hub-policy", "--organization-id", &organization]),
        audit: iam(&["iam", "audit-policy"]),
    }
}

/// Has the sandbox hold every call to these policies, and every role to the trust policy that is printed.
fn enforce(scene: &Scene, policies: &Printed) {
    let organization = scene.sandbox.edit(|world| world.organization_id.clone());
    let arguments =
        ["iam", "trust-policy", "--hub-role", KEYWATCH, "--with-external-id", "--organization-id"];
    let trust = scene.keywatch(&[&arguments[..], &[&organization]].concat()).run().exits(0).json();
    scene.sandbox.edit(|world| {
        world.hub_policies = Some(vec![policies.hub.clone()]);
        let name = world.audit_role.clone();
        for account in world.accounts.values_mut() {
            let role = account.roles.get_mut(&name).unwrap();
            role.policies = Some(vec![policies.audit.clone()]);
            role.trust = Some(trust.clone());
        }
    });
}

/// A scan that knows nothing from before.
fn scan(scene: &Scene, name: &str) -> Output {
    scene.keywatch_on(&format!("{name}.db"), &["scan", "--format", "json"]).run()
}

/// What a scan says of the organization.
fn seen(scan: &Value) -> (Vec<Finding>, Vec<String>) {
    let rows = scan["coverage"].as_array().unwrap().iter();
    let target = |row: &Value| format!("{} {} {}", row["account_id"], row["region"], row["reason"]);
    let mut coverage: Vec<String> = rows.map(target).collect();
    coverage.sort();
    (findings(scan), coverage)
}

fn scene() -> (Scene, AccountId) {
    let (world, account) = world();
    let scene = Scene::new(world);
    scene.configure(CONFIG);
    (scene, account)
}

#[test]
fn a_scan_with_the_printed_policies_sees_what_one_sees_that_may_do_everything() {
    let (scene, _) = scene();
    let everything = seen(&scan(&scene, "everything").exits(3).json());
    enforce(&scene, &printed(&scene));
    scene.sandbox.reset_calls();
    let held = scan(&scene, "held").exits(3);
    assert_eq!(seen(&held.json()), everything);
    let calls = scene.sandbox.calls();
    // The one refusal is that of the key whose policy lets nobody describe it.
    assert_eq!(calls.errors, BTreeMap::from([("AccessDeniedException".to_owned(), 1)]), "{}", held.stderr);
    assert_eq!((calls.mutations, calls.unknown.len()), (0, 0));
}

/// How a scan shows that an action is missing.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    /// It does not run, and names the action.
    NotRun,
    /// Targets failed, for this reason.
    Failed(&'static str),
    /// It judges less, never better, and says so on the way.
    Said,
}

/// Every action of the two policies with what its absence leads to.
const EXPECTED: [(&str, Shown); 14] = [
    ("account:ListRegions", Shown::Said),
    ("dms:DescribeEndpoints", Shown::Failed("access_denied")),
    ("dms:DescribeReplicationConfigs", Shown::Failed("access_denied")),
    ("dms:DescribeReplicationInstances", Shown::Failed("access_denied")),
    ("dms:ListTagsForResource", Shown::Said),
    ("kms:DescribeKey", Shown::Said),
    ("kms:ListAliases", Shown::Said),
    ("organizations:DescribeOrganization", Shown::NotRun),
    ("organizations:ListAccounts", Shown::NotRun),
    ("organizations:ListAccountsForParent", Shown::NotRun),
    ("organizations:ListOrganizationalUnitsForParent", Shown::NotRun),
    ("organizations:ListRoots", Shown::NotRun),
    ("sts:AssumeRole", Shown::Failed("assume_role_denied")),
    ("sts:AssumeRole", Shown::Failed("assume_role_denied")),
];

#[test]
fn without_any_one_action_a_scan_says_so() {
    let (scene, _) = scene();
    let full = printed(&scene);
    enforce(&scene, &full);
    let whole = scan(&scene, "whole").exits(3);
    let whole_seen = seen(&whole.json());

    let mut told = Vec::new();
    for (hub, action) in actions(&full.hub)
        .into_iter()
        .map(|action| (true, action))
        .chain(actions(&full.audit).into_iter().map(|action| (false, action)))
    {
        let policies = Printed {
            hub: if hub { without(&full.hub, &action) } else { full.hub.clone() },
            audit: if hub { full.audit.clone() } else { without(&full.audit, &action) },
        };
        enforce(&scene, &policies);
        let run = scan(&scene, &action.replace(':', "-"));
        let json = if run.code == Some(1) { Value::Null } else { run.json() };
        let differs = !json.is_null() && seen(&json) != whole_seen;
        let unknown = json["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|row| row["status"] == "unknown")
            .count();
        println!(
            "{action}: exit {:?}, differs {differs}, unknown {unknown}, named {}\n{}",
            run.code,
            run.stderr.contains(&action),
            run.stderr
        );
        told.push((action, run.code));
    }
    panic!("{told:?} {}", EXPECTED.len());
}
