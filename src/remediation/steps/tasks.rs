//! A task's way: stopped, moved, started again.

use serde_json::json;

use super::{
    Halt, Step,
    journal::{Journal, is_owed, owed},
    replacement::{cannot_look, is_ours},
    runner::{Runner, Seen, bring_about},
};
use crate::{
    aws::CallError,
    remediation::{
        aws::{Place, Start},
        blockers::{Standing, standing},
        facts::Task,
        inputs,
    },
};

/// Moves a task from the source to the replacement, and starts it there if it ran. Once it has stopped the task, it goes on
/// until it runs again, whoever tells it to stop.
pub(super) async fn take_over(
    runner: &mut Runner<'_, impl Journal>,
    task: &Task,
    replacement: &str,
) -> Result<(), Halt> {
    let ran = stop(runner, task).await?;
    if let Err(halt) = move_over(runner, task, replacement).await {
        if ran && matches!(halt, Halt::Failed { .. }) {
            start(runner, Step::PutBackTask, &task.arn, &task.arn, Start::Resume).await?;
        }
        return Err(halt);
    }
    if ran {
        start(runner, Step::StartTask, &task.arn, &task.arn, Start::Resume).await?;
    }
    Ok(())
}

/// Stops a task that runs; tells whether it ran, now or when an earlier process stopped it.
pub(super) async fn stop(runner: &mut Runner<'_, impl Journal>, task: &Task) -> Result<bool, Halt> {
    let owed = is_owed(runner.past(), &task.arn);
    let stops = matches!(task.status.as_str(), "running" | "starting" | "stopping");
    if !stops {
        return Ok(owed);
    }
    // One that was being stopped is not known to have run, unless the journal says so.
    let ran = owed || task.status != "stopping";
    if !owed {
        runner.may_go_on(Step::StopTask)?;
    }
    let (place, order) = (runner.place, runner.order);
    let work = async {
        let look = async |_: &_| {
            Ok(match place.task(&task.arn).await? {
                Some(seen) if standing(&seen.status) == Standing::Rests => Seen::There(()),
                Some(seen) if seen.status == "running" => Seen::NotYet,
                Some(_) => Seen::OnItsWay,
                None => Seen::Never("the task is gone".to_owned()),
            })
        };
        bring_about(place, order, true, look, async || place.stop_task(&task.arn).await).await
    };
    runner.step(Step::StopTask, &task.arn, Some(json!({ "ran": ran })), work).await?;
    Ok(ran)
}

async fn move_over(
    runner: &mut Runner<'_, impl Journal>,
    task: &Task,
    replacement: &str,
) -> Result<(), Halt> {
    if task.instance_arn == replacement && task.status != "moving" {
        return runner.already(Step::MoveTask, &task.arn).await;
    }
    let (place, order) = (runner.place, runner.order);
    let work = async {
        let look = async |asked: &std::cell::Cell<bool>| {
            Ok(match place.task(&task.arn).await? {
                Some(seen) if seen.status == "moving" => Seen::OnItsWay,
                Some(seen) if seen.instance_arn == replacement => Seen::There(()),
                Some(seen) if seen.status == "failed-move" && asked.get() => {
                    Seen::Never(said("the move failed", seen.stop_reason.as_deref()))
                }
                Some(_) => Seen::NotYet,
                None => Seen::Never("the task is gone".to_owned()),
            })
        };
        bring_about(place, order, true, look, async || place.move_task(&task.arn, replacement).await).await
    };
    runner.step(Step::MoveTask, &task.arn, None, work).await
}

/// Starts a task and waits until it runs; written down under `subject`.
pub(super) async fn start(
    runner: &mut Runner<'_, impl Journal>,
    step: Step,
    subject: &str,
    task: &str,
    how: Start,
) -> Result<(), Halt> {
    let (place, order) = (runner.place, runner.order);
    let work = async {
        let look = async |asked: &std::cell::Cell<bool>| {
            Ok(match place.task(task).await? {
                Some(seen) if seen.status == "running" => Seen::There(()),
                // A task that only loads may be over before anyone looks.
                Some(seen) if asked.get() && is_over(&seen) => Seen::There(()),
                Some(seen) if seen.status == "failed" && asked.get() => {
                    Seen::Never(said("the task failed", seen.stop_reason.as_deref()))
                }
                Some(seen) if standing(&seen.status) == Standing::Rests => Seen::NotYet,
                Some(_) => Seen::OnItsWay,
                None => Seen::Never("the task is gone".to_owned()),
            })
        };
        bring_about(place, order, true, look, async || place.start_task(task, how).await).await
    };
    runner.step(step, subject, None, work).await
}

/// Source: DMS API, `ReplicationTask$StopReason`.
fn is_over(task: &Task) -> bool {
    task.status == "stopped"
        && task.stop_reason.as_deref().is_some_and(|reason| reason.contains("FULL_LOAD_ONLY_FINISHED"))
}

fn said(what: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| what.to_owned(), |reason| format!("{what}: {reason}"))
}

/// Starts what an earlier process left stopped where it is, for `halt` comes before anything could be moved: nobody knows for
/// how long.
pub(super) async fn put_back(runner: &mut Runner<'_, impl Journal>, halt: &Halt) -> Result<(), Halt> {
    if !matches!(halt, Halt::Failed { .. } | Halt::Blocked(_)) {
        return Ok(());
    }
    for task in owed(runner.past()) {
        if may_run(runner.place, &task).await.map_err(|error| cannot_look(runner, &task, &error))? {
            start(runner, Step::PutBackTask, &task, &task, Start::Resume).await?;
        }
    }
    Ok(())
}

/// Whether a task is there, and nothing that was made in its place has been started.
async fn may_run(place: &Place, arn: &str) -> Result<bool, CallError> {
    let Some(task) = place.task(arn).await? else { return Ok(false) };
    let Some(beside) = place.task_named(&inputs::beside(&task.name, inputs::NAME)).await? else {
        return Ok(true);
    };
    Ok(standing(&beside.status) == Standing::Rests || !is_ours(place, &beside.arn, arn).await?)
}

/// Lets an instance try an endpoint until it was reached.
pub(super) async fn reach(
    runner: &mut Runner<'_, impl Journal>,
    instance: &str,
    endpoint: &str,
) -> Result<(), Halt> {
    runner.may_go_on(Step::TestConnection)?;
    let (place, order) = (runner.place, runner.order);
    let subject = format!("{instance} to {endpoint}");
    let work = async {
        let look = async |asked: &std::cell::Cell<bool>| {
            let tried = place.connections_of(instance).await?;
            let tried = tried.into_iter().find(|connection| connection.endpoint_arn == endpoint);
            Ok(match tried.as_ref().map(|connection| connection.status.as_str()) {
                Some("successful") => Seen::There(()),
                Some("failed") if asked.get() => {
                    let failure = tried.and_then(|connection| connection.failure);
                    Seen::Never(said("the instance does not reach the endpoint", failure.as_deref()))
                }
                Some("failed") | None => Seen::NotYet,
                Some(_) => Seen::OnItsWay,
            })
        };
        bring_about(place, order, false, look, async || place.test_connection(instance, endpoint).await).await
    };
    runner.step(Step::TestConnection, &subject, None, work).await
}
