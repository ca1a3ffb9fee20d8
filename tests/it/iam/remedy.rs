//! The remediation policy that is printed is exactly enough, held to by the sandbox: with it `remediate apply` puts every
//! kind of finding right, and without any one action it stops, names the action, and leaves the source as it was.

use std::{fs, time::Duration};

use keywatch::{
    domain::{AccountId, Region, ResourceType},
    sandbox::{
        Fault, FaultKind,
        world::{KeySpec, Replication, World},
    },
};
use serde_json::{Value, json};

use crate::{
    policies::{actions, without},
    support::{
        Output,
        scene::{REGIONS, Scene, empty_world},
    },
};

const CONFIG: &str = "[remediation]\npoll_interval = \"10ms\"\nstep_timeout = \"20s\"\n";

/// A finding of each kind, and what else the actions need to matter.
struct Ward {
    scene: Scene,
    world: World,
    policy: Value,
    instance: String,
    endpoint: String,
    config: String,
    endangered: String,
    /// A key that is as it should be.
    own: String,
}

/// What is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Instance,
    Endpoint,
    Serverless,
    Key,
}

impl Ward {
    fn new() -> Self {
        let mut world = empty_world();
        let account = world.add_account("Payments");
        let home: Region = REGIONS[0].parse().unwrap();
        let own = world.add_key(account, &home, KeySpec::default());
        let (source, target) = (
            endpoint(&mut world, account, "source", "SOURCE", &own),
            endpoint(&mut world, account, "target", "TARGET", &own),
        );
        let instance = world.add_instance(account, &home, "orders", None);
        world.add_task(account, &home, "orders", &instance, [&source, &target]);

        // An endpoint of its own, on an instance that is as it should be; it names a role for its secret.
        let endpoint = endpoint(&mut world, account, "managed", "SOURCE", "");
        let good = world.add_instance(account, &home, "good", Some(&own));
        world.add_task(account, &home, "managed", &good, [&endpoint, &target]);
        let role = format!("arn:aws:iam::{account}:role/dms-secrets");
        let fields = &mut world.resource_mut(&endpoint).endpoint_mut().fields;
        let settings = fields["PostgreSQLSettings"].as_object_mut().unwrap();
        settings.insert("SecretsManagerAccessRoleArn".to_owned(), json!(role));
        settings.insert("SecretsManagerSecretId".to_owned(), json!("orders"));
        // The secret has it.
        fields.remove("Username");

        let config = world.add_replication_config(account, &home, "serverless", None);
        let settings = world.resource_mut(&config).config_mut();
        (settings.source_endpoint, settings.target_endpoint) = (source, target);
        settings.replication.status = "running".to_owned();

        let dying = world.add_key(
            account,
            &home,
            KeySpec { state: "PendingDeletion".to_owned(), ..KeySpec::default() },
        );
        let endangered = world.add_instance(account, &home, "endangered", Some(&dying));

        let scene = Scene::new(world.clone());
        scene.configure(CONFIG);
        // The findings, once for all runs.
        scene.scan().exits(3);
        let policy = scene.keywatch(&["iam", "remediation-policy"]).run().exits(0).json();
        Self { scene, world, policy, instance, endpoint, config, endangered, own }
    }

    fn arn(&self, case: Case) -> &str {
        match case {
            Case::Instance => &self.instance,
            Case::Endpoint => &self.endpoint,
            Case::Serverless => &self.config,
            Case::Key => &self.endangered,
        }
    }

    /// Puts the finding right, from the beginning, with a role that has this policy.
    fn apply(&self, case: Case, policy: &Value) -> Output {
        self.scene.sandbox.edit(|world| {
            *world = self.world.clone();
            let name = world.remediation_role.clone();
            for account in world.accounts.values_mut() {
                account.roles.get_mut(&name).unwrap().policies = Some(vec![policy.clone()]);
            }
        });
        self.scene.sandbox.reset_calls();
        let dir = self.scene.dir.path();
        fs::copy(dir.join("history.db"), dir.join("run.db")).unwrap();
        for rest in ["run.db-wal", "run.db-shm"] {
            drop(fs::remove_file(dir.join(rest)));
        }
        self.scene
            .keywatch_on("run.db", &["remediate", "apply", self.arn(case), "--yes", "--delete-source"])
            .env("KEYWATCH_SECRET_PASSWORD", "hush")
            .within(Duration::from_secs(120))
            .run()
    }

    /// Whether the source is still there with all its settings, whatever it runs.
    fn stands(&self, case: Case) -> bool {
        let settings = |world: &World| {
            let mut resource = world.resource(self.arn(case))?.clone();
            if resource.resource_type == ResourceType::ReplicationConfig {
                resource.config_mut().replication = Replication::default();
            }
            Some((resource.kms_key_id, resource.settings, resource.tags))
        };
        let now = self.scene.sandbox.edit(|world| settings(world));
        now.is_some() && now == settings(&self.world)
    }
}

