//! What `remediate apply` does: steps that look before they act, each journalled before and after, so that a process that
//! is killed at any moment is gone on with by the next.
//!
//! The order keeps the data safe: nothing of the source is touched before its replacement is there, equal to it, and
//! reaches every endpoint; and the source is deleted only when nothing is left on it, if that was asked for.

mod advice;
mod endpoint;
mod instance;
mod journal;
mod key;
mod outline;
mod replacement;
mod runner;
mod secret;
mod serverless;
mod step;
mod tasks;

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use journal::{Entry, Event, Journal, JournalError, Past};
pub use outline::{Outlined, outline};
pub use secret::Secret;
pub use step::Step;

use super::{
    aws::Place,
    blockers::{self, Hindrance},
    facts::Facts,
};
use crate::domain::{KeyRef, ResourceType};

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Order {
    /// The resource whose finding is put right.
    pub source_arn: String,
    /// What the replacement is called.
    pub replacement_name: String,
    /// The key that it gets.
    pub key: KeyChoice,
    /// What AWS tells nobody of an endpoint, by [`Secret::variable`].
    pub secrets: BTreeMap<String, Secret>,
    /// Whether the source is deleted in the end.
    pub delete_source: bool,
    /// How long to wait before asking AWS again.
    pub poll_interval: Duration,
    /// How long one step may take.
    pub step_timeout: Duration,
    /// Told to stop in good order: a task that was stopped is moved and started first.
    pub stop: CancellationToken,
}

/// The key that the data is moved to.
#[derive(Debug, Clone)]
pub struct KeyChoice {
    /// One that is there; the alias's otherwise.
    pub given: Option<KeyRef>,
    /// The alias of the key to use, and to make where there is none.
    pub alias: String,
    /// The policy of a key that is made.
    pub policy: Value,
    /// The description of a key that is made, by which it is known again: nobody else's.
    pub description: String,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All is moved, and the source is gone.
    Done,
    /// All is moved; the source is still there.
    SourceKept,
}

/// Why it went no further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// Something stands in the way; nothing was changed.
    #[error("{}", told(.0))]
    Blocked(Vec<Hindrance>),
    /// A step could not be done.
    #[error("{step} of {subject}: {why}\n{advice}")]
    Failed {
        /// The step.
        step: Step,
        /// What it was done to.
        subject: String,
        /// What went wrong.
        why: String,
        /// How the source stands, and how to go on or back.
        advice: String,
    },
    /// Told to stop.
    #[error("stopped before {0}; the same command goes on")]
    Stopped(Step),
    /// What is done could not be written down, so nothing more is done.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

fn told(hindrances: &[Hindrance]) -> String {
    let lines = hindrances.iter().map(|hindrance| {
        format!("{} ({}): {}; {}", hindrance.place, hindrance.code, hindrance.what, hindrance.fix)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Gives the resource's data another key, step by step.
///
/// `facts` are those of the source, read just now; `None` if it is gone, as it is where an earlier process was killed
/// while it deleted it.
///
/// # Errors
/// What it halted at. Where nothing else is said, the same command goes on from there.
pub async fn give_new_key(
    place: &Place,
    order: &Order,
    facts: Option<&Facts>,
    kind: ResourceType,
    journal: &mut impl Journal,
) -> Result<End, Halt> {
    let mut runner = runner::Runner::new(place, order, journal);
    let end = match (kind, facts) {
        (_, None) => runner.source_is_gone().await,
        (ResourceType::ReplicationInstance, Some(facts)) => instance::run(&mut runner, facts).await,
        (ResourceType::Endpoint, Some(facts)) => endpoint::run(&mut runner, facts).await,
        (ResourceType::ReplicationConfig, Some(facts)) => serverless::run(&mut runner, facts).await,
    }?;
    runner.settle().await?;
    Ok(end)
}

/// Makes the resource's own customer managed key usable again.
///
/// # Errors
/// What it halted at.
pub async fn mend_key(
    place: &Place,
    order: &Order,
    facts: &Facts,
    journal: &mut impl Journal,
) -> Result<End, Halt> {
    let blocking: Vec<Hindrance> = blockers::of_key(facts);
    if blockers::block(&blocking) {
        return Err(Halt::Blocked(blocking));
    }
    let mut runner = runner::Runner::new(place, order, journal);
    let end = key::mend(&mut runner, facts).await?;
    runner.settle().await?;
    Ok(end)
}
