//! The same calls as a scan makes, straight through the SDK: nothing is limited, retried, judged or kept.

use std::{collections::BTreeSet, error::Error};

use aws_config::{Region, SdkConfig, sts::AssumeRoleProvider};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use futures_util::{StreamExt, stream};
use keywatch::{aws, config};

pub fn run(concurrency: usize) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // The same HTTP client: the stock one can't read a private instance.
        let sdk = aws::load(&config::Aws::default(), &config::Scan::default()).await.config;
        let mut pages =
            aws_sdk_organizations::Client::new(&sdk).list_accounts().max_results(20).into_paginator().send();
        let mut ids = Vec::new();
        while let Some(page) = pages.next().await {
            ids.extend(page?.accounts.unwrap_or_default().into_iter().filter_map(|account| account.id));
        }
        // As many accounts at once as calls: an account's calls follow each other.
        stream::iter(ids).for_each_concurrent(concurrency, |id| account(&sdk, id)).await;
        Ok(())
    })
}

/// What fails here fails in a scan too; nobody looks.
async fn account(sdk: &SdkConfig, id: String) {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let role = variable("KEYWATCH_ORGANIZATION__AUDIT_ROLE");
    let provider = AssumeRoleProvider::builder(format!("arn:aws:iam::{id}:role/{role}"))
        .configure(sdk)
        .external_id(variable("KEYWATCH_ORGANIZATION__EXTERNAL_ID"))
        .session_name("bare")
        .build()
        .await;
    let Ok(credentials) = provider.provide_credentials().await else { return };
    let session = sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
    let listed = aws_sdk_account::Client::new(&session).list_regions().max_results(50).send().await;
    for region in listed.ok().and_then(|answer| answer.regions).unwrap_or_default() {
        let on =
            region.region_opt_status.as_ref().is_some_and(|status| status.as_str().starts_with("ENABLED"));
        if let Some(name) = region.region_name.filter(|_| on) {
            target(&session.to_builder().region(Region::new(name)).build()).await;
        }
    }
}

async fn target(sdk: &SdkConfig) {
    let dms = aws_sdk_databasemigration::Client::new(sdk);
    let mut keys = BTreeSet::new();
    let mut pages = dms.describe_replication_instances().max_records(100).into_paginator().send();
    while let Some(Ok(page)) = pages.next().await {
        keys.extend(page.replication_instances.unwrap_or_default().into_iter().filter_map(|i| i.kms_key_id));
    }
    let mut pages = dms.describe_endpoints().max_records(100).into_paginator().send();
    while let Some(Ok(page)) = pages.next().await {
        keys.extend(page.endpoints.unwrap_or_default().into_iter().filter_map(|e| e.kms_key_id));
    }
    let mut pages = dms.describe_replication_configs().max_records(100).into_paginator().send();
    while let Some(Ok(page)) = pages.next().await {
        let configs = page.replication_configs.unwrap_or_default();
        keys.extend(
            configs.into_iter().filter_map(|c| c.compute_config.and_then(|compute| compute.kms_key_id)),
        );
    }
    if keys.is_empty() {
        return;
    }
    let kms = aws_sdk_kms::Client::new(sdk);
    for key in keys.into_iter().filter(|key| !key.contains("alias/aws/")) {
        let _ = kms.describe_key().key_id(key).send().await;
    }
}
