use aws_sdk_databasemigration::types;
use serde_json::Value;

use super::{Place, acting_as, dms_call, filter, none_if_not_found, required, with_documents};
use crate::{
    aws::{Body, CallError, Operation, Page, kept},
    domain::{KeyRef, Resource, ResourceType},
};

const DESCRIBE: Operation = Operation::DescribeReplicationInstances;

impl Place {
    /// The replication instance of that ARN, if there is one.
    ///
    /// # Errors
    /// The call's.
    pub async fn instance(&self, arn: &str) -> Result<Option<Resource>, CallError> {
        let found = self.find_instances(Some(filter("replication-instance-arn", arn)?)).await?;
        Ok(found.into_iter().find(|instance| instance.arn == arn))
    }

    /// The replication instance of that identifier, if there is one.
    ///
    /// # Errors
    /// The call's.
    pub async fn instance_named(&self, name: &str) -> Result<Option<Resource>, CallError> {
        let found = self.find_instances(Some(filter("replication-instance-id", name)?)).await?;
        Ok(found.into_iter().find(|instance| instance.name.eq_ignore_ascii_case(name)))
    }

    /// Every replication instance here.
    ///
    /// # Errors
    /// The call's.
    pub async fn instances(&self) -> Result<Vec<Resource>, CallError> {
        self.find_instances(None).await
    }

    async fn find_instances(&self, filter: Option<types::Filter>) -> Result<Vec<Resource>, CallError> {
        let pages = self.all_pages(DESCRIBE, |credentials, marker| {
            let body = Body::default();
            let call = self.dms.describe_replication_instances().set_marker(marker);
            let call = call.set_filters(filter.clone().map(|filter| vec![filter]));
            let call = call.customize().config_override(acting_as(credentials)).interceptor(body.clone());
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(DESCRIBE, &error))?;
                let Page { items, next } = Page::new(DESCRIBE, page.replication_instances, page.marker)?;
                let items = with_documents(DESCRIBE, items, body.list("ReplicationInstances"))?;
                Ok(Page { items: items.map(instance).collect::<Result<_, _>>()?, next })
            }
        });
        none_if_not_found(pages.await)
    }

    /// Makes a replication instance; returns its ARN.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn create_instance(&self, input: &Value) -> Result<String, CallError> {
        let operation = Operation::CreateReplicationInstance;
        let made = dms_call!(self, operation, self.dms.create_replication_instance(), input)?;
        let made = required(operation, "ReplicationInstance", made.replication_instance)?;
        required(operation, "ReplicationInstanceArn", made.replication_instance_arn)
    }

    /// Deletes a replication instance, which takes minutes.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn delete_instance(&self, arn: &str) -> Result<(), CallError> {
        let request = self.dms.delete_replication_instance().replication_instance_arn(arn);
        dms_call!(self, Operation::DeleteReplicationInstance, request).map(drop)
    }
}

fn instance((instance, document): (types::ReplicationInstance, Value)) -> Result<Resource, CallError> {
    Ok(Resource {
        arn: required(DESCRIBE, "ReplicationInstanceArn", instance.replication_instance_arn)?,
        resource_type: ResourceType::ReplicationInstance,
        name: instance.replication_instance_identifier.unwrap_or_default(),
        status: instance.replication_instance_status,
        key: instance.kms_key_id.as_deref().and_then(KeyRef::parse),
        document: kept(document),
    })
}
