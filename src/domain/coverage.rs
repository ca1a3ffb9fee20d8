use std::fmt;

/// What became of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Everything asked was answered.
    Scanned,
    /// Something that should have been seen was not.
    Failed,
    /// Left out on purpose, or because nobody can look there.
    Skipped,
}

impl Outcome {
    /// The word in the database and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scanned => "scanned",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// The outcome of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Scanned, Self::Failed, Self::Skipped].into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// Why a target was not scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CoverageReason {
    /// Suspended, closed, or not yet activated.
    AccountNotActive,
    /// Left out by the config.
    AccountExcluded,
    /// The account has not enabled the Region; it may still hold data that nobody can see.
    RegionNotEnabled,
    /// Left out by the config, or DMS is not known to exist there.
    RegionExcluded,
    /// The audit role could not be assumed.
    AssumeRoleDenied,
    /// IAM refused the call.
    AccessDenied,
    /// A service control policy or resource control policy refused the call.
    DeniedByScp,
    /// AWS throttled every attempt.
    Throttled,
    /// No answer within the attempt's or the target's time.
    Timeout,
    /// The credentials expired and could not be renewed.
    ExpiredCredentials,
    /// The service failed, or could not be reached.
    ServiceError,
    /// The service answered what cannot be understood.
    InvalidResponse,
    /// The scan was stopped.
    Cancelled,
}

impl CoverageReason {
    /// Each of them.
    pub const ALL: [Self; 13] = [
        Self::AccountNotActive,
        Self::AccountExcluded,
        Self::RegionNotEnabled,
        Self::RegionExcluded,
        Self::AssumeRoleDenied,
        Self::AccessDenied,
        Self::DeniedByScp,
        Self::Throttled,
        Self::Timeout,
        Self::ExpiredCredentials,
        Self::ServiceError,
        Self::InvalidResponse,
        Self::Cancelled,
    ];

    /// The reason of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// The word in the database and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountNotActive => "account_not_active",
            Self::AccountExcluded => "account_excluded",
            Self::RegionNotEnabled => "region_not_enabled",
            Self::RegionExcluded => "region_excluded",
            Self::AssumeRoleDenied => "assume_role_denied",
            Self::AccessDenied => "access_denied",
            Self::DeniedByScp => "denied_by_scp",
            Self::Throttled => "throttled",
            Self::Timeout => "timeout",
            Self::ExpiredCredentials => "expired_credentials",
            Self::ServiceError => "service_error",
            Self::InvalidResponse => "invalid_response",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A call to AWS that gave no usable answer, in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why, in the words of coverage.
    pub reason: CoverageReason,
    /// The call, `dms:DescribeEndpoints`.
    pub operation: &'static str,
    /// AWS's error code, where the answer had one.
    pub code: Option<String>,
    /// What AWS or the network said; never a secret.
    pub message: String,
    /// AWS's id of the request, where there was one.
    pub request_id: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation)?;
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// A target, or a part of one, that was left out without a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Why, in the words of coverage.
    pub reason: CoverageReason,
    /// What decided it, for people: the account's state, the config key, the Region's status.
    pub detail: String,
}
