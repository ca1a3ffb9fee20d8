//! The words of the contract: what a column can hold, and a parameter can ask for.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use super::values::Value;

/// A word of the contract.
pub(super) trait Word {
    /// As it stands in the database and in every output.
    fn word(self) -> String;
}

/// The words that a column can hold, and a parameter can ask for.
macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub(super) enum $name {
            $(#[serde(rename = $word)] $variant,)+
        }

        impl $name {
            const WORDS: &[&str] = &[$($word),+];
        }

        // Not derived: that would not see the words, which come through this macro.
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String);
                let text = text.enum_values(Some(Self::WORDS.iter().copied()));
                text.description(Some(concat!($($doc),+).trim())).build().into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl Word for $name {
            fn word(self) -> String {
                match self {
                    $(Self::$variant => $word.to_owned(),)+
                }
            }
        }

        impl Value for $name {
            fn read(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("one of {}", Self::WORDS.join(", "))),
                }
            }
        }
    };
}

words! {
    /// The state of a finding.
    FindingState { Open = "open", Resolved = "resolved", Suppressed = "suppressed" }
}
words! {
    /// What a check says of a resource. What could not be judged is unknown, and never counts as pass.
    Status { Pass = "pass", Fail = "fail", Unknown = "unknown" }
}
words! {
    /// How much a finding matters.
    Severity { High = "high", Critical = "critical" }
}
words! {
    /// A check.
    Check {
        Instance = "dms_instance_kms_cmk_encryption",
        Endpoint = "dms_endpoint_kms_cmk_encryption",
        Serverless = "dms_serverless_kms_cmk_encryption",
        KeyUsable = "dms_kms_key_usable",
    }
}
words! {
    /// What happened to a finding.
    EventKind {
        Opened = "opened",
        StatusChanged = "status_changed",
        Resolved = "resolved",
        Suppressed = "suppressed",
        Reopened = "reopened",
    }
}
words! {
    /// A kind of resource.
    Kind {
        ReplicationInstance = "replication_instance",
        Endpoint = "endpoint",
        ReplicationConfig = "replication_config",
    }
}
words! {
    /// What became of a target.
    Outcome { Scanned = "scanned", Failed = "failed", Skipped = "skipped" }
}
words! {
    /// Why a target was not scanned.
    CoverageReason {
        AccountNotActive = "account_not_active",
        AccountExcluded = "account_excluded",
        RegionNotEnabled = "region_not_enabled",
        RegionExcluded = "region_excluded",
        AssumeRoleDenied = "assume_role_denied",
        AccessDenied = "access_denied",
        DeniedByScp = "denied_by_scp",
        Throttled = "throttled",
        Timeout = "timeout",
        ExpiredCredentials = "expired_credentials",
        ServiceError = "service_error",
        InvalidResponse = "invalid_response",
        Cancelled = "cancelled",
    }
}
words! {
    /// How a scan ended, or that it runs.
    ScanOutcome {
        Running = "running",
        Complete = "complete",
        Incomplete = "incomplete",
        Interrupted = "interrupted",
    }
}
words! {
    /// What began a scan.
    Trigger { Schedule = "schedule", Manual = "manual" }
}
words! {
    /// AWS's word for the state of an account.
    AccountState {
        Active = "ACTIVE",
        PendingClosure = "PENDING_CLOSURE",
        Suspended = "SUSPENDED",
        Closed = "CLOSED",
        PendingActivation = "PENDING_ACTIVATION",
    }
}
words! {
    /// How the last run of a job ended, or that it runs.
    JobOutcome { Running = "running", Done = "done", Failed = "failed", Interrupted = "interrupted" }
}
words! {
    /// What a row of the trend stands for: a UTC day, or an ISO week.
    By { Day = "day", Week = "week" }
}

/// The words of several values.
pub(super) fn all_words<T>(values: Vec<T>, word: impl Fn(T) -> String) -> Vec<String> {
    values.into_iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain;

    #[test]
    fn the_words_are_those_of_the_domain() {
        assert_eq!(Check::WORDS, domain::CHECK_IDS);
        assert_eq!(Kind::WORDS, domain::ResourceType::ALL.map(domain::ResourceType::as_str));
        assert_eq!(CoverageReason::WORDS, domain::CoverageReason::ALL.map(domain::CoverageReason::as_str));
        let outcomes = [domain::Outcome::Scanned, domain::Outcome::Failed, domain::Outcome::Skipped];
        assert_eq!(Outcome::WORDS, outcomes.map(domain::Outcome::as_str));
        let severities = [domain::Severity::High, domain::Severity::Critical];
        assert_eq!(Severity::WORDS, severities.map(domain::Severity::as_str));
        let statuses = [domain::Status::Pass, domain::Status::Fail, domain::Status::Unknown];
        assert_eq!(Status::WORDS, statuses.map(domain::Status::as_str));
        for word in AccountState::WORDS {
            assert!(!matches!(domain::AccountState::from(*word), domain::AccountState::Other(_)), "{word}");
        }
    }
}
