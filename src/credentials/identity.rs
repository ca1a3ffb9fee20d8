use aws_config::SdkConfig;
use aws_sdk_sts::{Client, config};

use super::ClockSkew;
use crate::{
    aws::{Bounds, CallError, Caller, Operation, Session},
    domain::{AccountId, CoverageReason, Partition, Region},
};

/// Who keywatch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account its own credentials belong to.
    pub account: AccountId,
    /// The partition they are good in.
    pub partition: Partition,
    /// Their ARN, for people.
    pub arn: String,
}

/// Asks STS whose credentials these are.
///
/// # Errors
/// Whatever the call says; `invalid_response` for an ARN that makes no sense.
pub async fn identify(
    sdk: &SdkConfig,
    caller: &Caller,
    session: &Session,
    home: &Region,
    bounds: &Bounds,
) -> Result<Identity, CallError> {
    identify_by_clock(sdk, caller, session, home, bounds, &ClockSkew::default()).await
}

/// The same, and compares AWS's clock with ours; `skew` is set even where the call is refused.
///
/// # Errors
/// As [`identify`].
pub async fn identify_by_clock(
    sdk: &SdkConfig,
    caller: &Caller,
    session: &Session,
    home: &Region,
    bounds: &Bounds,
    skew: &ClockSkew,
) -> Result<Identity, CallError> {
    let operation = Operation::GetCallerIdentity;
    let client = Client::new(sdk);
    let answer = caller
        .call(operation, session, home, bounds, |credentials| {
            let call = client.get_caller_identity().customize().interceptor(skew.clone());
            let call = call.config_override(config::Builder::new().credentials_provider(credentials));
            async move { call.send().await.map_err(|error| CallError::from_sdk(operation, &error)) }
        })
        .await?;
    let arn = answer.arn.unwrap_or_default();
    let partition = arn.split(':').nth(1).and_then(Partition::from_name);
    match (answer.account.as_deref().unwrap_or_default().parse(), partition) {
        (Ok(account), Some(partition)) => Ok(Identity { account, partition, arn }),
        _ => {
            let message = format!("the answer names no account and partition: {arn:?}");
            Err(CallError::defect(operation, CoverageReason::InvalidResponse, message))
        }
    }
}
