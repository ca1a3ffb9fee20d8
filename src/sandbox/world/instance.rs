use std::collections::BTreeMap;

use serde_json::Value;

/// Everything of a replication instance that can be chosen, but its name, key, tags and whether it is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceSettings {
    /// `dms.t3.medium`.
    pub class: String,
    /// In GB.
    pub storage: i64,
    /// The zone that it runs in.
    pub zone: Option<String>,
    /// The zone of its standby; only with `multi_az`.
    pub secondary_zone: Option<String>,
    /// Whether it has a standby in another zone.
    pub multi_az: bool,
    /// The name of its subnet group.
    pub subnet_group: String,
    /// The ids of its security groups, `sg-…`.
    pub security_groups: Vec<String>,
    /// `sun:03:30-sun:04:00`, in UTC.
    pub maintenance_window: String,
    /// `3.5.4`.
    pub engine_version: String,
    /// Whether DMS takes it to newer minor versions by itself.
    pub auto_minor_version_upgrade: bool,
    /// The addresses of its name servers, separated by commas.
    pub dns_name_servers: Option<String>,
    /// `IPV4` or `DUAL`.
    pub network_type: String,
    /// `KerberosAuthenticationSettings` as AWS answers it.
    pub kerberos: Option<Value>,
}

impl Default for InstanceSettings {
    /// A small private one in one zone that nobody chose.
    fn default() -> Self {
        Self {
            class: "dms.t3.medium".to_owned(),
            storage: 50,
            zone: None,
            secondary_zone: None,
            multi_az: false,
            subnet_group: DEFAULT_SUBNET_GROUP.to_owned(),
            security_groups: vec!["sg-0a1b2c3d4e5f60718".to_owned()],
            maintenance_window: "sun:03:30-sun:04:00".to_owned(),
            engine_version: "3.5.4".to_owned(),
            auto_minor_version_upgrade: true,
            dns_name_servers: None,
            network_type: "IPV4".to_owned(),
            kerberos: None,
        }
    }
}

/// The subnet group that every account has in every Region.
pub const DEFAULT_SUBNET_GROUP: &str = "default-vpc";

/// A class of replication instances, and the storage that it has where none is asked for, in GB. Source: DMS API,
/// `CreateReplicationInstance`; DMS user guide, "Choosing the right AWS DMS replication instance".
pub type InstanceClass = (String, i64);

/// What can be had: classes, and versions of the replication engine, oldest first; each class with each version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orderable {
    /// The classes.
    pub classes: Vec<InstanceClass>,
    /// The versions.
    pub engine_versions: Vec<String>,
    /// The version that DMS takes where none is named.
    pub default_version: String,
}

impl Default for Orderable {
    fn default() -> Self {
        let family = |name: &'static str, sizes: &'static str, storage| {
            sizes.split(' ').map(move |size| (format!("dms.{name}.{size}"), storage))
        };
        Self {
            classes: family("t2", "micro small medium large", 50)
                .chain(family("t3", "micro small medium large", 50))
                .chain(family("c5", "large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge", 100))
                .chain(family("c6i", "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge", 100))
                .chain(family("r5", "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge", 100))
                .chain(family("r6i", "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge", 100))
                .collect(),
            engine_versions: ["3.5.2", "3.5.3", "3.5.4", "3.6.0", "3.6.1"].map(str::to_owned).into(),
            default_version: "3.6.1".to_owned(),
        }
    }
}

/// The most an account may have of DMS in a Region. Source: DMS user guide, "Quotas for AWS Database Migration
/// Service".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DmsQuotas {
    /// Replication instances.
    pub instances: i64,
    /// Storage of all replication instances together, in GB.
    pub storage: i64,
    /// Endpoints.
    pub endpoints: i64,
    /// Replication tasks.
    pub tasks: i64,
    /// Replication configs.
    pub configs: i64,
    /// Subnet groups.
    pub subnet_groups: i64,
}

impl Default for DmsQuotas {
    fn default() -> Self {
        Self { instances: 60, storage: 30_000, endpoints: 1_000, tasks: 600, configs: 100, subnet_groups: 60 }
    }
}

/// The subnets of a subnet group: their ids, and the zones that they lie in.
pub type SubnetGroup = BTreeMap<String, String>;
