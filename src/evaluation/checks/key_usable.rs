use crate::{
    domain::{KEY_USABLE, Severity},
    evaluation::{Check, Control},
};

/// The customer managed key behind a resource can be used.
pub const CHECK: Check = Check {
    id: KEY_USABLE,
    title: "The customer managed keys of DMS resources can be used",
    severity: Severity::Critical,
    rationale: "Data under a key that is disabled, about to be deleted or unavailable becomes unreadable; a deleted key never comes back.",
    remediation: "Cancel the deletion (kms:CancelKeyDeletion), enable the key (kms:EnableKey), import its material again, or reconnect its key store.",
    controls: &[
        Control { framework: "NIST SP 800-53 r5", id: "SC-12(2)" },
        Control { framework: "ISO/IEC 27001:2022", id: "A.8.24" },
    ],
    judge: |_, judged| judged.usable,
};
