use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::{
    domain::{Account, Exception, Reading, Status, TargetRecord},
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
    /// How many targets have an outcome, those included that it had before it was cut off.
    pub targets: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// Writes entries as they come, many targets to a commit, until all senders are gone. The scan begins with
/// the first accounts, as `new` says, under these exceptions of the config; `None` if there were none.
pub async fn write_all(
    writer: &mut Writer,
    new: &NewScan<'_>,
    exceptions: &[Exception],
    mut entries: mpsc::Receiver<Entry>,
) -> Result<Option<Written>, HistoryError> {
    let mut begun: Option<ScanId> = None;
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = entries.recv().await {
        let mut next = Some(first);
        let until = Instant::now() + LINGER;
        while let Some(entry) = next {
            match (entry, begun) {
                (Entry::Target(record), _) => group.push(record),
                (Entry::Accounts { accounts, complete }, Some(scan)) => {
                    writer.enlist(scan, new.started_at, &accounts, complete).await?;
                }
                (Entry::Accounts { accounts, complete: complete_roster }, None) => {
                    let new = NewScan { accounts: &accounts, complete_roster, ..*new };
                    let scan = writer.begin_scan(&new).await?;
                    // Before the first target, so that what they cover is suppressed from the start.
                    writer.settle_exceptions(Some(scan), exceptions, new.started_at).await?;
                    tracing::Span::current().record("scan.id", scan.0);
                    begun = Some(scan);
                }
            }
            next = match group.len() < GROUP {
                true => timeout_at(until, entries.recv()).await.unwrap_or_default(),
                false => None,
            };
        }
        if let Some(scan) = begun.filter(|_| !group.is_empty()) {
            writer.apply(scan, &group).await?;
            group.clear();
        }
    }
    let Some(scan) = begun else { return Ok(None) };
    let (targets, failed) = writer.counts(scan).await?;
    Ok(Some(Written { scan, targets, failed }))
}

/// How many verdicts of the record are no pass.
pub fn findings(record: &TargetRecord) -> usize {
    let Reading::Read(parts) = &record.reading else { return 0 };
    let resources = parts.iter().filter_map(|part| part.resources.as_ref().ok()).flatten();
    resources.flat_map(|resource| &resource.verdicts).filter(|verdict| verdict.status != Status::Pass).count()
}
