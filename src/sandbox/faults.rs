//! What goes wrong on demand.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::domain::{AccountId, Region};

/// One thing that goes wrong with the calls that fit it. Where several fit, the one injected first counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The operation (`dms:DescribeEndpoints`); `None` for every one.
    pub operation: Option<String>,
    /// The account that the call is about (the role's for `sts:AssumeRole`); `None` for every one.
    pub account: Option<AccountId>,
    /// The Region that the call is signed for; `None` for every one.
    pub region: Option<Region>,
    /// How many calls it hits; `None` for all from now on.
    pub times: Option<u32>,
    /// How many fitting calls pass before it hits.
    pub after: u32,
    /// Of a thousand fitting calls, how many it hits, by chance; `None` for every one.
    pub per_thousand: Option<u16>,
    /// What happens.
    pub kind: FaultKind,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// IAM says no.
    AccessDenied,
    /// A service control policy says no.
    DeniedByScp,
    /// HTTP 500 with the service's internal error.
    InternalError,
    /// The service's throttling error.
    Throttle,
    /// No answer until the client goes away.
    Hang,
    /// The right answer, late.
    Delay(Duration),
    /// The session's time has passed.
    ExpiredToken,
    /// The service does not know the session.
    UnrecognizedClient,
    /// The right answer's first half, complete by its length.
    TruncatedJson,
    /// The right answer's first half, then the connection ends.
    TruncatedBody,
    /// HTTP 500 with a page of HTML.
    Html500,
    /// HTTP 200 with a page of HTML.
    Html200,
    /// HTTP 200 with a JSON object that holds nothing of what was asked for.
    EmptyObject,
    /// A page without items, and a marker to go on with.
    EmptyPageWithMarker,
    /// The right page, with the marker that leads to this same page again.
    RepeatMarker,
    /// The connection ends without an answer, and nothing was done.
    Disconnect,
    /// What was asked is done, and then the connection ends without an answer.
    AnswerLost,
    /// The service says no with this code, one of [`Self::REFUSALS`] or any other.
    Refused(&'static str),
}

impl FaultKind {
    /// The codes that DMS and KMS refuse changes with. Source: their models.
    pub const REFUSALS: [&'static str; 25] = [
        "AccessDeniedFault",
        "AlreadyExistsException",
        "DependencyTimeoutException",
        "DisabledException",
        "InsufficientResourceCapacityFault",
        "InvalidArnException",
        "InvalidParameterCombinationException",
        "InvalidParameterValueException",
        "InvalidResourceStateFault",
        "InvalidSubnet",
        "KMSAccessDeniedFault",
        "KMSDisabledFault",
        "KMSInvalidStateException",
        "KMSInvalidStateFault",
        "KMSKeyNotAccessibleFault",
        "KMSNotFoundFault",
        "KMSThrottlingFault",
        "LimitExceededException",
        "MalformedPolicyDocumentException",
        "NotFoundException",
        "ReplicationSubnetGroupDoesNotCoverEnoughAZs",
        "ResourceAlreadyExistsFault",
        "ResourceNotFoundFault",
        "ResourceQuotaExceededFault",
        "StorageQuotaExceededFault",
    ];
}

impl Fault {
    /// A fault of every call, for good.
    pub fn new(kind: FaultKind) -> Self {
        Self { operation: None, account: None, region: None, times: None, after: 0, per_thousand: None, kind }
    }

    /// Only of this operation, `dms:DescribeEndpoints`.
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Only of calls about this account.
    pub fn in_account(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// Only of calls in this Region.
    pub fn in_region(mut self, region: &Region) -> Self {
        self.region = Some(region.clone());
        self
    }

    /// Only so many times.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only once so many fitting calls have passed.
    pub fn after(mut self, calls: u32) -> Self {
        self.after = calls;
        self
    }

    /// Only some of the calls, by chance.
    pub fn per_thousand(mut self, calls: u16) -> Self {
        self.per_thousand = Some(calls);
        self
    }

    fn fits(&self, operation: &str, account: AccountId, region: &Region) -> bool {
        self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && self.account.is_none_or(|wanted| wanted == account)
            && self.region.as_ref().is_none_or(|wanted| wanted == region)
    }
}

/// The faults in force.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub fn inject(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What happens to this call; a fault that has hit often enough is forgotten.
    pub fn hit(&self, operation: &str, account: AccountId, region: &Region) -> Option<FaultKind> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hit = None;
        for fault in faults.iter_mut().filter(|fault| fault.fits(operation, account, region)) {
            if fault.per_thousand.is_some_and(|share| fastrand::u16(..1000) >= share) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
            } else if fault.times != Some(0) {
                fault.times = fault.times.map(|left| left - 1);
                hit = Some(fault.kind);
                break;
            }
        }
        faults.retain(|fault| fault.times != Some(0));
        hit
    }
}
