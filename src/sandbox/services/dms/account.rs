//! What an account may have of DMS, and what can be had.

use serde_json::{Value, json};

use super::{
    instances::{self, STORAGE},
    lists::{self, Filters, Listed},
};
use crate::{
    domain::ResourceType,
    sandbox::{
        answer::Refusal,
        context::Context,
        services::{own_account, require_region},
        world::{DEFAULT_SUBNET_GROUP, SandboxResource},
    },
};

/// `DescribeAccountAttributes`.
pub(super) fn attributes(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    context.allow(&world, "*")?;
    let (account, region) = (context.caller.account, &context.call.region);
    let place = world.place(account, region);
    let count = |kind| place.of(kind).count() as i64;
    let storage = place.resources.iter().filter_map(SandboxResource::instance).map(|s| s.storage).sum();
    let quotas = &own_account(context, &world)?.dms_quotas;
    let groups =
        own_account(context, &world)?.subnet_groups.get(region).map_or(0, |groups| groups.len() as i64);
    let rows = [
        ("ReplicationInstances", count(ResourceType::ReplicationInstance), quotas.instances),
        ("AllocatedStorage", storage, quotas.storage),
        ("Endpoints", count(ResourceType::Endpoint), quotas.endpoints),
        ("ReplicationTasks", place.tasks.len() as i64, quotas.tasks),
        ("ReplicationSubnetGroups", groups + 1, quotas.subnet_groups),
        ("EventSubscriptions", 0, 60),
        ("Certificates", 0, 100),
        ("ReplicationConfigs", count(ResourceType::ReplicationConfig), quotas.configs),
    ];
    let rows: Vec<Value> = rows
        .iter()
        .map(|(name, used, max)| json!({ "AccountQuotaName": name, "Used": used, "Max": max }))
        .collect();
    let letters: String = account.as_str().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
    Ok(json!({ "AccountQuotas": rows, "UniqueAccountIdentifier": format!("sandbox{letters}") }))
}

/// A class with an engine version.
struct Offer<'a> {
    class: &'a str,
    storage: i64,
    version: &'a str,
}

impl Listed for Offer<'_> {
    fn is_settling(&self) -> bool {
        false
    }
}

/// `DescribeOrderableReplicationInstances`.
pub(super) fn orderable(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    context.allow(&world, "*")?;
    let versions = &world.orderable.engine_versions;
    let classes = &world.orderable.classes;
    let offers: Vec<Offer<'_>> = versions
        .iter()
        .flat_map(|version| {
            classes.iter().map(move |(class, storage)| Offer { class, storage: *storage, version })
        })
        .collect();
    let zones = instances::zones(context);
    let filters = Filters::read(context, &[])?;
    let all = offers.iter().collect();
    let (answer, _) = lists::page(context, "OrderableReplicationInstances", &filters, all, |offer| {
        json!({
            "EngineVersion": offer.version,
            "ReplicationInstanceClass": offer.class,
            "StorageType": "gp2",
            "MinAllocatedStorage": STORAGE.start(),
            "MaxAllocatedStorage": STORAGE.end(),
            "DefaultAllocatedStorage": offer.storage,
            "IncludedAllocatedStorage": offer.storage,
            "AvailabilityZones": zones,
        })
    })?;
    Ok(answer)
}

/// The name of a subnet group.
struct Group(String);

impl Listed for Group {
    fn is_settling(&self) -> bool {
        false
    }
}

/// `DescribeReplicationSubnetGroups`.
pub(super) fn subnet_groups(context: &Context<'_>) -> Result<Value, Refusal> {
    let world = context.world();
    require_region(context, &world)?;
    context.allow(&world, "*")?;
    let (account, region) = (context.caller.account, &context.call.region);
    let mut names = vec![DEFAULT_SUBNET_GROUP.to_owned()];
    names.extend(
        own_account(context, &world)?.subnet_groups.get(region).into_iter().flat_map(|g| g.keys().cloned()),
    );
    let used = world.place(account, region).resources.iter().filter_map(SandboxResource::instance);
    names.extend(used.map(|settings| settings.subnet_group.clone()));
    names.sort();
    names.dedup();
    let filters = Filters::read(context, &["replication-subnet-group-id"])?;
    let groups: Vec<Group> =
        names.into_iter().filter(|name| filters.fit(|_| vec![name])).map(Group).collect();
    let all = groups.iter().collect();
    let (answer, _) = lists::page(context, "ReplicationSubnetGroups", &filters, all, |group| {
        instances::subnet_group(&world, context, &group.0)
    })?;
    Ok(answer)
}
