//! One finding of a kind, with all that hangs on it, and the binary set to put it right.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use keywatch::{
    domain::{AccountId, Region},
    sandbox::{
        Change,
        world::{InstanceSettings, KeySpec, World},
    },
};
use serde_json::Value;

use crate::support::{
    Keywatch,
    scene::{REGIONS, Scene, empty_world},
};

/// Quick, and patient enough for a slow machine.
pub const CONFIG: &str = "[remediation]\npoll_interval = \"10ms\"\nstep_timeout = \"30s\"\n";

/// What is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    Instance,
    Endpoint,
    Serverless,
    Key,
}

/// The organization, and the ARN of what is put right.
pub struct Ward {
    pub scene: Scene,
    pub before: World,
    pub account: AccountId,
    pub home: Region,
    pub source: String,
    pub case: Case,
}

impl Ward {
    /// Scanned once, so that the finding is open.
    pub fn new(case: Case) -> Self {
        Self::with(case, |_, _, _| {})
    }

    /// The same in a world that was changed first.
    pub fn with(case: Case, change: impl FnOnce(&mut World, AccountId, &str)) -> Self {
        let mut world = empty_world();
        let account = world.add_account("Payments");
        let home: Region = REGIONS[0].parse().unwrap();
        let source = build(&mut world, account, &home, case);
        change(&mut world, account, &source);
        Self::of(case, world, account, home, source, Duration::ZERO)
    }

    /// The same, each answer late by that much.
    pub fn with_latency(case: Case, latency: Duration) -> Self {
        let mut world = empty_world();
        let account = world.add_account("Payments");
        let home: Region = REGIONS[0].parse().unwrap();
        let source = build(&mut world, account, &home, case);
        Self::of(case, world, account, home, source, latency)
    }

    fn of(
        case: Case,
        world: World,
        account: AccountId,
        home: Region,
        source: String,
        latency: Duration,
    ) -> Self {
        let scene = Scene::with_latency(world.clone(), latency);
        scene.configure(CONFIG);
        scene.scan().exits(3);
        scene.sandbox.reset_calls();
        Self { scene, before: world, account, home, source, case }
    }

    /// `remediate apply` of it, with more arguments.
    pub fn apply(&self, more: &[&str]) -> Keywatch {
        let arguments = ["remediate", "apply", &self.source, "--yes", "--format", "json"];
        self.scene.keywatch(&[&arguments[..], more].concat()).env("KEYWATCH_SECRET_PASSWORD", "hush")
    }

    /// The changes so far, but for those that only try a connection: action and ARN.
    pub fn changes(&self) -> Vec<(String, String)> {
        let changes = self.scene.sandbox.changes().into_iter();
        let tell = |change: Change| (change.action, change.arn);
        changes.map(tell).filter(|(action, _)| action != "dms:TestConnection").collect()
    }

    /// How often that was done.
    pub fn times(&self, action: &str) -> usize {
        self.changes().iter().filter(|(done, _)| done == action).count()
    }

    /// Asserts that the source is exactly as it was, its tasks on it, those that ran running.
    #[track_caller]
    pub fn assert_source_untouched(&self) {
        self.scene.sandbox.edit(|world| {
            let (was, is) = (self.before.resource(&self.source).unwrap(), world.resource(&self.source));
            let is = is.expect("the source is there");
            assert_eq!(
                (&is.kms_key_id, &is.settings, &is.tags, &is.status),
                (&was.kms_key_id, &was.settings, &was.tags, &was.status)
            );
            let tasks = |world: &World| -> BTreeMap<String, (String, String, String)> {
                let tasks = world.place(self.account, &self.home).tasks.iter();
                let of_source =
                    tasks.filter(|task| task.instance == self.source || task.uses_endpoint(&self.source));
                of_source
                    .map(|task| {
                        (task.arn.clone(), (task.status.clone(), task.instance.clone(), task.name.clone()))
                    })
                    .collect()
            };
            assert_eq!(tasks(world), tasks(&self.before));
        });
    }

