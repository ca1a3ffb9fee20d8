//! Endpoints: made.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{KIND, finish};
use crate::sandbox::{
    answer::Refusal,
    context::Context,
    services::{
        dms::{input, keys, refusals},
        own_account, require_region,
    },
    world::{EndpointSettings, ResourceSettings, World},
};

/// The fields of `CreateEndpoint` that DMS answers as they were given.
const PLAIN: [&str; 9] = [
    "Username",
    "ServerName",
    "Port",
    "DatabaseName",
    "ExtraConnectionAttributes",
    "CertificateArn",
    "SslMode",
    "ServiceAccessRoleArn",
    "ExternalTableDefinition",
];

/// What the settings objects of `CreateEndpoint` end in.
const SETTINGS: &str = "Settings";

/// The fields of settings objects that DMS takes and never answers. Source: DMS API, the fields of shape `SecretString`.
const SECRET: [&str; 6] = [
    "Password",
    "AsmPassword",
    "SecurityDbEncryption",
    "SslClientKeyPassword",
    "SaslPassword",
    "AuthPassword",
];

/// An engine, its name for people, and its settings object where a server is in it.
const ENGINES: [(&str, &str, Option<&str>); 24] = [
    ("mysql", "MySQL", Some("MySQLSettings")),
    ("mariadb", "MariaDB", Some("MySQLSettings")),
    ("aurora", "Amazon Aurora MySQL", Some("MySQLSettings")),
    ("aurora-serverless", "Amazon Aurora Serverless MySQL", Some("MySQLSettings")),
    ("postgres", "PostgreSQL", Some("PostgreSQLSettings")),
    ("aurora-postgresql", "Amazon Aurora PostgreSQL", Some("PostgreSQLSettings")),
    ("aurora-postgresql-serverless", "Amazon Aurora Serverless PostgreSQL", Some("PostgreSQLSettings")),
    ("babelfish", "Babelfish", Some("MicrosoftSQLServerSettings")),
    ("oracle", "Oracle", Some("OracleSettings")),
    ("sqlserver", "Microsoft SQL Server", Some("MicrosoftSQLServerSettings")),
    ("sybase", "SAP ASE", Some("SybaseSettings")),
    ("db2", "IBM Db2", Some("IBMDb2Settings")),
    ("db2-zos", "IBM Db2 for z/OS", Some("IBMDb2Settings")),
    ("azuredb", "Azure SQL Database", Some("MicrosoftSQLServerSettings")),
    ("redshift", "Amazon Redshift", Some("RedshiftSettings")),
    ("mongodb", "MongoDB", Some("MongoDbSettings")),
    ("docdb", "Amazon DocumentDB", Some("DocDbSettings")),
    ("redis", "Redis", None),
    ("s3", "Amazon S3", None),
    ("dynamodb", "Amazon DynamoDB", None),
    ("kinesis", "Amazon Kinesis", None),
    ("kafka", "Kafka", None),
    ("opensearch", "OpenSearch", None),
    ("neptune", "Amazon Neptune", None),
];

/// `CreateEndpoint`.
pub fn create(context: &Context<'_>) -> Result<Value, Refusal> {
    let call = context.call;
    let (account, region) = (context.caller.account, &call.region);
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let name = input::identifier(context, "EndpointIdentifier", 255)?;
    let tags = input::tags(context)?;
    let new = input::arn(context, &world, "endpoint:*");
    let needed: Vec<&str> = [&*new].into_iter().chain(call.text("CertificateArn")).collect();
    input::allow_new(context, &world, &needed, &new, &tags)?;

    let settings = chosen(context)?;
    allow_roles(context, &world, &settings)?;
    let there = || world.place(account, region).of(KIND);
    if there().any(|other| other.name == name) {
        return Err(refusals::exists(format!("Endpoint already exists: {name}")));
    }
    let quota = own_account(context, &world)?.dms_quotas.endpoints;
    if there().count() as i64 >= quota {
        return Err(refusals::quota(format!("Endpoint quota exceeded: {quota}")));
    }
    let tail = input::tail(context)?;
    let key = keys::key_for(context, &mut world, call.text("KmsKeyId"))?;
    let settings = |_: &str| ResourceSettings::Endpoint(settings);
    let arn = world.put_resource(account, region, &name, tail, Some(key), KIND, settings);
    let made = world.resource_mut(&arn);
    (made.created_at, made.tags) = (context.now(), tags);
    Ok(finish(context, &mut world, &arn))
}

