use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use keywatch::{
    domain::{AccountId, Region},
    sandbox::{
        Fault, FaultKind,
        world::{ConfigSettings, ResourceSettings, TaskQuirk, World},
    },
};
use serde_json::Value;

use super::shell::{Shell, tools};
use crate::support::scene::{Scene, small_world};

/// A name that would do something if it were not quoted; DMS would take none of it, but nobody has to rely on that.
const HOSTILE: &str = "-x$(touch pwned)`touch pwned`'\";touch pwned #\n’";

/// Runs without a terminal, so it has to be told.
const ALL: &str = "./remediate.sh --yes-delete-source";

struct Planned {
    scene: Scene,
    shell: Shell,
    folder: PathBuf,
}

/// Scans, plans the finding of the resource, and opens a shell in its account.
fn planned(world: World, account: AccountId, arn: &str) -> Planned {
    let scene = Scene::new(world);
    scene.scan().exits(3);
    let out = scene.dir.path().join("plans");
    let answer = scene
        .keywatch(&["remediate", "plan", arn, "--format", "json", "--out", out.to_str().unwrap()])
        .run()
        .exits(0)
        .json();
    let folder = PathBuf::from(answer[0]["folder"].as_str().unwrap());
    let shell = Shell::in_account(&scene, account);
    Planned { scene, shell, folder }
}

impl Planned {
    /// A scan finds nothing any more, nothing of a name was run, and a second run of the script has nothing to do.
    #[track_caller]
    fn is_put_right(&self) {
        let before = self.scene.sandbox.changes().len();
        self.shell.run(&self.folder, ALL).exits(0);
        assert_eq!(self.scene.sandbox.changes().len(), before, "the second run changed something");
        self.scene.scan().exits(0);
        let found = self.scene.ask("SELECT state, resolution FROM findings WHERE state = 'open'");
        assert_eq!(found, Vec::<Value>::new());
        for folder in [&self.folder, self.scene.dir.path()] {
            assert!(!folder.join("pwned").exists());
        }
    }

    /// Kills the script after ever more calls until it comes to its end.
    #[track_caller]
    fn survives_kills(&self, calls: &[u64]) {
        for calls in calls {
            self.shell.kill_after(&self.scene, &self.folder, ALL, *calls);
        }
        self.shell.run(&self.folder, ALL).exits(0);
    }
}

/// Two instances' worth of endpoints with a key of their own, and an instance with two tasks of which one runs.
fn with_instance(name: &str) -> (World, AccountId, Region, String) {
    let (mut world, account, region) = small_world();
    let key = world.add_key(account, &region, Default::default());
    let source = world.add_endpoint(account, &region, "source", Some(&key));
    let target = world.add_endpoint(account, &region, "target", Some(&key));
    let instance = world.add_instance(account, &region, name, None);
    world.resource_mut(&instance).tags.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
    world.add_task(account, &region, "runs", &instance, [&source, &target]);
    let rests = world.add_task(account, &region, "rests", &instance, [&source, &target]);
    "stopped".clone_into(&mut world.task_mut(&rests).status);
    (world, account, region, instance)
}

/// The status of each task, by name.
fn tasks(scene: &Scene, account: AccountId, region: &Region) -> Vec<(String, String, String)> {
    scene.sandbox.edit(|world| {
        let tasks = world.place(account, region).tasks.iter();
        tasks.map(|task| (task.name.clone(), task.status.clone(), task.instance.clone())).collect()
    })
}

#[test]
fn an_instance_is_put_right_by_its_script_alone() {
    let (world, account, region, instance) = with_instance(HOSTILE);
    let planned = planned(world, account, &instance);
    let Planned { scene, shell, folder } = &planned;

    shell.run(folder, "./remediate.sh --check").exits(0);
    assert!(scene.sandbox.changes().is_empty());
    // Nobody allowed the deletion, and there is no terminal to ask on.
    shell.run(folder, "./remediate.sh").exits(3);
    assert!(scene.sandbox.edit(|world| world.resource(&instance).is_some()));
    let moved = tasks(scene, account, &region);
    assert!(moved.iter().all(|(_, _, on)| *on != instance), "{moved:?}");

    shell.run(folder, ALL).exits(0);
    let moved = tasks(scene, account, &region);
    let states: Vec<(&str, &str)> = moved.iter().map(|(name, status, _)| (&**name, &**status)).collect();
    assert_eq!(states, [("runs", "running"), ("rests", "stopped")]);
    let tag = scene.sandbox.edit(|world| world.resource(&moved[0].2).unwrap().tags.get(HOSTILE).cloned());
    assert_eq!(tag.as_deref(), Some(HOSTILE));
    planned.is_put_right();
}

