use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_kms::{Client, config, types};

use super::aliases::AliasList;
use crate::{
    aws::{Bounds, CallError, Caller, Operation, Page, PerRegion, Session},
    domain::{CoverageReason, KeyManager, KeyMetadata, KeyRef, Region},
};

/// The largest page of ListAliases by its text.
const PAGE: i32 = 100;

/// Calls to KMS, in any account and Region.
pub struct Kms {
    clients: PerRegion<Client>,
}

impl Kms {
    pub fn new(sdk: SdkConfig) -> Self {
        Self {
            clients: PerRegion::new(move |region| {
                let region = config::Region::new(region.to_string());
                Client::from_conf(config::Builder::from(&sdk).region(region).build())
            }),
        }
    }

    /// `kms:DescribeKey`. Refuses an `alias/aws/…` name, which KMS would answer by creating the key.
    pub async fn describe(
        &self,
        key: &KeyRef,
        caller: &Caller,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
    ) -> Result<KeyMetadata, CallError> {
        let operation = Operation::DescribeKey;
        let invalid = |message: &str| CallError::defect(operation, CoverageReason::InvalidResponse, message);
        if key.is_aws_alias() {
            return Err(invalid("an alias that AWS keeps for itself is never looked up"));
        }
        let client = self.clients.client(region);
        let answer = caller
            .call(operation, session, region, bounds, |credentials| {
                let call = client.describe_key().key_id(key.as_str()).customize();
                let call = call.config_override(acting_as(credentials));
                async move { call.send().await.map_err(|error| CallError::from_sdk(operation, &error)) }
            })
            .await?;
        let metadata = answer.key_metadata.ok_or_else(|| invalid("an answer without KeyMetadata"))?;
        Ok(KeyMetadata {
            arn: metadata.arn.unwrap_or_else(|| key.to_string()),
            manager: match metadata.key_manager {
                Some(types::KeyManagerType::Aws) => Some(KeyManager::Aws),
                Some(types::KeyManagerType::Customer) => Some(KeyManager::Customer),
                Some(_) | None => None,
            },
            state: metadata.key_state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        })
    }

    /// `kms:ListAliases`, all pages, of the session's own account.
    pub async fn aliases(
        &self,
        caller: &Caller,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
    ) -> Result<AliasList, CallError> {
        Ok(self.alias_targets(caller, session, region, bounds).await?.into_iter().collect())
    }

    /// The same as pairs of alias and key id.
    pub async fn alias_targets(
        &self,
        caller: &Caller,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
    ) -> Result<Vec<(String, String)>, CallError> {
        let operation = Operation::ListAliases;
        let client = self.clients.client(region);
        let aliases = caller
            .all_pages(operation, session, region, bounds, |credentials, marker| {
                let call = client.list_aliases().limit(PAGE).set_marker(marker).customize();
                let call = call.config_override(acting_as(credentials));
                async move {
                    let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                    // Half a list would make every key look as if no alias of AWS's pointed to it.
                    if page.truncated && page.next_marker.is_none() {
                        let message = "a list that is cut off, without a marker to go on with";
                        return Err(CallError::defect(operation, CoverageReason::InvalidResponse, message));
                    }
                    Page::new(operation, page.aliases, page.next_marker)
                }
            })
            .await?;
        Ok(aliases.into_iter().filter_map(|alias| Some((alias.alias_name?, alias.target_key_id?))).collect())
    }
}

fn acting_as(credentials: Credentials) -> config::Builder {
    config::Builder::new().credentials_provider(credentials)
}
