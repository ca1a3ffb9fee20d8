//! Database Migration Service.

mod account;
mod connections;
mod endpoints;
mod input;
mod instances;
mod keys;
mod lists;
mod refusals;
mod serverless;
mod tags;
mod tasks;

use serde_json::Value;

use super::unknown;
use crate::sandbox::{answer::Refusal, context::Context};

pub(super) fn answer(context: &Context<'_>, operation: &str) -> Result<Value, Refusal> {
    match operation {
        "DescribeReplicationInstances" => instances::describe(context),
        "CreateReplicationInstance" => instances::create(context),
        "ModifyReplicationInstance" => instances::modify(context),
        "DeleteReplicationInstance" => instances::delete(context),
        "DescribeAccountAttributes" => account::attributes(context),
        "DescribeOrderableReplicationInstances" => account::orderable(context),
        "DescribeReplicationSubnetGroups" => account::subnet_groups(context),
        "DescribeReplicationTasks" => tasks::describe(context),
        "CreateReplicationTask" => tasks::create(context),
        "StartReplicationTask" => tasks::start(context),
        "StopReplicationTask" => tasks::stop(context),
        "MoveReplicationTask" => tasks::move_to(context),
        "DeleteReplicationTask" => tasks::delete(context),
        "DescribeConnections" => connections::describe(context),
        "TestConnection" => connections::test(context),
        "DeleteConnection" => connections::delete(context),
        "DescribeEndpoints" => endpoints::describe(context),
        "CreateEndpoint" => endpoints::create(context),
        "DeleteEndpoint" => endpoints::delete(context),
        "DescribeReplicationConfigs" => serverless::describe(context),
        "CreateReplicationConfig" => serverless::create(context),
        "DeleteReplicationConfig" => serverless::delete(context),
        "DescribeReplications" => serverless::replications(context),
        "StartReplication" => serverless::start(context),
        "StopReplication" => serverless::stop(context),
        "ListTagsForResource" => tags::list(context),
        "AddTagsToResource" => tags::add(context),
        "RemoveTagsFromResource" => tags::remove(context),
        _ => Err(unknown(context, context.call.service, operation)),
    }
}
