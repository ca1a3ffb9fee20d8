//! What AWS says of a resource and of all that hangs on it: plain values, read just now.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::{AccountId, Partition, Region, Resource, Timestamp};

/// Everything that a plan is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The account that the resource lies in.
    pub account: AccountId,
    /// Its Region.
    pub region: Region,
    /// When this was read.
    pub read_at: Timestamp,
    /// The resource. Its document is the one that is kept, without what may be secret.
    pub resource: Resource,
    /// Its tags, those of AWS itself (`aws:…`, `dms:…`) among them.
    pub tags: BTreeMap<String, String>,
    /// The key that it names, where KMS described it.
    pub key: Option<KeyFacts>,
    /// The tasks on the instance, or those that read from or write to the endpoint.
    pub tasks: Vec<Task>,
    /// The endpoints of these tasks, or of the config.
    pub endpoints: Vec<Endpoint>,
    /// Which instances have reached which endpoints.
    pub connections: Vec<Connection>,
    /// What DMS Serverless runs for the config, if it ever ran.
    pub replication: Option<Replication>,
    /// How much of its DMS quotas the account uses in the Region.
    pub quotas: Vec<Quota>,
    /// Whether the instance's class and engine version can still be had; `None` for what is no instance.
    pub orderable: Option<Orderable>,
    /// The identifiers of the resources of the same kind in the Region: names that are taken.
    pub names: Vec<String>,
    /// What bears the name that the new resource is to have, if something does.
    pub beside: Option<Beside>,
    /// The key that the new resource is to have: the one that was named, or the one behind the alias, if there is one.
    pub target_key: Option<KeyFacts>,
    /// The tags of the tasks, by ARN; only where the tasks have to be made anew.
    pub task_tags: BTreeMap<String, BTreeMap<String, String>>,
    /// The names of the DMS Serverless configs that read from or write to the endpoint.
    pub configs: Vec<String>,
}

/// What bears the name that the new resource is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Its ARN.
    pub arn: String,
    /// The source that it was made in place of, by its tag `keywatch:remediates`; `None` for what is somebody else's.
    pub remediates: Option<String>,
}

impl Facts {
    /// The partition that all of it lies in.
    pub fn partition(&self) -> Partition {
        self.region.partition()
    }

    /// The resource's document as AWS gave it, but for what may be secret.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.resource.document).unwrap_or(Value::Null)
    }
}

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its ARN.
    pub arn: String,
    /// The account that owns it.
    pub account: Option<AccountId>,
    /// `AWS` or `CUSTOMER`.
    pub manager: String,
    /// AWS's word: `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// When it will be deleted, if it will.
    pub deletion_date: Option<Timestamp>,
    /// `ENCRYPT_DECRYPT`, or what DMS can't use.
    pub usage: String,
    /// `SYMMETRIC_DEFAULT`, or what DMS can't use.
    pub spec: String,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`: where its material comes from.
    pub origin: String,
    /// Its description.
    pub description: String,
    /// Whether it is a multi-Region key, and in which Region its primary lies.
    pub primary_region: Option<String>,
}

/// A replication task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// Its identifier.
    pub name: String,
    /// AWS's word: `running`, `stopped`, `ready`, `failed`, `moving`, … An open set.
    pub status: String,
    /// `full-load`, `cdc` or `full-load-and-cdc`.
    pub migration_type: String,
    /// Where it reads.
    pub source_endpoint_arn: String,
    /// Where it writes.
    pub target_endpoint_arn: String,
    /// The instance that it is on.
    pub instance_arn: String,
    /// Where its change data capture can go on from, once it was stopped.
    pub recovery_checkpoint: Option<String>,
    /// Why it stopped.
    pub stop_reason: Option<String>,
    /// The JSON object as AWS gave it.
    pub document: Value,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Its ARN.
    pub arn: String,
    /// Its identifier.
    pub name: String,
    /// `source` or `target`, in small letters.
    pub endpoint_type: String,
    /// `postgres`, `oracle`, `s3`, …
    pub engine: String,
    /// The JSON object as AWS gave it, without what may be secret.
    pub document: Value,
}

/// A connection that was tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The instance that tried.
    pub instance_arn: String,
    /// The endpoint that it tried to reach.
    pub endpoint_arn: String,
    /// The endpoint's identifier.
    pub endpoint_name: String,
    /// `testing`, `successful`, `failed`, `deleting`.
    pub status: String,
    /// What went wrong at the last try.
    pub failure: Option<String>,
}

/// What DMS Serverless runs for a config.
#[derive(Debug, Clone, PartialEq)]
pub struct Replication {
    /// AWS's word: `created`, `running`, `stopped`, `failed`, … An open set.
    pub status: String,
    /// Where its change data capture can go on from.
    pub recovery_checkpoint: Option<String>,
    /// The JSON object as AWS gave it.
    pub document: Value,
}

/// One quota of DMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// `ReplicationInstances`, `AllocatedStorage`, `Endpoints`, …
    pub name: String,
    /// How much is used.
    pub used: i64,
    /// How much there may be.
    pub max: i64,
}

/// What can be had of a replication instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orderable {
    /// Whether the class can be had with the engine version.
    pub as_it_is: bool,
    /// The engine versions that the class can be had with.
    pub engine_versions: Vec<String>,
    /// The zones where it can be had.
    pub zones: Vec<String>,
}