    /// Asserts the end that was wanted, whatever happened on the way.
    #[track_caller]
    pub fn assert_put_right(&self) {
        let finding = self.scene.ask("SELECT state, resolution, check_id FROM findings ORDER BY finding_id");
        let open: Vec<&Value> = finding.iter().filter(|row| row["state"] != "resolved").collect();
        assert!(open.is_empty(), "{open:?}");
        let states = self.scene.ask("SELECT state, message FROM remediations");
        assert!(!states.is_empty() && states.iter().all(|row| row["state"] == "done"), "{states:?}");
        self.scene.keywatch(&["db", "check"]).run().exits(0);
        // Once made, once deleted: nothing twice, and nothing left behind.
        for (action, most) in [
            ("kms:CreateKey", 1),
            ("kms:CreateAlias", 1),
            ("dms:CreateReplicationInstance", 1),
            ("dms:CreateEndpoint", 1),
            ("dms:CreateReplicationConfig", 1),
            ("dms:CreateReplicationTask", 1),
            ("dms:DeleteReplicationInstance", 1),
            ("dms:DeleteEndpoint", 1),
            ("dms:DeleteReplicationConfig", 1),
            ("dms:DeleteReplicationTask", 1),
        ] {
            assert!(self.times(action) <= most, "{action}: {:?}", self.changes());
        }
        if self.case != Case::Key {
            self.assert_never_without();
        }
        match self.case {
            Case::Instance => self.assert_same_instance(),
            Case::Endpoint => self.assert_same_endpoint(),
            Case::Serverless => self.assert_same_config(),
            Case::Key => {}
        }
    }

    /// At no time was there neither: whatever was deleted, its replacement had been made before, and stayed.
    #[track_caller]
    fn assert_never_without(&self) {
        let changes = self.changes();
        let at = |action: &str, arn: Option<&str>| {
            changes.iter().position(|(done, of)| done == action && arn.is_none_or(|arn| arn == of))
        };
        let (kind, id) = match self.case {
            Case::Instance => ("ReplicationInstance", self.source.as_str()),
            Case::Endpoint => ("Endpoint", self.source.as_str()),
            _ => ("ReplicationConfig", self.source.as_str()),
        };
        let made = at(&format!("dms:Create{kind}"), None).expect("a replacement");
        let deleted = at(&format!("dms:Delete{kind}"), Some(id)).expect("the source's end");
        assert!(made < deleted, "{changes:?}");
        let last_of_tasks = changes
            .iter()
            .rposition(|(done, _)| done.ends_with("ReplicationTask") || done == "dms:StartReplication");
        assert!(last_of_tasks.is_none_or(|last| last < deleted), "{changes:?}");
    }

    fn replacement(&self, world: &World) -> keywatch::sandbox::world::SandboxResource {
        let name = format!("{}-cmk", self.before.resource(&self.source).unwrap().name);
        let resources = &world.accounts[&self.account].resources[&self.home];
        resources.iter().find(|resource| resource.name == name).expect("a replacement").clone()
    }

    #[track_caller]
    fn assert_same_instance(&self) {
        self.scene.sandbox.edit(|world| {
            let was = self.before.resource(&self.source).unwrap();
            let is = self.replacement(world);
            assert_eq!((&is.settings, is.public), (&was.settings, was.public));
            let mut tags = was.tags.clone();
            tags.retain(|key, _| !key.starts_with("aws:"));
            tags.insert("keywatch:remediates".to_owned(), self.source.clone());
            assert_eq!(is.tags, tags);
            assert!(world.resource(&self.source).is_none());
            let tasks = |world: &World| -> BTreeSet<(String, String, String)> {
                let tasks = world.place(self.account, &self.home).tasks.iter();
                tasks.map(|task| (task.arn.clone(), task.status.clone(), task.settings.clone())).collect()
            };
            assert_eq!(tasks(world), tasks(&self.before), "as they were");
            let place = world.place(self.account, &self.home);
            assert!(place.tasks.iter().all(|task| task.instance == is.arn));
        });
    }

