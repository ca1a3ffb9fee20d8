use super::{Hindrance, quota, tasks};
use crate::remediation::facts::Facts;

pub(super) fn look(facts: &Facts, found: &mut Vec<Hindrance>) {
    let (name, source) = (facts.resource.name.as_str(), facts.document());
    available(facts, found);
    pending(name, &source["PendingModifiedValues"], found);
    quota(facts, "ReplicationInstances", 1, found);
    quota(facts, "AllocatedStorage", source["AllocatedStorage"].as_i64().unwrap_or(0), found);
    orderable(facts, found);
    if source["PubliclyAccessible"] == true {
        found.push(Hindrance::warning(
            "public_address",
            name,
            "it is reached from the internet, and the new instance gets another public address",
            "open the databases' firewalls for the new address before a task moves",
        ));
    }
    for task in &facts.tasks {
        tasks::look(task, found);
    }
    for connection in facts.connections.iter().filter(|connection| connection.status == "failed") {
        let why = connection.failure.as_deref().unwrap_or("no reason given");
        found.push(Hindrance::warning(
            "connection_failed",
            &connection.endpoint_name,
            format!("the last test of the connection from {name} failed: {why}"),
            "mend it first: the new instance has to reach every endpoint of its tasks",
        ));
    }
}

/// Source: DMS API, `ReplicationInstance$ReplicationInstanceStatus`.
fn available(facts: &Facts, found: &mut Vec<Hindrance>) {
    let status = facts.resource.status.as_deref().unwrap_or("without a status");
    let fix = match status {
        "available" => return,
        "deleting" | "deleted" => "nothing: it is going, and its finding with it",
        "failed" | "incompatible-credentials" | "incompatible-network" => {
            "mend or delete it: nothing can be moved off an instance that does not work"
        }
        "storage-full" => "give it more storage first (modify-replication-instance --allocated-storage)",
        "inaccessible-encryption-credentials" => "make its KMS key usable again first",
        _ => "wait until it is available, then plan again",
    };
    let what = format!("the instance is {status}");
    found.push(Hindrance::blocker("not_available", &facts.resource.name, what, fix));
}

fn pending(name: &str, pending: &serde_json::Value, found: &mut Vec<Hindrance>) {
    let pending = pending.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let pending: Vec<String> = pending.map(|(field, value)| format!("{field} = {value}")).collect();
    if !pending.is_empty() {
        found.push(Hindrance::warning(
            "pending_changes",
            name,
            format!(
                "it has changes that wait for its maintenance window, which the new instance does not get: {}",
                pending.join(", ")
            ),
            "have them applied first (modify-replication-instance --apply-immediately), then plan again",
        ));
    }
}

fn orderable(facts: &Facts, found: &mut Vec<Hindrance>) {
    let (name, source) = (facts.resource.name.as_str(), facts.document());
    let class = source["ReplicationInstanceClass"].as_str().unwrap_or("its class");
    let version = source["EngineVersion"].as_str().unwrap_or("its engine version");
    let Some(orderable) = &facts.orderable else {
        found.push(Hindrance::warning(
            "orderable_unknown",
            name,
            format!("whether {class} can still be had with engine {version} could not be read"),
            "look at `aws dms describe-orderable-replication-instances`",
        ));
        return;
    };
    if orderable.engine_versions.is_empty() {
        found.push(Hindrance::blocker(
            "class_not_orderable",
            name,
            format!("AWS no longer offers {class} in {}", facts.region),
            "give the source a class that is offered (modify-replication-instance --replication-instance-class), then plan again",
        ));
    } else if !orderable.as_it_is {
        found.push(Hindrance::blocker(
            "version_not_orderable",
            name,
            format!("AWS no longer offers {class} with engine {version}"),
            format!(
                "upgrade the source to one that is offered ({}), then plan again: a task can move to the same or a later engine \
                 only",
                orderable.engine_versions.join(", ")
            ),
        ));
    }
    let zone = source["AvailabilityZone"].as_str().filter(|_| source["MultiAZ"] != true);
    if let Some(zone) = zone
        && !orderable.zones.is_empty()
        && !orderable.zones.iter().any(|offered| offered == zone)
    {
        found.push(Hindrance::blocker(
            "zone_not_orderable",
            name,
            format!("AWS no longer offers {class} in {zone}"),
            format!(
                "take AvailabilityZone out of the plan's instance.json, or choose one of {}",
                orderable.zones.join(", ")
            ),
        ));
    }
}
