use serde_json::{Map, Value, json};

use super::settling::{Look, Settling, look};
use crate::domain::Timestamp;

/// Everything of a DMS Serverless replication config that can be chosen, but its name, key and tags; and what it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigSettings {
    /// Where it reads.
    pub source_endpoint: String,
    /// Where it writes.
    pub target_endpoint: String,
    /// `full-load`, `cdc` or `full-load-and-cdc`.
    pub replication_type: String,
    /// `ComputeConfig` without its key.
    pub compute: Map<String, Value>,
    /// `ReplicationSettings`, `SupplementalSettings`, `TableMappings`: JSON as texts.
    pub texts: Map<String, Value>,
    /// What it runs.
    pub replication: Replication,
}

/// What DMS Serverless runs for a config.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replication {
    /// AWS's word: `created`, `running`, `stopped`, …; empty for `created`.
    pub status: String,
    /// How it was started last.
    pub start_type: Option<String>,
    /// Where its change data capture began, if somebody said.
    pub cdc_start_position: Option<String>,
    /// Where its change data capture can go on from.
    pub recovery_checkpoint: Option<String>,
    /// Why it stopped.
    pub stop_reason: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// When it stopped last.
    pub stopped_at: Option<Timestamp>,
    /// How often it stopped; each stop has a checkpoint of its own.
    pub stops: u32,
    /// Whether nothing stops it.
    pub cannot_be_stopped: bool,
    /// What its status is on its way to.
    pub settling: Option<Settling>,
}

impl ConfigSettings {
    /// Full load and change data capture between these endpoints.
    pub fn between(source_endpoint: &str, target_endpoint: &str) -> Self {
        let object = |value: Value| value.as_object().cloned().unwrap_or_default();
        Self {
            source_endpoint: source_endpoint.to_owned(),
            target_endpoint: target_endpoint.to_owned(),
            replication_type: "full-load-and-cdc".to_owned(),
            compute: object(json!({
                "MaxCapacityUnits": 16, "MinCapacityUnits": 1, "MultiAZ": false,
                "ReplicationSubnetGroupId": "default-vpc", "VpcSecurityGroupIds": ["sg-0a1b2c3d4e5f60718"],
            })),
            texts: object(json!({
                "ReplicationSettings": "{\"Logging\":{\"EnableLogging\":true}}",
                "TableMappings": "{\"rules\":[]}",
            })),
            replication: Replication::default(),
        }
    }
}

impl Replication {
    /// AWS's word for its status.
    pub fn status(&self) -> &str {
        if self.status.is_empty() { "created" } else { &self.status }
    }

    /// Puts it on its way to another status.
    pub fn begin(&mut self, status: &str, looks: u32, then: &str) {
        status.clone_into(&mut self.status);
        self.settling = Some(Settling { looks, then: Some(then.to_owned()) });
    }

    /// Counts a look at it.
    pub(in crate::sandbox) fn look(&mut self, captures_changes: bool) {
        if look(&mut self.status, &mut self.settling) == Look::Settled && self.status == "stopped" {
            self.stops += 1;
            self.stop_reason = Some("Stop Reason NORMAL".to_owned());
            if captures_changes {
                self.recovery_checkpoint = Some(super::task::checkpoint(self.stops));
            }
        }
    }
}
