//! What each job does.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::agenda::Job;
use crate::{
    app::{
        Base, Clock, Progress, Scope,
        report::{Issued, issue_reports},
        scan_with,
    },
    config::Config,
    domain::Timestamp,
    history::{HistoryError, JobOutcome, Reader, ScanOutcome, Writer},
};

/// The trigger of the daemon's scans.
const TRIGGER: &str = "schedule";

/// What a job works with.
pub struct Work<'a> {
    pub config: &'a Config,
    pub base: &'a Base,
    pub clock: Clock,
    /// Nothing was scanned since the daemon began.
    pub first: bool,
    /// When the next run of the same is expected.
    pub next_at: Option<Timestamp>,
    pub cancel: &'a CancellationToken,
    pub progress: &'a Arc<Progress>,
}

/// What came of a run.
pub struct Ran {
    pub outcome: JobOutcome,
    /// In a line.
    pub message: String,
    /// How a scan ended, if one began.
    pub scanned: Option<ScanOutcome>,
}

impl Work<'_> {
    /// Does it.
    pub async fn run(&self, job: Job) -> Ran {
        let done = match job {
            Job::Scan => return self.scan().await,
            Job::Report => self.report().await,
            Job::Exceptions => self.settle().await,
            Job::Backup => self.backup().await,
            Job::Prune => self.prune().await,
        };
        match done {
            Ok(message) => Ran { outcome: JobOutcome::Done, message, scanned: None },
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&self, error: &anyhow::Error) -> Ran {
        let (outcome, message) = match self.cancel.is_cancelled() {
            true => (JobOutcome::Interrupted, "stopped".to_owned()),
            false => (JobOutcome::Failed, format!("{error:#}")),
        };
        Ran { outcome, message, scanned: None }
    }

    async fn scan(&self) -> Ran {
        let scope =
            Scope { resume: true, oldest_first: self.first, next_at: self.next_at, ..Scope::default() };
        let ran =
            scan_with(self.base, self.config, &scope, TRIGGER, self.clock, self.cancel, self.progress).await;
        match ran {
            Ok(report) => {
                for note in &report.notes {
                    tracing::warn!("{note}");
                }
                let outcome = match report.outcome {
                    ScanOutcome::Interrupted => JobOutcome::Interrupted,
                    ScanOutcome::Complete | ScanOutcome::Incomplete => JobOutcome::Done,
                };
                let mut message = format!("scan {}: {}", report.scan, report.outcome.as_str());
                if report.failed > 0 {
                    message.push_str(&format!(", {} of {} targets failed", report.failed, report.targets));
                }
                Ran { outcome, message, scanned: Some(report.outcome) }
            }
            Err(error) => self.failed(&error),
        }
    }

    async fn report(&self) -> anyhow::Result<String> {
        let issued = match issue_reports(self.config, self.clock).await {
            Ok(issued) => issued,
            // Before the first scan there is nothing to report.
            Err(error) if matches!(error.downcast_ref(), Some(HistoryError::Missing(_))) => Issued::default(),
            Err(error) => return Err(error),
        };
        let weeks = if issued.weeks.is_empty() { "none is due".to_owned() } else { issued.weeks.join(", ") };
        Ok(format!("{weeks}; {} files written, {} older removed", issued.files.len(), issued.removed))
    }

    async fn settle(&self) -> anyhow::Result<String> {
        let now = self.clock.now();
        let mut writer = Writer::open(&self.config.database.path, now).await?;
        let settled = writer.settle_exceptions(None, &self.config.exceptions, now).await?;
        writer.close().await?;
        Ok(format!("{} suppressed, {} reopened", settled.suppressed, settled.reopened))
    }

    async fn backup(&self) -> anyhow::Result<String> {
        let Some(directory) = &self.config.backup.directory else { return Ok("none asked for".to_owned()) };
        let copies = Copies::of(&self.config.database.path, directory);
        let to = copies.name(self.clock.now());
        let reader = Reader::open(&self.config.database.path).await?;
        let bytes = reader.backup(&to, self.cancel).await?;
        let removed = copies
            .keep(self.config.backup.keep.get() as usize)
            .with_context(|| format!("{} is made, but older copies could not be removed", to.display()))?;
        Ok(format!("{} with {bytes} bytes; {removed} older removed", to.display()))
    }

    async fn prune(&self) -> anyhow::Result<String> {
        let Some(days) = self.config.prune.keep_days else { return Ok("none asked for".to_owned()) };
        let now = self.clock.now();
        let before = now.checked_sub(SignedDuration::from_hours(24 * i64::from(days.get())))?;
        let pruned = Writer::open(&self.config.database.path, now).await?.prune(before, now).await?;
        if let Some(error) = &pruned.not_shrunk {
            tracing::warn!("what is old is removed, but the file did not shrink: {error}");
        }
        let removed: i64 = pruned.tables.iter().map(|table| table.removed).sum();
        Ok(format!("{removed} rows removed"))
    }
}

/// The copies of a history in a directory, by their names: `keywatch-20261124T093000Z.db`.
struct Copies<'a> {
    stem: String,
    directory: &'a Path,
}

impl<'a> Copies<'a> {
    fn of(database: &Path, directory: &'a Path) -> Self {
        let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self { stem, directory }
    }

    fn name(&self, now: Timestamp) -> PathBuf {
        self.directory.join(format!("{}-{}.db", self.stem, now.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// Whether the daemon made a file of this name.
    fn is_one(&self, name: &str) -> bool {
        let time = name
            .strip_prefix(self.stem.as_str())
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|rest| rest.strip_suffix(".db"));
        time.is_some_and(|time| {
            time.len() == 16
                && time.bytes().enumerate().all(|(at, byte)| match at {
                    8 => byte == b'T',
                    15 => byte == b'Z',
                    _ => byte.is_ascii_digit(),
                })
        })
    }

    /// Removes all but the newest; returns how many.
    fn keep(&self, newest: usize) -> io::Result<usize> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.directory)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if self.is_one(&name) {
                names.push(name);
            }
        }
        // By time, as the names tell it.
        names.sort_unstable();
        let old = names.len().saturating_sub(newest);
        for name in &names[..old] {
            fs::remove_file(self.directory.join(name))?;
        }
        Ok(old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_copies_that_it_made_are_removed_the_oldest_first() {
        let dir = tempfile::TempDir::new().unwrap();
        let copies = Copies::of(Path::new("/var/lib/keywatch.db"), dir.path());
        let strangers =
            ["keywatch.db", "keywatch-old.db", "keywatch-2026-11-24.db", "other-20261124T093000Z.db"];
        let mut made = Vec::new();
        for day in 1..=5 {
            let at: Timestamp = format!("2026-11-{day:02}T09:30:00Z").parse().unwrap();
            made.push(copies.name(at));
        }
        for name in &strangers {
            fs::write(dir.path().join(name), "").unwrap();
        }
        for path in &made {
            fs::write(path, "").unwrap();
        }
        assert_eq!(copies.keep(2).unwrap(), 3);
        assert_eq!(copies.keep(2).unwrap(), 0);
        assert_eq!(
            made.iter().map(|path| path.exists()).collect::<Vec<_>>(),
            [false, false, false, true, true]
        );
        assert!(strangers.iter().all(|name| dir.path().join(name).exists()));
    }
}