#[test]
fn a_script_for_an_instance_survives_being_killed() {
    let (world, account, region, instance) = with_instance("orders");
    let planned = planned(world, account, &instance);
    planned.survives_kills(&[7, 14, 20]);
    let moved = tasks(&planned.scene, account, &region);
    let states: Vec<(&str, &str)> = moved.iter().map(|(name, status, _)| (&**name, &**status)).collect();
    assert_eq!(states, [("runs", "running"), ("rests", "stopped")]);
    planned.is_put_right();
}

#[test]
fn a_task_that_can_not_be_moved_goes_on_where_it_was() {
    let (mut world, account, region, instance) = with_instance("orders");
    let task = world.place(account, &region).tasks[0].arn.clone();
    world.task_mut(&task).quirks.insert(TaskQuirk::MoveFails);
    let planned = planned(world, account, &instance);
    let told = planned.shell.run(&planned.folder, ALL).exits(1);
    assert!(told.stderr.contains("could not be moved"), "{}", told.stderr);
    let (_, status, on) = tasks(&planned.scene, account, &region).swap_remove(0);
    assert_eq!((status.as_str(), on), ("running", instance.clone()));
    assert!(planned.scene.sandbox.edit(|world| world.resource(&instance).is_some()));
}

#[test]
fn a_script_runs_in_its_own_account_only() {
    let (mut world, account, _, instance) = with_instance("orders");
    let other = world.add_account("Other");
    let planned = planned(world, account, &instance);
    let shell = Shell::in_account(&planned.scene, other);
    let told = shell.run(&planned.folder, ALL).exits(1);
    assert!(told.stderr.contains("belong to account"), "{}", told.stderr);
    assert!(planned.scene.sandbox.changes().is_empty());
}

fn with_endpoint() -> (World, AccountId, Region, String) {
    let (mut world, account, region) = small_world();
    let key = world.add_key(account, &region, Default::default());
    let source = world.add_endpoint(account, &region, HOSTILE, None);
    if let ResourceSettings::Endpoint(settings) = &mut world.resource_mut(&source).settings {
        "SOURCE".clone_into(&mut settings.endpoint_type);
        settings.fields.insert("ExtraConnectionAttributes".to_owned(), "a=\"b\\c\";d=@Password@".into());
    }
    let target = world.add_endpoint(account, &region, "target", Some(&key));
    "TARGET".clone_into(&mut world.resource_mut(&target).endpoint_mut().endpoint_type);
    let instance = world.add_instance(account, &region, "orders", Some(&key));
    world.add_task(account, &region, HOSTILE, &instance, [&source, &target]);
    (world, account, region, source)
}

#[test]
fn an_endpoint_is_put_right_by_its_script_alone() {
    let (world, account, region, endpoint) = with_endpoint();
    let mut planned = planned(world, account, &endpoint);
    let told = planned.shell.run(&planned.folder, ALL).exits(1);
    assert!(told.stderr.contains("set KEYWATCH_SECRET_PASSWORD"), "{}", told.stderr);
    planned.shell = planned.shell.with("KEYWATCH_SECRET_PASSWORD", "hunter2\"\\$(touch pwned)");
    planned.shell.run(&planned.folder, ALL).exits(0);
    let (attributes, tasks) = planned.scene.sandbox.edit(|world| {
        let place = world.place(account, &region);
        let tasks: Vec<_> =
            place.tasks.iter().map(|task| (task.status.clone(), task.source_endpoint.clone())).collect();
        let ResourceSettings::Endpoint(settings) = &world.resource(&tasks[0].1).unwrap().settings else {
            panic!()
        };
        (settings.fields["ExtraConnectionAttributes"].clone(), tasks)
    });
    assert_eq!(attributes, "a=\"b\\c\";d=@Password@");
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].0, "running");
    planned.is_put_right();
}

#[test]
fn a_script_for_an_endpoint_survives_being_killed() {
    let (world, account, region, endpoint) = with_endpoint();
    let mut planned = planned(world, account, &endpoint);
    planned.shell = planned.shell.with("KEYWATCH_SECRET_PASSWORD", "hunter2");
    planned.survives_kills(&[8, 16, 22]);
    let status = tasks(&planned.scene, account, &region);
    assert_eq!(status.len(), 1);
    assert_eq!(status[0].1, "running");
    planned.is_put_right();
}

