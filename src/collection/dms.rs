use std::collections::{BTreeMap, HashMap};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_databasemigration::{Client, config, types};
use serde_json::Value;

use crate::{
    aws::{Body, Bounds, CallError, Caller, Operation, Page, PerRegion, Session, kept},
    domain::{CoverageReason, KeyRef, Region, Resource, ResourceType},
};

/// ARNs whose tags are asked for with one call. AWS names no limit.
const TAGS_AT_ONCE: usize = 20;

/// The largest page of DMS.
const PAGE: i32 = 100;

/// Calls to DMS, in any account and Region.
pub struct Dms {
    clients: PerRegion<Client>,
}

impl Dms {
    pub fn new(sdk: SdkConfig) -> Self {
        Self {
            clients: PerRegion::new(move |region| {
                let region = config::Region::new(region.to_string());
                Client::from_conf(config::Builder::from(&sdk).region(region).build())
            }),
        }
    }

    /// Every resource of that kind in the Region, as the session's account sees it.
    pub async fn resources(
        &self,
        resource_type: ResourceType,
        caller: &Caller,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
    ) -> Result<Vec<Resource>, CallError> {
        let client = self.clients.client(region);
        match resource_type {
            ResourceType::ReplicationInstance => {
                let operation = Operation::DescribeReplicationInstances;
                let page = |credentials, marker| {
                    let body = Body::default();
                    let call = client.describe_replication_instances().max_records(PAGE).set_marker(marker);
                    let call =
                        call.customize().config_override(acting_as(credentials)).interceptor(body.clone());
                    async move {
                        let page =
                            call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                        let Page { items, next } =
                            Page::new(operation, page.replication_instances, page.marker)?;
                        let items = with_documents(items, &body, "ReplicationInstances");
                        Ok(Page { items: items.map(instance).collect::<Result<_, _>>()?, next })
                    }
                };
                caller.all_pages(operation, session, region, bounds, page).await
            }
            ResourceType::Endpoint => {
                let operation = Operation::DescribeEndpoints;
                let page = |credentials, marker| {
                    let body = Body::default();
                    let call = client.describe_endpoints().max_records(PAGE).set_marker(marker);
                    let call =
                        call.customize().config_override(acting_as(credentials)).interceptor(body.clone());
                    async move {
                        let page =
                            call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                        let Page { items, next } = Page::new(operation, page.endpoints, page.marker)?;
                        let items = with_documents(items, &body, "Endpoints");
                        Ok(Page { items: items.map(endpoint).collect::<Result<_, _>>()?, next })
                    }
                };
                caller.all_pages(operation, session, region, bounds, page).await
            }
            ResourceType::ReplicationConfig => {
                let operation = Operation::DescribeReplicationConfigs;
                let page = |credentials, marker| {
                    let body = Body::default();
                    let call = client.describe_replication_configs().max_records(PAGE).set_marker(marker);
                    let call =
                        call.customize().config_override(acting_as(credentials)).interceptor(body.clone());
                    async move {
                        let page =
                            call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                        let Page { items, next } =
                            Page::new(operation, page.replication_configs, page.marker)?;
                        let items = with_documents(items, &body, "ReplicationConfigs");
                        Ok(Page { items: items.map(replication_config).collect::<Result<_, _>>()?, next })
                    }
                };
                caller.all_pages(operation, session, region, bounds, page).await
            }
        }
    }
}

impl Dms {
    /// The tags of these resources, by ARN.
    ///
    /// Source: DMS API, `ListTagsForResource`: `ResourceArnList`, and `Tag$ResourceArn` says whose a tag is.
    pub async fn tags(
        &self,
        arns: &[String],
        caller: &Caller,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
    ) -> Result<HashMap<String, BTreeMap<String, String>>, CallError> {
        let operation = Operation::ListTagsForResource;
        let client = self.clients.client(region);
        let mut tags: HashMap<String, BTreeMap<String, String>> =
            arns.iter().map(|arn| (arn.clone(), BTreeMap::new())).collect();
        for arns in arns.chunks(TAGS_AT_ONCE) {
            let answer = caller
                .call(operation, session, region, bounds, |credentials| {
                    // One by its own parameter, for then the answer need not say whose the tags are.
                    let call = match arns {
                        [arn] => client.list_tags_for_resource().resource_arn(arn),
                        arns => client.list_tags_for_resource().set_resource_arn_list(Some(arns.to_vec())),
                    };
                    let call = call.customize().config_override(acting_as(credentials));
                    async move { call.send().await.map_err(|error| CallError::from_sdk(operation, &error)) }
                })
                .await?;
            for tag in answer.tag_list.unwrap_or_default() {
                let whose = match arns {
                    [arn] => Some(arn.as_str()),
                    _ => tag.resource_arn.as_deref(),
                };
                let whose = whose.and_then(|arn| tags.get_mut(arn));
                if let (Some(tags), Some(key)) = (whose, tag.key) {
                    tags.insert(key, tag.value.unwrap_or_default());
                }
            }
        }
        Ok(tags)
    }
}

fn acting_as(credentials: Credentials) -> config::Builder {
    config::Builder::new().credentials_provider(credentials)
}

/// Each item with the JSON it came from. An empty page is not parsed a second time.
fn with_documents<T>(items: Vec<T>, body: &Body, list: &str) -> impl Iterator<Item = (T, Value)> {
    let documents = if items.is_empty() { Vec::new() } else { body.list(list) };
    items.into_iter().zip(documents.into_iter().chain(std::iter::repeat(Value::Null)))
}

fn instance((instance, document): (types::ReplicationInstance, Value)) -> Result<Resource, CallError> {
    Ok(Resource {
        arn: arn(Operation::DescribeReplicationInstances, instance.replication_instance_arn)?,
        resource_type: ResourceType::ReplicationInstance,
        name: instance.replication_instance_identifier.unwrap_or_default(),
        status: instance.replication_instance_status,
        key: instance.kms_key_id.as_deref().and_then(KeyRef::parse),
        document: kept(document),
    })
}

fn endpoint((endpoint, document): (types::Endpoint, Value)) -> Result<Resource, CallError> {
    Ok(Resource {
        arn: arn(Operation::DescribeEndpoints, endpoint.endpoint_arn)?,
        resource_type: ResourceType::Endpoint,
        name: endpoint.endpoint_identifier.unwrap_or_default(),
        status: endpoint.status,
        key: endpoint.kms_key_id.as_deref().and_then(KeyRef::parse),
        document: kept(document),
    })
}

fn replication_config((config, document): (types::ReplicationConfig, Value)) -> Result<Resource, CallError> {
    let key = config.compute_config.and_then(|compute| compute.kms_key_id);
    Ok(Resource {
        arn: arn(Operation::DescribeReplicationConfigs, config.replication_config_arn)?,
        resource_type: ResourceType::ReplicationConfig,
        name: config.replication_config_identifier.unwrap_or_default(),
        // The config has none of its own; its replication has.
        status: None,
        key: key.as_deref().and_then(KeyRef::parse),
        document: kept(document),
    })
}

/// A resource without an ARN can't be told from another: the page is not to be believed.
fn arn(operation: Operation, arn: Option<String>) -> Result<String, CallError> {
    arn.filter(|arn| !arn.is_empty()).ok_or_else(|| {
        CallError::defect(operation, CoverageReason::InvalidResponse, "a resource without an ARN")
    })
}