/// The settings that the call asks for.
fn chosen(context: &Context<'_>) -> Result<EndpointSettings, Refusal> {
    let call = context.call;
    let endpoint_type = call.required("EndpointType")?.to_ascii_uppercase();
    if !["SOURCE", "TARGET"].contains(&&*endpoint_type) {
        return Err(refusals::invalid(format!("Invalid endpoint type: {endpoint_type}")));
    }
    let engine = call.required("EngineName")?;
    let Some((_, display_name, settings_name)) = ENGINES.iter().find(|(name, ..)| *name == engine) else {
        return Err(refusals::invalid(format!("Invalid engine name: {engine}")));
    };
    let given = call.input.as_object().cloned().unwrap_or_default();
    let mut fields: Map<String, Value> = given
        .iter()
        .filter(|(name, value)| (PLAIN.contains(&&***name) || name.ends_with(SETTINGS)) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    fields.insert("EngineName".to_owned(), engine.into());
    fields.insert("EngineDisplayName".to_owned(), (*display_name).into());
    fields.entry("SslMode").or_insert_with(|| "none".into());
    if let Some(name) = settings_name {
        agree(&mut fields, name);
    }
    let objects = || given.values().filter_map(Value::as_object);
    let has = |name: &str| given.contains_key(name) || objects().any(|object| object.contains_key(name));
    // Nobody gets into a database by a name alone.
    let locked_out = has("Username") && !has("Password");
    for object in fields.values_mut().filter_map(Value::as_object_mut) {
        object.retain(|name, _| !SECRET.contains(&&**name));
    }
    let reached_by = locked_out.then(BTreeSet::new);
    Ok(EndpointSettings { endpoint_type, fields, reached_by })
}

/// Refuses unless the caller may hand DMS the roles that the endpoint names. Source: IAM user guide, "Granting a user
/// permissions to pass a role to an AWS service"; DMS user guide, "Using secrets to access AWS Database Migration
/// Service endpoints": the role for a secret is DMS's of the Region.
fn allow_roles(context: &Context<'_>, world: &World, settings: &EndpointSettings) -> Result<(), Refusal> {
    let here = keys::dms_here(context, world);
    let inner = settings.fields.values().filter_map(Value::as_object).flatten();
    for (name, role) in settings.fields.iter().chain(inner) {
        let service = match &**name {
            "ServiceAccessRoleArn" => "dms.amazonaws.com",
            name if name.ends_with("AccessRoleArn") => &here,
            _ => continue,
        };
        let role = role.as_str().unwrap_or_default();
        context.allow_action(world, "iam:PassRole", role, &[("iam:PassedToService", service)])?;
    }
    Ok(())
}

/// A server may be named in the settings object of its engine or beside it, and is answered in both.
fn agree(fields: &mut Map<String, Value>, name: &str) {
    const SHARED: [&str; 4] = ["ServerName", "Port", "DatabaseName", "Username"];
    let mut inner = fields.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    for field in SHARED {
        match (fields.get(field).cloned(), inner.get(field).cloned()) {
            (Some(outer), None) => inner.insert(field.to_owned(), outer),
            (None, Some(value)) => fields.insert(field.to_owned(), value),
            _ => None,
        };
    }
    if !inner.is_empty() {
        fields.insert(name.to_owned(), inner.into());
    }
}
