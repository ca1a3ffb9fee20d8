/// An AWS service that keywatch calls; one token bucket each per calling account and Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Database Migration Service.
    Dms,
    /// Key Management Service.
    Kms,
    /// Security Token Service.
    Sts,
    /// Organizations.
    Organizations,
    /// Account Management.
    Account,
}

/// Every call that keywatch can make; there is no other way to reach AWS. A scan makes those of [`Operation::SCAN`], which
/// only read; a plan reads a little more ([`Operation::PLAN`]); what changes anything ([`Operation::REMEDIATE`]) is
/// called by `remediate apply` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Not a call to a service of ours: the default chain finds keywatch's own credentials.
    BaseCredentials,
    /// Who keywatch is.
    GetCallerIdentity,
    /// A session in another account.
    AssumeRole,
    /// Which account manages the organization.
    DescribeOrganization,
    /// The accounts.
    ListAccounts,
    /// The root of the tree of organizational units.
    ListRoots,
    /// The units below a root or unit.
    ListOrganizationalUnitsForParent,
    /// The accounts right below a root or unit.
    ListAccountsForParent,
    /// Which Regions an account has enabled.
    ListRegions,
    /// DMS replication instances.
    DescribeReplicationInstances,
    /// DMS endpoints.
    DescribeEndpoints,
    /// DMS Serverless replication configs.
    DescribeReplicationConfigs,
    /// The tags of DMS resources.
    ListTagsForResource,
    /// One key.
    DescribeKey,
    /// The aliases of one account and Region.
    ListAliases,
    /// The tasks of an instance or an endpoint.
    DescribeReplicationTasks,
    /// The tested connections of an instance or an endpoint.
    DescribeConnections,
    /// What DMS Serverless runs for its configs.
    DescribeReplications,
    /// How much of its quotas an account uses.
    DescribeAccountAttributes,
    /// Which classes and engine versions can be had.
    DescribeOrderableReplicationInstances,
    /// The ids of the keys of one account and Region.
    ListKeys,
    /// A new key; it changes something, and twice called makes two.
    CreateKey,
    /// A name for a key.
    CreateAlias,
    /// A disabled key is usable again.
    EnableKey,
    /// A key that was to be deleted is kept, disabled.
    CancelKeyDeletion,
    /// A new replication instance.
    CreateReplicationInstance,
    /// A replication instance is gone for good.
    DeleteReplicationInstance,
    /// An instance tries to reach an endpoint.
    TestConnection,
    /// A task stops replicating.
    StopReplicationTask,
    /// A task replicates again.
    StartReplicationTask,
    /// A task goes over to another instance.
    MoveReplicationTask,
    /// A new task.
    CreateReplicationTask,
    /// A task is gone for good.
    DeleteReplicationTask,
    /// A new endpoint.
    CreateEndpoint,
    /// An endpoint is gone for good.
    DeleteEndpoint,
    /// A new DMS Serverless config.
    CreateReplicationConfig,
    /// A DMS Serverless config is gone for good.
    DeleteReplicationConfig,
    /// DMS Serverless replicates.
    StartReplication,
    /// DMS Serverless stops replicating.
    StopReplication,
    /// A message to a topic; no scan makes it.
    Publish,
}

impl Service {
    /// Every one, in the order above.
    pub const ALL: [Self; 5] = [Self::Dms, Self::Kms, Self::Sts, Self::Organizations, Self::Account];

    /// The prefix of its IAM actions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dms => "dms",
            Self::Kms => "kms",
            Self::Sts => "sts",
            Self::Organizations => "organizations",
            Self::Account => "account",
        }
    }
}

impl Operation {
    /// What a scan may call, the search for keywatch's own credentials among it. Nothing of it changes anything.
    pub const SCAN: [Self; 15] = [
        Self::BaseCredentials,
        Self::GetCallerIdentity,
        Self::AssumeRole,
        Self::DescribeOrganization,
        Self::ListAccounts,
        Self::ListRoots,
        Self::ListOrganizationalUnitsForParent,
        Self::ListAccountsForParent,
        Self::ListRegions,
        Self::DescribeReplicationInstances,
        Self::DescribeEndpoints,
        Self::DescribeReplicationConfigs,
        Self::ListTagsForResource,
        Self::DescribeKey,
        Self::ListAliases,
    ];

    /// What `remediate plan` reads beside.
    pub const PLAN: [Self; 5] = [
        Self::DescribeReplicationTasks,
        Self::DescribeConnections,
        Self::DescribeReplications,
        Self::DescribeAccountAttributes,
        Self::DescribeOrderableReplicationInstances,
    ];

    /// What `remediate apply` calls beside: all that changes anything, and the list of keys by which a key that was just
    /// made is found again.
    pub const REMEDIATE: [Self; 19] = [
        Self::ListKeys,
        Self::CreateKey,
        Self::CreateAlias,
        Self::EnableKey,
        Self::CancelKeyDeletion,
        Self::CreateReplicationInstance,
        Self::DeleteReplicationInstance,
        Self::TestConnection,
        Self::StopReplicationTask,
        Self::StartReplicationTask,
        Self::MoveReplicationTask,
        Self::CreateReplicationTask,
        Self::DeleteReplicationTask,
        Self::CreateEndpoint,
        Self::DeleteEndpoint,
        Self::CreateReplicationConfig,
        Self::DeleteReplicationConfig,
        Self::StartReplication,
        Self::StopReplication,
    ];

