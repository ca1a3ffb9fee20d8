//! Connections: tested, described, forgotten.

use serde_json::{Value, json};

use super::{
    instances::found,
    keys,
    lists::{self, Filters, Listed},
    refusals,
};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::require_region,
        world::{Connection, SandboxResource, World},
    },
};

/// A connection with its ends' names.
struct Line<'a> {
    connection: &'a Connection,
    instance: &'a str,
    endpoint: &'a str,
}

impl Listed for Line<'_> {
    fn is_settling(&self) -> bool {
        self.connection.settling.is_some()
    }
}

impl<'a> Line<'a> {
    fn new(context: &Context<'_>, world: &'a World, connection: &'a Connection) -> Self {
        let place = world.place(context.caller.account, &context.call.region);
        let name =
            |kind, arn: &str| place.find(kind, arn).map_or("", |resource: &SandboxResource| &resource.name);
        Self {
            connection,
            instance: name(ResourceType::ReplicationInstance, &connection.instance),
            endpoint: name(ResourceType::Endpoint, &connection.endpoint),
        }
    }

    fn render(&self) -> Value {
        let mut value = json!({
            "ReplicationInstanceArn": self.connection.instance,
            "EndpointArn": self.connection.endpoint,
            "Status": self.connection.status,
            "EndpointIdentifier": self.endpoint,
            "ReplicationInstanceIdentifier": self.instance,
        });
        if let Some(failure) = &self.connection.failure {
            value["LastFailureMessage"] = failure.clone().into();
        }
        value
    }
}

/// `DescribeConnections`.
pub(super) fn describe(context: &Context<'_>) -> Result<Value, Refusal> {
    let (answer, seen) = {
        let world = context.world();
        require_region(context, &world)?;
        context.allow(&world, "*")?;
        let filters = Filters::read(context, &["endpoint-arn", "replication-instance-arn"])?;
        let place = world.place(context.caller.account, &context.call.region);
        let lines: Vec<Line<'_>> = place
            .connections
            .iter()
            .filter(|connection| {
                filters.fit(|name| match name {
                    "endpoint-arn" => vec![&*connection.endpoint],
                    _ => vec![&*connection.instance],
                })
            })
            .map(|connection| Line::new(context, &world, connection))
            .collect();
        let all = lines.iter().collect();
        let (answer, seen) = lists::page(context, "Connections", &filters, all, Line::render)?;
        let seen = seen.iter().map(|line| key(line.connection)).collect::<Vec<_>>();
        (answer, seen)
    };
    lists::looked(context, &seen, |world, seen| look(context, world, seen));
    Ok(answer)
}

/// What tells one connection from another.
fn key(connection: &Connection) -> [String; 2] {
    [connection.instance.clone(), connection.endpoint.clone()]
}

fn look(context: &Context<'_>, world: &mut World, seen: &[[String; 2]]) {
    let place = world.place_mut(context.caller.account, &context.call.region);
    place.connections.retain_mut(|connection| !(seen.contains(&key(connection)) && connection.look()));
}

/// `TestConnection`: whether it works, `DescribeConnections` tells later.
pub(super) fn test(context: &Context<'_>) -> Result<Value, Refusal> {
    let [instance, endpoint] = ends(context)?;
    let mut world = context.world_mut();
    allow_both(context, &world, instance, endpoint)?;
    let place = world.place(context.caller.account, &context.call.region);
    let from = found(place.find(ResourceType::ReplicationInstance, instance), instance)?;
    let to = found(place.find(ResourceType::Endpoint, endpoint), endpoint)?;
    if from.status != "available" || to.status != "active" {
        return Err(refusals::state(format!(
            "Replication Instance {} is {} and endpoint {} is {}: nothing can be tested",
            from.name, from.status, to.name, to.status
        )));
    }
    if let Some(key) = &to.kms_key_id {
        keys::usable(&world, key)?;
    }
    let reached = to.endpoint().is_some_and(|settings| settings.is_reached_by(instance));
    let is_this = |c: &Connection| c.instance == instance && c.endpoint == endpoint;
    if place.connections.iter().any(|c| is_this(c) && ["testing", "deleting"].contains(&&*c.status)) {
        return Err(refusals::state("Connection is being tested or deleted already"));
    }
    let looks = world.settling;
    let connections = world.place_mut(context.caller.account, &context.call.region).connections;
    connections.retain(|connection| !is_this(connection));
    let mut new = Connection::successful(instance, endpoint);
    new.begin("testing", looks, Some(if reached { "successful" } else { "failed" }));
    connections.push(new);
    Ok(finish(context, &mut world, instance, endpoint))
}

/// `DeleteConnection`.
pub(super) fn delete(context: &Context<'_>) -> Result<Value, Refusal> {
    let [instance, endpoint] = ends(context)?;
    let mut world = context.world_mut();
    allow_both(context, &world, instance, endpoint)?;
    let place = world.place(context.caller.account, &context.call.region);
    let is_this = |c: &Connection| c.instance == instance && c.endpoint == endpoint;
    if !place.connections.iter().any(is_this) {
        return Err(refusals::not_found("Connection not found"));
    }
    let busy = |status: &str| ["running", "starting", "stopping"].contains(&status);
    if place.tasks.iter().any(|t| t.instance == instance && t.uses_endpoint(endpoint) && busy(&t.status)) {
        return Err(refusals::state("A task uses the connection"));
    }
    let looks = world.settling;
    let connections = world.place_mut(context.caller.account, &context.call.region).connections;
    if let Some(connection) = connections.iter_mut().find(|c| is_this(c)) {
        connection.begin("deleting", looks, None);
    }
    Ok(finish(context, &mut world, instance, endpoint))
}

fn ends<'a>(context: &'a Context<'_>) -> Result<[&'a str; 2], Refusal> {
    Ok([context.call.required("ReplicationInstanceArn")?, context.call.required("EndpointArn")?])
}

fn allow_both(context: &Context<'_>, world: &World, instance: &str, endpoint: &str) -> Result<(), Refusal> {
    require_region(context, world)?;
    context.allow(world, instance)?;
    context.allow(world, endpoint)
}

fn finish(context: &Context<'_>, world: &mut World, instance: &str, endpoint: &str) -> Value {
    context.changed(endpoint);
    let place = world.place(context.caller.account, &context.call.region);
    let this = place.connections.iter().find(|c| c.instance == instance && c.endpoint == endpoint);
    let answer = this.map_or(Value::Null, |connection| Line::new(context, world, connection).render());
    if world.settling == 0 {
        look(context, world, &[[instance.to_owned(), endpoint.to_owned()]]);
    }
    json!({ "Connection": answer })
}
