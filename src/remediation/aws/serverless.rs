use aws_sdk_databasemigration::types;
use serde_json::Value;

use super::{Place, acting_as, dms_call, filter, none_if_not_found, required, with_documents};
use crate::{
    aws::{Body, CallError, Operation, Page, kept},
    domain::{KeyRef, Resource, ResourceType},
    remediation::facts::Replication,
};

const DESCRIBE: Operation = Operation::DescribeReplicationConfigs;
const REPLICATIONS: Operation = Operation::DescribeReplications;

impl Place {
    /// The replication config of that ARN, if there is one.
    ///
    /// # Errors
    /// The call's.
    pub async fn replication_config(&self, arn: &str) -> Result<Option<Resource>, CallError> {
        let found = self.find_configs(Some(filter("replication-config-arn", arn)?)).await?;
        Ok(found.into_iter().find(|config| config.arn == arn))
    }

    /// Every replication config here.
    ///
    /// # Errors
    /// The call's.
    pub async fn replication_configs(&self) -> Result<Vec<Resource>, CallError> {
        self.find_configs(None).await
    }

    async fn find_configs(&self, filter: Option<types::Filter>) -> Result<Vec<Resource>, CallError> {
        let pages = self.all_pages(DESCRIBE, |credentials, marker| {
            let body = Body::default();
            let call = self.dms.describe_replication_configs().set_marker(marker);
            let call = call.set_filters(filter.clone().map(|filter| vec![filter]));
            let call = call.customize().config_override(acting_as(credentials)).interceptor(body.clone());
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(DESCRIBE, &error))?;
                let Page { items, next } = Page::new(DESCRIBE, page.replication_configs, page.marker)?;
                let items = with_documents(DESCRIBE, items, body.list("ReplicationConfigs"))?;
                Ok(Page { items: items.map(config).collect::<Result<_, _>>()?, next })
            }
        });
        none_if_not_found(pages.await)
    }

    /// What is run for a config, if it ever ran.
    ///
    /// # Errors
    /// The call's.
    pub async fn replication(&self, config_arn: &str) -> Result<Option<Replication>, CallError> {
        let filter = filter("replication-config-arn", config_arn)?;
        let pages = self.all_pages(REPLICATIONS, |credentials, marker| {
            let body = Body::default();
            let call = self.dms.describe_replications().set_marker(marker).filters(filter.clone());
            let call = call.customize().config_override(acting_as(credentials)).interceptor(body.clone());
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(REPLICATIONS, &error))?;
                let Page { items, next } = Page::new(REPLICATIONS, page.replications, page.marker)?;
                let items = with_documents(REPLICATIONS, items, body.list("Replications"))?;
                Ok(Page { items: items.collect(), next })
            }
        });
        let found = none_if_not_found(pages.await)?;
        let of_config = |(replication, _): &(types::Replication, Value)| {
            replication.replication_config_arn.as_deref() == Some(config_arn)
        };
        let Some((replication, document)) = found.into_iter().find(of_config) else { return Ok(None) };
        Ok(Some(Replication {
            status: required(REPLICATIONS, "Status", replication.status)?,
            recovery_checkpoint: replication.recovery_checkpoint.filter(|checkpoint| !checkpoint.is_empty()),
            document,
        }))
    }

    /// Makes a replication config; returns its ARN.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn create_replication_config(&self, input: &Value) -> Result<String, CallError> {
        let operation = Operation::CreateReplicationConfig;
        let made = dms_call!(self, operation, self.dms.create_replication_config(), input)?;
        let made = required(operation, "ReplicationConfig", made.replication_config)?;
        required(operation, "ReplicationConfigArn", made.replication_config_arn)
    }

    /// Deletes a replication config.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn delete_replication_config(&self, arn: &str) -> Result<(), CallError> {
        let request = self.dms.delete_replication_config().replication_config_arn(arn);
        dms_call!(self, Operation::DeleteReplicationConfig, request).map(drop)
    }

    /// Stops what is run for a config, which takes minutes.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn stop_replication(&self, config_arn: &str) -> Result<(), CallError> {
        let request = self.dms.stop_replication().replication_config_arn(config_arn);
        dms_call!(self, Operation::StopReplication, request).map(drop)
    }

    /// Runs a config: `input` is that of `StartReplication`.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn start_replication(&self, input: &Value) -> Result<(), CallError> {
        dms_call!(self, Operation::StartReplication, self.dms.start_replication(), input).map(drop)
    }
}

fn config((config, document): (types::ReplicationConfig, Value)) -> Result<Resource, CallError> {
    let key = config.compute_config.and_then(|compute| compute.kms_key_id);
    Ok(Resource {
        arn: required(DESCRIBE, "ReplicationConfigArn", config.replication_config_arn)?,
        resource_type: ResourceType::ReplicationConfig,
        name: config.replication_config_identifier.unwrap_or_default(),
        status: None,
        key: key.as_deref().and_then(KeyRef::parse),
        document: kept(document),
    })
}
