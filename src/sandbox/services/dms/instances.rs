//! Replication instances: described, made, changed, deleted.

use serde_json::{Value, json};

use super::{
    input::{self, epoch},
    keys,
    lists::{self, Filters, Listed},
    refusals,
};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::{own_account, require_region},
        world::{DEFAULT_SUBNET_GROUP, InstanceSettings, ResourceSettings, SandboxResource, World},
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
            with_extra(render(&world, context, resource))
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

/// Something that AWS may add to its answers at any time.
pub(super) fn with_extra(mut value: Value) -> Value {
    value["SandboxExtra"] = json!({ "Unknown": [null, { "Field": true }] });
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

/// `CreateReplicationInstance`.
pub(super) fn create(context: &Context<'_>) -> Result<Value, Refusal> {
    let call = context.call;
    let (account, region) = (context.caller.account, &call.region);
    let mut world = context.world_mut();
    require_region(context, &world)?;
    let name = input::identifier(context, "ReplicationInstanceIdentifier", 63)?;
    let tags = input::tags(context)?;
    let group = call.text("ReplicationSubnetGroupIdentifier");
    let new = input::arn(context, &world, "rep:*");
    let group_arn = group.map(|name| input::arn(context, &world, &format!("subgrp:{name}")));
    let needed: Vec<&str> = [&*new].into_iter().chain(group_arn.as_deref()).collect();
    input::allow_new(context, &world, &needed, &new, &tags)?;

    let settings = chosen(context, &world)?;
    let tail = input::tail(context)?;
    let there = || world.place(account, region).of(KIND);
    if there().any(|other| other.name == name) {
        return Err(refusals::exists(format!("Replication Instance already exists: {name}")));
    }
    let quotas = &own_account(context, &world)?.dms_quotas;
    if there().count() as i64 >= quotas.instances {
        return Err(refusals::quota(format!("Replication Instance quota exceeded: {}", quotas.instances)));
    }
    let used: i64 = there().filter_map(SandboxResource::instance).map(|settings| settings.storage).sum();
    if used + settings.storage > quotas.storage {
        return Err(refusals::storage_quota(format!(
            "Allocated storage quota exceeded: {} GB",
            quotas.storage
        )));
    }
    let key = keys::key_for(context, &mut world, call.text("KmsKeyId"))?;

    let (looks, ends) = (world.settling, own_account(context, &world)?.new_instances_end.clone());
    let public = call.flag("PubliclyAccessible").unwrap_or(true);
    let arn = world.put_resource(account, region, &name, tail, Some(key), KIND, |_| {
        ResourceSettings::Instance(settings)
    });
    let made = world.resource_mut(&arn);
    (made.created_at, made.public, made.tags) = (context.now(), public, tags);
    made.begin("creating", looks, Some(ends.as_deref().unwrap_or("available")));
    finish(context, &mut world, &arn)
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

/// The settings that the call asks for, with DMS's defaults. Source: DMS API, `CreateReplicationInstance`.
fn chosen(context: &Context<'_>, world: &World) -> Result<InstanceSettings, Refusal> {
    let call = context.call;
    let class = call.required("ReplicationInstanceClass")?;
    let orderable = &world.orderable;
    let default_storage = orderable.classes.iter().find(|(name, _)| name == class).map(|(_, gb)| *gb);
    let Some(default_storage) = default_storage else {
        return Err(refusals::invalid(format!("Invalid replication instance class: {class}")));
    };
    let engine_version = call.text("EngineVersion").unwrap_or(&orderable.default_version);
    if !orderable.engine_versions.iter().any(|version| version == engine_version) {
        return Err(refusals::invalid(format!("No replication engine found with version: {engine_version}")));
    }
    let storage = call.number("AllocatedStorage").unwrap_or(default_storage);
    if !STORAGE.contains(&storage) {
        return Err(refusals::invalid(format!("Invalid storage size: {storage}")));
    }
    let (multi_az, zone) = (call.flag("MultiAZ").unwrap_or(false), call.text("AvailabilityZone"));
    let zones = zones(context);
    if multi_az && zone.is_some() {
        return Err(refusals::combination(
            "Requesting a specific availability zone is not valid for Multi-AZ instances.",
        ));
    }
    if let Some(zone) = zone.filter(|zone| !zones.iter().any(|known| known == zone)) {
        return Err(refusals::invalid(format!("{zone} is not a valid availability zone")));
    }
    let subnet_group = call.text("ReplicationSubnetGroupIdentifier").unwrap_or(DEFAULT_SUBNET_GROUP);
    if !input::has_subnet_group(context, world, subnet_group) {
        return Err(refusals::not_found(format!("Replication Subnet Group not found: {subnet_group}")));
    }
    let network_type = call.text("NetworkType").unwrap_or("IPV4");
    if !["IPV4", "DUAL"].contains(&network_type) {
        return Err(refusals::invalid(format!("Invalid network type: {network_type}")));
    }
    let groups = call.texts("VpcSecurityGroupIds");
    if let Some(group) = groups.iter().find(|group| !group.starts_with("sg-")) {
        return Err(refusals::invalid(format!("Invalid security group: {group}")));
    }
    let default = InstanceSettings::default();
    Ok(InstanceSettings {
        class: class.to_owned(),
        storage,
        zone: Some(zone.map_or_else(|| zones[0].clone(), str::to_owned)),
        secondary_zone: multi_az.then(|| zones[1].clone()),
        multi_az,
        subnet_group: subnet_group.to_owned(),
        security_groups: if groups.is_empty() { default.security_groups } else { groups },
        maintenance_window: call
            .text("PreferredMaintenanceWindow")
            .map_or(default.maintenance_window, str::to_owned),
        engine_version: engine_version.to_owned(),
        auto_minor_version_upgrade: call.flag("AutoMinorVersionUpgrade").unwrap_or(true),
        dns_name_servers: call.text("DnsNameServers").map(str::to_owned),
        network_type: network_type.to_owned(),
        kerberos: call.value("KerberosAuthenticationSettings").cloned(),
    })
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

/// `ModifyReplicationInstance`: all but what it is encrypted with.
pub(super) fn modify(context: &Context<'_>) -> Result<Value, Refusal> {
    let call = context.call;
    let arn = call.required("ReplicationInstanceArn")?;
    let mut world = context.world_mut();
    require_region(context, &world)?;
    context.allow(&world, arn)?;
    let place = world.place(context.caller.account, &call.region);
    let instance = found(place.find(KIND, arn), arn)?;
    if instance.status != "available" {
        return Err(refusals::state(format!(
            "Replication Instance {} can't be modified while it is {}",
            instance.name, instance.status
        )));
    }
    let mut name = instance.name.clone();
    if call.text("ReplicationInstanceIdentifier").is_some() {
        name = input::identifier(context, "ReplicationInstanceIdentifier", 63)?;
        if place.of(KIND).any(|other| other.name == name && other.arn != arn) {
            return Err(refusals::exists(format!("Replication Instance already exists: {name}")));
        }
    }
    let orderable = world.orderable.clone();
    let looks = world.settling;
    let changed = world.resource_mut(arn);
    let settings = changed.instance_mut();
    let mut next = settings.clone();
    if let Some(class) = call.text("ReplicationInstanceClass") {
        if !orderable.classes.iter().any(|(known, _)| known == class) {
            return Err(refusals::invalid(format!("Invalid replication instance class: {class}")));
        }
        class.clone_into(&mut next.class);
    }
    if let Some(version) = call.text("EngineVersion") {
        if !orderable.engine_versions.iter().any(|known| known == version) {
            return Err(refusals::invalid(format!("No replication engine found with version: {version}")));
        }
        version.clone_into(&mut next.engine_version);
    }
    if let Some(storage) = call.number("AllocatedStorage") {
        if storage < next.storage || !STORAGE.contains(&storage) {
            return Err(refusals::invalid(format!("Invalid storage size: {storage}")));
        }
        next.storage = storage;
    }
    if let Some(window) = call.text("PreferredMaintenanceWindow") {
        window.clone_into(&mut next.maintenance_window);
    }
    if let Some(upgrade) = call.flag("AutoMinorVersionUpgrade") {
        next.auto_minor_version_upgrade = upgrade;
    }
    *settings = next;
    changed.name = name;
    changed.begin("modifying", looks, Some("available"));
    finish(context, &mut world, arn)
}
