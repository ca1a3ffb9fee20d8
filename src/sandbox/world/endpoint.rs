use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Everything of an endpoint that can be chosen, but its name, key and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    /// `EndpointType` as AWS answers it: `SOURCE` or `TARGET`.
    pub endpoint_type: String,
    /// The other fields of AWS's answer by their names: `EngineName`, `ServerName`, `PostgreSQLSettings`, … Never a
    /// password.
    pub fields: Map<String, Value>,
    /// The instances (and Serverless configs) that reach it, by their ARN; `None` if all do.
    pub reached_by: Option<BTreeSet<String>>,
}

impl EndpointSettings {
    /// A PostgreSQL database, with a replication slot of its owner's.
    pub fn postgres(endpoint_type: &str) -> Self {
        let fields = json!({
            "EngineName": "postgres",
            "EngineDisplayName": "PostgreSQL",
            "Username": "dms",
            "ServerName": "db.sandbox.test",
            "Port": 5432,
            "DatabaseName": "app",
            "SslMode": "require",
            "PostgreSQLSettings": { "DatabaseName": "app", "Port": 5432, "ServerName": "db.sandbox.test", "SlotName": "dms" },
        });
        let fields = fields.as_object().cloned().unwrap_or_default();
        Self { endpoint_type: endpoint_type.to_owned(), fields, reached_by: None }
    }

    /// Whether that instance, or Serverless config, reaches it.
    pub fn is_reached_by(&self, arn: &str) -> bool {
        self.reached_by.as_ref().is_none_or(|those| those.contains(arn))
    }
}
