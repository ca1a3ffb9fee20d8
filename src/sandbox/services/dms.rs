use serde_json::{Value, json};

use super::{require_region, unknown};
use crate::{
    domain::ResourceType,
    sandbox::{answer::Refusal, context::Context, world::SandboxResource},
};

pub(super) fn answer(context: &Context<'_>, operation: &str) -> Result<Value, Refusal> {
    if operation == "ListTagsForResource" {
        return tags(context);
    }
    let (resource_type, list) = match operation {
        "DescribeReplicationInstances" => (ResourceType::ReplicationInstance, "ReplicationInstances"),
        "DescribeEndpoints" => (ResourceType::Endpoint, "Endpoints"),
        "DescribeReplicationConfigs" => (ResourceType::ReplicationConfig, "ReplicationConfigs"),
        _ => return Err(unknown(context, context.call.service, operation)),
    };
    let world = context.world();
    require_region(context, &world)?;
    context.allow(&world, "*")?;
    let invalid = |message| Refusal::new(400, "InvalidParameterValueException", message);
    if context.call.value("Filters").and_then(Value::as_array).is_some_and(|filters| !filters.is_empty()) {
        return Err(invalid("The sandbox has no filters".to_owned()));
    }
    // Source: DMS API, `MaxRecords`: minimum 20, maximum 100, default 100.
    let size = context.size("MaxRecords", 20..=100, 100, invalid)?;
    let all: Vec<&SandboxResource> = world
        .accounts
        .get(&context.caller.account)
        .and_then(|account| account.resources.get(&context.call.region))
        .into_iter()
        .flatten()
        .filter(|resource| resource.resource_type == resource_type)
        .collect();
    let page =
        context.page("Marker", size, all.len()).ok_or_else(|| invalid("Invalid marker value".to_owned()))?;
    let items: Vec<Value> = all[page.items].iter().map(|resource| item(resource)).collect();
    Ok(match page.next {
        Some(marker) => json!({ list: items, "Marker": marker }),
        None => json!({ list: items }),
    })
}

/// Source: DMS API, `ListTagsForResource`: one ARN or a list of them; `Tag$ResourceArn` says whose a tag is.
fn tags(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    context.allow(&world, "*")?;
    let one = context.call.value("ResourceArn").and_then(Value::as_str);
    let many = context.call.value("ResourceArnList").and_then(Value::as_array).into_iter().flatten();
    let account = world.accounts.get(&context.caller.account);
    let here = account.and_then(|account| account.resources.get(&context.call.region)).into_iter().flatten();
    let here: Vec<&SandboxResource> = here.collect();
    let mut tags = Vec::new();
    for arn in one.into_iter().chain(many.filter_map(Value::as_str)) {
        let Some(resource) = here.iter().find(|resource| resource.arn == arn) else {
            let message = format!("The requested resource {arn} was not found.");
            return Err(Refusal::new(400, "ResourceNotFoundFault", message));
        };
        for (key, value) in &resource.tags {
            tags.push(match one {
                Some(_) => json!({ "Key": key, "Value": value }),
                None => json!({ "Key": key, "Value": value, "ResourceArn": arn }),
            });
        }
    }
    Ok(json!({ "TagList": tags }))
}

fn item(resource: &SandboxResource) -> Value {
    let mut value = match resource.resource_type {
        ResourceType::ReplicationInstance => instance(resource),
        ResourceType::Endpoint => endpoint(resource),
        ResourceType::ReplicationConfig => config(resource),
    };
    value["SandboxExtra"] = json!({ "Unknown": [null, { "Field": true }] });
    value
}

fn instance(resource: &SandboxResource) -> Value {
    // A private instance has a list of one null, as recorded from AWS.
    let public = resource.public.then_some("198.51.100.7");
    let mut value = json!({
        "ReplicationInstanceIdentifier": resource.name,
        "ReplicationInstanceClass": "dms.t3.medium",
        "ReplicationInstanceStatus": resource.status,
        "AllocatedStorage": 50,
        "InstanceCreateTime": resource.created_at.as_second() as f64 + 0.342,
        "VpcSecurityGroups": [{ "VpcSecurityGroupId": "sg-0a1b2c3d4e5f60718", "Status": "active" }],
        "AvailabilityZone": null,
        "ReplicationSubnetGroup": {
            "ReplicationSubnetGroupIdentifier": "default-vpc", "SubnetGroupStatus": "Complete", "Subnets": [],
        },
        "PreferredMaintenanceWindow": "sun:03:30-sun:04:00",
        "PendingModifiedValues": {},
        "MultiAZ": false,
        "EngineVersion": "3.5.4",
        "AutoMinorVersionUpgrade": true,
        "ReplicationInstanceArn": resource.arn,
        "ReplicationInstancePrivateIpAddress": "10.0.0.7",
        "ReplicationInstancePublicIpAddresses": [public],
        "ReplicationInstancePrivateIpAddresses": ["10.0.0.7"],
        "PubliclyAccessible": resource.public,
        "NetworkType": "IPV4",
    });
    if let Some(key) = resource.answered_key() {
        value["KmsKeyId"] = json!(key);
    }
    value
}

fn endpoint(resource: &SandboxResource) -> Value {
    let is_source = resource.arn.as_bytes().last().is_some_and(|letter| letter % 2 == 0);
    let mut value = json!({
        "EndpointIdentifier": resource.name,
        "EndpointType": if is_source { "SOURCE" } else { "TARGET" },
        "EngineName": "postgres",
        "EngineDisplayName": "PostgreSQL",
        "Username": "dms",
        "ServerName": "db.sandbox.test",
        "Port": 5432,
        "DatabaseName": "app",
        "Status": resource.status,
        "EndpointArn": resource.arn,
        "SslMode": "require",
        "PostgreSQLSettings": { "DatabaseName": "app", "Port": 5432, "ServerName": "db.sandbox.test" },
    });
    if let Some(key) = resource.answered_key() {
        value["KmsKeyId"] = json!(key);
    }
    value
}

fn config(resource: &SandboxResource) -> Value {
    let created = resource.created_at.as_second() as f64 + 0.5;
    let mut value = json!({
        "ReplicationConfigIdentifier": resource.name,
        "ReplicationConfigArn": resource.arn,
        "SourceEndpointArn": format!("{}-source", resource.arn),
        "TargetEndpointArn": format!("{}-target", resource.arn),
        "ReplicationType": "full-load-and-cdc",
        "ComputeConfig": {
            "MaxCapacityUnits": 16, "MinCapacityUnits": 1, "MultiAZ": false,
            "ReplicationSubnetGroupId": "default-vpc", "VpcSecurityGroupIds": ["sg-0a1b2c3d4e5f60718"],
        },
        "ReplicationSettings": "{\"Logging\":{\"EnableLogging\":true}}",
        "TableMappings": "{\"rules\":[]}",
        "ReplicationConfigCreateTime": created,
        "ReplicationConfigUpdateTime": created,
        "IsReadOnly": false,
    });
    if let Some(key) = resource.answered_key() {
        value["ComputeConfig"]["KmsKeyId"] = json!(key);
    }
    value
}
