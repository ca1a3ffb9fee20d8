//! The same calls as a scan makes, straight through the SDK: nothing is limited, retried, judged or kept.

use std::{collections::BTreeSet, error::Error};

use aws_config::SdkConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::{Credentials, provider::ProvideCredentials};
use futures_util::{StreamExt, stream};
use keywatch::{aws, config};

pub fn run(concurrency: usize) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // The same HTTP client: the stock one can't read a private instance.
        let sdk = aws::load(&config::Aws::default(), &config::Scan::default()).await.config;
        let organizations = aws_sdk_organizations::Client::new(&sdk);
        let accounts: Vec<_> = organizations
            .list_accounts()
            .max_results(20)
            .into_paginator()
            .items()
            .send()
            .collect_all()
            .await?;
        let ids: Vec<String> = accounts.into_iter().filter_map(|account| account.id).collect();
        // As many accounts at once as calls: an account's calls follow each other.
        stream::iter(ids).for_each_concurrent(concurrency, |id| account(&sdk, id)).await;
        Ok(())
    })
}

trait CollectAll<T, E> {
    async fn collect_all(self) -> Result<Vec<T>, E>;
}

impl<T, E> CollectAll<T, E> for aws_smithy_async::future::pagination_stream::PaginationStream<Result<T, E>> {
    async fn collect_all(mut self) -> Result<Vec<T>, E> {
        let mut items = Vec::new();
        while let Some(item) = self.next().await {
            items.push(item?);
        }
        Ok(items)
    }
}

/// What fails here fails in a scan too; nobody looks.
async fn account(sdk: &SdkConfig, id: String) {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let provider = AssumeRoleProvider::builder(format!(
        "arn:aws:iam::{id}:role/{}",
        variable("KEYWATCH_ORGANIZATION__AUDIT_ROLE")
    ))
    .configure(sdk)
    .external_id(variable("KEYWATCH_ORGANIZATION__EXTERNAL_ID"))
    .session_name("bare")
    .build()
    .await;
    let Ok(credentials) = provider.provide_credentials().await else { return };
    let with = |region: Option<String>| {
        let mut builder = sdk.to_builder();
        builder.set_credentials_provider(Some(
            aws_credential_types::provider::SharedCredentialsProvider::new(credentials.clone()),
        ));
        match region {
            Some(region) => builder.region(aws_config::Region::new(region)).build(),
            None => builder.build(),
        }
    };
    let listed = aws_sdk_account::Client::new(&with(None)).list_regions().max_results(50).send().await;
    let regions = listed.ok().and_then(|answer| answer.regions).unwrap_or_default();
    for region in regions {
        let on =
            region.region_opt_status.as_ref().is_some_and(|status| status.as_str().starts_with("ENABLED"));
        if let Some(name) = region.region_name.filter(|_| on) {
            target(&with(Some(name)), &credentials).await;
        }
    }
}

async fn target(sdk: &SdkConfig, _: &Credentials) {
    let dms = aws_sdk_databasemigration::Client::new(sdk);
    let mut keys = BTreeSet::new();
    let mut instances = dms.describe_replication_instances().max_records(100).into_paginator().items().send();
    while let Some(Ok(instance)) = instances.next().await {
        keys.extend(instance.kms_key_id);
    }
    let mut endpoints = dms.describe_endpoints().max_records(100).into_paginator().items().send();
    while let Some(Ok(endpoint)) = endpoints.next().await {
        keys.extend(endpoint.kms_key_id);
    }
    let mut configs = dms.describe_replication_configs().max_records(100).into_paginator().items().send();
    while let Some(Ok(config)) = configs.next().await {
        keys.extend(config.compute_config.and_then(|compute| compute.kms_key_id));
    }
    if keys.is_empty() {
        return;
    }
    let kms = aws_sdk_kms::Client::new(sdk);
    for key in keys.into_iter().filter(|key| !key.contains("alias/aws/")) {
        let _ = kms.describe_key().key_id(key).send().await;
    }
}
