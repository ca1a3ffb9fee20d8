//! One file a check.

pub mod endpoint_cmk;
pub mod instance_cmk;
pub mod key_usable;
pub mod serverless_cmk;

use super::Control;

/// What a key of one's own supports: control over the key, beyond encryption as such.
///
/// Sources: Security Hub S3.17 (NIST, PCI DSS), Prowler's compliance files for the like checks (ISO, KISA),
/// Trend Micro DMS-004 (GDPR).
const KEY_CONTROL: &[Control] = &[
    Control { framework: "NIST SP 800-53 r5", id: "SC-12(2)" },
    Control { framework: "NIST SP 800-53 r5", id: "SC-28(1)" },
    Control { framework: "NIST SP 800-171 r2", id: "3.13.16" },
    Control { framework: "PCI DSS v4.0.1", id: "3.5.1" },
    Control { framework: "ISO/IEC 27001:2022", id: "A.8.24" },
    Control { framework: "KISA ISMS-P", id: "2.7.2" },
    Control { framework: "GDPR", id: "Article 32" },
];