/// The plan of an endpoint, and a shell that knows its password.
fn planned_endpoint(quirk: Option<TaskQuirk>) -> (Planned, AccountId, Region) {
    let (mut world, account, region, endpoint) = with_endpoint();
    let task = world.place(account, &region).tasks[0].arn.clone();
    world.task_mut(&task).quirks.extend(quirk);
    let mut planned = planned(world, account, &endpoint);
    planned.shell = planned.shell.with("KEYWATCH_SECRET_PASSWORD", "hunter2");
    (planned, account, region)
}

/// A refusal of the next such call.
fn refuse_once(scene: &Scene, operation: &str) {
    scene.sandbox.inject(Fault::new(FaultKind::Refused("InvalidResourceStateFault")).on(operation).times(1));
}

#[test]
fn a_task_without_a_checkpoint_is_not_made_anew_but_goes_on() {
    let (planned, account, region) = planned_endpoint(Some(TaskQuirk::FailsAtStop));
    let told = planned.shell.run(&planned.folder, ALL).exits(1);
    assert!(told.stderr.contains("AWS says no checkpoint"), "{}", told.stderr);
    let left = tasks(&planned.scene, account, &region);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].1, "running");
}

#[test]
fn a_new_task_that_is_not_started_gives_way_to_the_old_one_and_is_made_anew() {
    let (planned, account, region) = planned_endpoint(None);
    refuse_once(&planned.scene, "dms:StartReplicationTask");
    let told = planned.shell.run(&planned.folder, ALL).exits(1);
    assert!(told.stderr.contains("did not start"), "{}", told.stderr);
    let left = tasks(&planned.scene, account, &region);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].1, "running");

    planned.shell.run(&planned.folder, "./remediate.sh").exits(3);
    let position = |at: usize| {
        planned.scene.sandbox.edit(|world| world.place(account, &region).tasks[at].cdc_start_position.clone())
    };
    let (second, [old, new]) = (position(1), arns(&planned.scene, account, &region));
    // As if the new one had never been started, and somebody had gone on with the old one.
    planned.scene.sandbox.edit(|world| {
        "running".clone_into(&mut world.task_mut(&old).status);
        let new = world.task_mut(&new);
        "ready".clone_into(&mut new.status);
        new.started_at = None;
    });
    planned.shell.run(&planned.folder, "./remediate.sh").exits(3);
    assert_ne!(position(1), second);

    // What took over does not run: the old one is the only one that could.
    let [_, new] = arns(&planned.scene, account, &region);
    planned.scene.sandbox.edit(|world| "failed".clone_into(&mut world.task_mut(&new).status));
    let told = planned.shell.run(&planned.folder, ALL).exits(1);
    assert!(
        told.stderr.contains("is failed") && told.stderr.contains("Nothing was deleted"),
        "{}",
        told.stderr
    );
    assert_eq!(tasks(&planned.scene, account, &region).len(), 2);
}

fn arns(scene: &Scene, account: AccountId, region: &Region) -> [String; 2] {
    scene.sandbox.edit(|world| {
        let arns: Vec<String> =
            world.place(account, region).tasks.iter().map(|task| task.arn.clone()).collect();
        arns.try_into().unwrap()
    })
}

#[test]
fn tables_that_were_added_since_the_plan_ask_for_another_plan() {
    let (planned, account, region) = planned_endpoint(None);
    planned.scene.sandbox.edit(|world| {
        let task = world.place(account, &region).tasks[0].arn.clone();
        world.task_mut(&task).table_mappings.push(' ');
    });
    let told = planned.shell.run(&planned.folder, ALL).exits(1);
    assert!(told.stderr.contains("changed since the plan"), "{}", told.stderr);
    assert!(planned.scene.sandbox.changes().is_empty());
}

fn with_config() -> (World, AccountId, Region, String) {
    let (mut world, account, region) = small_world();
    let key = world.add_key(account, &region, Default::default());
    let source = world.add_endpoint(account, &region, "source", Some(&key));
    let target = world.add_endpoint(account, &region, "target", Some(&key));
    let config = world.add_replication_config(account, &region, HOSTILE, None);
    let mut settings = ConfigSettings::between(&source, &target);
    "running".clone_into(&mut settings.replication.status);
    settings.replication.start_type = Some("start-replication".to_owned());
    world.resource_mut(&config).settings = ResourceSettings::Config(Box::new(settings));
    (world, account, region, config)
}

