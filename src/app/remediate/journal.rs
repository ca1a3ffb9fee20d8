use crate::{
    app::Clock,
    history::{Begun, NewEntry, Remediations},
    remediation::steps::{Entry, Journal, JournalError, Past},
};

/// The history's journal of one remediation.
pub struct HistoryJournal {
    table: Remediations,
    remediation: i64,
    clock: Clock,
    past: Vec<Past>,
}

impl HistoryJournal {
    /// Goes on with what was begun.
    pub fn new(table: Remediations, begun: &Begun, clock: Clock) -> Self {
        let past = begun.entries.iter().map(|entry| Past {
            step: entry.step.clone(),
            subject: entry.subject.clone(),
            event: entry.event.clone(),
            detail: entry.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok()),
        });
        Self { table, remediation: begun.id, clock, past: past.collect() }
    }

    /// The table again.
    pub fn into_table(self) -> Remediations {
        self.table
    }
}

impl Journal for HistoryJournal {
    fn past(&self) -> &[Past] {
        &self.past
    }

    async fn write(&mut self, entry: Entry<'_>) -> Result<(), JournalError> {
        let detail = entry.detail.as_ref().map(serde_json::Value::to_string);
        let new = NewEntry {
            step: entry.step.as_str(),
            subject: entry.subject,
            event: entry.event.as_str(),
            detail: detail.as_deref(),
            message: entry.message,
        };
        let written = self.table.write(self.remediation, new, self.clock.now()).await;
        written.map_err(|error| JournalError(error.to_string()))?;
        self.past.push(Past {
            step: entry.step.as_str().to_owned(),
            subject: entry.subject.to_owned(),
            event: entry.event.as_str().to_owned(),
            detail: entry.detail,
        });
        Ok(())
    }

    async fn note(
        &mut self,
        key_arn: Option<&str>,
        replacement_arn: Option<&str>,
    ) -> Result<(), JournalError> {
        let noted = self.table.note(self.remediation, key_arn, replacement_arn).await;
        noted.map_err(|error| JournalError(error.to_string()))
    }
}
