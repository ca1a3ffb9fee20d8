use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::OpenFinding;
use crate::{
    app::{Clock, Progress, Report, Scope, scan},
    config::Config,
    domain::Rows,
    history::Reader,
};

/// What a targeted scan says.
#[derive(Debug)]
pub struct Verified {
    /// The scan.
    pub scan: Report,
    /// The findings as they stand now, rows of the view `findings`.
    pub findings: Rows,
}

/// Scans the account and Region of these findings, every target of it, and says how the findings stand then.
///
/// # Errors
/// Where the scan could not run at all, or the history can't be read.
pub async fn verify(
    config: &Config,
    finding: &OpenFinding,
    which: &str,
    clock: Clock,
    cancel: &CancellationToken,
) -> anyhow::Result<Verified> {
    let scope = Scope {
        accounts: vec![finding.account],
        regions: vec![finding.region.clone()],
        full: true,
        ..Scope::default()
    };
    let progress = Arc::new(Progress::default());
    let scan = scan(config, &scope, "remediation", clock, cancel, &progress).await?;
    let reader = Reader::open(&config.database.path).await?;
    let findings = reader.finding(which).await?.findings;
    Ok(Verified { scan, findings })
}
