//! What would be done, step by step: the dry run.

use super::{Order, Step};
use crate::{
    domain::ResourceType,
    remediation::{
        blockers::{self, KeyWay, Standing},
        facts::Facts,
        inputs,
    },
};

/// A step that would be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlined {
    /// The step.
    pub step: Step,
    /// What it would be done to.
    pub subject: String,
    /// What it would do, a sentence.
    pub what: String,
}

/// The steps of giving the resource another key, or, with `key_only`, of making its own usable again.
pub fn outline(facts: &Facts, order: &Order, key_only: bool) -> Vec<Outlined> {
    let mut steps = Vec::new();
    let mut add = |step: Step, subject: &str, what: String| {
        steps.push(Outlined { step, subject: subject.to_owned(), what });
    };
    if key_only {
        let key = facts.key.as_ref();
        let arn = key.map_or("", |key| key.arn.as_str());
        let way = key.map(blockers::way_back);
        if way == Some(KeyWay::CancelDeletion) {
            add(Step::CancelKeyDeletion, arn, "keep the key, which leaves it disabled".to_owned());
        }
        if matches!(way, Some(KeyWay::CancelDeletion | KeyWay::Enable)) {
            add(Step::EnableKey, arn, "make the key usable again".to_owned());
        }
        return steps;
    }
    let name = order.replacement_name.as_str();
    match &facts.target_key {
        Some(key) => add(Step::CreateKey, &key.arn, "use this key; none is made".to_owned()),
        None => {
            add(
                Step::CreateKey,
                &order.key.alias,
                "make a customer managed key with the policy of the plan".to_owned(),
            );
            add(Step::CreateAlias, &order.key.alias, "give it this name".to_owned());
        }
    }
    add(
        Step::CreateReplacement,
        name,
        format!("make it beside {}, with every setting but the key", facts.resource.name),
    );
    add(Step::CompareSettings, name, "wait until it is there, and compare it with the source".to_owned());
    match facts.resource.resource_type {
        ResourceType::ReplicationInstance => {
            let mut endpoints: Vec<&str> = facts
                .tasks
                .iter()
                .flat_map(|task| [task.source_endpoint_arn.as_str(), task.target_endpoint_arn.as_str()])
                .collect();
            endpoints.sort_unstable();
            endpoints.dedup();
            for endpoint in endpoints {
                add(Step::TestConnection, endpoint, "reach it from the replacement".to_owned());
            }
            for task in &facts.tasks {
                if blockers::standing(&task.status) == Standing::Runs {
                    add(Step::StopTask, &task.name, "stop it".to_owned());
                    add(Step::MoveTask, &task.name, format!("move it to {name}"));
                    add(Step::StartTask, &task.name, "resume it there".to_owned());
                } else {
                    add(
                        Step::MoveTask,
                        &task.name,
                        format!("move it to {name}; it is {} and stays so", task.status),
                    );
                }
            }
        }
        ResourceType::Endpoint => {
            for task in &facts.tasks {
                let runs = blockers::standing(&task.status) == Standing::Runs;
                let beside = inputs::beside(&task.name, inputs::NAME);
                if runs {
                    add(Step::StopTask, &task.name, "stop it".to_owned());
                }
                add(Step::CreateTask, &beside, format!("{} again, with {name}", task.name));
                if runs {
                    add(Step::StartTask, &beside, "start it where the other stopped".to_owned());
                }
            }
        }
        ResourceType::ReplicationConfig => {
            if facts
                .replication
                .as_ref()
                .is_some_and(|replication| !blockers::replication_rests(&replication.status))
            {
                add(Step::StopTask, &facts.resource.name, "stop its replication".to_owned());
                add(Step::StartTask, name, "start it where the other stopped".to_owned());
            }
        }
    }
    if order.delete_source {
        if facts.resource.resource_type == ResourceType::Endpoint {
            for task in &facts.tasks {
                add(Step::DeleteTask, &task.name, "delete it for good".to_owned());
            }
        }
        add(Step::DeleteSource, &facts.resource.name, "delete it for good".to_owned());
    }
    steps
}
