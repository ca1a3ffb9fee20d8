//! What hangs on made-up resources: settings of every kind, tasks, connections. Nothing of it is drawn, it follows from
//! the ARNs, so that what a seed makes stays what it is.

use serde_json::json;

use super::Maker;
use crate::{
    domain::{AccountId, Region, ResourceType},
    sandbox::world::{EndpointSettings, InstanceSettings, TaskQuirk, World, builder::scramble},
};

impl Maker {
    /// Dresses everything that was made up.
    pub(super) fn dress(&mut self) {
        let places: Vec<(AccountId, Region)> = self
            .world
            .accounts
            .values()
            .flat_map(|account| account.resources.keys().map(move |region| (account.id, region.clone())))
            .collect();
        for (account, region) in places {
            dress(&mut self.world, account, &region);
        }
    }
}

/// A number that follows from an ARN.
fn number(arn: &str) -> usize {
    let sum = arn.bytes().fold(0_u64, |sum, byte| scramble(sum ^ u64::from(byte)));
    (sum >> 33) as usize
}

fn arns(world: &World, account: AccountId, region: &Region, kind: ResourceType) -> Vec<String> {
    world.place(account, region).of(kind).map(|resource| resource.arn.clone()).collect()
}

fn dress(world: &mut World, account: AccountId, region: &Region) {
    let instances = arns(world, account, region, ResourceType::ReplicationInstance);
    for arn in &instances {
        *world.resource_mut(arn).instance_mut() = instance(region, number(arn));
    }
    let endpoints = arns(world, account, region, ResourceType::Endpoint);
    let [mut sources, mut targets] = [Vec::new(), Vec::new()];
    for (index, arn) in endpoints.iter().enumerate() {
        let word = if index % 2 == 0 { "SOURCE" } else { "TARGET" };
        *world.resource_mut(arn).endpoint_mut() = endpoint(world, account, word, number(arn));
        if index % 2 == 0 { &mut sources } else { &mut targets }.push(arn.clone());
    }
    if sources.is_empty() || targets.is_empty() {
        return;
    }
    for (index, arn) in instances.iter().take(4).enumerate() {
        let ends = [&*sources[index % sources.len()], &*targets[index % targets.len()]];
        let made = world.resource_mut(arn);
        let (created_at, name) = (made.created_at, format!("{}-copy", made.name));
        if made.status != "available" {
            continue;
        }
        let task = world.add_task(account, region, &name, arn, ends);
        let task = world.task_mut(&task);
        (task.created_at, task.started_at) = (created_at, Some(created_at));
        match number(arn) % 8 {
            0 => "full-load".clone_into(&mut task.migration_type),
            1 => {
                "stopped".clone_into(&mut task.status);
                task.stop_reason = Some("Stop Reason NORMAL".to_owned());
            }
            2 => {
                "ready".clone_into(&mut task.status);
                task.started_at = None;
            }
            3 => {
                task.quirks.insert(TaskQuirk::StopRefused);
            }
            _ => {}
        }
    }
    for arn in arns(world, account, region, ResourceType::ReplicationConfig) {
        let settings = world.resource_mut(&arn).config_mut();
        (settings.source_endpoint, settings.target_endpoint) = (sources[0].clone(), targets[0].clone());
        if number(&arn).is_multiple_of(2) {
            "running".clone_into(&mut settings.replication.status);
            settings.replication.start_type = Some("start-replication".to_owned());
        }
    }
}

fn instance(region: &Region, number: usize) -> InstanceSettings {
    let pick = |words: &[&str]| words[number % words.len()].to_owned();
    let (class, storage) = [
        ("dms.t3.medium", 50),
        ("dms.t3.large", 50),
        ("dms.c5.large", 100),
        ("dms.r5.xlarge", 200),
        ("dms.t2.medium", 50),
    ][number % 5];
    let multi_az = number.is_multiple_of(4);
    let zone = if multi_az { "a".to_owned() } else { pick(&["a", "b", "c"]) };
    InstanceSettings {
        class: class.to_owned(),
        storage,
        zone: Some(format!("{region}{zone}")),
        secondary_zone: multi_az.then(|| format!("{region}b")),
        multi_az,
        maintenance_window: pick(&["sun:03:30-sun:04:00", "tue:23:15-tue:23:45", "sat:05:00-sat:05:30"]),
        engine_version: pick(&["3.5.4", "3.5.3", "3.6.0", "3.5.4", "3.6.1", "3.5.2", "3.4.7"]),
        auto_minor_version_upgrade: !number.is_multiple_of(3),
        dns_name_servers: number.is_multiple_of(11).then(|| "10.0.0.2,10.0.0.3".to_owned()),
        security_groups: if number.is_multiple_of(6) {
            vec!["sg-0a1b2c3d4e5f60718".to_owned(), "sg-0918273645abcdef0".to_owned()]
        } else {
            InstanceSettings::default().security_groups
        },
        ..InstanceSettings::default()
    }
}

/// A database that is entered with a secret of Secrets Manager, or else with a password that nobody can read again.
fn endpoint(world: &World, account: AccountId, word: &str, number: usize) -> EndpointSettings {
    let mut settings = EndpointSettings::postgres(word);
    if !number.is_multiple_of(3) {
        for name in ["Username", "ServerName", "Port"] {
            settings.fields.remove(name);
        }
        let role = format!("arn:{}:iam::{account}:role/dms-secrets", world.partition);
        settings.fields.insert(
            "PostgreSQLSettings".to_owned(),
            json!({
                "DatabaseName": "app", "SecretsManagerAccessRoleArn": role,
                "SecretsManagerSecretId": format!("dms/{}", word.to_ascii_lowercase()),
            }),
        );
    }
    settings
}
