//! A DMS Serverless config: another beside it, which goes on where the source stopped, the source deleted.

use std::cell::Cell;

use serde_json::{Value, json};

use super::{
    End, Halt, Step,
    journal::{Journal, has_moved, is_owed},
    key,
    replacement::{assert_same, cannot_look, check, has_to_be_compared, is_ours, somebody_elses},
    runner::{Runner, Seen, StepError, bring_about},
};
use crate::{
    aws::CallError,
    domain::Resource,
    remediation::{
        aws::Place,
        blockers::{self, replication_failed, replication_rests},
        facts::{Facts, Replication},
        inputs,
    },
};

pub(super) async fn run(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<End, Halt> {
    let old = facts.resource.arn.as_str();
    if runner.was_deleting() {
        delete(runner, old).await?;
        return Ok(End::Done);
    }
    check_unless_stopping(runner, facts).await?;
    let new = match replacement(runner, facts).await {
        Ok(new) => new.arn,
        Err(halt) => {
            if matches!(halt, Halt::Failed { .. }) && is_owed(runner.past(), old) {
                go_back(runner, old).await?;
            }
            return Err(halt);
        }
    };
    take_over(runner, facts, &new).await?;
    if !runner.order.delete_source {
        return Ok(End::SourceKept);
    }
    keep_position(runner, old, &new).await?;
    delete(runner, old).await?;
    Ok(End::Done)
}

/// Whoever goes on may find it stopping.
async fn check_unless_stopping(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<(), Halt> {
    if is_owed(runner.past(), &facts.resource.arn) { Ok(()) } else { check(runner, facts).await }
}

async fn replacement(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<Resource, Halt> {
    let key = key::ensure(runner, facts).await?;
    let (place, order) = (runner.place, runner.order);
    let name = order.replacement_name.as_str();
    runner.may_go_on(Step::CreateReplacement)?;
    let mut input = inputs::config(facts, name, &key);
    if goes_on(facts) {
        // What is loaded is not loaded again.
        input["ReplicationType"] = "cdc".into();
    }
    // Whatever is left of an earlier attempt matters only where it is to be started.
    let takes_over = facts.replication.as_ref().is_some_and(|source| !replication_rests(&source.status))
        || is_owed(runner.past(), &facts.resource.arn);
    let made = async {
        let look = async |asked: &Cell<bool>| match named(place, name).await? {
            Some(made) if is_ours(place, &made.arn, &facts.resource.arn).await? => {
                let left = if asked.get() { None } else { place.replication(&made.arn).await? };
                Ok(match left.filter(|_| takes_over) {
                    Some(left) if left.status == "deleting" => Seen::OnItsWay,
                    // It failed before it did anything: one more can be told where to begin.
                    Some(left) if is_spent(&left) && left.recovery_checkpoint.is_none() => {
                        place.delete_replication_config(&made.arn).await?;
                        Seen::OnItsWay
                    }
                    Some(left) if is_spent(&left) => Seen::Never(format!(
                        "{} has run, and the source runs: nobody knows which of them is further. Delete the one that is not to \
                         go on",
                        made.name
                    )),
                    _ => Seen::There(made),
                })
            }
            Some(other) => Ok(somebody_elses(&other.arn, &facts.resource.arn)),
            None => Ok(Seen::NotYet),
        };
        let create = async || place.create_replication_config(&input).await.map(drop);
        bring_about(place, order, false, look, create).await
    };
    let made = runner.step(Step::CreateReplacement, name, None, made).await?;
    runner.note(None, Some(&made.arn)).await?;
    if has_to_be_compared(runner, &made.arn) {
        runner.step(Step::CompareSettings, &made.arn, None, compare(facts, &made, &input, &key)).await?;
    }
    Ok(made)
}

async fn named(place: &Place, name: &str) -> Result<Option<Resource>, CallError> {
    let all = place.replication_configs().await?;
    Ok(all.into_iter().find(|config| config.name.eq_ignore_ascii_case(name)))
}

/// Whether the replication has captured changes, so that there is a place to go on from.
fn goes_on(facts: &Facts) -> bool {
    let captures = facts.document()["ReplicationType"].as_str().is_some_and(inputs::captures_changes);
    captures && facts.replication.as_ref().is_some_and(is_somewhere)
}

/// What runs has a checkpoint once it is stopped.
fn is_somewhere(replication: &Replication) -> bool {
    replication.recovery_checkpoint.is_some() || !replication_rests(&replication.status)
}

/// Whether a replacement's replication was started once and does not run: AWS would only resume it, from where it was.
///
/// Source: DMS user guide, "AWS DMS Serverless components".
fn is_spent(replication: &Replication) -> bool {
    replication.status == "stopped" || replication_failed(&replication.status)
}

async fn compare(facts: &Facts, made: &Resource, wanted: &Value, key: &str) -> Result<(), StepError> {
    let resource = Resource { document: made.document.clone(), ..facts.resource.clone() };
    let mut found = inputs::config(&Facts { resource, ..facts.clone() }, "", key);
    found["ReplicationConfigIdentifier"] = wanted["ReplicationConfigIdentifier"].clone();
    let is: Value = made.key.as_ref().map(crate::domain::KeyRef::as_str).into();
    assert_same(wanted, &found, &is, key)
}

/// The source is not deleted as long as it alone knows where to go on from.
async fn keep_position(runner: &Runner<'_, impl Journal>, old: &str, new: &str) -> Result<(), Halt> {
    let place = runner.place;
    let both = async || Ok((place.replication(old).await?, place.replication(new).await?));
    let (was, is) = both().await.map_err(|error: CallError| cannot_look(runner, old, &error))?;
    match blockers::position_only_here(was.as_ref(), is.as_ref(), old, new) {
        Some(hindrance) => Err(Halt::Blocked(vec![hindrance])),
        None => Ok(()),
    }
}

/// Stops what runs, and lets the new one go on from there.
async fn take_over(runner: &mut Runner<'_, impl Journal>, facts: &Facts, new: &str) -> Result<(), Halt> {
    let (place, order) = (runner.place, runner.order);
    let old = facts.resource.arn.as_str();
    let owed = is_owed(runner.past(), old);
    let now = place.replication(old).await.map_err(|error| cannot_look(runner, old, &error))?;
    let Some(now) = now else { return Ok(()) };
    let runs = !replication_rests(&now.status);
    if !runs && !owed {
        return Ok(());
    }
    if runs {
        if !owed {
            runner.may_go_on(Step::StopTask)?;
        }
        let work = async {
            let look = async |_: &_| {
                Ok(match place.replication(old).await? {
                    Some(seen) if replication_rests(&seen.status) => Seen::There(()),
                    Some(seen) if seen.status == "running" => Seen::NotYet,
                    Some(_) => Seen::OnItsWay,
                    None => Seen::Never("it is gone".to_owned()),
                })
            };
            bring_about(place, order, true, look, async || place.stop_replication(old).await).await
        };
        runner.step(Step::StopTask, old, Some(json!({ "ran": true })), work).await?;
    }
    if let Err(halt) = go_on(runner, facts, old, new).await {
        if matches!(halt, Halt::Failed { .. }) {
            go_back(runner, old).await?;
        }
        return Err(halt);
    }
    Ok(())
}

/// Starts the source again, unless its replacement runs.
async fn go_back(runner: &mut Runner<'_, impl Journal>, old: &str) -> Result<(), Halt> {
    let (place, order) = (runner.place, runner.order);
    let new = named(place, &order.replacement_name).await;
    let new = new.map_err(|error| cannot_look(runner, old, &error))?;
    if let Some(new) = new
        && has_started(place, &new.arn).await
    {
        return Ok(());
    }
    let input = json!({ "ReplicationConfigArn": old, "StartReplicationType": "resume-processing" });
    start(runner, Step::PutBackTask, old, old, &input).await
}

/// Whether the new one may be running: then the old one must not.
async fn has_started(place: &Place, new: &str) -> bool {
    match place.replication(new).await {
        Ok(Some(replication)) => {
            !matches!(replication.status.as_str(), "created" | "ready")
                && !replication_failed(&replication.status)
        }
        Ok(None) => false,
        Err(_) => true,
    }
}

async fn go_on(
    runner: &mut Runner<'_, impl Journal>,
    facts: &Facts,
    old: &str,
    new: &str,
) -> Result<(), Halt> {
    let stopped = runner.place.replication(old).await.map_err(|error| cannot_look(runner, old, &error))?;
    let checkpoint = stopped.and_then(|replication| replication.recovery_checkpoint);
    let mut input = json!({ "ReplicationConfigArn": new, "StartReplicationType": "start-replication" });
    match checkpoint {
        Some(checkpoint) if goes_on(facts) => input["CdcStartPosition"] = checkpoint.into(),
        _ if goes_on(facts) => {
            return Err(Halt::Failed {
                step: Step::StartTask,
                subject: new.to_owned(),
                why: "AWS says no checkpoint from which it could go on".to_owned(),
                advice: super::advice::after(Step::MoveTask, old, runner.order, has_moved(runner.past())),
            });
        }
        _ => {}
    }
    start(runner, Step::StartTask, old, new, &input).await
}

/// Starts a config's replication and waits until it runs; written down under `subject`.
async fn start(
    runner: &mut Runner<'_, impl Journal>,
    step: Step,
    subject: &str,
    config: &str,
    input: &Value,
) -> Result<(), Halt> {
    let (place, order) = (runner.place, runner.order);
    let work = async {
        let look = async |asked: &Cell<bool>| {
            Ok(match place.replication(config).await?.map(|replication| replication.status) {
                Some(status) if status == "running" => Seen::There(()),
                Some(status) if replication_failed(&status) && asked.get() => {
                    Seen::Never("the replication failed".to_owned())
                }
                Some(status) if !replication_rests(&status) => Seen::OnItsWay,
                Some(_) | None => Seen::NotYet,
            })
        };
        bring_about(place, order, true, look, async || place.start_replication(input).await).await
    };
    runner.step(step, subject, None, work).await
}

async fn delete(runner: &mut Runner<'_, impl Journal>, old: &str) -> Result<(), Halt> {
    runner.may_go_on(Step::DeleteSource)?;
    let (place, order) = (runner.place, runner.order);
    let work = async {
        let look = async |asked: &Cell<bool>| {
            if place.replication_config(old).await?.is_none() {
                return Ok(Seen::There(()));
            }
            if asked.get() {
                return Ok(Seen::OnItsWay);
            }
            if let Some(running) = place.replication(old).await?
                && !replication_rests(&running.status)
            {
                if running.status == "deleting" {
                    return Ok(Seen::OnItsWay);
                }
                return Ok(Seen::Never(format!("its replication is {}", running.status)));
            }
            match named(place, &order.replacement_name).await? {
                Some(made) if is_ours(place, &made.arn, old).await? => Ok(Seen::NotYet),
                _ => Ok(Seen::Never(format!("its replacement {} is not there", order.replacement_name))),
            }
        };
        bring_about(place, order, false, look, async || place.delete_replication_config(old).await).await
    };
    runner.step(Step::DeleteSource, old, None, work).await
}
