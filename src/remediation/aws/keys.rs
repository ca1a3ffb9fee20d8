use aws_sdk_kms::{config::Builder, types};
use serde_json::Value;

use super::{Place, kms_call, required};
use crate::{
    aws::{CallError, Class, Operation, Page, timestamp},
    domain::{CoverageReason, KeyRef},
    remediation::facts::KeyFacts,
};

/// The largest page of ListAliases and ListKeys by their texts.
const PAGE: i32 = 100;

impl Place {
    /// A key; `None` if there is no such one. Refuses an `alias/aws/…` name, which KMS would answer by creating the key.
    ///
    /// # Errors
    /// The call's.
    pub async fn key(&self, key: &KeyRef) -> Result<Option<KeyFacts>, CallError> {
        let operation = Operation::DescribeKey;
        if key.is_aws_alias() {
            let message = "an alias that AWS keeps for itself is never looked up";
            return Err(CallError::defect(operation, CoverageReason::InvalidResponse, message));
        }
        match kms_call!(self, operation, self.kms.describe_key().key_id(key.as_str())) {
            Ok(answer) => Ok(Some(facts(required(operation, "KeyMetadata", answer.key_metadata)?))),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The id of the key behind an alias of this account; `None` if there is no such alias.
    ///
    /// # Errors
    /// The call's.
    pub async fn alias_target(&self, alias: &str) -> Result<Option<String>, CallError> {
        let operation = Operation::ListAliases;
        let aliases = self.all_pages(operation, |credentials, marker| {
            let call = self.kms.list_aliases().limit(PAGE).set_marker(marker).customize();
            let call = call.config_override(Builder::new().credentials_provider(credentials));
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                Page::new(operation, page.aliases, page.next_marker)
            }
        });
        let found = aliases.await?.into_iter().find(|one| one.alias_name.as_deref() == Some(alias));
        Ok(found.and_then(|alias| alias.target_key_id))
    }

    /// The key of this account that bears that description: one whose making got no answer.
    ///
    /// # Errors
    /// The calls'.
    pub async fn key_described_as(&self, description: &str) -> Result<Option<KeyFacts>, CallError> {
        let operation = Operation::ListKeys;
        let keys = self.all_pages(operation, |credentials, marker| {
            let call = self.kms.list_keys().limit(PAGE).set_marker(marker).customize();
            let call = call.config_override(Builder::new().credentials_provider(credentials));
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                Page::new(operation, page.keys, page.next_marker)
            }
        });
        for id in keys.await?.into_iter().filter_map(|key| KeyRef::parse(&key.key_id?)) {
            match self.key(&id).await {
                Ok(Some(key)) if key.description == description => return Ok(Some(key)),
                Ok(_) => {}
                // One that we made we may look at.
                Err(error) if error.class == Class::Denied => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Makes a key; `input` is that of `CreateKey`.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn create_key(&self, input: &Value) -> Result<KeyFacts, CallError> {
        let operation = Operation::CreateKey;
        let made = kms_call!(self, operation, self.kms.create_key(), input)?;
        Ok(facts(required(operation, "KeyMetadata", made.key_metadata)?))
    }

    /// Gives a key a name.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn create_alias(&self, alias: &str, key: &str) -> Result<(), CallError> {
        let request = self.kms.create_alias().alias_name(alias).target_key_id(key);
        kms_call!(self, Operation::CreateAlias, request).map(drop)
    }

    /// Makes a disabled key usable again.
    ///
    /// # Errors
    /// The call's.
    pub async fn enable_key(&self, key: &str) -> Result<(), CallError> {
        kms_call!(self, Operation::EnableKey, self.kms.enable_key().key_id(key)).map(drop)
    }

    /// Keeps a key that was to be deleted; it is disabled then.
    ///
    /// # Errors
    /// The call's.
    pub async fn cancel_key_deletion(&self, key: &str) -> Result<(), CallError> {
        kms_call!(self, Operation::CancelKeyDeletion, self.kms.cancel_key_deletion().key_id(key)).map(drop)
    }
}

fn facts(key: types::KeyMetadata) -> KeyFacts {
    KeyFacts {
        arn: key.arn.unwrap_or(key.key_id),
        account: key.aws_account_id.and_then(|id| id.parse().ok()),
        manager: key.key_manager.map(|manager| manager.as_str().to_owned()).unwrap_or_default(),
        state: key.key_state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        deletion_date: key.deletion_date.as_ref().and_then(timestamp),
        usage: key.key_usage.map(|usage| usage.as_str().to_owned()).unwrap_or_default(),
        spec: key.key_spec.map(|spec| spec.as_str().to_owned()).unwrap_or_default(),
        origin: key.origin.map(|origin| origin.as_str().to_owned()).unwrap_or_default(),
        description: key.description.unwrap_or_default(),
        primary_region: key
            .multi_region_configuration
            .and_then(|multi| multi.primary_key)
            .and_then(|primary| primary.region),
    }
}
