//! Every way a key can be named, owned and hidden, judged through the real binary.

use keywatch::{
    domain::{AccountId, KeyManager, Partition, Region, ResourceType},
    sandbox::world::{KeySpec, MultiRegion, World},
};

use crate::support::scene::{Scene, findings, small_world};

const CMK: &str = "dms_instance_kms_cmk_encryption";
const USABLE: &str = "dms_kms_key_usable";

/// Scans a world with what `build` makes in it and compares the member's instance `i`: one `(check,
/// status, reason)` for each finding, none for a pass.
#[track_caller]
fn judged(build: impl FnOnce(&mut World, AccountId, &Region), expected: &[(&str, &str, &str)]) -> Scene {
    let (mut world, account, region) = small_world();
    build(&mut world, account, &region);
    judge(world, expected)
}

#[track_caller]
fn judge(world: World, expected: &[(&str, &str, &str)]) -> Scene {
    let scene = Scene::new(world);
    let scan = scene
        .scan()
        .exits(if expected.iter().any(|(_, status, _)| *status == "fail") { 3 } else { 0 })
        .json();
    let expected: Vec<_> =
        expected.iter().map(|(c, s, r)| ((*c).into(), "i".into(), (*s).into(), (*r).into())).collect();
    assert_eq!(findings(&scan), expected);
    assert_eq!(scan["scan"]["outcome"], "complete");
    assert_eq!(scan["scan"]["resources"], 1);
    assert_eq!(scene.sandbox.calls().mutations, 0, "looking changes nothing");
    scene
}

fn key_with(world: &mut World, account: AccountId, region: &Region, spec: KeySpec) -> String {
    let arn = world.add_key(account, region, spec);
    world.add_instance(account, region, "i", Some(&arn));
    arn
}

fn state(state: &str) -> KeySpec {
    KeySpec { state: state.to_owned(), ..KeySpec::default() }
}

fn deny(world: &mut World, account: AccountId, actions: &[&str]) {
    world.audit_role_mut(account).denied_actions = actions.iter().map(|a| (*a).to_owned()).collect();
}

#[test]
fn aws_managed_key() {
    judged(
        |world, account, region| {
            let arn = world.aws_managed_key(account, region, "dms");
            world.add_instance(account, region, "i", Some(&arn));
        },
        &[(CMK, "fail", "aws_managed_key")],
    );
}

#[test]
fn another_services_aws_managed_key() {
    judged(
        |world, account, region| {
            let arn = world.aws_managed_key(account, region, "rds");
            world.add_instance(account, region, "i", Some(&arn));
        },
        &[(CMK, "fail", "aws_managed_key")],
    );
}

#[test]
fn no_key_id_is_the_default_key() {
    judged(
        |world, account, region| {
            let arn = world.add_instance(account, region, "i", None);
            world.resource_mut(&arn).kms_key_id = None;
        },
        &[(CMK, "fail", "default_key")],
    );
}

#[test]
fn no_key_id_while_creating_is_not_known_yet() {
    let scene = judged(
        |world, account, region| {
            let arn = world.add_instance(account, region, "i", None);
            world.resource_mut(&arn).status = "creating".to_owned();
        },
        &[(CMK, "unknown", "resource_creating")],
    );
    let arn = scene.ask("SELECT resource_arn FROM findings")[0]["resource_arn"].as_str().unwrap().to_owned();
    scene.sandbox.edit(|world| world.resource_mut(&arn).status = "available".to_owned());
    let scan = scene.scan().exits(3).json();
    assert_eq!(scan["findings"][0]["reason"], "aws_managed_key", "known once it is made");
}

#[test]
fn customer_key() {
    judged(|world, account, region| drop(key_with(world, account, region, KeySpec::default())), &[]);
}

#[test]
fn customer_key_by_bare_id_alias_name_and_alias_arn() {
    for form in ["id", "alias", "alias arn"] {
        judged(
            |world, account, region| {
                let arn = world.add_key(account, region, KeySpec::default());
                let id = arn.rsplit('/').next().unwrap();
                world.add_alias(account, region, "alias/mine", id);
                let named = match form {
                    "id" => id.to_owned(),
                    "alias" => "alias/mine".to_owned(),
                    _ => format!("arn:aws:kms:{region}:{account}:alias/mine"),
                };
                world.add_instance(account, region, "i", Some(&named));
            },
            &[],
        );
    }
}

#[test]
fn aws_managed_key_by_bare_id() {
    judged(
        |world, account, region| {
            let arn = world.aws_managed_key(account, region, "dms");
            world.add_instance(account, region, "i", Some(arn.rsplit('/').next().unwrap()));
        },
        &[(CMK, "fail", "aws_managed_key")],
    );
}

#[test]
fn an_aws_alias_is_the_answer_and_is_never_looked_up() {
    for arn in [false, true] {
        let scene = judged(
            |world, account, region| {
                let name = if arn {
                    format!("arn:aws:kms:{region}:{account}:alias/aws/dms")
                } else {
                    "alias/aws/dms".to_owned()
                };
                world.add_instance(account, region, "i", Some(&name));
            },
            &[(CMK, "fail", "aws_managed_key")],
        );
        assert_eq!(scene.sandbox.calls().of("kms:DescribeKey"), 0);
    }
}

#[test]
fn customer_keys_that_cannot_be_used() {
    for (word, reason) in [
        ("Disabled", "key_disabled"),
        ("PendingDeletion", "key_pending_deletion"),
        ("PendingReplicaDeletion", "key_pending_replica_deletion"),
        ("PendingImport", "key_pending_import"),
        ("Unavailable", "key_unavailable"),
    ] {
        judged(
            |world, account, region| drop(key_with(world, account, region, state(word))),
            &[(USABLE, "fail", reason)],
        );
    }
}

