//! The fresh read: everything that a plan, or the first step of a remediation, has to know.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    aws::Place,
    facts::{Beside, Endpoint, Facts, KeyFacts, Orderable, Task},
    inputs::TAG,
};
use crate::{
    aws::{CallError, Class},
    domain::{AccountId, KeyRef, Resource, ResourceType, Timestamp},
};

/// What to read, and what is to come of it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The account.
    pub account: AccountId,
    /// The resource's kind.
    pub resource_type: ResourceType,
    /// Its ARN.
    pub arn: &'a str,
    /// What the new resource is to be called.
    pub name: &'a str,
    /// The key that it is to have, if one was named.
    pub key: Option<&'a KeyRef>,
    /// The alias of the key that it is to have otherwise.
    pub alias: &'a str,
}

/// Why it could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A call.
    #[error("{0}")]
    Call(#[from] CallError),
    /// The key that was named.
    #[error("there is no key {0} here; name one of the resource's own Region with --key")]
    NoKey(KeyRef),
}

impl ReadError {
    /// The IAM action that is missing, if that is what is wrong.
    pub fn denied_action(&self) -> Option<&'static str> {
        match self {
            Self::Call(error) if error.class == Class::Denied => Some(error.failure.operation),
            Self::Call(_) | Self::NoKey(_) => None,
        }
    }
}

/// Reads all of it; `None` if the resource is gone.
///
/// # Errors
/// The first call that fails: half the facts would make half a plan.
pub async fn facts(place: &Place, wanted: &Wanted<'_>, now: Timestamp) -> Result<Option<Facts>, ReadError> {
    let resource = match wanted.resource_type {
        ResourceType::ReplicationInstance => place.instance(wanted.arn).await?,
        ResourceType::Endpoint => place.endpoint_resource(wanted.arn).await?,
        ResourceType::ReplicationConfig => place.replication_config(wanted.arn).await?,
    };
    let Some(resource) = resource else { return Ok(None) };
    let tags = match place.tags(wanted.arn).await {
        // Gone since it was listed.
        Err(error) if error.class == Class::NotFound => return Ok(None),
        tags => tags?,
    };
    let others = others(place, wanted.resource_type).await?;
    let document: Value = serde_json::from_str(&resource.document).unwrap_or(Value::Null);
    let mut facts = Facts {
        account: wanted.account,
        region: place.region().clone(),
        read_at: now,
        tags,
        key: described(place, resource.key.as_ref()).await?,
        tasks: Vec::new(),
        endpoints: Vec::new(),
        connections: Vec::new(),
        replication: None,
        quotas: place.quotas().await?,
        orderable: None,
        beside: beside(place, &others, wanted.name).await?,
        names: others.into_iter().map(|(name, _)| name).collect(),
        target_key: target_key(place, wanted).await?,
        task_tags: BTreeMap::new(),
        configs: Vec::new(),
        resource,
    };
    match wanted.resource_type {
        ResourceType::ReplicationInstance => {
            facts.orderable = Some(orderable(place, &document).await?);
            facts.tasks = place.tasks_of(wanted.arn).await?;
            facts.connections = place.connections_of(wanted.arn).await?;
            facts.endpoints = endpoints_of(place, &facts.tasks).await?;
        }
        ResourceType::Endpoint => {
            facts.tasks = place.tasks_with(wanted.arn).await?;
            // What an earlier run made anew uses the new endpoint; what it deleted is gone.
            for task in &facts.tasks {
                let tags = match place.tags(&task.arn).await {
                    // Gone since it was listed.
                    Err(error) if error.class == Class::NotFound => continue,
                    tags => tags?,
                };
                facts.task_tags.insert(task.arn.clone(), tags);
            }
            facts.connections = place.connections_to(wanted.arn).await?;
            facts.endpoints = endpoints_of(place, &facts.tasks).await?;
            facts.configs = configs_with(place, wanted.arn).await?;
        }
        ResourceType::ReplicationConfig => {
            facts.replication = place.replication(wanted.arn).await?;
            let arns = ["SourceEndpointArn", "TargetEndpointArn"].map(|name| document[name].as_str());
            for arn in arns.into_iter().flatten().collect::<BTreeSet<_>>() {
                facts.endpoints.extend(place.endpoint(arn).await?);
            }
        }
    }
    Ok(Some(facts))
}

/// Name and ARN of every resource of the same kind here.
async fn others(place: &Place, kind: ResourceType) -> Result<Vec<(String, String)>, CallError> {
    let of = |resources: Vec<Resource>| resources.into_iter().map(|one| (one.name, one.arn)).collect();
    Ok(match kind {
        ResourceType::ReplicationInstance => of(place.instances().await?),
        ResourceType::Endpoint => {
            place.endpoints().await?.into_iter().map(|one: Endpoint| (one.name, one.arn)).collect()
        }
        ResourceType::ReplicationConfig => of(place.replication_configs().await?),
    })
}

async fn beside(place: &Place, others: &[(String, String)], name: &str) -> Result<Option<Beside>, CallError> {
    let Some((_, arn)) = others.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)) else {
        return Ok(None);
    };
    let remediates = place.tags(arn).await?.remove(TAG);
    Ok(Some(Beside { arn: arn.clone(), remediates }))
}

/// A key that AWS does not let us see, or that is gone, is not described; that is no reason not to replace it.
async fn described(place: &Place, key: Option<&KeyRef>) -> Result<Option<KeyFacts>, CallError> {
    let Some(key) = key.filter(|key| !key.is_aws_alias()) else { return Ok(None) };
    match place.key(key).await {
        Err(error) if error.class == Class::Denied => Ok(None),
        found => found,
    }
}

async fn target_key(place: &Place, wanted: &Wanted<'_>) -> Result<Option<KeyFacts>, ReadError> {
    if let Some(key) = wanted.key {
        return match place.key(key).await? {
            Some(found) => Ok(Some(found)),
            None => Err(ReadError::NoKey(key.clone())),
        };
    }
    let Some(id) = place.alias_target(wanted.alias).await? else { return Ok(None) };
    let Some(id) = KeyRef::parse(&id) else { return Ok(None) };
    Ok(place.key(&id).await?)
}

async fn orderable(place: &Place, document: &Value) -> Result<Orderable, CallError> {
    let text = |name: &str| document[name].as_str().unwrap_or_default();
    place.orderable(text("ReplicationInstanceClass"), text("EngineVersion")).await
}

async fn endpoints_of(place: &Place, tasks: &[Task]) -> Result<Vec<Endpoint>, CallError> {
    let used: BTreeSet<&str> = tasks
        .iter()
        .flat_map(|task| [task.source_endpoint_arn.as_str(), task.target_endpoint_arn.as_str()])
        .collect();
    if used.is_empty() {
        return Ok(Vec::new());
    }
    Ok(place.endpoints().await?.into_iter().filter(|one| used.contains(one.arn.as_str())).collect())
}

async fn configs_with(place: &Place, endpoint: &str) -> Result<Vec<String>, CallError> {
    let uses = |config: &Resource| {
        let document: Value = serde_json::from_str(&config.document).unwrap_or(Value::Null);
        ["SourceEndpointArn", "TargetEndpointArn"].iter().any(|name| document[*name] == endpoint)
    };
    Ok(place.replication_configs().await?.into_iter().filter(uses).map(|config| config.name).collect())
}
