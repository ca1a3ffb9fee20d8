use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_sts::config::{IdentityCache, SharedCredentialsProvider};

use super::{Bounds, CallError, Caller, Operation, Source, SourceFuture, http};
use crate::{
    config::{Aws, Scan},
    domain::{AccountId, CoverageReason, Region},
};

/// The SDK's configuration without credentials, and where keywatch's own come from.
#[derive(Clone)]
pub struct SdkSettings {
    /// Home Region, endpoints, the one HTTP client; no retries, no cache of identities.
    pub config: SdkConfig,
    /// The default chain: environment, profile, SSO, web identity, ECS, IMDS.
    pub chain: DefaultChain,
}

/// Reads the SDK's standard settings (environment and shared config files). Makes no call.
pub async fn load(aws: &Aws, scan: &Scan) -> SdkSettings {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(scan.attempt_timeout.min(std::time::Duration::from_millis(3100)))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(aws_config::Region::new(aws.home_region.to_string()))
        .http_client(http::client())
        // Ours is the one layer that retries, see `Caller`.
        .retry_config(RetryConfig::disabled())
        // The SDK's cache would keep every account's credentials; `Session` drops them.
        .identity_cache(IdentityCache::no_cache())
        .timeout_config(timeouts);
    if let Some(profile) = &aws.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let provider = config.credentials_provider();
    SdkSettings { config, chain: DefaultChain { provider, home: aws.home_region.clone() } }
}

/// keywatch's own credentials.
#[derive(Clone)]
pub struct DefaultChain {
    provider: Option<SharedCredentialsProvider>,
    home: Region,
}

impl Source for DefaultChain {
    fn fetch<'a>(&'a self, caller: &'a Caller, bounds: &'a Bounds) -> SourceFuture<'a> {
        Box::pin(async move {
            let operation = Operation::BaseCredentials;
            let refused =
                |message: String| CallError::defect(operation, CoverageReason::AccessDenied, message);
            let Some(provider) = &self.provider else {
                return Err(refused("the SDK was configured without credentials".to_owned()));
            };
            caller
                .provide(operation, AccountId::NONE, &self.home, bounds, || async {
                    provider.provide_credentials().await.map_err(|error| {
                        refused(format!(
                            "no AWS credentials for keywatch itself: {}. Set them in the environment, a profile \
                             (aws.profile), or run where an instance, task or pod role is at hand",
                            aws_sdk_sts::error::DisplayErrorContext(error)
                        ))
                    })
                })
                .await
        })
    }
}
