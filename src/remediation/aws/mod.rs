//! The calls of remediation: one place, one account in one Region, seen and changed through one session.
//!
//! What creates something takes the call's whole input as JSON, so that a setting that this version of the SDK does not
//! know is copied like any other. A call that changes something and gets no answer is an error here: it may have been
//! carried out, and whoever called looks again.

mod account;
mod endpoints;
mod instances;
mod keys;
mod serverless;
mod tasks;

use std::{future::Future, sync::Arc, time::Duration};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_databasemigration as dms;
use aws_sdk_kms as kms;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use tasks::Start;

use crate::{
    aws::{Bounds, CallError, Caller, Class, Operation, Page, Session},
    domain::{CoverageReason, Region},
};

/// Makes a call to DMS or KMS (`dms!`, `kms!`): the request, sent with the session's credentials.
macro_rules! service {
    ($name:ident, $config:ident) => {
        macro_rules! $name {
            ($place:expr, $operation:expr, $request:expr) => {{
                let (place, operation, request) = ($place, $operation, $request);
                place
                    .call(operation, |credentials| {
                        let own = $config::config::Builder::new().credentials_provider(credentials);
                        let call = request.clone().customize().config_override(own);
                        async move { call.send().await.map_err(|error| CallError::from_sdk(operation, &error)) }
                    })
                    .await
            }};
            ($place:expr, $operation:expr, $request:expr, $input:expr) => {{
                let (place, operation, request) = ($place, $operation, $request);
                let input = crate::aws::JsonInput::new($input);
                place
                    .call(operation, |credentials| {
                        let own = $config::config::Builder::new().credentials_provider(credentials);
                        let call = request.clone().customize().config_override(own).interceptor(input.clone());
                        async move { call.send().await.map_err(|error| CallError::from_sdk(operation, &error)) }
                    })
                    .await
            }};
        }
        use $name;
    };
}
service!(dms_call, aws_sdk_databasemigration);
service!(kms_call, aws_sdk_kms);

/// One account in one Region.
pub struct Place {
    caller: Arc<Caller>,
    session: Arc<Session>,
    region: Region,
    /// How long one call may take, its repetitions included.
    call_time: Duration,
    cancel: CancellationToken,
    dms: dms::Client,
    kms: kms::Client,
}

impl Place {
    /// What the session's account has in the Region. Makes no call.
    pub fn new(
        sdk: &SdkConfig,
        caller: Arc<Caller>,
        session: Arc<Session>,
        region: Region,
        call_time: Duration,
        cancel: CancellationToken,
    ) -> Self {
        let name = dms::config::Region::new(region.to_string());
        Self {
            caller,
            session,
            call_time,
            cancel,
            dms: dms::Client::from_conf(dms::config::Builder::from(sdk).region(name.clone()).build()),
            kms: kms::Client::from_conf(kms::config::Builder::from(sdk).region(name).build()),
            region,
        }
    }

    /// The Region.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Told to stop.
    pub fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    fn bounds(&self) -> Bounds {
        Bounds::within(self.call_time, &self.cancel)
    }

    async fn call<T, F>(
        &self,
        operation: Operation,
        attempt: impl Fn(Credentials) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        self.caller.call(operation, &self.session, &self.region, &self.bounds(), attempt).await
    }

    async fn all_pages<T, F>(
        &self,
        operation: Operation,
        page: impl Fn(Credentials, Option<String>) -> F,
    ) -> Result<Vec<T>, CallError>
    where
        F: Future<Output = Result<Page<T>, CallError>>,
    {
        self.caller.all_pages(operation, &self.session, &self.region, &self.bounds(), page).await
    }
}

fn acting_as(credentials: Credentials) -> dms::config::Builder {
    dms::config::Builder::new().credentials_provider(credentials)
}

/// A filter of DMS: one name, one value.
fn filter(name: &str, value: &str) -> Result<dms::types::Filter, CallError> {
    dms::types::Filter::builder().name(name).values(value).build().map_err(|error| {
        CallError::defect(
            Operation::DescribeReplicationInstances,
            CoverageReason::ServiceError,
            error.to_string(),
        )
    })
}

/// DMS answers a filter that matches nothing with an error. Source: DMS API, `ResourceNotFoundFault`.
fn none_if_not_found<T>(found: Result<Vec<T>, CallError>) -> Result<Vec<T>, CallError> {
    match found {
        Err(error) if error.class == Class::NotFound => Ok(Vec::new()),
        found => found,
    }
}

/// What AWS always says of such a thing.
fn required<T>(operation: Operation, what: &str, value: Option<T>) -> Result<T, CallError> {
    value.ok_or_else(|| {
        CallError::defect(operation, CoverageReason::InvalidResponse, format!("an answer without {what}"))
    })
}

/// Each item with the JSON it came from. Without it a copy would be made with defaults in place of the source's settings.
fn with_documents<T>(
    operation: Operation,
    items: Vec<T>,
    documents: Vec<Value>,
) -> Result<impl Iterator<Item = (T, Value)>, CallError> {
    if items.len() != documents.len() {
        let message = format!("{} items, and the JSON of {}", items.len(), documents.len());
        return Err(CallError::defect(operation, CoverageReason::InvalidResponse, message));
    }
    Ok(items.into_iter().zip(documents))
}