    #[track_caller]
    fn assert_same_endpoint(&self) {
        self.scene.sandbox.edit(|world| {
            let was = self.before.resource(&self.source).unwrap();
            let is = self.replacement(world);
            assert_eq!(is.settings, was.settings);
            assert!(world.resource(&self.source).is_none());
            let place = world.place(self.account, &self.home);
            let [task] = place.tasks.iter().collect::<Vec<_>>()[..] else { panic!("one task") };
            assert_eq!((task.name.as_str(), task.status.as_str()), ("orders-cmk", "running"));
            assert_eq!(task.migration_type, "cdc", "what is loaded is not loaded again");
            assert!(task.uses_endpoint(&is.arn) && task.cdc_start_position.is_some());
        });
    }

    #[track_caller]
    fn assert_same_config(&self) {
        self.scene.sandbox.edit(|world| {
            let was = self.before.resource(&self.source).unwrap().config().unwrap().clone();
            let is = self.replacement(world).config().unwrap().clone();
            assert_eq!(
                (&is.source_endpoint, &is.target_endpoint),
                (&was.source_endpoint, &was.target_endpoint)
            );
            assert_eq!(is.replication.status(), "running");
            assert!(world.resource(&self.source).is_none());
        });
    }
}

fn build(world: &mut World, account: AccountId, home: &Region, case: Case) -> String {
    let own = world.add_key(account, home, KeySpec::default());
    let endpoints = [("source", "SOURCE"), ("target", "TARGET")].map(|(name, kind)| {
        let arn = world.add_endpoint(account, home, name, Some(&own));
        world.resource_mut(&arn).endpoint_mut().endpoint_type = kind.to_owned();
        arn
    });
    let ends = [endpoints[0].as_str(), endpoints[1].as_str()];
    match case {
        Case::Instance => {
            let source = world.add_instance(account, home, "orders", None);
            *world.resource_mut(&source).instance_mut() = InstanceSettings {
                class: "dms.r5.large".to_owned(),
                storage: 200,
                zone: Some(format!("{home}a")),
                secondary_zone: Some(format!("{home}b")),
                multi_az: true,
                security_groups: vec!["sg-0123456789abcdef0".to_owned(), "sg-0fedcba9876543210".to_owned()],
                maintenance_window: "tue:01:00-tue:01:30".to_owned(),
                auto_minor_version_upgrade: false,
                dns_name_servers: Some("10.0.0.2,10.0.0.3".to_owned()),
                network_type: "DUAL".to_owned(),
                ..InstanceSettings::default()
            };
            let tags = [("team", "Ünïcode $(rm -rf /) \"'\""), ("aws:cloudformation:stack-name", "orders")];
            for (key, value) in tags {
                world.resource_mut(&source).tags.insert(key.to_owned(), value.to_owned());
            }
            world.add_task(account, home, "runs", &source, ends);
            let rests = world.add_task(account, home, "rests", &source, ends);
            world.task_mut(&rests).status = "stopped".to_owned();
            let fresh = world.add_task(account, home, "fresh", &source, ends);
            let task = world.task_mut(&fresh);
            (task.status, task.started_at) = ("ready".to_owned(), None);
            source
        }
        Case::Endpoint => {
            let source = world.add_endpoint(account, home, "shop", None);
            let settings = world.resource_mut(&source).endpoint_mut();
            settings.endpoint_type = "SOURCE".to_owned();
            // As AWS says it of every endpoint that it made.
            settings.fields["PostgreSQLSettings"]["Username"] = "dms".into();
            let instance = world.add_instance(account, home, "good", Some(&own));
            world.add_task(account, home, "orders", &instance, [&source, ends[1]]);
            source
        }
        Case::Serverless => {
            let source = world.add_replication_config(account, home, "stream", None);
            let settings = world.resource_mut(&source).config_mut();
            let [from, to] = endpoints;
            (settings.source_endpoint, settings.target_endpoint) = (from, to);
            settings.replication.status = "running".to_owned();
            source
        }
        Case::Key => {
            let spec = KeySpec { state: "PendingDeletion".to_owned(), ..KeySpec::default() };
            let dying = world.add_key(account, home, spec);
            world.add_instance(account, home, "endangered", Some(&dying))
        }
    }
}
