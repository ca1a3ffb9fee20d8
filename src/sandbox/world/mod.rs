//! What exists in the sandbox: plain data that anyone may edit, and that the server only reads (but for
//! the one call of AWS's that makes a key while it describes it).

mod builder;
mod generate;
mod life;
mod names;
mod truth;

use std::collections::{BTreeMap, BTreeSet};

pub use builder::ROOT_NAME;
pub use generate::GenerateOptions;
pub use life::{Happening, Life, LifeOptions};
pub use truth::Expected;

use serde_json::Value;

use crate::domain::{AccountId, AccountState, KeyManager, Partition, Region, ResourceType, Timestamp};

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

/// A DMS resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxResource {
    /// Its ARN.
    pub arn: String,
    /// Its kind.
    pub resource_type: ResourceType,
    /// Its identifier.
    pub name: String,
    /// Its status; a replication config has none in AWS's answer.
    pub status: String,
    /// The text of `KmsKeyId` exactly as it is answered, except that DMS answers none while the status
    /// is `creating`.
    pub kms_key_id: Option<String>,
    /// Whether a replication instance has a public address.
    pub public: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl SandboxResource {
    /// The `KmsKeyId` that DMS answers now.
    pub fn answered_key(&self) -> Option<&str> {
        self.kms_key_id.as_deref().filter(|_| self.status != "creating")
    }
}

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    /// Who manages it.
    pub manager: KeyManager,
    /// AWS's word: `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable`, …
    pub state: String,
    /// Whether and how it is a multi-Region key.
    pub multi_region: Option<MultiRegion>,
    /// Whether its policy leaves the decision to the IAM of the account that owns it. If not, nobody may
    /// describe it but through the policy, the audit roles not among them.
    pub delegates_to_iam: bool,
    /// The other accounts that its policy lets describe it.
    pub shared_with: BTreeSet<AccountId>,
}

/// The part that a multi-Region key plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MultiRegion {
    /// The primary key.
    Primary,
    /// A replica of the primary key in that Region, with the same id.
    ReplicaOf(Region),
}

impl Default for KeySpec {
    /// An enabled customer key of one Region, with the usual policy, for its own account only.
    fn default() -> Self {
        Self {
            manager: KeyManager::Customer,
            state: "Enabled".to_owned(),
            multi_region: None,
            delegates_to_iam: true,
            shared_with: BTreeSet::new(),
        }
    }
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
