//! Facts to try things on: an instance with tasks, an endpoint and a config, each with a value in every field.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::facts::{Connection, Endpoint, Facts, KeyFacts, Orderable, Quota, Replication, Task};
use crate::domain::{KeyRef, Resource, ResourceType};

const DMS: &str = "arn:aws:dms:eu-central-1:111122223333";
pub const SOURCE_ARN: &str = "arn:aws:dms:eu-central-1:111122223333:endpoint:ORDERSSOURCE";
const TARGET_ARN: &str = "arn:aws:dms:eu-central-1:111122223333:endpoint:ORDERSTARGET";
pub const INSTANCE_ARN: &str = "arn:aws:dms:eu-central-1:111122223333:rep:ORDERS";

/// The AWS managed key.
pub fn aws_key() -> KeyFacts {
    KeyFacts {
        arn: "arn:aws:kms:eu-central-1:111122223333:key/11111111-aaaa-4aaa-8aaa-000000000001".to_owned(),
        account: Some("111122223333".parse().unwrap()),
        manager: "AWS".to_owned(),
        state: "Enabled".to_owned(),
        deletion_date: None,
        usage: "ENCRYPT_DECRYPT".to_owned(),
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        origin: "AWS_KMS".to_owned(),
        description: "Default key that protects my DMS replication instance volumes".to_owned(),
        primary_region: None,
    }
}

/// A customer managed key that can be used.
pub fn customer_key() -> KeyFacts {
    KeyFacts {
        arn: "arn:aws:kms:eu-central-1:111122223333:key/22222222-bbbb-4bbb-8bbb-000000000002".to_owned(),
        manager: "CUSTOMER".to_owned(),
        description: "DMS data at rest".to_owned(),
        ..aws_key()
    }
}

