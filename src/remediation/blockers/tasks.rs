use super::Hindrance;
use crate::remediation::{facts::Task, inputs::captures_changes};

/// What can be done with a task in its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It replicates: it is stopped, and goes on afterwards.
    Runs,
    /// It rests, and still does afterwards.
    Rests,
    /// Neither stopped nor moved in that state.
    Busy,
}

/// Source: DMS user guide, "Task status" and "Moving a task".
pub fn standing(status: &str) -> Standing {
    match status {
        "running" => Standing::Runs,
        "ready" | "stopped" | "failed" | "failed-move" => Standing::Rests,
        _ => Standing::Busy,
    }
}

pub(super) fn look(task: &Task, found: &mut Vec<Hindrance>) {
    match standing(&task.status) {
        Standing::Rests => {}
        Standing::Runs => running(task, found),
        Standing::Busy => found.push(Hindrance::blocker(
            "task_not_movable",
            &task.name,
            format!("the task is {}, and can be neither stopped nor moved", task.status),
            "wait until it runs or has stopped, then plan again",
        )),
    }
    if task.status == "failed" {
        found.push(Hindrance::warning(
            "task_failed",
            &task.name,
            format!("the task has failed: {}", task.stop_reason.as_deref().unwrap_or("no reason given")),
            "nothing: it is taken along as it is, and not started",
        ));
    }
}

fn running(task: &Task, found: &mut Vec<Hindrance>) {
    let loaded = task.document["ReplicationTaskStats"]["FullLoadProgressPercent"].as_i64();
    // Source: DMS API, `StartReplicationTaskType`: a task that only loads can't be resumed, it begins again.
    if !captures_changes(&task.migration_type) {
        found.push(Hindrance::blocker(
            "full_load_running",
            &task.name,
            "the task is loading and captures no changes: once stopped it can only begin again, with all its tables",
            "wait until it has finished, or stop it yourself and load again afterwards",
        ));
    } else if loaded.is_some_and(|percent| percent < 100) && task.migration_type.contains("full-load") {
        found.push(Hindrance::warning(
            "full_load_in_progress",
            &task.name,
            format!("the task's full load is at {} %", loaded.unwrap_or(0)),
            "better wait until it is over: tables that are only half loaded when it is stopped are loaded again",
        ));
    }
}
