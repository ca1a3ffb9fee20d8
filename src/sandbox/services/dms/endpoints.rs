//! Endpoints: described, made, deleted.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    input,
    instances::{arns, found, look, with_extra},
    keys,
    lists::{self, Filters},
    refusals,
};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::{own_account, require_region},
        world::{ConfigSettings, EndpointSettings, ResourceSettings, SandboxResource, World},
    },
};

const KIND: ResourceType = ResourceType::Endpoint;

/// `DescribeEndpoints`.
pub(super) fn describe(context: &Context<'_>) -> Result<Value, Refusal> {
    let (answer, seen) = {
        let world = context.world();
        require_region(context, &world)?;
        context.allow(&world, "*")?;
        let known = ["endpoint-arn", "endpoint-type", "endpoint-id", "engine-name"];
        let filters = Filters::read(context, &known)?;
        let place = world.place(context.caller.account, &context.call.region);
        let fits = |resource: &&SandboxResource| {
            let small = resource.endpoint().map(|settings| settings.endpoint_type.to_ascii_lowercase());
            filters.fit(|name| match name {
                "endpoint-arn" => vec![&*resource.arn],
                "endpoint-id" => vec![&*resource.name],
                "endpoint-type" => small.as_deref().into_iter().collect(),
                _ => {
                    let settings = resource.endpoint();
                    settings.and_then(|s| s.fields.get("EngineName")?.as_str()).into_iter().collect()
                }
            })
        };
        let all = place.of(KIND).filter(fits).collect();
        let (answer, seen) =
            lists::page(context, "Endpoints", &filters, all, |resource| with_extra(render(resource)))?;
        (answer, arns(&seen))
    };
    lists::looked(context, &seen, |world, seen| look(context, world, seen));
    Ok(answer)
}

/// An endpoint as DMS answers it.
fn render(resource: &SandboxResource) -> Value {
    let mut value = json!({
        "EndpointIdentifier": resource.name,
        "EndpointArn": resource.arn,
        "Status": resource.status,
    });
    if let Some(settings) = resource.endpoint() {
        value["EndpointType"] = settings.endpoint_type.clone().into();
        for (name, field) in &settings.fields {
            value[name] = field.clone();
        }
    }
    if let Some(key) = resource.answered_key() {
        value["KmsKeyId"] = json!(key);
    }
    value
}

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
pub(super) fn create(context: &Context<'_>) -> Result<Value, Refusal> {
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

fn finish(context: &Context<'_>, world: &mut World, arn: &str) -> Value {
    context.changed(arn);
    let answer = json!({ "Endpoint": world.resource(arn).map(render) });
    if world.settling == 0 {
        look(context, world, &[arn.to_owned()]);
    }
    answer
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

/// `DeleteEndpoint`. Source: DMS API: "All tasks associated with the endpoint must be deleted before you can delete the
/// endpoint."
pub(super) fn delete(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = context.call.required("EndpointArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let place = world.place(context.caller.account, &context.call.region);
    let endpoint = found(place.find(KIND, arn), arn)?;
    if let Some(task) = place.tasks.iter().find(|task| task.uses_endpoint(arn)) {
        return Err(refusals::state(format!(
            "Endpoint {} is part of the replication task {}",
            endpoint.name, task.name
        )));
    }
    let uses = |config: &ConfigSettings| config.source_endpoint == arn || config.target_endpoint == arn;
    if let Some(config) = place.resources.iter().find(|other| other.config().is_some_and(uses)) {
        return Err(refusals::state(format!(
            "Endpoint {} is part of the replication config {}",
            endpoint.name, config.name
        )));
    }
    if endpoint.status == "deleting" {
        return Err(refusals::state(format!("Endpoint {} is being deleted already", endpoint.name)));
    }
    let looks = world.settling;
    world.resource_mut(arn).begin("deleting", looks, None);
    Ok(finish(context, &mut world, arn))
}
