//! What exists in the sandbox: plain data that anyone may edit, and that calls change as they would in AWS.

mod builder;
mod connection;
mod endpoint;
mod generate;
mod instance;
mod key;
mod life;
mod migrations;
mod names;
mod place;
mod resource;
mod serverless;
mod settling;
mod task;
mod truth;

use std::collections::{BTreeMap, BTreeSet};

pub use builder::ROOT_NAME;
pub use connection::Connection;
pub use endpoint::EndpointSettings;
pub use generate::GenerateOptions;
pub use instance::{
    DEFAULT_SUBNET_GROUP, DmsQuotas, InstanceClass, InstanceSettings, Orderable, SubnetGroup,
};
pub use key::{KeySpec, MultiRegion};
pub use life::{Happening, Life, LifeOptions};
pub use place::{Place, PlaceMut};
pub use resource::{ResourceSettings, SandboxResource};
pub use serverless::{ConfigSettings, Replication};
pub use settling::Settling;
pub use task::{Task, TaskQuirk};
pub use truth::Expected;

use serde_json::Value;

use crate::domain::{AccountId, AccountState, Partition, Region, Timestamp};

/// A whole AWS organization.
#[derive(Debug, Clone)]
pub struct World {
    /// The partition that all of it lies in.
    pub partition: Partition,
    /// `o-…`.
    pub organization_id: String,
    /// The account that owns the organization.
    pub management_account: AccountId,
    /// The account whose long-term key the scanner holds.
    pub hub_account: AccountId,
    /// The policies of the hub's user as documents: what none of them allows is denied. `None` allows everything.
    pub hub_policies: Option<Vec<Value>>,
    /// The members that may read the organization beside the management account.
    pub delegated_administrators: BTreeSet<AccountId>,
    /// The external id that roles made by [`World::add_account`] ask for.
    pub external_id: String,
    /// The name of the role in every account, `name` or `path/name`.
    pub audit_role: String,
    /// The name of the role in every account that may change things, `name` or `path/name`.
    pub remediation_role: String,
    /// How many answers show something as `creating`, `stopping`, `testing`, … before it is done.
    pub settling: u32,
    /// The replication instances that can be had.
    pub orderable: Orderable,
    /// The root's id, `r-…`.
    pub root: String,
    /// The organizational units below the root, by id.
    pub ous: BTreeMap<String, OrganizationalUnit>,
    /// Every account, the management account among them.
    pub accounts: BTreeMap<AccountId, SandboxAccount>,
    /// The Regions that exist here, and whether an account has to opt in.
    pub regions: BTreeMap<Region, RegionKind>,
    /// The Regions in which a service control policy denies DMS and KMS to every account but the management
    /// account, which no such policy reaches.
    pub denied_regions: BTreeSet<Region>,
    /// Numbers handed out so far for tasks, apart from the others so that a task more leaves other ids as they are.
    task_serial: u64,
    /// Numbers handed out so far; ids are made of them, so that the same steps give the same world.
    serial: u64,
}

/// Whether an account has a Region from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionKind {
    /// Every account has it, and cannot switch it off.
    Default,
    /// Only the accounts that opted in have it.
    OptIn,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationalUnit {
    /// Its name.
    pub name: String,
    /// The id of the root or of the unit above it.
    pub parent: String,
}

/// An account of the organization. What is in it is sparse: a Region without anything has no entry.
#[derive(Debug, Clone)]
pub struct SandboxAccount {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// Its state.
    pub state: AccountState,
    /// Whether Organizations answers the newer `State` field beside `Status`.
    pub has_state_field: bool,
    /// The id of the root or of the organizational unit it lies in.
    pub parent: String,
    /// When it joined.
    pub joined_at: Timestamp,
    /// The opt-in Regions it has enabled.
    pub opted_in: BTreeSet<Region>,
    /// Its IAM roles by name or `path/name`.
    pub roles: BTreeMap<String, Role>,
    /// Its DMS resources by Region.
    pub resources: BTreeMap<Region, Vec<SandboxResource>>,
    /// Its DMS replication tasks by Region.
    pub tasks: BTreeMap<Region, Vec<Task>>,
    /// Which of its replication instances tried to reach which endpoint, by Region.
    pub connections: BTreeMap<Region, Vec<Connection>>,
    /// Its subnet groups by Region and name, beside [`DEFAULT_SUBNET_GROUP`].
    pub subnet_groups: BTreeMap<Region, BTreeMap<String, SubnetGroup>>,
    /// The most it may have of DMS, in each Region.
    pub dms_quotas: DmsQuotas,
    /// The status that the making of new replication instances ends in, where it is not `available`: `failed`,
    /// `incompatible-network`, …
    pub new_instances_end: Option<String>,
    /// Its KMS keys by Region and key id.
    pub keys: BTreeMap<Region, BTreeMap<String, KeySpec>>,
    /// The key ids behind its KMS aliases, by Region and alias name (`alias/…`).
    pub aliases: BTreeMap<Region, BTreeMap<String, String>>,
}

/// An IAM role: who may assume it, and what it may do. Without policies, what is not denied is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The account that its trust policy names.
    pub trusted_account: AccountId,
    /// The external id that its trust policy asks for.
    pub external_id: Option<String>,
    /// Its trust policy as a document, which then counts instead of the two above.
    pub trust: Option<Value>,
    /// Its policies as documents: what none of them allows is denied. `None` allows everything.
    pub policies: Option<Vec<Value>>,
    /// IAM actions that it lacks: `kms:DescribeKey`, `account:ListRegions`, …
    pub denied_actions: BTreeSet<String>,
    /// Whether AWS blames a service control policy for the denied actions.
    pub scp_denied: bool,
    /// The longest session, in seconds.
    pub max_session: u32,
}

impl World {
    /// Whether the account can use the Region.
    pub fn is_enabled(&self, account: AccountId, region: &Region) -> bool {
        match self.regions.get(region) {
            Some(RegionKind::Default) => true,
            Some(RegionKind::OptIn) => {
                self.accounts.get(&account).is_some_and(|a| a.opted_in.contains(region))
            }
            None => false,
        }
    }

    /// Whether the organization denies the account DMS and KMS in the Region.
    pub fn is_denied(&self, account: AccountId, region: &Region) -> bool {
        account != self.management_account && self.denied_regions.contains(region)
    }

    /// Whether Organizations answers the account.
    pub fn may_read_organization(&self, account: AccountId) -> bool {
        account == self.management_account || self.delegated_administrators.contains(&account)
    }

    /// The ARN of a key.
    pub fn key_arn(&self, account: AccountId, region: &Region, id: &str) -> String {
        format!("arn:{}:kms:{region}:{account}:key/{id}", self.partition)
    }
}
