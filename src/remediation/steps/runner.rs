use std::{cell::Cell, fmt, future::Future, time::Duration};

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    End, Entry, Event, Halt, Order, Step, advice,
    journal::{Journal, Past, begun, has_moved, last},
};
use crate::{
    aws::{CallError, Class},
    remediation::aws::Place,
};

/// How often a call is made whose answer did not come.
const TRIES: u32 = 5;

/// Before the first look at what was just asked for: AWS may still say what it said before, and much is so at once.
const MOMENT: Duration = Duration::from_secs(2);

/// What a look at AWS shows of what a step is to bring about.
pub(super) enum Seen<T> {
    /// It is so.
    There(T),
    /// It is becoming so.
    OnItsWay,
    /// Nobody has asked for it.
    NotYet,
    /// It will not be so.
    Never(String),
}

/// Why a step was not done.
#[derive(Debug)]
pub(super) enum StepError {
    /// AWS refused, or said that it can't be.
    Why(String),
    /// Told to stop.
    Stopped,
}

impl From<CallError> for StepError {
    fn from(error: CallError) -> Self {
        Self::Why(error.to_string())
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Why(why) => f.write_str(why),
            Self::Stopped => f.write_str("told to stop"),
        }
    }
}

/// Does steps, one after the other, and writes each down.
pub(super) struct Runner<'a, J> {
    pub place: &'a Place,
    pub order: &'a Order,
    journal: &'a mut J,
}

impl<'a, J: Journal> Runner<'a, J> {
    pub fn new(place: &'a Place, order: &'a Order, journal: &'a mut J) -> Self {
        Self { place, order, journal }
    }

    /// What stands in the journal.
    pub fn past(&self) -> &[Past] {
        self.journal.past()
    }

    /// Notes the key or the replacement.
    pub async fn note(&mut self, key_arn: Option<&str>, replacement_arn: Option<&str>) -> Result<(), Halt> {
        Ok(self.journal.note(key_arn, replacement_arn).await?)
    }

    /// Whether an earlier process was killed while it deleted the source: all that comes before is done.
    pub fn was_deleting(&self) -> bool {
        let last = last(self.past(), Step::DeleteSource, &self.order.source_arn);
        self.order.delete_source
            && last.is_some_and(|entry| matches!(entry.event.as_str(), "started" | "interrupted"))
    }

    /// Stops here, if it was told to.
    pub fn may_go_on(&self, before: Step) -> Result<(), Halt> {
        if self.order.stop.is_cancelled() { Err(Halt::Stopped(before)) } else { Ok(()) }
    }

    /// Writes down that there was nothing to do, unless that stands there.
    pub async fn already(&mut self, step: Step, subject: &str) -> Result<(), Halt> {
        let known = last(self.past(), step, subject)
            .is_some_and(|entry| matches!(entry.event.as_str(), "done" | "already"));
        if !known {
            self.write(step, subject, Event::Already, None, None).await?;
        }
        Ok(())
    }

    /// Does a step, written down before and after.
    pub async fn step<T>(
        &mut self,
        step: Step,
        subject: &str,
        detail: Option<Value>,
        work: impl Future<Output = Result<T, StepError>>,
    ) -> Result<T, Halt> {
        self.write(step, subject, Event::Started, detail, None).await?;
        match work.await {
            Ok(done) => {
                self.write(step, subject, Event::Done, None, None).await?;
                Ok(done)
            }
            Err(StepError::Stopped) => {
                self.write(step, subject, Event::Interrupted, None, None).await?;
                Err(Halt::Stopped(step))
            }
            Err(StepError::Why(why)) => {
                self.write(step, subject, Event::Failed, None, Some(&why)).await?;
                let advice = advice::after(step, subject, self.order, has_moved(self.past()));
                Err(Halt::Failed { step, subject: subject.to_owned(), why, advice })
            }
        }
    }

    /// Closes what a process began that was killed, and that turned out to be done.
    pub async fn settle(&mut self) -> Result<(), Halt> {
        let past = self.past();
        let is_last = |at: usize, entry: &Past| {
            !past[at + 1..].iter().any(|later| later.step == entry.step && later.subject == entry.subject)
        };
        let left: Vec<(Step, String)> = past
            .iter()
            .enumerate()
            .filter(|(at, entry)| entry.event == Event::Started.as_str() && is_last(*at, entry))
            .filter_map(|(_, entry)| Some((Step::from_word(&entry.step)?, entry.subject.clone())))
            .collect();
        for (step, subject) in left {
            self.write(step, &subject, Event::Already, None, None).await?;
        }
        Ok(())
    }

    async fn write(
        &mut self,
        step: Step,
        subject: &str,
        event: Event,
        detail: Option<Value>,
        message: Option<&str>,
    ) -> Result<(), Halt> {
        tracing::info!(step = step.as_str(), subject, event = event.as_str(), message, "remediation");
        Ok(self.journal.write(Entry { step, subject, event, detail, message }).await?)
    }

    /// The source is not there. That is the end if it was being deleted, and nothing to go on with otherwise.
    pub async fn source_is_gone(&mut self) -> Result<End, Halt> {
        let source = &self.order.source_arn.clone();
        if begun(self.past(), Step::DeleteSource, source) {
            self.already(Step::DeleteSource, source).await?;
            return Ok(End::Done);
        }
        let why = "AWS does not have it any more, and it was not keywatch that deleted it".to_owned();
        let advice = "If it was deleted on purpose, the next scan resolves its finding.".to_owned();
        Err(Halt::Failed { step: Step::Check, subject: source.clone(), why, advice })
    }
}

/// Brings something about: looks, asks for it where nobody has, and waits until it is so.
///
/// A call whose answer did not come is made again only where the next look still shows that nobody has asked.
/// `patient` goes on until it is so, whoever tells it to stop.
pub(super) async fn bring_about<T>(
    place: &Place,
    order: &Order,
    patient: bool,
    look: impl AsyncFn(&Cell<bool>) -> Result<Seen<T>, CallError>,
    act: impl AsyncFn() -> Result<(), CallError>,
) -> Result<T, StepError> {
    let end = Instant::now() + order.step_timeout;
    let asked = Cell::new(false);
    let mut tries = 0;
    loop {
        let mut pause = order.poll_interval;
        match look(&asked).await {
            Ok(Seen::There(found)) => return Ok(found),
            Ok(Seen::Never(why)) => return Err(StepError::Why(why)),
            Ok(Seen::NotYet) if !asked.get() => match act().await {
                Ok(()) => {
                    asked.set(true);
                    pause = pause.min(MOMENT);
                }
                // It may have been carried out: the next look says.
                Err(error) if is_open(&error) && tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            },
            Ok(Seen::NotYet | Seen::OnItsWay) => {}
            // What can't be seen now may be seen later.
            Err(error) if error.is_retryable() => {
                tracing::warn!(%error, "could not look; trying again");
            }
            Err(error) => return Err(error.into()),
        }
        if Instant::now() >= end {
            let waited = order.step_timeout.as_secs();
            return Err(StepError::Why(format!(
                "it did not come about within {waited} s (remediation.step_timeout)"
            )));
        }
        let stop = async {
            if patient {
                std::future::pending::<()>().await;
            }
            order.stop.cancelled().await;
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = stop => return Err(StepError::Stopped),
            () = place.cancel().cancelled() => return Err(StepError::Stopped),
        }
    }
}

/// Whether nobody knows if the call was carried out.
pub(super) fn is_open(error: &CallError) -> bool {
    matches!(error.class, Class::Transient | Class::NoAnswer)
        || error.failure.code.as_deref() == Some("ResourceAlreadyExistsFault")
}
