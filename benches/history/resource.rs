//! One resource of the organization, and what the checks say of it.

use keywatch::domain::{
    Evidence, JudgedResource, KeyKnowledge, KeyManager, Reason, Resource, ResourceType, Severity, Status,
    Verdict,
};
use serde_json::json;

/// What a resource is at some time.
#[derive(Clone, Copy)]
pub struct Form {
    /// How often it was made: each has an ARN of its own.
    generation: u32,
    /// How often its settings changed.
    version: u32,
    under: Under,
}

#[derive(Clone, Copy, PartialEq)]
enum Under {
    AwsKey,
    OwnKey,
    Disabled,
    Hidden,
    Nothing,
}

impl Form {
    /// Of five, three begin under a key that AWS manages.
    pub fn first(at: usize) -> Self {
        let under = if at % 5 < 3 { Under::AwsKey } else { Under::OwnKey };
        Self { generation: 1, version: 1, under }
    }

    /// What comes after; `roll` is a percentage.
    pub fn next(self, roll: u8) -> Self {
        let again = |under| Self { generation: self.generation + 1, version: 1, under };
        let stays = |under| Self { under, ..self };
        match (self.under, roll) {
            (Under::AwsKey, 0..70) | (Under::Nothing, 0..40) => again(Under::OwnKey),
            (Under::Nothing, _) | (Under::OwnKey, 0..20) => again(Under::AwsKey),
            (Under::OwnKey, 20..35) => stays(Under::Disabled),
            (Under::OwnKey, 35..45) => stays(Under::Hidden),
            (Under::AwsKey | Under::OwnKey, 85..) => stays(Under::Nothing),
            (Under::AwsKey | Under::OwnKey, _) => Self { version: self.version + 1, ..self },
            (Under::Disabled | Under::Hidden, _) => stays(Under::OwnKey),
        }
    }
}

/// The resource of this number in this form; none if there is nothing.
pub fn judged(at: usize, account: &str, region: &str, form: Form) -> Option<JudgedResource> {
    let (kind, word, check_id) = match at % 20 {
        0..12 => (ResourceType::ReplicationInstance, "rep", "dms_instance_kms_cmk_encryption"),
        12..19 => (ResourceType::Endpoint, "endpoint", "dms_endpoint_kms_cmk_encryption"),
        _ => (ResourceType::ReplicationConfig, "replication-config", "dms_serverless_kms_cmk_encryption"),
    };
    let arn = format!("arn:aws:dms:{region}:{account}:{word}:{:026X}", at * 1000 + form.generation as usize);
    let (status, reason, key, manager) = match form.under {
        Under::Nothing => return None,
        Under::AwsKey => (Status::Fail, Reason::AwsManagedKey, 0, Some(KeyManager::Aws)),
        Under::OwnKey | Under::Disabled => {
            (Status::Pass, Reason::CustomerManagedKey, 1 + at % 3, Some(KeyManager::Customer))
        }
        Under::Hidden => (Status::Unknown, Reason::KeyAccessDenied, 1 + at % 3, None),
    };
    let verdict = |check_id, severity, status, reason| Verdict {
        check_id,
        severity,
        resource_arn: arn.clone(),
        resource_type: kind,
        status,
        reason,
        evidence: if form.under == Under::Hidden { Evidence::None } else { Evidence::DescribeKey },
    };
    let mut verdicts = vec![verdict(check_id, Severity::High, status, reason)];
    if status == Status::Pass {
        let (status, reason) = match form.under {
            Under::Disabled => (Status::Fail, Reason::KeyDisabled),
            _ => (Status::Pass, Reason::KeyEnabled),
        };
        verdicts.push(verdict("dms_kms_key_usable", Severity::Critical, status, reason));
    }
    let key_arn = format!("arn:aws:kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-{key:012x}");
    let name = format!("migration-{at:05}-{}", form.generation);
    Some(JudgedResource {
        resource: Resource {
            document: document(kind, &name, &arn, &key_arn, form.version),
            arn,
            resource_type: kind,
            name,
            status: Some("available".to_owned()),
            key: None,
        },
        key: KeyKnowledge {
            arn: Some(key_arn),
            manager,
            state: match form.under {
                Under::Hidden | Under::Nothing => None,
                Under::Disabled => Some("Disabled".to_owned()),
                Under::AwsKey | Under::OwnKey => Some("Enabled".to_owned()),
            },
        },
        verdicts,
        tags: None,
    })
}

