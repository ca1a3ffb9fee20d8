use super::{KeyManager, ResourceType};

/// The ids of the checks, for what names them before anything is judged: the command line, the config.
pub const CHECK_IDS: [&str; 4] = [
    "dms_instance_kms_cmk_encryption",
    "dms_endpoint_kms_cmk_encryption",
    "dms_serverless_kms_cmk_encryption",
    KEY_USABLE,
];

/// The check whose findings put data in danger: what mends them is mending the key, not another key.
pub const KEY_USABLE: &str = "dms_kms_key_usable";

/// The result of one check on one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// Not known; never counts as pass.
    Unknown,
}

impl Status {
    /// The word in the database and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a check came out as it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No key was given, so DMS used its default key, `aws/dms`.
    DefaultKey,
    /// The key is managed by AWS.
    AwsManagedKey,
    /// The key is managed by the customer.
    CustomerManagedKey,
    /// The key belongs to another account, so it must be customer managed.
    CustomerManagedKeyOtherAccount,
    /// The lookup was refused.
    KeyAccessDenied,
    /// KMS knows no such key.
    KeyNotFound,
    /// The lookup failed.
    KeyLookupFailed,
    /// The resource is still being made and names no key yet.
    ResourceCreating,
    /// The key can be used.
    KeyEnabled,
    /// The key is disabled.
    KeyDisabled,
    /// The key is about to be deleted.
    KeyPendingDeletion,
    /// The multi-Region primary is about to be deleted once its replicas are.
    KeyPendingReplicaDeletion,
    /// The key's imported material is missing or has expired.
    KeyPendingImport,
    /// The key's custom key store is disconnected.
    KeyUnavailable,
    /// The key is in a state that this version does not know.
    KeyStateUnknown,
}

impl Reason {
    /// The word in the database and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DefaultKey => "default_key",
            Self::AwsManagedKey => "aws_managed_key",
            Self::CustomerManagedKey => "customer_managed_key",
            Self::CustomerManagedKeyOtherAccount => "customer_managed_key_other_account",
            Self::KeyAccessDenied => "key_access_denied",
            Self::KeyNotFound => "key_not_found",
            Self::KeyLookupFailed => "key_lookup_failed",
            Self::ResourceCreating => "resource_creating",
            Self::KeyEnabled => "key_enabled",
            Self::KeyDisabled => "key_disabled",
            Self::KeyPendingDeletion => "key_pending_deletion",
            Self::KeyPendingReplicaDeletion => "key_pending_replica_deletion",
            Self::KeyPendingImport => "key_pending_import",
            Self::KeyUnavailable => "key_unavailable",
            Self::KeyStateUnknown => "key_state_unknown",
        }
    }
}

/// What a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// `kms:DescribeKey` answered.
    DescribeKey,
    /// The complete list of `kms:ListAliases`.
    ListAliases,
    /// The account in the key's ARN.
    ArnAccount,
    /// No lookup: what the resource itself says, or nothing.
    None,
}

impl Evidence {
    /// The word in the database and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DescribeKey => "describe_key",
            Self::ListAliases => "list_aliases",
            Self::ArnAccount => "arn_account",
            Self::None => "none",
        }
    }
}

/// How much a failing check matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a plan.
    High,
    /// Worth a call tonight.
    Critical,
}

impl Severity {
    /// The word in the database and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What is known of a resource's key, for storing beside the resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyKnowledge {
    /// The key's ARN, or the text the resource names it by; `None` for the default key.
    pub arn: Option<String>,
    /// Who manages it, where that was found out.
    pub manager: Option<KeyManager>,
    /// AWS's word for its state, where `DescribeKey` answered.
    pub state: Option<String>,
}

/// One check's judgement of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The check.
    pub check_id: &'static str,
    /// How much a failure matters.
    pub severity: Severity,
    /// The resource.
    pub resource_arn: String,
    /// The resource's kind.
    pub resource_type: ResourceType,
    /// The result.
    pub status: Status,
    /// Why.
    pub reason: Reason,
    /// What it rests on.
    pub evidence: Evidence,
}
