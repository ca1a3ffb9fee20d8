use super::KEY_CONTROL;
use crate::{
    domain::{ResourceType, Severity},
    evaluation::{Check, encryption},
};

/// A Serverless replication's storage is encrypted with a key of the customer's.
pub const CHECK: Check = Check {
    id: "dms_serverless_kms_cmk_encryption",
    title: "DMS Serverless replications are encrypted with a customer managed key",
    severity: Severity::High,
    rationale: "A Serverless replication's storage holds the data in migration. A key that AWS manages can't be disabled or restricted by its owner.",
    remediation: "Create an equal replication config with a customer managed key, start it, delete the old one.",
    controls: KEY_CONTROL,
    judge: |resource, judged| encryption(ResourceType::ReplicationConfig, resource, judged),
};
