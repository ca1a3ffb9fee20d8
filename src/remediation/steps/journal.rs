use std::{collections::BTreeSet, future::Future};

use serde_json::Value;

use super::Step;

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It is about to be done.
    Started,
    /// It was done.
    Done,
    /// There was nothing to do.
    Already,
    /// It could not be done.
    Failed,
    /// It was told to stop.
    Interrupted,
}

impl Event {
    /// The word in the journal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Done => "done",
            Self::Already => "already",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The step.
    pub step: Step,
    /// What it is done to.
    pub subject: &'a str,
    /// What became of it.
    pub event: Event,
    /// What has to be known to go on.
    pub detail: Option<Value>,
    /// What happened, for people.
    pub message: Option<&'a str>,
}

/// What an earlier process wrote down.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The step's word.
    pub step: String,
    /// What it was done to.
    pub subject: String,
    /// What became of it, by its word.
    pub event: String,
    /// What has to be known to go on.
    pub detail: Option<Value>,
}

/// Nothing more is done once it can't be written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal can't be written, so nothing more is done: {0}")]
pub struct JournalError(pub String);

/// Where every step is written down, before and after.
pub trait Journal: Send {
    /// What stands in it, the oldest first, this process's own entries among it.
    fn past(&self) -> &[Past];

    /// Writes an entry; it is on the disk when this returns.
    fn write(&mut self, entry: Entry<'_>) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// Notes the key or the replacement, once they have an ARN.
    fn note(
        &mut self,
        key_arn: Option<&str>,
        replacement_arn: Option<&str>,
    ) -> impl Future<Output = Result<(), JournalError>> + Send;
}

/// The last entry of that step and subject.
pub(super) fn last<'p>(past: &'p [Past], step: Step, subject: &str) -> Option<&'p Past> {
    past.iter().rev().find(|entry| entry.step == step.as_str() && entry.subject == subject)
}

/// Whether that step was ever begun.
pub(super) fn begun(past: &[Past], step: Step, subject: &str) -> bool {
    past.iter()
        .any(|entry| entry.step == step.as_str() && entry.subject == subject && entry.event == "started")
}

/// Whether anything runs, or is to run, on the replacement: what its source is no longer alone with.
pub(super) fn has_moved(past: &[Past]) -> bool {
    [Step::MoveTask, Step::CreateTask, Step::StartTask].iter().any(|step| {
        past.iter()
            .any(|entry| entry.step == step.as_str() && matches!(entry.event.as_str(), "done" | "already"))
    })
}

/// Whether a task ran when it was last stopped.
pub(super) fn ran(past: &[Past], task: &str) -> bool {
    let stops = |entry: &&Past| {
        entry.step == Step::StopTask.as_str() && entry.subject == task && entry.event == "started"
    };
    let stop = past.iter().rev().find(stops);
    stop.and_then(|stop| stop.detail.as_ref()).is_some_and(|detail| detail["ran"] == true)
}

/// Whether a task that ran when it was stopped has not been started since: it is owed its start.
pub(super) fn is_owed(past: &[Past], task: &str) -> bool {
    let of = |step: Step| move |entry: &&Past| entry.subject == task && entry.step == step.as_str();
    let stopped = past.iter().rposition(|entry| {
        of(Step::StopTask)(&entry)
            && entry.event == "started"
            && entry.detail.as_ref().is_some_and(|detail| detail["ran"] == true)
    });
    let started = past.iter().rposition(|entry| {
        (of(Step::StartTask)(&entry) || of(Step::PutBackTask)(&entry))
            && matches!(entry.event.as_str(), "done" | "already")
    });
    match (stopped, started) {
        (Some(stopped), Some(started)) => stopped > started,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// All that are owed their start.
pub(super) fn owed(past: &[Past]) -> Vec<String> {
    let stopped: BTreeSet<&str> = past
        .iter()
        .filter(|entry| entry.step == Step::StopTask.as_str())
        .map(|entry| entry.subject.as_str())
        .collect();
    stopped.into_iter().filter(|task| is_owed(past, task)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(step: Step, event: &str, ran: bool) -> Past {
        Past {
            step: step.as_str().to_owned(),
            subject: "task".to_owned(),
            event: event.to_owned(),
            detail: Some(json!({ "ran": ran })),
        }
    }

    #[test]
    fn a_task_that_ran_is_owed_its_start_until_it_is_started_somewhere() {
        let stop = |ran| entry(Step::StopTask, "started", ran);
        assert!(!is_owed(&[], "task"));
        assert!(is_owed(&[stop(true)], "task"));
        assert!(!is_owed(&[stop(true)], "another"));
        assert!(!is_owed(&[stop(false)], "task"), "it rested before");
        let begun = entry(Step::StartTask, "started", false);
        assert!(is_owed(&[stop(true), begun.clone()], "task"), "a start that was only begun");
        let done = entry(Step::StartTask, "done", false);
        assert!(!is_owed(&[stop(true), begun, done.clone()], "task"));
        assert!(!is_owed(&[stop(true), entry(Step::PutBackTask, "already", false)], "task"));
        assert!(is_owed(&[stop(true), done, stop(true)], "task"), "stopped once more");
    }
}