    /// The IAM action, `dms:DescribeEndpoints`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BaseCredentials => "base credentials",
            Self::GetCallerIdentity => "sts:GetCallerIdentity",
            Self::AssumeRole => "sts:AssumeRole",
            Self::DescribeOrganization => "organizations:DescribeOrganization",
            Self::ListAccounts => "organizations:ListAccounts",
            Self::ListRoots => "organizations:ListRoots",
            Self::ListOrganizationalUnitsForParent => "organizations:ListOrganizationalUnitsForParent",
            Self::ListAccountsForParent => "organizations:ListAccountsForParent",
            Self::ListRegions => "account:ListRegions",
            Self::DescribeReplicationInstances => "dms:DescribeReplicationInstances",
            Self::DescribeEndpoints => "dms:DescribeEndpoints",
            Self::DescribeReplicationConfigs => "dms:DescribeReplicationConfigs",
            Self::ListTagsForResource => "dms:ListTagsForResource",
            Self::DescribeKey => "kms:DescribeKey",
            Self::ListAliases => "kms:ListAliases",
            Self::DescribeReplicationTasks => "dms:DescribeReplicationTasks",
            Self::DescribeConnections => "dms:DescribeConnections",
            Self::DescribeReplications => "dms:DescribeReplications",
            Self::DescribeAccountAttributes => "dms:DescribeAccountAttributes",
            Self::DescribeOrderableReplicationInstances => "dms:DescribeOrderableReplicationInstances",
            Self::ListKeys => "kms:ListKeys",
            Self::CreateKey => "kms:CreateKey",
            Self::CreateAlias => "kms:CreateAlias",
            Self::EnableKey => "kms:EnableKey",
            Self::CancelKeyDeletion => "kms:CancelKeyDeletion",
            Self::CreateReplicationInstance => "dms:CreateReplicationInstance",
            Self::DeleteReplicationInstance => "dms:DeleteReplicationInstance",
            Self::TestConnection => "dms:TestConnection",
            Self::StopReplicationTask => "dms:StopReplicationTask",
            Self::StartReplicationTask => "dms:StartReplicationTask",
            Self::MoveReplicationTask => "dms:MoveReplicationTask",
            Self::CreateReplicationTask => "dms:CreateReplicationTask",
            Self::DeleteReplicationTask => "dms:DeleteReplicationTask",
            Self::CreateEndpoint => "dms:CreateEndpoint",
            Self::DeleteEndpoint => "dms:DeleteEndpoint",
            Self::CreateReplicationConfig => "dms:CreateReplicationConfig",
            Self::DeleteReplicationConfig => "dms:DeleteReplicationConfig",
            Self::StartReplication => "dms:StartReplication",
            Self::StopReplication => "dms:StopReplication",
            Self::Publish => "sns:Publish",
        }
    }

    /// The service whose bucket the call draws on; `None` where it is no call to AWS of ours, or so rare a one that it
    /// needs no limit.
    pub const fn service(self) -> Option<Service> {
        match self {
            Self::BaseCredentials | Self::Publish => None,
            Self::GetCallerIdentity | Self::AssumeRole => Some(Service::Sts),
            Self::DescribeOrganization
            | Self::ListAccounts
            | Self::ListRoots
            | Self::ListOrganizationalUnitsForParent
            | Self::ListAccountsForParent => Some(Service::Organizations),
            Self::ListRegions => Some(Service::Account),
            Self::DescribeReplicationInstances
            | Self::DescribeEndpoints
            | Self::DescribeReplicationConfigs
            | Self::ListTagsForResource
            | Self::DescribeReplicationTasks
            | Self::DescribeConnections
            | Self::DescribeReplications
            | Self::DescribeAccountAttributes
            | Self::DescribeOrderableReplicationInstances
            | Self::CreateReplicationInstance
            | Self::DeleteReplicationInstance
            | Self::TestConnection
            | Self::StopReplicationTask
            | Self::StartReplicationTask
            | Self::MoveReplicationTask
            | Self::CreateReplicationTask
            | Self::DeleteReplicationTask
            | Self::CreateEndpoint
            | Self::DeleteEndpoint
            | Self::CreateReplicationConfig
            | Self::DeleteReplicationConfig
            | Self::StartReplication
            | Self::StopReplication => Some(Service::Dms),
            Self::DescribeKey
            | Self::ListAliases
            | Self::ListKeys
            | Self::CreateKey
            | Self::CreateAlias
            | Self::EnableKey
            | Self::CancelKeyDeletion => Some(Service::Kms),
        }
    }

    /// How many there are.
    pub const COUNT: usize = Self::SCAN.len() + Self::PLAN.len() + Self::REMEDIATE.len() + 1;

    /// Every one, in the order above.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::SCAN.into_iter().chain(Self::PLAN).chain(Self::REMEDIATE).chain([Self::Publish])
    }

    /// Whether it changes something in an account. A call of this kind that got no answer may have been carried out, so
    /// it is not simply made again: who called it looks first.
    pub fn changes_something(self) -> bool {
        Self::REMEDIATE.contains(&self) && self != Self::ListKeys
    }
}
