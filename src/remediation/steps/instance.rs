//! A replication instance: another beside it, its tasks moved over, the source deleted.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    End, Halt, Step,
    journal::{Journal, is_owed},
    key,
    replacement::{assert_same, cannot_look, check, has_to_be_compared, is_ours, somebody_elses},
    runner::{Runner, Seen, StepError, bring_about},
    tasks,
};
use crate::{
    aws::CallError,
    domain::{KeyRef, Resource},
    remediation::{
        aws::Place,
        facts::{Facts, Task},
        inputs,
    },
};

/// Statuses from which an instance does not become available by itself.
///
/// Source: DMS API, `ReplicationInstance$ReplicationInstanceStatus`, and its waiter `ReplicationInstanceAvailable`.
const STUCK: [&str; 7] = [
    "deleting",
    "deleted",
    "failed",
    "incompatible-credentials",
    "incompatible-network",
    "inaccessible-encryption-credentials",
    "storage-full",
];

pub(super) async fn run(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<End, Halt> {
    let source = facts.resource.arn.as_str();
    if !runner.was_deleting() {
        let ready = async {
            check(runner, facts).await?;
            let replacement = replacement(runner, facts).await?.arn;
            let tasks = tasks_of_both(runner, source, &replacement).await?;
            reach(runner, source, &tasks, &replacement).await?;
            Ok((replacement, tasks))
        };
        let (replacement, tasks) = match ready.await {
            Ok(ready) => ready,
            Err(halt) => {
                tasks::put_back(runner, &halt).await?;
                return Err(halt);
            }
        };
        take_tasks(runner, source, &tasks, &replacement).await?;
    }
    if !runner.order.delete_source {
        return Ok(End::SourceKept);
    }
    delete(runner, source).await?;
    Ok(End::Done)
}

/// The replacement, available and equal to the source.
async fn replacement(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<Resource, Halt> {
    let key = key::ensure(runner, facts).await?;
    let (place, order) = (runner.place, runner.order);
    let name = order.replacement_name.as_str();
    let input = inputs::instance(facts, name, &key);

    runner.may_go_on(Step::CreateReplacement)?;
    let found = async || Ok::<_, CallError>(place.instance_named(name).await?);
    let made = async {
        let look = async |_: &_| match found().await? {
            Some(made) if is_ours(place, &made.arn, &facts.resource.arn).await? => Ok(Seen::There(made)),
            Some(other) => Ok(somebody_elses(&other.arn, &facts.resource.arn)),
            None => Ok(Seen::NotYet),
        };
        bring_about(place, order, false, look, async || place.create_instance(&input).await.map(drop)).await
    };
    let made = runner.step(Step::CreateReplacement, name, None, made).await?;
    runner.note(None, Some(&made.arn)).await?;

    let available = async {
        let look = async |_: &_| {
            Ok(match found().await? {
                None => Seen::Never("it is gone".to_owned()),
                Some(made) => match made.status.as_deref().unwrap_or_default() {
                    "available" => Seen::There(made),
                    status if STUCK.contains(&status) => Seen::Never(format!("it is {status}")),
                    _ => Seen::OnItsWay,
                },
            })
        };
        bring_about(place, order, false, look, async || Ok(())).await
    };
    let made = runner.step(Step::AwaitReplacement, &made.arn, None, available).await?;
    if has_to_be_compared(runner, &made.arn) {
        runner.step(Step::CompareSettings, &made.arn, None, compare(place, facts, &made, &key)).await?;
    }
    Ok(made)
}

/// That the replacement is the source again in every setting but the key.
async fn compare(place: &Place, facts: &Facts, made: &Resource, key: &str) -> Result<(), StepError> {
    let wanted = inputs::instance(facts, "", key);
    let tags = place.tags(&made.arn).await?;
    // Under the source's ARN, which both bear in their tag.
    let same = Resource { arn: facts.resource.arn.clone(), ..made.clone() };
    let found = inputs::instance(&Facts { resource: same, tags, ..facts.clone() }, "", key);
    let is: Value = made.key.as_ref().map(KeyRef::as_str).into();
    assert_same(&wanted, &found, &is, key)
}

/// Every task of the source, and of the replacement, where an earlier process may have left one stopped.
async fn tasks_of_both(
    runner: &Runner<'_, impl Journal>,
    source: &str,
    replacement: &str,
) -> Result<Vec<Task>, Halt> {
    let look = async || -> Result<Vec<_>, CallError> {
        let mut tasks = runner.place.tasks_of(source).await?;
        tasks.extend(runner.place.tasks_of(replacement).await?);
        Ok(tasks)
    };
    look().await.map_err(|error| cannot_look(runner, source, &error))
}

/// The replacement reaches every endpoint of what is still to be moved.
async fn reach(
    runner: &mut Runner<'_, impl Journal>,
    source: &str,
    tasks: &[Task],
    replacement: &str,
) -> Result<(), Halt> {
    let endpoints: BTreeSet<&str> = tasks
        .iter()
        .filter(|task| task.instance_arn == source)
        .flat_map(|task| [task.source_endpoint_arn.as_str(), task.target_endpoint_arn.as_str()])
        .filter(|endpoint| !endpoint.is_empty())
        .collect();
    for endpoint in endpoints {
        tasks::reach(runner, replacement, endpoint).await?;
    }
    Ok(())
}

/// One after the other.
async fn take_tasks(
    runner: &mut Runner<'_, impl Journal>,
    source: &str,
    tasks: &[Task],
    replacement: &str,
) -> Result<(), Halt> {
    for task in tasks {
        // Looked at anew: the one before took its time.
        let now =
            runner.place.task(&task.arn).await.map_err(|error| cannot_look(runner, &task.arn, &error))?;
        let Some(now) = now else { continue };
        if now.instance_arn == source || now.status == "moving" || is_owed(runner.past(), &now.arn) {
            tasks::take_over(runner, &now, replacement).await?;
        }
    }
    Ok(())
}

async fn delete(runner: &mut Runner<'_, impl Journal>, source: &str) -> Result<(), Halt> {
    runner.may_go_on(Step::DeleteSource)?;
    let (place, order) = (runner.place, runner.order);
    let work = async {
        let look = async |_: &_| {
            let Some(found) = place.instance(source).await? else { return Ok(Seen::There(())) };
            if found.status.as_deref() == Some("deleting") {
                return Ok(Seen::OnItsWay);
            }
            if let Some(task) = place.tasks_of(source).await?.first() {
                return Ok(Seen::Never(format!("the task {} is on it", task.name)));
            }
            // Never without the other.
            match place.instance_named(&order.replacement_name).await? {
                Some(made)
                    if made.status.as_deref() == Some("available")
                        && is_ours(place, &made.arn, source).await? =>
                {
                    Ok(Seen::NotYet)
                }
                _ => Ok(Seen::Never(format!("its replacement {} is not available", order.replacement_name))),
            }
        };
        bring_about(place, order, false, look, async || place.delete_instance(source).await).await
    };
    runner.step(Step::DeleteSource, source, None, work).await
}
