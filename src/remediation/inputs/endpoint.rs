use serde_json::{Map, Value};

use super::{carry, tags};
use crate::remediation::facts::Facts;

/// What stands in a document in the place of what may be a secret.
pub const WITHHELD: &str = "(not kept)";

/// Fields that `CreateEndpoint` takes under the name and in the form that `DescribeEndpoints` gives.
pub(super) const CARRIED: [&str; 31] = [
    "EndpointType",
    "EngineName",
    "Username",
    "ServerName",
    "Port",
    "DatabaseName",
    "ExtraConnectionAttributes",
    "CertificateArn",
    "SslMode",
    "ServiceAccessRoleArn",
    "ExternalTableDefinition",
    "DynamoDbSettings",
    "S3Settings",
    "DmsTransferSettings",
    "MongoDbSettings",
    "KinesisSettings",
    "KafkaSettings",
    "ElasticsearchSettings",
    "NeptuneSettings",
    "RedshiftSettings",
    "PostgreSQLSettings",
    "MySQLSettings",
    "OracleSettings",
    "SybaseSettings",
    "MicrosoftSQLServerSettings",
    "IBMDb2Settings",
    "DocDbSettings",
    "RedisSettings",
    "GcpMySQLSettings",
    "TimestreamSettings",
    "KmsKeyId",
];

/// Fields that say how the endpoint is, not how it was made.
pub(super) const OUTPUT_ONLY: [&str; 7] = [
    "EndpointIdentifier",
    "EngineDisplayName",
    "Status",
    "EndpointArn",
    // Names an endpoint to the account that reads from it; AWS sets it.
    "ExternalId",
    "IsReadOnly",
    // Only zero-ETL integrations have it, which nobody but their owner changes.
    "LakehouseSettings",
];

pub(super) fn knows(field: &str) -> bool {
    CARRIED.contains(&field) || OUTPUT_ONLY.contains(&field)
}

/// `CreateEndpoint` for an endpoint of that name under that key, the source in every other setting. What is not kept of the
/// source stands in it as [`WITHHELD`], and a password, which AWS never tells, is not in it at all: see [`secrets`].
pub fn endpoint(facts: &Facts, name: &str, key_arn: &str) -> Value {
    let source = facts.document();
    let mut input = Map::new();
    input.insert("EndpointIdentifier".to_owned(), name.into());
    carry(&source, &mut input, &CARRIED);
    // AWS answers in capitals what it takes in small letters.
    if let Some(word) = source["EndpointType"].as_str() {
        input.insert("EndpointType".to_owned(), word.to_ascii_lowercase().into());
    }
    input.insert("Tags".to_owned(), tags(&facts.tags, &facts.resource.arn));
    input.insert("KmsKeyId".to_owned(), key_arn.into());
    // MongoDB's and DocumentDB's settings name the key once more.
    for settings in input.values_mut().filter_map(Value::as_object_mut) {
        if let Some(key) = settings.get_mut("KmsKeyId") {
            *key = key_arn.into();
        }
    }
    Value::Object(input)
}

/// Something secret that the new endpoint needs and nobody kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Where in the input it belongs, a path of field names: `Password`, `KafkaSettings.SaslPassword`.
    pub path: String,
    /// Whether AWS tells it to who may describe endpoints. Passwords it never tells: somebody has to type them.
    pub told_by_aws: bool,
}

/// Fields of the engines' settings that hold a secret, beside what says that there is one, and what has its place.
const OF_SETTINGS: [(&str, &str, &str, &str); 5] = [
    ("KafkaSettings", "SaslPassword", "SaslUsername", ""),
    ("KafkaSettings", "SslClientKeyPassword", "SslClientKeyArn", ""),
    ("RedisSettings", "AuthPassword", "AuthType", ""),
    ("OracleSettings", "AsmPassword", "AsmUser", "SecretsManagerOracleAsmSecretId"),
    ("OracleSettings", "SecurityDbEncryption", "SecurityDbEncryptionName", ""),
];

/// Everything secret that the new endpoint needs: what the document did not keep, and the passwords of the users that it names
/// where no secret of Secrets Manager and no IAM role has their place.
pub fn secrets(facts: &Facts) -> Vec<Secret> {
    let source = facts.document();
    let mut found = withheld(&endpoint(facts, "", ""));
    let named = |settings: &Value, field: &str| {
        settings[field].as_str().is_some_and(|text| !text.is_empty() && text != "none")
    };
    let stands_in = |settings: &Value| {
        named(settings, "SecretsManagerSecretId") || settings["AuthenticationMethod"].as_str() == Some("iam")
    };
    let settings = || source.as_object().into_iter().flatten().filter(|(_, value)| value.is_object());
    if !settings().any(|(_, settings)| stands_in(settings)) {
        if named(&source, "Username") {
            found.push("Password".to_owned());
        } else if let Some((name, _)) = settings().find(|(_, settings)| named(settings, "Username")) {
            found.push(format!("{name}.Password"));
        }
    }
    for (engine, field, sign, instead) in OF_SETTINGS {
        let settings = &source[engine];
        let path = format!("{engine}.{field}");
        if named(settings, sign) && !named(settings, instead) && !found.contains(&path) {
            found.push(path);
        }
    }
    let secret = |path: String| Secret { told_by_aws: path.ends_with("ExtraConnectionAttributes"), path };
    found.into_iter().map(secret).collect()
}

/// Puts a text at a path of field names.
pub fn put(input: &mut Value, path: &str, text: &str) {
    match path.split_once('.') {
        Some((name, rest)) => put(&mut input[name], rest, text),
        None => input[path] = text.into(),
    }
}

/// Where in an input something stands that the document did not keep.
fn withheld(input: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::String(text) if text == WITHHELD => found.push(path.to_owned()),
            Value::Object(object) => {
                for (name, value) in object {
                    walk(value, &format!("{path}.{name}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (name, value) in input.as_object().into_iter().flatten().filter(|(name, _)| *name != "Tags") {
        walk(value, name, &mut found);
    }
    found
}
