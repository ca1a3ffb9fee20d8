use serde_json::{Map, Value, json};

use super::{carry, tags};
use crate::remediation::facts::Facts;

/// Fields that `CreateReplicationInstance` takes under the name and in the form that `DescribeReplicationInstances` gives.
/// Those that are not simply carried have a line in [`instance`].
pub(super) const CARRIED: [&str; 8] = [
    "ReplicationInstanceClass",
    "AllocatedStorage",
    "PreferredMaintenanceWindow",
    "EngineVersion",
    "MultiAZ",
    "DnsNameServers",
    "NetworkType",
    "KerberosAuthenticationSettings",
];

/// Fields that become a parameter in another form.
pub(super) const TURNED: [&str; 7] = [
    "ReplicationInstanceIdentifier",
    "VpcSecurityGroups",
    "AvailabilityZone",
    "ReplicationSubnetGroup",
    "AutoMinorVersionUpgrade",
    "PubliclyAccessible",
    "KmsKeyId",
];

/// Fields that say how the instance is, not how it was made. Values that wait for the next maintenance window are a warning.
pub(super) const OUTPUT_ONLY: [&str; 11] = [
    "ReplicationInstanceStatus",
    "InstanceCreateTime",
    "PendingModifiedValues",
    "ReplicationInstanceArn",
    "ReplicationInstancePublicIpAddress",
    "ReplicationInstancePrivateIpAddress",
    "ReplicationInstancePublicIpAddresses",
    "ReplicationInstancePrivateIpAddresses",
    "ReplicationInstanceIpv6Addresses",
    "SecondaryAvailabilityZone",
    "FreeUntil",
];

pub(super) fn knows(field: &str) -> bool {
    CARRIED.contains(&field) || TURNED.contains(&field) || OUTPUT_ONLY.contains(&field)
}

/// `CreateReplicationInstance` for an instance of that name under that key, the source in every other setting.
pub fn instance(facts: &Facts, name: &str, key_arn: &str) -> Value {
    let source = facts.document();
    let mut input = Map::new();
    input.insert("ReplicationInstanceIdentifier".to_owned(), name.into());
    carry(&source, &mut input, &CARRIED);
    // Absent means no. Left out of the input, AWS would make the new instance public and let it be upgraded.
    for flag in ["MultiAZ", "AutoMinorVersionUpgrade", "PubliclyAccessible"] {
        input.insert(flag.to_owned(), source[flag].as_bool().unwrap_or(false).into());
    }
    // AWS refuses a zone beside Multi-AZ.
    if input["MultiAZ"] == json!(false) {
        carry(&source, &mut input, &["AvailabilityZone"]);
    }
    let groups = source["VpcSecurityGroups"].as_array().into_iter().flatten();
    let groups: Vec<&str> = groups.filter_map(|group| group["VpcSecurityGroupId"].as_str()).collect();
    if !groups.is_empty() {
        input.insert("VpcSecurityGroupIds".to_owned(), json!(groups));
    }
    let subnets = &source["ReplicationSubnetGroup"]["ReplicationSubnetGroupIdentifier"];
    if let Some(subnets) = subnets.as_str() {
        input.insert("ReplicationSubnetGroupIdentifier".to_owned(), subnets.into());
    }
    input.insert("Tags".to_owned(), tags(&facts.tags, &facts.resource.arn));
    input.insert("KmsKeyId".to_owned(), key_arn.into());
    Value::Object(input)
}
