use super::{Hindrance, handover, quota, tasks};
use crate::remediation::{
    facts::Facts,
    inputs::{captures_changes, secrets},
};

pub(super) fn look(facts: &Facts, found: &mut Vec<Hindrance>) {
    let name = facts.resource.name.as_str();
    let status = facts.resource.status.as_deref().unwrap_or("without a status");
    if status != "active" {
        found.push(Hindrance::blocker(
            "not_available",
            name,
            format!("the endpoint is {status}"),
            "wait until it is active, then plan again",
        ));
    }
    quota(facts, "Endpoints", 1, found);
    quota(facts, "ReplicationTasks", i64::try_from(facts.tasks.len()).unwrap_or(i64::MAX), found);
    let asked: Vec<String> =
        secrets(facts).into_iter().filter(|secret| !secret.told_by_aws).map(|secret| secret.path).collect();
    if !asked.is_empty() {
        found.push(Hindrance::warning(
            "secret_needed",
            name,
            format!("AWS tells nobody what it keeps as {}", asked.join(", ")),
            "have it at hand: it is asked for without being shown, or read from the environment, and kept nowhere. Better, put it \
             into Secrets Manager and let the endpoint read it from there",
        ));
    }
    for config in &facts.configs {
        found.push(Hindrance::blocker(
            "used_by_config",
            config,
            "this DMS Serverless config uses the endpoint too, which can't be deleted before",
            "give the config another endpoint by hand (stop-replication, then modify-replication-config), then plan again",
        ));
    }
    for task in &facts.tasks {
        tasks::look(task, found);
        if captures_changes(&task.migration_type) && tasks::standing(&task.status) != tasks::Standing::Busy {
            found.push(Hindrance::warning(
                "task_made_anew",
                &task.name,
                "a task's endpoints can't change: the task is made anew and goes on from the old one's recovery checkpoint, as a \
                 task that only captures changes; its statistics and its ARN are new",
                "let alarms, dashboards and scripts that name the task's ARN follow",
            ));
            let runs = tasks::standing(&task.status) == tasks::Standing::Runs;
            if runs || task.recovery_checkpoint.is_some() {
                let statistics = &task.document["ReplicationTaskStats"];
                handover::loading(&task.name, &task.migration_type, statistics, found);
                handover::slot(facts, &task.name, &task.source_endpoint_arn, found);
            }
        }
    }
}
