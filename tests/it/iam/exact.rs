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
        Output, in_a_month,
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

/// Filters by unit, and an accepted risk by tag.
fn config() -> String {
    format!(
        "[organization]\nexclude_ous = [\"Root/Playground\"]\n\
         [[exceptions]]\ntag = \"Stage=test\"\nreason = \"RISK-42\"\nowner = \"payments\"\nexpires = \"{}\"\n",
        in_a_month()
    )
}

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
    scene.configure(&config());
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// It does not run, and names the action.
    NotRun,
    /// Targets failed for this reason.
    Failed(&'static str),
    /// It says so on the way, and accepts nothing that it could not see is accepted.
    Said,
    /// It can't judge what it judged before.
    Unknown,
}

/// Every action of the two policies with what its absence leads to.
const EXPECTED: [(&str, Shown); 13] = [
    ("account:ListRegions", Shown::Failed("access_denied")),
    ("dms:DescribeEndpoints", Shown::Failed("access_denied")),
    ("dms:DescribeReplicationConfigs", Shown::Failed("access_denied")),
    ("dms:DescribeReplicationInstances", Shown::Failed("access_denied")),
    ("dms:ListTagsForResource", Shown::Said),
    ("kms:DescribeKey", Shown::Unknown),
    ("kms:ListAliases", Shown::Unknown),
    ("organizations:DescribeOrganization", Shown::NotRun),
    ("organizations:ListAccounts", Shown::NotRun),
    ("organizations:ListAccountsForParent", Shown::NotRun),
    ("organizations:ListOrganizationalUnitsForParent", Shown::NotRun),
    ("organizations:ListRoots", Shown::NotRun),
    ("sts:AssumeRole", Shown::Failed("assume_role_denied")),
];

fn expected(action: &str) -> Shown {
    let found = EXPECTED.iter().find(|(name, _)| *name == action);
    found.unwrap_or_else(|| panic!("nothing says what comes of a scan without {action}")).1
}

/// The findings of that status.
fn of_status(scan: &Value, status: &str) -> usize {
    scan["findings"].as_array().unwrap().iter().filter(|row| row["status"] == status).count()
}

#[test]
fn without_any_one_action_a_scan_says_so() {
    let (scene, _) = scene();
    let full = printed(&scene);
    enforce(&scene, &full);
    let whole = scan(&scene, "whole").exits(3).json();

    let of = |policy: &Value, hub: bool| actions(policy).into_iter().map(move |action| (hub, action));
    let all: Vec<_> = of(&full.hub, true).chain(of(&full.audit, false)).collect();
    assert_eq!(all.len(), EXPECTED.len(), "{all:?}");
    for (hub, action) in all {
        let policies = Printed {
            hub: if hub { without(&full.hub, &action) } else { full.hub.clone() },
            audit: if hub { full.audit.clone() } else { without(&full.audit, &action) },
        };
        enforce(&scene, &policies);
        let run = scan(&scene, &action.replace(':', "-"));
        let told = format!("{action}: {:?}\n{}\n{}", run.code, run.stdout, run.stderr);
        match expected(&action) {
            Shown::NotRun => assert!(run.code == Some(1) && run.stderr.contains(&action), "{told}"),
            Shown::Failed(reason) => {
                assert_eq!(run.code, Some(4), "{told}");
                let coverage = run.json()["coverage"].as_array().unwrap().clone();
                let failed = coverage.iter().any(|row| row["outcome"] == "failed" && row["reason"] == reason);
                assert!(failed, "{told}");
            }
            Shown::Said => {
                assert!(run.code == Some(3) && run.stderr.contains(&action), "{told}");
                assert!(of_status(&run.json(), "fail") > of_status(&whole, "fail"), "{told}");
            }
            Shown::Unknown => {
                assert_eq!(run.code, Some(3), "{told}");
                assert!(of_status(&run.json(), "unknown") > of_status(&whole, "unknown"), "{told}");
                assert!(of_status(&run.json(), "fail") >= of_status(&whole, "fail"), "{told}");
            }
        }
    }
}

#[test]
fn a_role_trusts_keywatch_alone_of_its_organization_alone_with_the_external_id() {
    let (scene, _) = scene();
    let organization = scene.sandbox.edit(|world| world.organization_id.clone());
    let right = ["--hub-role", KEYWATCH, "--with-external-id", "--organization-id", &organization];
    let wrong = [
        [
            "--hub-role",
            "arn:aws:iam::222222222222:user/other",
            "--with-external-id",
            "--organization-id",
            &organization,
        ],
        [
            "--hub-role",
            "arn:aws:iam::999999999999:user/keywatch",
            "--with-external-id",
            "--organization-id",
            &organization,
        ],
        ["--hub-role", KEYWATCH, "--with-external-id", "--organization-id", "o-somebody00"],
        // Without the flag, what is printed stands for the external id.
        ["--hub-role", KEYWATCH, "--quiet", "--organization-id", &organization],
    ];
    let full = printed(&scene);
    for (arguments, code) in [(right, 3)].into_iter().chain(wrong.map(|arguments| (arguments, 4))) {
        enforce(&scene, &full);
        let trust =
            scene.keywatch(&[&["iam", "trust-policy"][..], &arguments].concat()).run().exits(0).json();
        scene.sandbox.edit(|world| {
            let name = world.audit_role.clone();
            for account in world.accounts.values_mut() {
                account.roles.get_mut(&name).unwrap().trust = Some(trust.clone());
            }
        });
        let run =
            scan(&scene, &format!("trust-{}", arguments.join("-").replace(['/', ':'], "_"))).exits(code);
        assert_eq!(run.stdout.contains("assume_role_denied"), code == 4, "{arguments:?}");
    }
}
