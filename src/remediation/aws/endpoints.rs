use aws_sdk_databasemigration::types;
use serde_json::Value;

use super::{Place, acting_as, dms_call, filter, none_if_not_found, required, with_documents};
use crate::{
    aws::{Body, CallError, Operation, Page, redact},
    domain::{KeyRef, Resource, ResourceType},
    remediation::facts::{Connection, Endpoint},
};

const DESCRIBE: Operation = Operation::DescribeEndpoints;
const CONNECTIONS: Operation = Operation::DescribeConnections;

impl Place {
    /// The endpoint of that ARN, if there is one, without what may be secret.
    ///
    /// # Errors
    /// The call's.
    pub async fn endpoint(&self, arn: &str) -> Result<Option<Endpoint>, CallError> {
        let found = self.endpoint_in_full(arn).await?;
        Ok(found.map(|mut endpoint| {
            redact(&mut endpoint.document);
            endpoint
        }))
    }

    /// The same as a resource.
    ///
    /// # Errors
    /// The call's.
    pub async fn endpoint_resource(&self, arn: &str) -> Result<Option<Resource>, CallError> {
        let found = self.endpoint(arn).await?;
        Ok(found.map(|endpoint| {
            let text = |name: &str| endpoint.document.get(name).and_then(Value::as_str).map(str::to_owned);
            Resource {
                arn: endpoint.arn.clone(),
                resource_type: ResourceType::Endpoint,
                name: endpoint.name.clone(),
                status: text("Status"),
                key: text("KmsKeyId").as_deref().and_then(KeyRef::parse),
                document: crate::aws::kept(endpoint.document.clone()),
            }
        }))
    }

    /// The endpoint of that ARN with all that AWS says of it: its document may hold secrets in
    /// `ExtraConnectionAttributes`, and must not be shown or stored.
    ///
    /// # Errors
    /// The call's.
    pub async fn endpoint_in_full(&self, arn: &str) -> Result<Option<Endpoint>, CallError> {
        let found = self.find_endpoints(Some(filter("endpoint-arn", arn)?)).await?;
        Ok(found.into_iter().find(|endpoint| endpoint.arn == arn))
    }

    /// Every endpoint here, without what may be secret.
    ///
    /// # Errors
    /// The call's.
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>, CallError> {
        let mut found = self.find_endpoints(None).await?;
        found.iter_mut().for_each(|endpoint| redact(&mut endpoint.document));
        Ok(found)
    }

    async fn find_endpoints(&self, filter: Option<types::Filter>) -> Result<Vec<Endpoint>, CallError> {
        let pages = self.all_pages(DESCRIBE, |credentials, marker| {
            let body = Body::default();
            let call = self.dms.describe_endpoints().set_marker(marker);
            let call = call.set_filters(filter.clone().map(|filter| vec![filter]));
            let call = call.customize().config_override(acting_as(credentials)).interceptor(body.clone());
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(DESCRIBE, &error))?;
                let Page { items, next } = Page::new(DESCRIBE, page.endpoints, page.marker)?;
                let items = with_documents(DESCRIBE, items, body.list("Endpoints"))?;
                Ok(Page { items: items.map(endpoint).collect::<Result<_, _>>()?, next })
            }
        });
        none_if_not_found(pages.await)
    }

    /// Makes an endpoint; returns its ARN.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn create_endpoint(&self, input: &Value) -> Result<String, CallError> {
        let operation = Operation::CreateEndpoint;
        let made = dms_call!(self, operation, self.dms.create_endpoint(), input)?;
        let made = required(operation, "Endpoint", made.endpoint)?;
        required(operation, "EndpointArn", made.endpoint_arn)
    }

    /// Deletes an endpoint.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn delete_endpoint(&self, arn: &str) -> Result<(), CallError> {
        let request = self.dms.delete_endpoint().endpoint_arn(arn);
        dms_call!(self, Operation::DeleteEndpoint, request).map(drop)
    }

    /// The connections that an instance has tried.
    ///
    /// # Errors
    /// The call's.
    pub async fn connections_of(&self, instance_arn: &str) -> Result<Vec<Connection>, CallError> {
        self.find_connections("replication-instance-arn", instance_arn).await
    }

    /// The connections to an endpoint that were tried.
    ///
    /// # Errors
    /// The call's.
    pub async fn connections_to(&self, endpoint_arn: &str) -> Result<Vec<Connection>, CallError> {
        self.find_connections("endpoint-arn", endpoint_arn).await
    }

    async fn find_connections(&self, name: &str, value: &str) -> Result<Vec<Connection>, CallError> {
        let filter = filter(name, value)?;
        let pages = self.all_pages(CONNECTIONS, |credentials, marker| {
            let call = self.dms.describe_connections().set_marker(marker).filters(filter.clone());
            let call = call.customize().config_override(acting_as(credentials));
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(CONNECTIONS, &error))?;
                let Page { items, next } = Page::new(CONNECTIONS, page.connections, page.marker)?;
                Ok(Page { items: items.into_iter().map(connection).collect::<Result<_, _>>()?, next })
            }
        });
        none_if_not_found(pages.await)
    }

    /// Lets an instance try to reach an endpoint; what comes of it is in its connections.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn test_connection(&self, instance_arn: &str, endpoint_arn: &str) -> Result<(), CallError> {
        let request = self.dms.test_connection();
        let request = request.replication_instance_arn(instance_arn).endpoint_arn(endpoint_arn);
        dms_call!(self, Operation::TestConnection, request).map(drop)
    }
}

fn endpoint((endpoint, document): (types::Endpoint, Value)) -> Result<Endpoint, CallError> {
    Ok(Endpoint {
        arn: required(DESCRIBE, "EndpointArn", endpoint.endpoint_arn)?,
        name: endpoint.endpoint_identifier.unwrap_or_default(),
        // In capitals in recorded answers, though the model says small.
        endpoint_type: endpoint
            .endpoint_type
            .map(|kind| kind.as_str().to_ascii_lowercase())
            .unwrap_or_default(),
        engine: endpoint.engine_name.unwrap_or_default(),
        document,
    })
}

fn connection(connection: types::Connection) -> Result<Connection, CallError> {
    Ok(Connection {
        instance_arn: required(CONNECTIONS, "ReplicationInstanceArn", connection.replication_instance_arn)?,
        endpoint_arn: required(CONNECTIONS, "EndpointArn", connection.endpoint_arn)?,
        endpoint_name: connection.endpoint_identifier.unwrap_or_default(),
        status: required(CONNECTIONS, "Status", connection.status)?,
        failure: connection.last_failure_message.filter(|message| !message.is_empty()),
    })
}
