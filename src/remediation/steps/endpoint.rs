//! An endpoint: another beside it, every task that uses it made anew with the other, the source deleted.

use std::{cell::Cell, collections::BTreeSet};

use serde_json::Value;

use super::{
    End, Halt, Step,
    journal::{Journal, is_owed, ran},
    key,
    replacement::{assert_same, cannot_look, check, has_to_be_compared, is_ours, somebody_elses},
    runner::{Runner, Seen, StepError, bring_about},
    tasks,
};
use crate::{
    aws::CallError,
    remediation::{
        aws::{Place, Start},
        blockers,
        facts::{Endpoint, Facts, Task},
        inputs,
    },
};

pub(super) async fn run(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<End, Halt> {
    let old = facts.resource.arn.as_str();
    if runner.was_deleting() {
        delete(runner, old).await?;
        return Ok(End::Done);
    }
    let ready = async {
        check(runner, facts).await?;
        let new = replacement(runner, facts).await?.arn;
        let instances: BTreeSet<&str> = facts.tasks.iter().map(|task| task.instance_arn.as_str()).collect();
        for instance in instances {
            tasks::reach(runner, instance, &new).await?;
        }
        Ok(new)
    };
    let new = match ready.await {
        Ok(new) => new,
        Err(halt) => {
            tasks::put_back(runner, &halt).await?;
            return Err(halt);
        }
    };
    for task in &facts.tasks {
        make_anew(runner, facts, task, &new).await?;
    }
    if !runner.order.delete_source {
        return Ok(End::SourceKept);
    }
    for task in &facts.tasks {
        delete_task(runner, task).await?;
    }
    delete(runner, old).await?;
    Ok(End::Done)
}

async fn replacement(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<Endpoint, Halt> {
    let key = key::ensure(runner, facts).await?;
    let (place, order) = (runner.place, runner.order);
    let name = order.replacement_name.as_str();
    runner.may_go_on(Step::CreateReplacement)?;
    let made = async {
        let mut input = inputs::endpoint(facts, name, &key);
        // What is there is not made again, so nobody has to know its secrets again.
        if named(place, name).await?.is_none() {
            fill_in(place, order, facts, &mut input).await?;
        }
        let look = async |_: &_| match named(place, name).await? {
            Some(made) if is_ours(place, &made.arn, &facts.resource.arn).await? => {
                Ok(match made.document["Status"].as_str().unwrap_or_default() {
                    "active" => Seen::There(made),
                    "failed" => Seen::Never("it is failed".to_owned()),
                    _ => Seen::OnItsWay,
                })
            }
            Some(other) => Ok(somebody_elses(&other.arn, &facts.resource.arn)),
            None => Ok(Seen::NotYet),
        };
        bring_about(place, order, false, look, async || place.create_endpoint(&input).await.map(drop)).await
    };
    let made = runner.step(Step::CreateReplacement, name, None, made).await?;
    runner.note(None, Some(&made.arn)).await?;
    if has_to_be_compared(runner, &made.arn) {
        runner.step(Step::CompareSettings, &made.arn, None, compare(facts, &made, &key)).await?;
    }
    Ok(made)
}

async fn named(place: &Place, name: &str) -> Result<Option<Endpoint>, CallError> {
    let all = place.endpoints().await?;
    Ok(all.into_iter().find(|endpoint| endpoint.name.eq_ignore_ascii_case(name)))
}

/// Puts in what the facts leave out: what AWS tells who asks now, and what only the caller knows.
async fn fill_in(
    place: &Place,
    order: &super::Order,
    facts: &Facts,
    input: &mut Value,
) -> Result<(), StepError> {
    let secrets = inputs::secrets(facts);
    if secrets.is_empty() {
        return Ok(());
    }
    let Some(full) = place.endpoint_in_full(&facts.resource.arn).await? else {
        return Err(StepError::Why("the endpoint is gone".to_owned()));
    };
    for secret in secrets {
        let text = if secret.told_by_aws {
            let pointer = format!("/{}", secret.path.replace('.', "/"));
            full.document.pointer(&pointer).and_then(Value::as_str)
        } else {
            order.secrets.get(&super::Secret::variable(&secret.path)).map(super::Secret::reveal)
        };
        match text {
            Some(text) => inputs::put(input, &secret.path, text),
            None => {
                return Err(StepError::Why(format!(
                    "AWS tells nobody the endpoint's {}: give it in the environment as {}, or let the endpoint read it from \
                     Secrets Manager",
                    secret.path,
                    super::Secret::variable(&secret.path)
                )));
            }
        }
    }
    Ok(())
}

/// That the new endpoint is the source again in every setting but the key.
async fn compare(facts: &Facts, made: &Endpoint, key: &str) -> Result<(), StepError> {
    let wanted = inputs::endpoint(facts, "", key);
    let resource = crate::domain::Resource { document: made.document.to_string(), ..facts.resource.clone() };
    let found = inputs::endpoint(&Facts { resource, ..facts.clone() }, "", key);
    assert_same(&wanted, &found, &made.document["KmsKeyId"], key)
}

/// The task once more, with the new endpoint: it goes on where the old one stopped, which stays as it is.
async fn make_anew(
    runner: &mut Runner<'_, impl Journal>,
    facts: &Facts,
    old: &Task,
    new_endpoint: &str,
) -> Result<(), Halt> {
    let (place, order) = (runner.place, runner.order);
    let now = place.task(&old.arn).await.map_err(|error| cannot_look(runner, &old.arn, &error))?;
    let Some(now) = now else {
        // An earlier process deleted it, which it does only once the new one is there.
        return runner.already(Step::DeleteTask, &old.arn).await;
    };
    if now.status == "deleting" {
        return Ok(());
    }
    let ran = tasks::stop(runner, &now).await?;
    let name = inputs::beside(&old.name, inputs::NAME);
    let made = async {
        // The checkpoint is known once the task has stopped.
        let Some(stopped) = place.task(&old.arn).await? else {
            return Err(StepError::Why("the task is gone".to_owned()));
        };
        let captures = inputs::captures_changes(&stopped.migration_type);
        let checkpoint = stopped.recovery_checkpoint.as_deref().filter(|_| captures);
        if ran && captures && checkpoint.is_none() {
            return Err(StepError::Why("AWS says no checkpoint from which it could go on".to_owned()));
        }
        let no_tags = std::collections::BTreeMap::new();
        let tags = facts.task_tags.get(&old.arn).unwrap_or(&no_tags);
        let input = inputs::task(&stopped, &name, (&facts.resource.arn, new_endpoint), checkpoint, tags);
        let look = async |asked: &Cell<bool>| match place.task_named(&name).await? {
            Some(made) if is_ours(place, &made.arn, &old.arn).await? => Ok(match made.status.as_str() {
                "creating" | "deleting" => Seen::OnItsWay,
                _ if asked.get() => Seen::There(made),
                _ => match checkpoint.map_or(Left::Fits, |checkpoint| left(&made, checkpoint)) {
                    Left::Fits => Seen::There(made),
                    // Of an attempt after which the old one ran on.
                    Left::Stale => {
                        place.delete_task(&made.arn).await?;
                        Seen::OnItsWay
                    }
                    Left::HasRun => Seen::Never(format!(
                        "{name} has run, and {} has run again since: nobody knows which of them is further. Delete the one that \
                         is not to go on",
                        old.name
                    )),
                },
            }),
            Some(other) => Ok(somebody_elses(&other.arn, &old.arn)),
            None => Ok(Seen::NotYet),
        };
        bring_about(place, order, true, look, async || place.create_task(&input).await.map(drop)).await
    };
    let made = match runner.step(Step::CreateTask, &old.arn, None, made).await {
        Ok(made) => made,
        Err(halt) => {
            if ran && matches!(halt, Halt::Failed { .. }) {
                tasks::start(runner, Step::PutBackTask, &old.arn, &old.arn, Start::Resume).await?;
            }
            return Err(halt);
        }
    };
    if ran || is_owed(runner.past(), &old.arn) {
        let how = if made.status == "ready" { Start::Fresh } else { Start::Resume };
        if let Err(halt) = tasks::start(runner, Step::StartTask, &old.arn, &made.arn, how).await {
            tasks::put_back(runner, &halt).await?;
            return Err(halt);
        }
    }
    Ok(())
}

/// What an earlier attempt left in a task's place.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    /// It begins where the old one stopped, or has run ever since.
    Fits,
    /// It never ran, and would begin where the old one was before.
    Stale,
    /// It has run, but did not begin where the old one stopped.
    HasRun,
}

fn left(made: &Task, checkpoint: &str) -> Left {
    let begins = made.document["CdcStartPosition"].as_str();
    match made.status.as_str() {
        _ if begins.is_none_or(|begins| begins == checkpoint) => Left::Fits,
        "ready" | "failed" if made.recovery_checkpoint.is_none() => Left::Stale,
        "ready" | "failed" | "stopped" => Left::HasRun,
        _ => Left::Fits,
    }
}

async fn delete_task(runner: &mut Runner<'_, impl Journal>, old: &Task) -> Result<(), Halt> {
    runner.may_go_on(Step::DeleteTask)?;
    let (place, order) = (runner.place, runner.order);
    let name = inputs::beside(&old.name, inputs::NAME);
    let ran = ran(runner.past(), &old.arn);
    let work = async {
        let look = async |_: &_| {
            let Some(found) = place.task(&old.arn).await? else { return Ok(Seen::There(())) };
            Ok(match (found.status.as_str(), place.task_named(&name).await?) {
                ("deleting", _) => Seen::OnItsWay,
                ("running" | "starting", _) => Seen::Never("it runs again: somebody started it".to_owned()),
                // Never without the other, nor before that does its work.
                (_, Some(made)) if is_ours(place, &made.arn, &old.arn).await? => {
                    blockers::task_not_taken_over(&found, &made, ran).map_or(Seen::NotYet, Seen::Never)
                }
                _ => Seen::Never(format!("its replacement {name} is not there")),
            })
        };
        bring_about(place, order, false, look, async || place.delete_task(&old.arn).await).await
    };
    runner.step(Step::DeleteTask, &old.arn, None, work).await
}

async fn delete(runner: &mut Runner<'_, impl Journal>, old: &str) -> Result<(), Halt> {
    runner.may_go_on(Step::DeleteSource)?;
    let (place, order) = (runner.place, runner.order);
    let work = async {
        let look = async |_: &_| {
            let Some(found) = place.endpoint(old).await? else { return Ok(Seen::There(())) };
            if found.document["Status"] == "deleting" {
                return Ok(Seen::OnItsWay);
            }
            if let Some(task) = place.tasks_with(old).await?.first() {
                return Ok(Seen::Never(format!("the task {} uses it", task.name)));
            }
            match named(place, &order.replacement_name).await? {
                Some(made) if is_ours(place, &made.arn, old).await? => Ok(Seen::NotYet),
                _ => Ok(Seen::Never(format!("its replacement {} is not there", order.replacement_name))),
            }
        };
        bring_about(place, order, false, look, async || place.delete_endpoint(old).await).await
    };
    runner.step(Step::DeleteSource, old, None, work).await
}
