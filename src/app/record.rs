use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::{
    domain::{Account, Outcome, Reading, Status, TargetRecord, Timestamp},
    history::{HistoryError, NewScan, ScanId, Writer},
};

/// The most targets in one commit.
const GROUP: usize = 512;

/// The longest that a target's record waits for company.
const LINGER: Duration = Duration::from_millis(250);

/// What the history is told during a scan.
#[derive(Debug)]
pub enum Entry {
    /// Accounts of the organization; with `complete`, all of them.
    Accounts { accounts: Vec<Account>, complete: bool },
    /// What became of a target.
    Target(TargetRecord),
}

/// A scan that was begun, and what its exit code needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    pub scan: ScanId,
    /// How many targets failed.
    pub failed: u64,
}

/// Writes entries as they come, many targets to a commit, until all senders are gone. The scan begins with
/// the first accounts; `None` if there were none.
pub async fn write_all(
    writer: &mut Writer,
    trigger: &str,
    started_at: Timestamp,
    mut entries: mpsc::Receiver<Entry>,
) -> Result<Option<Written>, HistoryError> {
    let mut written: Option<Written> = None;
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = entries.recv().await {
        let mut next = Some(first);
        let until = Instant::now() + LINGER;
        while let Some(entry) = next {
            match (entry, written) {
                (Entry::Target(record), _) => group.push(record),
                (Entry::Accounts { accounts, complete }, Some(Written { scan, .. })) => {
                    writer.enlist(scan, started_at, &accounts, complete).await?;
                }
                (Entry::Accounts { accounts, complete: complete_roster }, None) => {
                    let new = NewScan { trigger, started_at, accounts: &accounts, complete_roster };
                    written = Some(Written { scan: writer.begin_scan(&new).await?, failed: 0 });
                }
            }
            next = match group.len() < GROUP {
                true => timeout_at(until, entries.recv()).await.unwrap_or_default(),
                false => None,
            };
        }
        if let Some(written) = written.as_mut().filter(|_| !group.is_empty()) {
            writer.apply(written.scan, &group).await?;
            written.failed +=
                group.iter().filter(|record| record.outcome() == Outcome::Failed).count() as u64;
            group.clear();
        }
    }
    Ok(written)
}

/// How many verdicts of the record are no pass.
pub fn findings(record: &TargetRecord) -> usize {
    let Reading::Read(parts) = &record.reading else { return 0 };
    let resources = parts.iter().filter_map(|part| part.resources.as_ref().ok()).flatten();
    resources.flat_map(|resource| &resource.verdicts).filter(|verdict| verdict.status != Status::Pass).count()
}
