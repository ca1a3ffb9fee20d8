use super::{Hindrance, handover, quota};
use crate::remediation::{facts::Facts, inputs::captures_changes};

/// Whether nothing is run in that status. Source: DMS user guide, "AWS DMS Serverless components", the states of a
/// replication.
pub fn replication_rests(status: &str) -> bool {
    matches!(status, "created" | "ready" | "stopped") || replication_failed(status)
}

/// Whether that status says that it went wrong: `failed`, and by the user guide's spelling `FAILED_PROVISION`.
pub fn replication_failed(status: &str) -> bool {
    status.to_ascii_lowercase().starts_with("failed")
}

pub(super) fn look(facts: &Facts, found: &mut Vec<Hindrance>) {
    let name = facts.resource.name.as_str();
    quota(facts, "ReplicationConfigs", 1, found);
    let source = facts.document();
    let replication_type = source["ReplicationType"].as_str().unwrap_or_default();
    let Some(replication) = &facts.replication else { return };
    let runs = replication.status == "running";
    if captures_changes(replication_type) && (runs || replication.recovery_checkpoint.is_some()) {
        handover::loading(name, replication_type, &replication.document["ReplicationStats"], found);
        handover::slot(facts, name, source["SourceEndpointArn"].as_str().unwrap_or_default(), found);
    }
    match replication.status.as_str() {
        status if replication_rests(status) => {}
        "running" if captures_changes(replication_type) => found.push(Hindrance::warning(
            "replication_interrupted",
            name,
            "the replication is stopped, and the new one goes on from its recovery checkpoint, as one that only captures changes",
            "choose an hour in which the targets may lag behind",
        )),
        "running" => found.push(Hindrance::blocker(
            "full_load_running",
            name,
            "the replication is loading and captures no changes: once stopped it can only begin again, with all its tables",
            "wait until it has finished, or stop it yourself and load again afterwards",
        )),
        status => found.push(Hindrance::blocker(
            "not_available",
            name,
            format!("the replication is {status}, and can't be stopped"),
            "wait until it runs or has stopped, then plan again",
        )),
    }
}