/// As long as what AWS answers: 1.9 kB for an instance, less for the others.
fn document(kind: ResourceType, name: &str, arn: &str, key_arn: &str, version: u32) -> String {
    let zones = ["a", "b", "c"];
    match kind {
        ResourceType::ReplicationInstance => json!({
            "AllocatedStorage": 50 + 10 * version,
            "AutoMinorVersionUpgrade": true,
            "AvailabilityZone": "us-east-1a",
            "DnsNameServers": "10.0.0.2",
            "EngineVersion": "3.5.4",
            "InstanceCreateTime": "2025-06-03T09:14:27.123Z",
            "KmsKeyId": key_arn,
            "MultiAZ": false,
            "NetworkType": "IPV4",
            "PendingModifiedValues": {},
            "PreferredMaintenanceWindow": "sun:06:00-sun:14:00",
            "PubliclyAccessible": false,
            "ReplicationInstanceArn": arn,
            "ReplicationInstanceClass": "dms.r6i.xlarge",
            "ReplicationInstanceIdentifier": name,
            "ReplicationInstanceIpv6Addresses": [null],
            "ReplicationInstancePrivateIpAddress": "10.12.34.56",
            "ReplicationInstancePrivateIpAddresses": ["10.12.34.56"],
            "ReplicationInstancePublicIpAddress": null,
            "ReplicationInstancePublicIpAddresses": [null],
            "ReplicationInstanceStatus": "available",
            "ReplicationSubnetGroup": {
                "ReplicationSubnetGroupDescription": "Private subnets for database migrations",
                "ReplicationSubnetGroupIdentifier": "migration-private",
                "SubnetGroupStatus": "Complete",
                "Subnets": zones.map(|zone| json!({
                    "SubnetAvailabilityZone": {"Name": format!("us-east-1{zone}")},
                    "SubnetIdentifier": format!("subnet-0a1b2c3d4e5f6071{zone}"),
                    "SubnetStatus": "Active",
                })),
                "SupportedNetworkTypes": ["IPV4"],
                "VpcId": "vpc-0a1b2c3d4e5f60718",
            },
            "VpcSecurityGroups": zones.map(|zone| json!({
                "Status": "active",
                "VpcSecurityGroupId": format!("sg-0a1b2c3d4e5f6071{zone}"),
            })),
        }),
        ResourceType::Endpoint => json!({
            "DatabaseName": "orders",
            "EndpointArn": arn,
            "EndpointIdentifier": name,
            "EndpointType": "SOURCE",
            "EngineDisplayName": "PostgreSQL",
            "EngineName": "postgres",
            "KmsKeyId": key_arn,
            "Port": 5432 + version,
            "PostgreSQLSettings": {
                "CaptureDdls": true, "DatabaseName": "orders", "HeartbeatEnable": false, "MaxFileSize": 32768,
                "PluginName": "pglogical", "Port": 5432, "ServerName": "orders.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com",
                "SlotName": "dms_slot", "Username": "dms",
            },
            "ServerName": "orders.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com",
            "SslMode": "verify-full",
            "Status": "active",
            "Username": "dms",
        }),
        ResourceType::ReplicationConfig => json!({
            "ComputeConfig": {
                "KmsKeyId": key_arn, "MaxCapacityUnits": 16, "MinCapacityUnits": version, "MultiAZ": false,
                "ReplicationSubnetGroupId": "migration-private", "VpcSecurityGroupIds": ["sg-0a1b2c3d4e5f60718"],
            },
            "ReplicationConfigArn": arn,
            "ReplicationConfigIdentifier": name,
            "ReplicationType": "full-load-and-cdc",
            "TableMappings": "{\"rules\":[{\"rule-type\":\"selection\",\"rule-id\":\"1\",\"rule-name\":\"1\",\"object-locator\":{\"schema-name\":\"public\",\"table-name\":\"%\"},\"rule-action\":\"include\"}]}",
        }),
    }
    .to_string()
}