fn facts(resource_type: ResourceType, arn: &str, name: &str, document: &Value) -> Facts {
    Facts {
        account: "111122223333".parse().unwrap(),
        region: "eu-central-1".parse().unwrap(),
        read_at: "2026-11-26T09:30:00Z".parse().unwrap(),
        resource: Resource {
            arn: arn.to_owned(),
            resource_type,
            name: name.to_owned(),
            status: match resource_type {
                ResourceType::ReplicationInstance => Some("available".to_owned()),
                ResourceType::Endpoint => Some("active".to_owned()),
                ResourceType::ReplicationConfig => None,
            },
            key: KeyRef::parse(&aws_key().arn),
            document: document.to_string(),
        },
        tags: [("team", "orders"), ("aws:cloudformation:stack-name", "dms"), ("dms:x", "y")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        key: Some(aws_key()),
        tasks: Vec::new(),
        endpoints: Vec::new(),
        connections: Vec::new(),
        replication: None,
        quotas: [("ReplicationInstances", 3, 60), ("AllocatedStorage", 150, 30_000), ("Endpoints", 4, 1000)]
            .map(|(name, used, max)| Quota { name: name.to_owned(), used, max })
            .into(),
        orderable: None,
        names: vec![name.to_owned()],
        beside: None,
        target_key: None,
        task_tags: BTreeMap::new(),
        configs: Vec::new(),
    }
}

/// An instance with a task that runs and one that was never started.
pub fn instance() -> Facts {
    let document = json!({
        "ReplicationInstanceIdentifier": "orders",
        "ReplicationInstanceClass": "dms.r6i.large",
        "ReplicationInstanceStatus": "available",
        "AllocatedStorage": 100,
        "InstanceCreateTime": 1_735_689_600.342,
        "VpcSecurityGroups": [
            { "VpcSecurityGroupId": "sg-0a1b2c3d4e5f60718", "Status": "active" },
            { "VpcSecurityGroupId": "sg-0a1b2c3d4e5f60719", "Status": "active" },
        ],
        "AvailabilityZone": "eu-central-1a",
        "ReplicationSubnetGroup": {
            "ReplicationSubnetGroupIdentifier": "dms-private", "VpcId": "vpc-0a1b2c3d", "SubnetGroupStatus": "Complete",
            "Subnets": [],
        },
        "PreferredMaintenanceWindow": "sun:03:30-sun:04:00",
        "PendingModifiedValues": {},
        "MultiAZ": true,
        "EngineVersion": "3.5.4",
        "AutoMinorVersionUpgrade": false,
        "KmsKeyId": aws_key().arn,
        "ReplicationInstanceArn": INSTANCE_ARN,
        "ReplicationInstancePublicIpAddress": null,
        "ReplicationInstancePrivateIpAddress": "10.0.0.7",
        "ReplicationInstancePublicIpAddresses": [null],
        "ReplicationInstancePrivateIpAddresses": ["10.0.0.7"],
        "ReplicationInstanceIpv6Addresses": [],
        "PubliclyAccessible": false,
        "SecondaryAvailabilityZone": "eu-central-1b",
        "FreeUntil": null,
        "DnsNameServers": "10.0.0.2,10.0.0.3",
        "NetworkType": "IPV4",
        "KerberosAuthenticationSettings": { "KeyCacheSecretId": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:krb" },
    });
    let mut facts = facts(ResourceType::ReplicationInstance, INSTANCE_ARN, "orders", &document);
    facts.tasks =
        vec![task("orders-cdc", "running", "full-load-and-cdc"), task("orders-load", "ready", "full-load")];
    facts.endpoints = endpoints();
    facts.connections = vec![Connection {
        instance_arn: INSTANCE_ARN.to_owned(),
        endpoint_arn: SOURCE_ARN.to_owned(),
        endpoint_name: "orders-source".to_owned(),
        status: "successful".to_owned(),
        failure: None,
    }];
    facts.orderable = Some(Orderable {
        as_it_is: true,
        engine_versions: vec!["3.5.4".to_owned(), "3.6.0".to_owned()],
        zones: vec!["eu-central-1a".to_owned(), "eu-central-1b".to_owned()],
    });
    facts
}

/// A source endpoint with a password, with a task that runs.
pub fn endpoint() -> Facts {
    let endpoints = endpoints();
    let mut facts = facts(ResourceType::Endpoint, SOURCE_ARN, "orders-source", &endpoints[0].document);
    facts.tasks = vec![task("orders-cdc", "running", "full-load-and-cdc")];
    facts.endpoints = endpoints;
    facts
}

/// A DMS Serverless config that replicates.
pub fn config() -> Facts {
    let arn = format!("{DMS}:replication-config:ORDERS");
    let document = json!({
        "ReplicationConfigIdentifier": "orders",
        "ReplicationConfigArn": arn,
        "SourceEndpointArn": SOURCE_ARN,
        "TargetEndpointArn": TARGET_ARN,
        "ReplicationType": "full-load-and-cdc",
        "ComputeConfig": {
            "AvailabilityZone": "eu-central-1a", "DnsNameServers": "10.0.0.2", "KmsKeyId": aws_key().arn,
            "MaxCapacityUnits": 16, "MinCapacityUnits": 1, "MultiAZ": false,
            "PreferredMaintenanceWindow": "sun:03:30-sun:04:00", "ReplicationSubnetGroupId": "dms-private",
            "VpcSecurityGroupIds": ["sg-0a1b2c3d4e5f60718"],
        },
        "ReplicationSettings":
            r#"{"Logging":{"EnableLogging":true,"CloudWatchLogGroup":"dms-serverless","CloudWatchLogStream":"x"}}"#,
        "SupplementalSettings": "{}",
        "TableMappings": r#"{"rules":[]}"#,
        "ReplicationConfigCreateTime": 1_735_689_600.5,
        "ReplicationConfigUpdateTime": 1_735_689_600.5,
        "IsReadOnly": false,
    });
    let mut facts = facts(ResourceType::ReplicationConfig, &arn, "orders", &document);
    facts.endpoints = endpoints();
    facts.replication = Some(Replication {
        status: "running".to_owned(),
        recovery_checkpoint: None,
        document: json!({ "Status": "running", "ReplicationConfigArn": arn }),
    });
    facts
}

/// An instance whose customer managed key is about to be deleted.
pub fn key_in_danger() -> Facts {
    let mut facts = instance();
    let key = KeyFacts {
        state: "PendingDeletion".to_owned(),
        deletion_date: Some("2026-12-10T00:00:00Z".parse().unwrap()),
        ..customer_key()
    };
    facts.resource.key = KeyRef::parse(&key.arn);
    facts.key = Some(key);
    facts
}

fn endpoints() -> Vec<Endpoint> {
    let source = json!({
        "EndpointIdentifier": "orders-source", "EndpointType": "SOURCE", "EngineName": "postgres",
        "EngineDisplayName": "PostgreSQL", "Username": "dms", "ServerName": "db.example.com", "Port": 5432,
        "DatabaseName": "orders", "ExtraConnectionAttributes": "(not kept)", "Status": "active",
        "KmsKeyId": aws_key().arn, "EndpointArn": SOURCE_ARN, "SslMode": "require", "IsReadOnly": false,
        "PostgreSQLSettings": { "DatabaseName": "orders", "Password": "(not kept)", "Port": 5432, "PluginName": null, "SlotName": "orders" },
    });
    let target = json!({
        "EndpointIdentifier": "orders-target", "EndpointType": "TARGET", "EngineName": "s3", "EndpointArn": TARGET_ARN,
        "Status": "active", "S3Settings": { "BucketName": "orders-lake" },
    });
    let endpoint = |arn: &str, name: &str, endpoint_type: &str, engine: &str, document| Endpoint {
        arn: arn.to_owned(),
        name: name.to_owned(),
        endpoint_type: endpoint_type.to_owned(),
        engine: engine.to_owned(),
        document,
    };
    vec![
        endpoint(SOURCE_ARN, "orders-source", "source", "postgres", source),
        endpoint(TARGET_ARN, "orders-target", "target", "s3", target),
    ]
}

/// A task from the source to the target.
pub fn task(name: &str, status: &str, migration_type: &str) -> Task {
    let arn = format!("{DMS}:task:{}", name.to_uppercase());
    let checkpoint = (status == "stopped").then(|| "checkpoint:V1#27#mysql-bin-changelog.157832".to_owned());
    Task {
        document: json!({
            "ReplicationTaskIdentifier": name, "SourceEndpointArn": SOURCE_ARN, "TargetEndpointArn": TARGET_ARN,
            "ReplicationInstanceArn": INSTANCE_ARN, "MigrationType": migration_type, "Status": status,
            "TableMappings": r#"{"rules":[]}"#,
            "ReplicationTaskSettings":
                r#"{"TargetMetadata":{"SupportLobs":true},"Logging":{"EnableLogging":true,"CloudWatchLogGroup":"g"}}"#,
            "ReplicationTaskArn": arn, "TaskData": "", "CdcStartPosition": null,
        }),
        arn,
        name: name.to_owned(),
        status: status.to_owned(),
        migration_type: migration_type.to_owned(),
        source_endpoint_arn: SOURCE_ARN.to_owned(),
        target_endpoint_arn: TARGET_ARN.to_owned(),
        instance_arn: INSTANCE_ARN.to_owned(),
        recovery_checkpoint: checkpoint,
        stop_reason: None,
    }
}
