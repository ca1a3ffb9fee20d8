use super::KEY_CONTROL;
use crate::{
    domain::{ResourceType, Severity},
    evaluation::{Check, encryption},
};

/// An endpoint's connection information is encrypted with a key of the customer's.
pub const CHECK: Check = Check {
    id: "dms_endpoint_kms_cmk_encryption",
    title: "DMS endpoints are encrypted with a customer managed key",
    severity: Severity::High,
    rationale: "An endpoint stores how to reach a database, its password included. A key that AWS manages can't be disabled or restricted by its owner.",
    remediation: "The key can't be changed: create an equal endpoint with a customer managed key, point the tasks at it, delete the old one.",
    controls: KEY_CONTROL,
    judge: |resource, judged| encryption(ResourceType::Endpoint, resource, judged),
};
