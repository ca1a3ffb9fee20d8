//! Replication instances: described and deleted.

mod change;

use serde_json::{Value, json};

pub(super) use change::{create, modify};

use super::{
    input::epoch,
    lists::{self, Filters, Listed},
    refusals,
};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::require_region,
        world::{InstanceSettings, SandboxResource, World},
    },
};

const KIND: ResourceType = ResourceType::ReplicationInstance;

impl Listed for SandboxResource {
    fn is_settling(&self) -> bool {
        Self::is_settling(self)
    }
}

/// `DescribeReplicationInstances`.
pub(super) fn describe(context: &Context<'_>) -> Result<Value, Refusal> {
    let (answer, seen) = {
        let world = context.world();
        require_region(context, &world)?;
        context.allow(&world, "*")?;
        let known = [
            "replication-instance-arn",
            "replication-instance-id",
            "replication-instance-class",
            "engine-version",
        ];
        let filters = Filters::read(context, &known)?;
        let place = world.place(context.caller.account, &context.call.region);
        let fits = |resource: &&SandboxResource| {
            let settings = resource.instance();
            filters.fit(|name| match name {
                "replication-instance-arn" => vec![&*resource.arn],
                "replication-instance-id" => vec![&*resource.name],
                "replication-instance-class" => settings.iter().map(|s| &*s.class).collect(),
                _ => settings.iter().map(|s| &*s.engine_version).collect(),
            })
        };
        let all = place.of(KIND).filter(fits).collect();
        let (answer, seen) = lists::page(context, "ReplicationInstances", &filters, all, |resource| {
            with_extra(resource, render(&world, context, resource))
        })?;
        (answer, arns(&seen))
    };
    lists::looked(context, &seen, |world, seen| look(context, world, seen));
    Ok(answer)
}

/// The ARNs of what was seen.
pub(super) fn arns(seen: &[&SandboxResource]) -> Vec<String> {
    seen.iter().map(|resource| resource.arn.clone()).collect()
}

/// Counts a look at resources; with an instance or an endpoint that is gone, its connections are.
pub(super) fn look(context: &Context<'_>, world: &mut World, seen: &[String]) {
    let place = world.place_mut(context.caller.account, &context.call.region);
    let (resources, connections) = (place.resources, place.connections);
    resources.retain_mut(|resource| {
        let gone = seen.contains(&resource.arn) && resource.look();
        if gone {
            connections.retain(|c| c.instance != resource.arn && c.endpoint != resource.arn);
        }
        !gone
    });
}

/// Something that AWS may add to its answers at any time; and as AWS does, not everywhere at once: an eighth has it.
pub(super) fn with_extra(resource: &SandboxResource, mut value: Value) -> Value {
    if resource.arn.bytes().map(u32::from).sum::<u32>() % 8 == 0 {
        value["SandboxExtra"] = json!({ "Unknown": [null, { "Field": true }] });
    }
    value
}

/// An instance as DMS answers it.
pub(super) fn render(world: &World, context: &Context<'_>, resource: &SandboxResource) -> Value {
    let default = InstanceSettings::default();
    let settings = resource.instance().unwrap_or(&default);
    let groups: Vec<Value> = settings
        .security_groups
        .iter()
        .map(|id| json!({ "VpcSecurityGroupId": id, "Status": "active" }))
        .collect();
    let mut value = json!({
        "ReplicationInstanceIdentifier": resource.name,
        "ReplicationInstanceClass": settings.class,
        "ReplicationInstanceStatus": resource.status,
        "AllocatedStorage": settings.storage,
        "InstanceCreateTime": epoch(resource.created_at) + 0.342,
        "VpcSecurityGroups": groups,
        "AvailabilityZone": settings.zone,
        "ReplicationSubnetGroup": subnet_group(world, context, &settings.subnet_group),
        "PreferredMaintenanceWindow": settings.maintenance_window,
        "PendingModifiedValues": {},
        "MultiAZ": settings.multi_az,
        "EngineVersion": settings.engine_version,
        "AutoMinorVersionUpgrade": settings.auto_minor_version_upgrade,
        "ReplicationInstanceArn": resource.arn,
        "PubliclyAccessible": resource.public,
        "NetworkType": settings.network_type,
    });
    if resource.status != "creating" {
        let [a, b] = address(&resource.arn);
        let private = format!("10.0.{a}.{b}");
        // A private instance has a list of one null, as recorded from AWS.
        let public = resource.public.then(|| format!("198.51.100.{b}"));
        value["ReplicationInstancePrivateIpAddresses"] = json!([private]);
        value["ReplicationInstancePrivateIpAddress"] = private.into();
        value["ReplicationInstancePublicIpAddresses"] = json!([public]);
    }
    let optional = [
        ("SecondaryAvailabilityZone", settings.secondary_zone.as_deref().map(Value::from)),
        ("DnsNameServers", settings.dns_name_servers.as_deref().map(Value::from)),
        ("KerberosAuthenticationSettings", settings.kerberos.clone()),
        ("KmsKeyId", resource.answered_key().map(Value::from)),
    ];
    for (name, there) in optional {
        if let Some(there) = there {
            value[name] = there;
        }
    }
    value
}

