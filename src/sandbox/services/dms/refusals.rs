//! The refusals of DMS.

use crate::sandbox::answer::Refusal;

fn refuse(code: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(400, code, message)
}

/// A parameter has a value that DMS does not take. Not in the model, and seen all the same. Source: Terraform's AWS
/// provider, `internal/service/dms/replication_instance.go`.
pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    refuse("InvalidParameterValueException", message)
}

/// Parameters that don't go together; as above.
pub(super) fn combination(message: impl Into<String>) -> Refusal {
    refuse("InvalidParameterCombinationException", message)
}

pub(super) fn not_found(message: impl Into<String>) -> Refusal {
    refuse("ResourceNotFoundFault", message)
}

pub(super) fn state(message: impl Into<String>) -> Refusal {
    refuse("InvalidResourceStateFault", message)
}

pub(super) fn exists(message: impl Into<String>) -> Refusal {
    refuse("ResourceAlreadyExistsFault", message)
}

pub(super) fn quota(message: impl Into<String>) -> Refusal {
    refuse("ResourceQuotaExceededFault", message)
}

pub(super) fn storage_quota(message: impl Into<String>) -> Refusal {
    refuse("StorageQuotaExceededFault", message)
}

pub(super) fn key(message: impl Into<String>) -> Refusal {
    refuse("KMSKeyNotAccessibleFault", message)
}
