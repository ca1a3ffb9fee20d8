use aws_sdk_databasemigration::types;
use serde_json::Value;

use super::{Place, acting_as, dms_call, filter, none_if_not_found, required, with_documents};
use crate::{
    aws::{Body, CallError, Operation, Page},
    remediation::facts::Task,
};

const DESCRIBE: Operation = Operation::DescribeReplicationTasks;

/// How a task goes on. Source: DMS API, `StartReplicationTask$StartReplicationTaskType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A task that has never run, or one that begins at a given position.
    Fresh,
    /// From where it stopped.
    Resume,
}

impl Place {
    /// The tasks on an instance.
    ///
    /// # Errors
    /// The call's.
    pub async fn tasks_of(&self, instance_arn: &str) -> Result<Vec<Task>, CallError> {
        let tasks = self.find_tasks("replication-instance-arn", instance_arn).await?;
        Ok(tasks.into_iter().filter(|task| task.instance_arn == instance_arn).collect())
    }

    /// The tasks that read from or write to an endpoint.
    ///
    /// # Errors
    /// The call's.
    pub async fn tasks_with(&self, endpoint_arn: &str) -> Result<Vec<Task>, CallError> {
        let tasks = self.find_tasks("endpoint-arn", endpoint_arn).await?;
        let uses = |task: &Task| {
            task.source_endpoint_arn == endpoint_arn || task.target_endpoint_arn == endpoint_arn
        };
        Ok(tasks.into_iter().filter(uses).collect())
    }

    /// One task, if there is such a one.
    ///
    /// # Errors
    /// The call's.
    pub async fn task(&self, arn: &str) -> Result<Option<Task>, CallError> {
        let tasks = self.find_tasks("replication-task-arn", arn).await?;
        Ok(tasks.into_iter().find(|task| task.arn == arn))
    }

    /// The task of that identifier, if there is one.
    ///
    /// # Errors
    /// The call's.
    pub async fn task_named(&self, name: &str) -> Result<Option<Task>, CallError> {
        let tasks = self.find_tasks("replication-task-id", name).await?;
        Ok(tasks.into_iter().find(|task| task.name.eq_ignore_ascii_case(name)))
    }

    async fn find_tasks(&self, name: &str, value: &str) -> Result<Vec<Task>, CallError> {
        let filter = filter(name, value)?;
        let pages = self.all_pages(DESCRIBE, |credentials, marker| {
            let body = Body::default();
            let call = self.dms.describe_replication_tasks().set_marker(marker).filters(filter.clone());
            let call = call.customize().config_override(acting_as(credentials)).interceptor(body.clone());
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(DESCRIBE, &error))?;
                let Page { items, next } = Page::new(DESCRIBE, page.replication_tasks, page.marker)?;
                let items = with_documents(DESCRIBE, items, body.list("ReplicationTasks"))?;
                Ok(Page { items: items.map(task).collect::<Result<_, _>>()?, next })
            }
        });
        none_if_not_found(pages.await)
    }

    /// Asks a running task to stop, which takes seconds to minutes.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn stop_task(&self, arn: &str) -> Result<(), CallError> {
        let request = self.dms.stop_replication_task().replication_task_arn(arn);
        dms_call!(self, Operation::StopReplicationTask, request).map(drop)
    }

    /// Starts a task.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn start_task(&self, arn: &str, how: Start) -> Result<(), CallError> {
        let how = match how {
            Start::Fresh => types::StartReplicationTaskTypeValue::StartReplication,
            Start::Resume => types::StartReplicationTaskTypeValue::ResumeProcessing,
        };
        let request =
            self.dms.start_replication_task().replication_task_arn(arn).start_replication_task_type(how);
        dms_call!(self, Operation::StartReplicationTask, request).map(drop)
    }

    /// Moves a stopped task to another instance, which takes minutes.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn move_task(&self, arn: &str, to_instance: &str) -> Result<(), CallError> {
        let request = self.dms.move_replication_task().replication_task_arn(arn);
        let request = request.target_replication_instance_arn(to_instance);
        dms_call!(self, Operation::MoveReplicationTask, request).map(drop)
    }

    /// Makes a task; returns its ARN.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn create_task(&self, input: &Value) -> Result<String, CallError> {
        let operation = Operation::CreateReplicationTask;
        let made = dms_call!(self, operation, self.dms.create_replication_task(), input)?;
        let made = required(operation, "ReplicationTask", made.replication_task)?;
        required(operation, "ReplicationTaskArn", made.replication_task_arn)
    }

    /// Deletes a task.
    ///
    /// # Errors
    /// The call's; it may have been carried out if there was no answer.
    pub async fn delete_task(&self, arn: &str) -> Result<(), CallError> {
        let request = self.dms.delete_replication_task().replication_task_arn(arn);
        dms_call!(self, Operation::DeleteReplicationTask, request).map(drop)
    }
}

fn task((task, document): (types::ReplicationTask, Value)) -> Result<Task, CallError> {
    Ok(Task {
        arn: required(DESCRIBE, "ReplicationTaskArn", task.replication_task_arn)?,
        name: task.replication_task_identifier.unwrap_or_default(),
        status: required(DESCRIBE, "Status", task.status)?,
        migration_type: task.migration_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        source_endpoint_arn: task.source_endpoint_arn.unwrap_or_default(),
        target_endpoint_arn: task.target_endpoint_arn.unwrap_or_default(),
        instance_arn: task.replication_instance_arn.unwrap_or_default(),
        recovery_checkpoint: task.recovery_checkpoint.filter(|checkpoint| !checkpoint.is_empty()),
        stop_reason: task.stop_reason.filter(|reason| !reason.is_empty()),
        document,
    })
}
