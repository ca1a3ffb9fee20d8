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

/// Every call that keywatch can make; there is no other way to reach AWS. All of them read, but for the one that tells
/// people, to a topic of theirs.
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
    /// Every one, in the order above.
    pub const ALL: [Self; 15] = [
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
            | Self::ListTagsForResource => Some(Service::Dms),
            Self::DescribeKey | Self::ListAliases => Some(Service::Kms),
        }
    }
}