#[test]
fn multi_region_replica_key() {
    judged(
        |world, account, region| {
            let replica = Some(MultiRegion::ReplicaOf("eu-west-1".parse().unwrap()));
            let arn =
                key_with(world, account, region, KeySpec { multi_region: replica, ..KeySpec::default() });
            assert!(arn.contains("key/mrk-"), "{arn}");
        },
        &[],
    );
}

#[test]
fn other_accounts_key_shared_with_the_account() {
    judged(
        |world, account, region| {
            let owner = world.add_account("Keys");
            let shared = KeySpec { shared_with: [account].into(), ..state("Disabled") };
            let arn = world.add_key(owner, region, shared);
            world.add_instance(account, region, "i", Some(&arn));
        },
        &[(USABLE, "fail", "key_disabled")],
    );
}

#[test]
fn other_accounts_key_refused_is_described_in_its_owners_account() {
    let scene = judged(
        |world, account, region| {
            let owner = world.add_account("Keys");
            let arn = world.add_key(owner, region, state("PendingDeletion"));
            world.add_instance(account, region, "i", Some(&arn));
        },
        &[(USABLE, "fail", "key_pending_deletion")],
    );
    assert_eq!(scene.ask("SELECT key_state FROM resources")[0]["key_state"], "PendingDeletion");
}

#[test]
fn other_accounts_key_whose_owner_is_outside_the_organization() {
    judged(
        |world, account, region| {
            let arn = format!("arn:aws:kms:{region}:999999999999:key/11111111-2222-3333-4444-555555555555");
            world.add_instance(account, region, "i", Some(&arn));
        },
        &[(USABLE, "unknown", "key_access_denied")],
    );
}

#[test]
fn describe_key_denied_and_aliases_tell() {
    for (managed, expected) in [
        (true, vec![(CMK, "fail", "aws_managed_key")]),
        (false, vec![(USABLE, "unknown", "key_access_denied")]),
    ] {
        let scene = judged(
            |world, account, region| {
                deny(world, account, &["kms:DescribeKey"]);
                let arn = if managed {
                    world.aws_managed_key(account, region, "dms")
                } else {
                    world.add_key(account, region, KeySpec::default())
                };
                world.add_instance(account, region, "i", Some(&arn));
            },
            &expected,
        );
        let evidence = scene.ask("SELECT status, reason FROM evaluations WHERE check_id LIKE '%cmk%'");
        assert_eq!(evidence[0]["reason"], if managed { "aws_managed_key" } else { "customer_managed_key" });
    }
}

#[test]
fn describe_key_denied_and_aliases_too() {
    judged(
        |world, account, region| {
            deny(world, account, &["kms:DescribeKey", "kms:ListAliases"]);
            key_with(world, account, region, KeySpec::default());
        },
        &[(CMK, "unknown", "key_access_denied"), (USABLE, "unknown", "key_access_denied")],
    );
}

#[test]
fn key_whose_policy_shuts_its_own_account_out() {
    judged(
        |world, account, region| {
            drop(key_with(world, account, region, KeySpec { delegates_to_iam: false, ..KeySpec::default() }));
        },
        &[(USABLE, "unknown", "key_access_denied")],
    );
}

#[test]
fn key_that_does_not_exist() {
    judged(
        |world, account, region| {
            let arn = world.key_arn(account, region, "00000000-0000-0000-0000-000000000000");
            world.add_instance(account, region, "i", Some(&arn));
        },
        &[(CMK, "unknown", "key_not_found"), (USABLE, "unknown", "key_not_found")],
    );
}

#[test]
fn other_partitions() {
    for partition in [Partition::UsGov, Partition::China] {
        let mut world = World::empty(partition);
        let (account, region) = (world.add_account("Payments"), world.home_region());
        let arn = world.aws_managed_key(account, &region, "dms");
        assert!(arn.starts_with(&format!("arn:{partition}:kms:")), "{arn}");
        world.add_instance(account, &region, "i", Some(&arn));
        judge(world, &[(CMK, "fail", "aws_managed_key")]);
    }
}

#[test]
fn endpoints_and_serverless_configs_have_checks_of_their_own() {
    let (mut world, account, region) = small_world();
    let managed = world.aws_managed_key(account, &region, "dms");
    let own = world.add_key(account, &region, KeySpec::default());
    world.add_endpoint(account, &region, "e-bad", Some(&managed));
    world.add_endpoint(account, &region, "e-good", Some(&own));
    let bare = world.add_replication_config(account, &region, "c-bad", None);
    world.resource_mut(&bare).kms_key_id = None;
    world.add_replication_config(account, &region, "c-good", Some(&own));
    assert_eq!(
        world.accounts[&account].keys[&region].values().filter(|k| k.manager == KeyManager::Aws).count(),
        1
    );
    assert_eq!(
        world.accounts[&account].resources[&region]
            .iter()
            .filter(|r| r.resource_type == ResourceType::Endpoint)
            .count(),
        2
    );
    let scene = Scene::new(world);
    let scan = scene.scan().exits(3).json();
    let expected: Vec<_> = [
        ("dms_endpoint_kms_cmk_encryption", "e-bad", "fail", "aws_managed_key"),
        ("dms_serverless_kms_cmk_encryption", "c-bad", "fail", "default_key"),
    ]
    .map(|(c, n, s, r)| (c.to_owned(), n.to_owned(), s.to_owned(), r.to_owned()))
    .into();
    assert_eq!(findings(&scan), expected);
}
