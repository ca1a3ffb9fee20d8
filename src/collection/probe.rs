use std::sync::Arc;

use aws_config::SdkConfig;

use super::{dms::Dms, kms::Kms};
use crate::{
    aws::{Bounds, CallError, Caller, Session},
    domain::{KeyMetadata, KeyRef, Region, Resource, ResourceType},
};

/// The collector's calls one by one, for whoever asks not what is there but whether they are allowed.
pub struct Probe {
    caller: Arc<Caller>,
    dms: Dms,
    kms: Kms,
}

impl Probe {
    /// A probe with clients of its own over the SDK's one HTTP client.
    pub fn new(sdk: &SdkConfig, caller: Arc<Caller>) -> Self {
        Self { caller, dms: Dms::new(sdk.clone()), kms: Kms::new(sdk.clone()) }
    }

    /// The resources of that kind.
    ///
    /// # Errors
    /// What the call says.
    pub async fn resources(
        &self,
        resource_type: ResourceType,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
    ) -> Result<Vec<Resource>, CallError> {
        self.dms.resources(resource_type, &self.caller, session, region, bounds).await
    }

    /// How many tags the resource has.
    ///
    /// # Errors
    /// What the call says.
    pub async fn tags(
        &self,
        arn: &str,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
    ) -> Result<usize, CallError> {
        let tags = self.dms.tags(&[arn.to_owned()], &self.caller, session, region, bounds).await?;
        Ok(tags.values().map(|tags| tags.len()).sum())
    }

    /// The aliases with the ids of their keys.
    ///
    /// # Errors
    /// What the call says.
    pub async fn aliases(
        &self,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
    ) -> Result<Vec<(String, String)>, CallError> {
        self.kms.alias_targets(&self.caller, session, region, bounds).await
    }

    /// One key; refuses an `alias/aws/…` name.
    ///
    /// # Errors
    /// What the call says.
    pub async fn describe_key(
        &self,
        key: &KeyRef,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
    ) -> Result<KeyMetadata, CallError> {
        self.kms.describe(key, &self.caller, session, region, bounds).await
    }
}
