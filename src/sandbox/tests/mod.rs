mod endpoints;
mod faults;
mod instances;
mod keys;
mod organization;
mod permissions;
mod resources;
mod signature;
mod tasks;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{error::metadata::ProvideErrorMetadata, retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region as SdkRegion};

use super::{Sandbox, Settings, auth, world::World};
use crate::domain::{AccountId, Partition, Region};

/// A sandbox and the stock SDK in front of it.
struct Bench {
    sandbox: Sandbox,
    hub: Credentials,
}

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

impl Bench {
    /// Starts a sandbox of the world that `build` leaves.
    async fn new<T>(build: impl FnOnce(&mut World) -> T) -> (Self, T) {
        let mut world = World::empty(Partition::Aws);
        let built = build(&mut world);
        let sandbox = Sandbox::start(world, Settings::default()).await.unwrap();
        let hub = Credentials::new(auth::HUB_ACCESS_KEY, auth::HUB_SECRET, None, None, "test");
        (Self { sandbox, hub }, built)
    }

    /// The stock SDK's settings for these credentials in this Region: no retries, no remedies.
    fn config(&self, credentials: &Credentials, region: &str) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(SdkRegion::new(region.to_owned()))
            .endpoint_url(self.sandbox.endpoint_url())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                credentials.clone(),
            ))
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
                aws_smithy_async::rt::sleep::TokioSleep::new(),
            ))
            .time_source(aws_smithy_async::time::SystemTimeSource::new())
            .build()
    }

    fn sts(&self) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&self.config(&self.hub, "us-east-1"))
    }

    fn organizations(&self) -> aws_sdk_organizations::Client {
        aws_sdk_organizations::Client::new(&self.config(&self.hub, "us-east-1"))
    }

    /// Assumes the audit role as a scan does.
    async fn assume(&self, account: AccountId) -> Credentials {
        let role = self.sandbox.edit(|world| world.audit_role.clone());
        self.assume_role(account, &role).await
    }

    /// DMS for the role that may change things.
    async fn operator(&self, account: AccountId, region: &str) -> aws_sdk_databasemigration::Client {
        let role = self.sandbox.edit(|world| world.remediation_role.clone());
        aws_sdk_databasemigration::Client::new(&self.config(&self.assume_role(account, &role).await, region))
    }

    async fn assume_role(&self, account: AccountId, role: &str) -> Credentials {
        let (arn, external_id) = self.sandbox.edit(|world| {
            (format!("arn:{}:iam::{account}:role/{role}", world.partition), world.external_id.clone())
        });
        let answer = self
            .sts()
            .assume_role()
            .role_arn(arn)
            .role_session_name("keywatch")
            .external_id(external_id)
            .send()
            .await
            .unwrap();
        let given = answer.credentials.unwrap();
        Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            None,
            "test",
        )
    }

    async fn dms(&self, account: AccountId, region: &str) -> aws_sdk_databasemigration::Client {
        aws_sdk_databasemigration::Client::new(&self.config(&self.assume(account).await, region))
    }

    async fn kms(&self, account: AccountId, region: &str) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::new(&self.config(&self.assume(account).await, region))
    }

    async fn account(&self, account: AccountId) -> aws_sdk_account::Client {
        aws_sdk_account::Client::new(&self.config(&self.assume(account).await, "us-east-1"))
    }
}

/// HTTP status, code and message of a refusal.
fn refusal<T: std::fmt::Debug, E: ProvideErrorMetadata + std::error::Error + 'static>(
    result: Result<T, SdkError<E, HttpResponse>>,
) -> (u16, String, String) {
    let error = result.unwrap_err();
    let status = error.raw_response().unwrap().status().as_u16();
    let error = error.as_service_error().unwrap();
    (status, error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
}

/// A filter of DMS's.
fn filter(name: &str, value: &str) -> aws_sdk_databasemigration::types::Filter {
    aws_sdk_databasemigration::types::Filter::builder().name(name).values(value).build().unwrap()
}
