//! The one place that sorts what AWS answers when it does not answer.

use std::error::Error;

use aws_sdk_sts::{
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::RequestId,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::Operation;
use crate::domain::{CoverageReason, Failure};

/// The longest message that is kept, in characters.
const MAX_MESSAGE: usize = 600;

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Too many calls; try again, slower.
    Throttled,
    /// The service or the answer failed; try again.
    Transient,
    /// Nothing came back: no connection, or no answer in time; try again.
    NoAnswer,
    /// The credentials have expired; renew them and try again.
    Expired,
    /// Refused; the same call will be refused again.
    Denied,
    /// The token is not accepted at all: what an opt-in Region says that the account has not enabled.
    NotEnabled,
    /// What was asked for does not exist.
    NotFound,
    /// Anything else that will not change by itself, a stopped scan included.
    Defect,
}

/// A call that failed for good: its class for the caller, its failure for the coverage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{failure}")]
pub struct CallError {
    /// What to do about it.
    pub class: Class,
    /// What to tell.
    pub failure: Failure,
}

impl CallError {
    /// An error of our own finding, without a code.
    pub fn defect(operation: Operation, reason: CoverageReason, message: impl Into<String>) -> Self {
        Self::new(operation, Class::Defect, reason, None, message.into(), None)
    }

    fn new(
        operation: Operation,
        class: Class,
        reason: CoverageReason,
        code: Option<String>,
        message: String,
        request_id: Option<String>,
    ) -> Self {
        let message = match message.char_indices().nth(MAX_MESSAGE) {
            Some((cut, _)) => format!("{}…", &message[..cut]),
            None => message,
        };
        Self { class, failure: Failure { reason, operation: operation.name(), code, message, request_id } }
    }

    /// Whether another attempt may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self.class, Class::Throttled | Class::Transient | Class::NoAnswer | Class::Expired)
    }

    pub(super) fn transient(
        operation: Operation,
        reason: CoverageReason,
        message: impl Into<String>,
    ) -> Self {
        Self::new(operation, Class::Transient, reason, None, message.into(), None)
    }

    pub(super) fn no_answer(
        operation: Operation,
        reason: CoverageReason,
        message: impl Into<String>,
    ) -> Self {
        Self::new(operation, Class::NoAnswer, reason, None, message.into(), None)
    }

    /// Sorts an error of the SDK.
    pub fn from_sdk<E>(operation: Operation, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let chain = || DisplayErrorContext(error).to_string();
        match error {
            SdkError::TimeoutError(_) => Self::no_answer(operation, CoverageReason::Timeout, chain()),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                Self::no_answer(operation, CoverageReason::Timeout, chain())
            }
            SdkError::DispatchFailure(failure) if failure.is_user() => {
                Self::defect(operation, CoverageReason::ServiceError, chain())
            }
            SdkError::DispatchFailure(_) => Self::no_answer(operation, CoverageReason::ServiceError, chain()),
            SdkError::ResponseError(_) => {
                Self::transient(operation, CoverageReason::InvalidResponse, chain())
            }
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let meta = service.err().meta();
                let message = meta.message().unwrap_or_default();
                let (class, reason) = sort(meta.code(), status, message);
                let message = match (meta.code(), message) {
                    (None, _) => format!("HTTP {status}: {}", chain()),
                    (Some(_), "") => format!("HTTP {status}, no message"),
                    (Some(_), text) => text.to_owned(),
                };
                let request_id = error.request_id().or_else(|| meta.request_id()).map(str::to_owned);
                Self::new(operation, class, reason, meta.code().map(str::to_owned), message, request_id)
            }
            _ => Self::defect(operation, CoverageReason::ServiceError, chain()),
        }
    }
}

/// Sorts by AWS's error code where there is one, else by the HTTP status.
///
/// Sources: the common-errors pages of IAM, DMS, KMS and Organizations; `retries/classifiers.rs` of
/// aws-runtime; `KMSThrottlingFault` is DMS's own and missing there.
fn sort(code: Option<&str>, status: u16, message: &str) -> (Class, CoverageReason) {
    use CoverageReason as R;
    match code.unwrap_or_default() {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "LimitExceededException"
        | "SlowDown"
        | "PriorRequestNotComplete"
        | "KMSThrottlingFault" => (Class::Throttled, R::Throttled),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            (Class::Expired, R::ExpiredCredentials)
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "AuthFailure"
        | "RegionDisabledException"
        | "OptInRequired"
        | "SubscriptionRequiredException" => (Class::NotEnabled, R::AccessDenied),
        // The SDK learns the clock's skew from the answer, so the next attempt may work.
        "InvalidSignatureException" | "SignatureDoesNotMatch" | "RequestTimeTooSkewed" => {
            (Class::Transient, R::AccessDenied)
        }
        "RequestTimeout" | "RequestTimeoutException" => (Class::Transient, R::Timeout),
        "NotFoundException" | "ResourceNotFoundFault" => (Class::NotFound, R::ServiceError),
        code if code.contains("AccessDenied")
            || code == "UnauthorizedOperation"
            || code == "NotAuthorized" =>
        {
            (Class::Denied, denied(message))
        }
        _ if status == 429 => (Class::Throttled, R::Throttled),
        _ if status >= 500 => (Class::Transient, R::ServiceError),
        // No code: HTML from a proxy, or JSON cut off; a 2xx that the SDK could not parse is here too.
        "" => (Class::Transient, R::InvalidResponse),
        _ => (Class::Defect, R::ServiceError),
    }
}

/// Only the message tells a denial by an organization's policy from one by IAM.
///
/// Source: IAM user guide, "Troubleshoot access denied error messages".
fn denied(message: &str) -> CoverageReason {
    let message = message.to_ascii_lowercase();
    if message.contains("service control policy") || message.contains("resource control policy") {
        CoverageReason::DeniedByScp
    } else {
        CoverageReason::AccessDenied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_as_aws_uses_them() {
        use CoverageReason as R;
        let table = [
            (Some("ThrottlingException"), 400, "", Class::Throttled, R::Throttled),
            (Some("TooManyRequestsException"), 400, "", Class::Throttled, R::Throttled),
            (Some("KMSThrottlingFault"), 400, "", Class::Throttled, R::Throttled),
            (Some("ExpiredToken"), 403, "", Class::Expired, R::ExpiredCredentials),
            (Some("UnrecognizedClientException"), 400, "", Class::NotEnabled, R::AccessDenied),
            (Some("AccessDenied"), 403, "", Class::Denied, R::AccessDenied),
            (
                Some("AccessDeniedException"),
                400,
                "… with an explicit deny in a service control policy: arn:…",
                Class::Denied,
                R::DeniedByScp,
            ),
            (
                Some("AccessDeniedException"),
                400,
                "because no service control policy allows",
                Class::Denied,
                R::DeniedByScp,
            ),
            (Some("NotFoundException"), 400, "", Class::NotFound, R::ServiceError),
            (Some("InternalFailure"), 500, "", Class::Transient, R::ServiceError),
            (Some("ValidationException"), 400, "", Class::Defect, R::ServiceError),
            (None, 503, "", Class::Transient, R::ServiceError),
            (None, 200, "", Class::Transient, R::InvalidResponse),
            (None, 403, "", Class::Transient, R::InvalidResponse),
        ];
        for (code, status, message, class, reason) in table {
            assert_eq!(sort(code, status, message), (class, reason), "{code:?} {status}");
        }
    }
}
