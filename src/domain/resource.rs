use super::KeyRef;

/// The tag on all that keywatch, or a script of its plans, makes; its value is the ARN of what is replaced.
pub const REMEDIATES: &str = "keywatch:remediates";

/// The kinds of DMS resource that hold data at rest under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceType {
    /// A replication instance; its storage is encrypted.
    ReplicationInstance,
    /// An endpoint; its connection information is encrypted.
    Endpoint,
    /// A DMS Serverless replication config; the replication's storage is encrypted.
    ReplicationConfig,
}

impl ResourceType {
    /// Every kind, in the order they are read.
    pub const ALL: [Self; 3] = [Self::ReplicationInstance, Self::Endpoint, Self::ReplicationConfig];

    /// The word in the database and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReplicationInstance => "replication_instance",
            Self::Endpoint => "endpoint",
            Self::ReplicationConfig => "replication_config",
        }
    }
}

/// One DMS resource as its account answered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its ARN; the ARN is the resource's identity.
    pub arn: String,
    /// Its kind.
    pub resource_type: ResourceType,
    /// Its identifier, the name its owner gave it.
    pub name: String,
    /// AWS's word for its status, where it has one. An open set: treat an unknown word as any other.
    pub status: Option<String>,
    /// The key it names in `KmsKeyId`; `None` where the field is missing.
    pub key: Option<KeyRef>,
    /// The JSON object as AWS gave it, keys sorted, what may be a password replaced.
    pub document: String,
}

impl Resource {
    /// Whether it is still being made, so that a missing key says nothing yet.
    pub fn is_creating(&self) -> bool {
        self.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("creating"))
    }
}