/// The status of the only replication.
fn replication(scene: &Scene, account: AccountId, region: &Region) -> String {
    scene.sandbox.edit(|world| {
        let mut configs =
            world.place(account, region).resources.iter().filter_map(|resource| match &resource.settings {
                ResourceSettings::Config(config) => Some(config.replication.status().to_owned()),
                _ => None,
            });
        let status = configs.next().unwrap();
        assert_eq!(configs.next(), None);
        status
    })
}

#[test]
fn a_serverless_config_is_put_right_by_its_script_alone() {
    let (world, account, region, config) = with_config();
    let planned = planned(world, account, &config);
    planned.shell.run(&planned.folder, ALL).exits(0);
    assert_eq!(replication(&planned.scene, account, &region), "running");
    planned.is_put_right();
}

#[test]
fn a_script_for_a_serverless_config_survives_being_killed() {
    let (world, account, region, config) = with_config();
    let planned = planned(world, account, &config);
    planned.survives_kills(&[6, 11]);
    assert_eq!(replication(&planned.scene, account, &region), "running");
    planned.is_put_right();
}

#[test]
fn a_new_replication_that_is_not_started_gives_way_to_the_old_one() {
    let (world, account, region, config) = with_config();
    let planned = planned(world, account, &config);
    refuse_once(&planned.scene, "dms:StartReplication");
    let told = planned.shell.run(&planned.folder, ALL).exits(1);
    assert!(told.stderr.contains("did not start"), "{}", told.stderr);
    // It is alone again; the next run makes another.
    replication(&planned.scene, account, &region);
    planned.shell.run(&planned.folder, ALL).exits(0);
    assert_eq!(replication(&planned.scene, account, &region), "running");
    planned.is_put_right();
}

#[test]
fn the_place_from_which_a_resting_replication_would_go_on_is_not_deleted() {
    let (mut world, account, _, config) = with_config();
    let run = &mut world.resource_mut(&config).config_mut().replication;
    "stopped".clone_into(&mut run.status);
    run.recovery_checkpoint = Some("checkpoint:V1#7; touch pwned".to_owned());
    let planned = planned(world, account, &config);
    let told = planned.shell.run(&planned.folder, ALL).exits(3);
    assert!(told.stderr.contains(r"--cdc-start-position=checkpoint:V1#7\;\ touch\ pwned"), "{}", told.stderr);
    planned.scene.sandbox.edit(|world| {
        assert!(world.resource(&config).is_some());
        let texts = &mut world.resource_mut(&config).config_mut().texts;
        texts.insert("TableMappings".to_owned(), "{\"rules\":[ ]}".into());
    });
    let told = planned.shell.run(&planned.folder, ALL).exits(1);
    assert!(told.stderr.contains("changed since the plan"), "{}", told.stderr);
}

/// An instance whose key is in that state.
fn with_unusable_key(state: &str) -> (World, AccountId, String) {
    let (mut world, account, region) = small_world();
    let spec = keywatch::sandbox::world::KeySpec { state: state.to_owned(), ..Default::default() };
    let key = world.add_key(account, &region, spec);
    let instance = world.add_instance(account, &region, HOSTILE, Some(&key));
    (world, account, instance)
}

#[test]
fn a_key_is_made_usable_by_its_script_alone() {
    for state in ["Disabled", "PendingDeletion"] {
        let (world, account, instance) = with_unusable_key(state);
        let planned = planned(world, account, &instance);
        planned.survives_kills(&[3]);
        planned.is_put_right();
    }
}

#[test]
fn the_scripts_pass_shellcheck() {
    let mut scripts = Vec::new();
    let (world, account, _, arn) = with_instance(HOSTILE);
    let (endpoint, config, unusable) = (with_endpoint(), with_config(), with_unusable_key("Disabled"));
    for (world, account, arn) in [
        (world, account, arn),
        (endpoint.0, endpoint.1, endpoint.3),
        (config.0, config.1, config.3),
        unusable,
    ] {
        scripts.push(planned(world, account, &arn));
    }
    for Planned { folder, .. } in &scripts {
        assert_shellchecked(&folder.join("remediate.sh"));
    }
}

fn assert_shellchecked(script: &Path) {
    let answer = Command::new(tools().join("shellcheck")).arg(script).output().unwrap();
    let text = fs::read_to_string(script).unwrap();
    assert!(answer.status.success(), "{}\n{text}", String::from_utf8_lossy(&answer.stdout));
}
