//! Building what DMS has.

use std::collections::BTreeMap;

use super::{
    ConfigSettings, Connection, EndpointSettings, InstanceSettings, ResourceSettings, SandboxResource, Task,
    World,
    builder::{beginning, scramble},
};
use crate::domain::{AccountId, Region, ResourceType};

impl World {
    /// A private, available replication instance; returns its ARN. Without a key it gets `aws/dms`, as
    /// DMS does it.
    pub fn add_instance(
        &mut self,
        account: AccountId,
        region: &Region,
        name: &str,
        key: Option<&str>,
    ) -> String {
        self.add_resource(account, region, ResourceType::ReplicationInstance, name, key)
    }

    /// An active endpoint; returns its ARN. Without a key it gets `aws/dms`.
    pub fn add_endpoint(
        &mut self,
        account: AccountId,
        region: &Region,
        name: &str,
        key: Option<&str>,
    ) -> String {
        self.add_resource(account, region, ResourceType::Endpoint, name, key)
    }

    /// A DMS Serverless replication config; returns its ARN. Without a key it gets `aws/dms`.
    pub fn add_replication_config(
        &mut self,
        account: AccountId,
        region: &Region,
        name: &str,
        key: Option<&str>,
    ) -> String {
        self.add_resource(account, region, ResourceType::ReplicationConfig, name, key)
    }

    /// A DMS resource of any kind; returns its ARN. Without a key it gets `aws/dms`.
    pub fn add_resource(
        &mut self,
        account: AccountId,
        region: &Region,
        resource_type: ResourceType,
        name: &str,
        key: Option<&str>,
    ) -> String {
        let key = match key {
            Some(key) => key.to_owned(),
            None => self.aws_managed_key(account, region, "dms"),
        };
        self.put_resource(account, region, name, None, Some(key), resource_type, |arn| match resource_type {
            ResourceType::ReplicationInstance => ResourceSettings::Instance(InstanceSettings {
                zone: Some(format!("{region}a")),
                ..InstanceSettings::default()
            }),
            ResourceType::Endpoint => {
                // Not drawn: what a seed makes stays what it is.
                let is_source = arn.as_bytes().last().is_some_and(|letter| letter % 2 == 0);
                let word = if is_source { "SOURCE" } else { "TARGET" };
                ResourceSettings::Endpoint(EndpointSettings::postgres(word))
            }
            ResourceType::ReplicationConfig => {
                let (source, target) = (format!("{arn}-source"), format!("{arn}-target"));
                ResourceSettings::Config(Box::new(ConfigSettings::between(&source, &target)))
            }
        })
    }

    /// A DMS resource, done, whose ARN ends in `tail`, or in what DMS makes up; returns the ARN.
    #[expect(clippy::too_many_arguments, reason = "a resource is that much, and it is called twice")]
    pub(in crate::sandbox) fn put_resource(
        &mut self,
        account: AccountId,
        region: &Region,
        name: &str,
        tail: Option<&str>,
        key: Option<String>,
        resource_type: ResourceType,
        settings: impl FnOnce(&str) -> ResourceSettings,
    ) -> String {
        let (word, status) = match resource_type {
            ResourceType::ReplicationInstance => ("rep", "available"),
            ResourceType::Endpoint => ("endpoint", "active"),
            ResourceType::ReplicationConfig => ("replication-config", ""),
        };
        let (a, b) = (self.next(), self.next());
        let tail = tail.map_or_else(|| base32(a, b), str::to_owned);
        let arn = format!("arn:{}:dms:{region}:{account}:{word}:{tail}", self.partition);
        let resource = SandboxResource {
            settings: settings(&arn),
            arn: arn.clone(),
            resource_type,
            name: name.to_owned(),
            status: status.to_owned(),
            kms_key_id: key,
            public: false,
            created_at: beginning(),
            tags: BTreeMap::new(),
            settling: None,
        };
        self.account_mut(account).resources.entry(region.clone()).or_default().push(resource);
        arn
    }

    /// A running task, whose instance has reached both its endpoints; returns its ARN.
    pub fn add_task(
        &mut self,
        account: AccountId,
        region: &Region,
        name: &str,
        instance: &str,
        [source, target]: [&str; 2],
    ) -> String {
        for endpoint in [source, target] {
            self.add_connection(account, region, instance, endpoint);
        }
        let arn = self.task_arn(account, region, None);
        let mut task = Task::new(&arn, name, instance, source, target, beginning());
        task.status = "running".to_owned();
        task.started_at = Some(beginning());
        self.place_mut(account, region).tasks.push(task);
        arn
    }

    /// An instance that has reached an endpoint.
    pub fn add_connection(&mut self, account: AccountId, region: &Region, instance: &str, endpoint: &str) {
        let connections = self.place_mut(account, region).connections;
        if !connections.iter().any(|known| known.instance == instance && known.endpoint == endpoint) {
            connections.push(Connection::successful(instance, endpoint));
        }
    }

    /// The ARN of a new task, which ends in `tail`, or in what DMS makes up.
    pub(in crate::sandbox) fn task_arn(
        &mut self,
        account: AccountId,
        region: &Region,
        tail: Option<&str>,
    ) -> String {
        // Far from the numbers of everything else.
        let number = scramble(!self.task_serial);
        self.task_serial += 1;
        let tail = tail.map_or_else(|| base32(number, scramble(number)), str::to_owned);
        format!("arn:{}:dms:{region}:{account}:task:{tail}", self.partition)
    }

    /// The DMS resource of that ARN.
    pub fn resource(&self, arn: &str) -> Option<&SandboxResource> {
        let all = self.accounts.values().flat_map(|account| account.resources.values().flatten());
        all.into_iter().find(|resource| resource.arn == arn)
    }

    /// The DMS resource of that ARN, to change it.
    ///
    /// # Panics
    /// If there is no such resource.
    pub fn resource_mut(&mut self, arn: &str) -> &mut SandboxResource {
        self.accounts
            .values_mut()
            .flat_map(|account| account.resources.values_mut().flatten())
            .find(|resource| resource.arn == arn)
            .unwrap_or_else(|| panic!("the sandbox has no resource {arn}"))
    }
}

/// 26 letters and digits, the form of the tail of a DMS ARN.
fn base32(a: u64, b: u64) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let number = (u128::from(a) << 64) | u128::from(b);
    (0..26).map(|i| char::from(LETTERS[((number >> (5 * i)) & 31) as usize])).collect()
}