fn endpoint(world: &mut World, account: AccountId, name: &str, kind: &str, key: &str) -> String {
    let home: Region = REGIONS[0].parse().unwrap();
    let arn = world.add_endpoint(account, &home, name, Some(key).filter(|key| !key.is_empty()));
    world.resource_mut(&arn).endpoint_mut().endpoint_type = kind.to_owned();
    arn
}

#[test]
fn every_kind_of_finding_is_put_right_with_the_printed_policy() {
    let ward = Ward::new();
    for case in [Case::Instance, Case::Endpoint, Case::Serverless, Case::Key] {
        ward.apply(case, &ward.policy).exits(0);
        assert_eq!(ward.stands(case), case == Case::Key, "{case:?}");
        let errors = ward.scene.sandbox.calls().errors;
        assert!(!errors.contains_key("AccessDeniedException"), "{case:?}: {errors:?}");
    }
}

/// The audit role with plans reads all that a plan needs, and one that lacks any of it is told which, and where to get it.
#[test]
fn a_plan_needs_what_is_printed_with_plans() {
    let ward = Ward::new();
    let with_plans = ward.scene.keywatch(&["iam", "audit-policy", "--with-plans"]).run().exits(0).json();
    let without_plans = ward.scene.keywatch(&["iam", "audit-policy"]).run().exits(0).json();
    let plan = |policy: &Value, case: Case, out: &str, more: &[&str]| {
        ward.scene.sandbox.edit(|world| {
            let name = world.audit_role.clone();
            for account in world.accounts.values_mut() {
                account.roles.get_mut(&name).unwrap().policies = Some(vec![policy.clone()]);
            }
        });
        let arguments = ["remediate", "plan", ward.arn(case), "--out", out];
        ward.scene.keywatch(&[&arguments[..], more].concat()).run()
    };
    for case in [Case::Instance, Case::Endpoint, Case::Serverless, Case::Key] {
        plan(&with_plans, case, &format!("{case:?}"), &[]).exits(0);
    }
    let more = &actions(&with_plans) - &actions(&without_plans);
    assert_eq!(more.len(), 5, "{more:?}");
    for action in actions(&with_plans) {
        if action == "account:ListRegions" {
            continue;
        }
        // A key that is named has to be looked over.
        let more: &[&str] = if action == "kms:DescribeKey" { &["--key", &ward.own] } else { &[] };
        let policy = without(&with_plans, &action);
        let run = plan(&policy, case_of(&action), &action.replace(':', "-"), more).exits(1);
        assert!(run.stderr.contains(&action), "{action}: {}", run.stderr);
        assert!(run.stderr.contains("keywatch iam audit-policy --with-plans"), "{action}: {}", run.stderr);
    }
    assert_eq!(ward.scene.sandbox.calls().mutations, 0);
}

/// Where each action matters.
fn case_of(action: &str) -> Case {
    match action {
        "dms:CreateEndpoint"
        | "dms:DeleteEndpoint"
        | "dms:CreateReplicationTask"
        | "dms:DeleteReplicationTask"
        | "kms:Encrypt"
        | "kms:ReEncryptFrom"
        | "kms:ReEncryptTo"
        | "iam:PassRole" => Case::Endpoint,
        "dms:CreateReplicationConfig"
        | "dms:DeleteReplicationConfig"
        | "dms:StartReplication"
        | "dms:StopReplication"
        | "dms:DescribeReplications"
        | "dms:DescribeReplicationConfigs" => Case::Serverless,
        "kms:CancelKeyDeletion" | "kms:EnableKey" => Case::Key,
        _ => Case::Instance,
    }
}

#[test]
fn without_any_one_action_it_stops_names_it_and_leaves_the_source() {
    let ward = Ward::new();
    let mut silent = Vec::new();
    for action in actions(&ward.policy) {
        let case = case_of(&action);
        // The keys are listed only where nobody knows whether one was made.
        if action == "kms:ListKeys" {
            let lost = Fault {
                operation: Some("kms:CreateKey".to_owned()),
                account: None,
                region: None,
                times: Some(1),
                after: 0,
                per_thousand: None,
                kind: FaultKind::AnswerLost,
            };
            ward.scene.sandbox.inject(lost);
        }
        let run = ward.apply(case, &without(&ward.policy, &action));
        ward.scene.sandbox.clear_faults();
        if run.code != Some(1) || !run.stderr.contains(&action) || !ward.stands(case) {
            silent.push(format!(
                "{action}: {:?}, stands {}\n{}\n{}",
                run.code,
                ward.stands(case),
                run.stdout,
                run.stderr
            ));
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n\n"));
}
