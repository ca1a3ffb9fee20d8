use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::{
    domain::{Outcome, Reading, Status, TargetRecord},
    history::{HistoryError, ScanId, Writer},
};

/// The most targets in one commit.
const GROUP: usize = 512;

/// The longest that a target's record waits for company.
const LINGER: Duration = Duration::from_millis(250);

/// How many targets were written, and how many of them failed; what the exit code needs to know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Written {
    pub targets: u64,
    pub failed: u64,
}

/// Applies records as they come, many to a commit, until all senders are gone.
pub async fn write_all(
    writer: &mut Writer,
    scan: ScanId,
    mut records: mpsc::Receiver<TargetRecord>,
) -> Result<Written, HistoryError> {
    let mut written = Written::default();
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = records.recv().await {
        group.push(first);
        let until = Instant::now() + LINGER;
        while group.len() < GROUP {
            match timeout_at(until, records.recv()).await {
                Ok(Some(record)) => group.push(record),
                Ok(None) | Err(_) => break,
            }
        }
        writer.apply(scan, &group).await?;
        written.targets += group.len() as u64;
        written.failed += group.iter().filter(|record| record.outcome() == Outcome::Failed).count() as u64;
        group.clear();
    }
    Ok(written)
}

/// How many verdicts of the record are no pass.
pub fn findings(record: &TargetRecord) -> usize {
    let Reading::Read(parts) = &record.reading else { return 0 };
    let resources = parts.iter().filter_map(|part| part.resources.as_ref().ok()).flatten();
    resources.flat_map(|resource| &resource.verdicts).filter(|verdict| verdict.status != Status::Pass).count()
}
