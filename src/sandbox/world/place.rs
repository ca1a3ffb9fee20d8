//! What DMS has in one account and Region.

use super::{Connection, SandboxAccount, SandboxResource, Task, World};
use crate::domain::{AccountId, Region, ResourceType};

/// An account's part of DMS in one Region, to read.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Instances, endpoints and Serverless configs.
    pub resources: &'a [SandboxResource],
    /// Tasks.
    pub tasks: &'a [Task],
    /// Connections.
    pub connections: &'a [Connection],
}

/// The same, to change it.
#[derive(Debug)]
pub struct PlaceMut<'a> {
    /// Instances, endpoints and Serverless configs.
    pub resources: &'a mut Vec<SandboxResource>,
    /// Tasks.
    pub tasks: &'a mut Vec<Task>,
    /// Connections.
    pub connections: &'a mut Vec<Connection>,
}

impl<'a> Place<'a> {
    /// The resources of one kind.
    pub fn of(self, kind: ResourceType) -> impl Iterator<Item = &'a SandboxResource> {
        self.resources.iter().filter(move |resource| resource.resource_type == kind)
    }

    /// The resource of that kind and ARN.
    pub fn find(self, kind: ResourceType, arn: &str) -> Option<&'a SandboxResource> {
        self.of(kind).find(|resource| resource.arn == arn)
    }

    /// The task of that ARN.
    pub fn task(self, arn: &str) -> Option<&'a Task> {
        self.tasks.iter().find(|task| task.arn == arn)
    }
}

impl World {
    /// What DMS has there.
    pub fn place(&self, account: AccountId, region: &Region) -> Place<'_> {
        fn list<'a, T>(
            account: Option<&'a SandboxAccount>,
            list: impl FnOnce(&'a SandboxAccount) -> Option<&'a Vec<T>>,
        ) -> &'a [T] {
            account.and_then(list).map_or(&[], Vec::as_slice)
        }
        let account = self.accounts.get(&account);
        Place {
            resources: list(account, |account| account.resources.get(region)),
            tasks: list(account, |account| account.tasks.get(region)),
            connections: list(account, |account| account.connections.get(region)),
        }
    }

    /// What DMS has there, to change it.
    ///
    /// # Panics
    /// If there is no such account.
    pub fn place_mut(&mut self, account: AccountId, region: &Region) -> PlaceMut<'_> {
        let account = self.account_mut(account);
        PlaceMut {
            resources: account.resources.entry(region.clone()).or_default(),
            tasks: account.tasks.entry(region.clone()).or_default(),
            connections: account.connections.entry(region.clone()).or_default(),
        }
    }

    /// The task of that ARN, to change it.
    ///
    /// # Panics
    /// If there is no such task.
    pub fn task_mut(&mut self, arn: &str) -> &mut Task {
        self.accounts
            .values_mut()
            .flat_map(|account| account.tasks.values_mut().flatten())
            .find(|task| task.arn == arn)
            .unwrap_or_else(|| panic!("the sandbox has no task {arn}"))
    }
}
