use super::KEY_CONTROL;
use crate::{
    domain::{ResourceType, Severity},
    evaluation::{Check, encryption},
};

/// A replication instance's storage is encrypted with a key of the customer's.
pub const CHECK: Check = Check {
    id: "dms_instance_kms_cmk_encryption",
    title: "DMS replication instances are encrypted with a customer managed key",
    severity: Severity::High,
    rationale: "An instance's storage holds the data in migration. A key that AWS manages can't be rotated at will, disabled, restricted or audited by its owner.",
    remediation: "The key can't be changed: create an equal instance with a customer managed key, move the tasks to it, delete the old one.",
    controls: KEY_CONTROL,
    judge: |resource, judged| encryption(ResourceType::ReplicationInstance, resource, judged),
};