/// Two numbers that another instance most likely hasn't: addresses change when an instance is made again.
fn address(arn: &str) -> [u32; 2] {
    let number = arn.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    [number % 256, (number >> 8) % 250 + 2]
}

/// A subnet group as DMS answers it.
pub(super) fn subnet_group(world: &World, context: &Context<'_>, name: &str) -> Value {
    let region = &context.call.region;
    let account = world.accounts.get(&context.caller.account);
    let made = account.and_then(|account| account.subnet_groups.get(region)?.get(name));
    let subnets: Vec<Value> = made
        .into_iter()
        .flatten()
        .map(|(id, zone)| {
            json!({
                "SubnetIdentifier": id, "SubnetAvailabilityZone": { "Name": zone }, "SubnetStatus": "Active",
            })
        })
        .collect();
    json!({
        "ReplicationSubnetGroupIdentifier": name,
        "ReplicationSubnetGroupDescription": format!("{name} of the sandbox"),
        "VpcId": "vpc-0123456789abcdef0",
        "SubnetGroupStatus": "Complete",
        "Subnets": subnets,
        "SupportedNetworkTypes": ["IPV4"],
    })
}

/// The answer about an instance that was just changed, which may be done with it at once.
fn finish(context: &Context<'_>, world: &mut World, arn: &str) -> Result<Value, Refusal> {
    context.changed(arn);
    let answer =
        json!({ "ReplicationInstance": world.resource(arn).map(|made| render(world, context, made)) });
    if world.settling == 0 {
        look(context, world, &[arn.to_owned()]);
    }
    Ok(answer)
}

/// Source: DMS API, `CreateReplicationInstance$AllocatedStorage` and `DescribeOrderableReplicationInstances`, in GB.
pub(super) const STORAGE: std::ops::RangeInclusive<i64> = 5..=6144;

/// The zones of the Region.
pub(super) fn zones(context: &Context<'_>) -> [String; 3] {
    ["a", "b", "c"].map(|letter| format!("{}{letter}", context.call.region))
}

/// `DeleteReplicationInstance`.
pub(super) fn delete(context: &Context<'_>) -> Result<Value, Refusal> {
    let arn = context.call.required("ReplicationInstanceArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let place = world.place(context.caller.account, &context.call.region);
    let instance = found(place.find(KIND, arn), arn)?;
    if let Some(task) = place.tasks.iter().find(|task| {
        task.instance == arn || (task.status == "moving" && task.target_instance.as_deref() == Some(arn))
    }) {
        return Err(refusals::state(format!(
            "Replication Instance {} has task {}; move or delete all tasks before it is deleted",
            instance.name, task.name
        )));
    }
    if ["creating", "deleting", "modifying"].contains(&&*instance.status) {
        return Err(refusals::state(format!(
            "Replication Instance {} can't be deleted while it is {}",
            instance.name, instance.status
        )));
    }
    let looks = world.settling;
    world.resource_mut(arn).begin("deleting", looks, None);
    finish(context, &mut world, arn)
}

/// What was found, or DMS's word for that it wasn't.
pub(super) fn found<'a>(
    resource: Option<&'a SandboxResource>,
    arn: &str,
) -> Result<&'a SandboxResource, Refusal> {
    resource.ok_or_else(|| refusals::not_found(format!("The resource {arn} was not found")))
}
