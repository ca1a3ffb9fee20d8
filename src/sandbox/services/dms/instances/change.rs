//! Replication instances: made, and made different.

use serde_json::Value;

use super::{KIND, STORAGE, finish, found, zones};
use crate::sandbox::{
    answer::Refusal,
    context::Context,
    services::{
        dms::{input, keys, refusals},
        own_account, require_region,
    },
    world::{DEFAULT_SUBNET_GROUP, InstanceSettings, ResourceSettings, SandboxResource, World},
};

/// `CreateReplicationInstance`.
pub fn create(context: &Context<'_>) -> Result<Value, Refusal> {
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

/// `ModifyReplicationInstance`: all but what it is encrypted with.
pub fn modify(context: &Context<'_>) -> Result<Value, Refusal> {
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
