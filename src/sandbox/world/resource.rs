use std::collections::BTreeMap;

use super::{
    ConfigSettings, EndpointSettings, InstanceSettings,
    settling::{Look, Settling, look},
};
use crate::domain::{ResourceType, Timestamp};

/// A DMS resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxResource {
    /// Its ARN.
    pub arn: String,
    /// Its kind.
    pub resource_type: ResourceType,
    /// Its identifier.
    pub name: String,
    /// Its status; a replication config has none in AWS's answer.
    pub status: String,
    /// The text of `KmsKeyId` exactly as it is answered, except that DMS answers none while the status
    /// is `creating`.
    pub kms_key_id: Option<String>,
    /// Whether a replication instance has a public address.
    pub public: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// What is particular to its kind.
    pub settings: ResourceSettings,
    /// What its status is on its way to.
    pub settling: Option<Settling>,
}

/// What is particular to a kind of resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceSettings {
    /// Of a replication instance.
    Instance(InstanceSettings),
    /// Of an endpoint.
    Endpoint(EndpointSettings),
    /// Of a Serverless config.
    Config(Box<ConfigSettings>),
}

impl ResourceSettings {
    /// The kind.
    pub const fn resource_type(&self) -> ResourceType {
        match self {
            Self::Instance(_) => ResourceType::ReplicationInstance,
            Self::Endpoint(_) => ResourceType::Endpoint,
            Self::Config(_) => ResourceType::ReplicationConfig,
        }
    }
}

impl SandboxResource {
    /// The `KmsKeyId` that DMS answers now.
    pub fn answered_key(&self) -> Option<&str> {
        self.kms_key_id.as_deref().filter(|_| self.status != "creating")
    }

    /// An instance's settings; `None` of any other kind.
    pub const fn instance(&self) -> Option<&InstanceSettings> {
        match &self.settings {
            ResourceSettings::Instance(settings) => Some(settings),
            _ => None,
        }
    }

    /// An endpoint's settings; `None` of any other kind.
    pub const fn endpoint(&self) -> Option<&EndpointSettings> {
        match &self.settings {
            ResourceSettings::Endpoint(settings) => Some(settings),
            _ => None,
        }
    }

    /// A Serverless config's settings; `None` of any other kind.
    pub fn config(&self) -> Option<&ConfigSettings> {
        match &self.settings {
            ResourceSettings::Config(settings) => Some(settings),
            _ => None,
        }
    }

    /// An instance's settings, to change them.
    ///
    /// # Panics
    /// If it is no instance.
    pub fn instance_mut(&mut self) -> &mut InstanceSettings {
        match &mut self.settings {
            ResourceSettings::Instance(settings) => settings,
            _ => panic!("{} is no replication instance", self.arn),
        }
    }

    /// An endpoint's settings, to change them.
    ///
    /// # Panics
    /// If it is no endpoint.
    pub fn endpoint_mut(&mut self) -> &mut EndpointSettings {
        match &mut self.settings {
            ResourceSettings::Endpoint(settings) => settings,
            _ => panic!("{} is no endpoint", self.arn),
        }
    }

    /// A Serverless config's settings, to change them.
    ///
    /// # Panics
    /// If it is no Serverless config.
    pub fn config_mut(&mut self) -> &mut ConfigSettings {
        match &mut self.settings {
            ResourceSettings::Config(settings) => settings,
            _ => panic!("{} is no replication config", self.arn),
        }
    }

    /// Puts it on its way to another status; `None` if it is going to be gone.
    pub fn begin(&mut self, status: &str, looks: u32, then: Option<&str>) {
        status.clone_into(&mut self.status);
        self.settling = Some(Settling { looks, then: then.map(str::to_owned) });
    }

    /// Whether a look at it changes it.
    pub(in crate::sandbox) fn is_settling(&self) -> bool {
        self.settling.is_some() || self.config().is_some_and(|config| config.replication.settling.is_some())
    }

    /// Counts a look at it; tells whether it is gone.
    pub(in crate::sandbox) fn look(&mut self) -> bool {
        if let ResourceSettings::Config(config) = &mut self.settings {
            let captures_changes = config.replication_type != "full-load";
            config.replication.look(captures_changes);
        }
        look(&mut self.status, &mut self.settling) == Look::Gone
    }
}
