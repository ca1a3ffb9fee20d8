//! The weekly report: worked out once, kept in the history, and rendered from what was kept, so that a week says the
//! same whenever, and in whatever form, it is asked for.

mod files;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::Context;
use jiff::SignedDuration;

use super::{Clock, notify::queue_report};
use crate::{
    config::{self, Config},
    domain::{ReportFormat, Timestamp},
    history::{HistoryError, NewReport, Reader, Reports},
    reports::{self, ReportWeek, Summary, Weekly},
};

pub use files::write_files;

/// How long after the end of a week its report is kept for good: what was looked at in its last second is written by
/// then.
const SETTLES_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// The most weeks that are made up for at once, where nobody was there for longer.
const MAKES_UP_FOR: i64 = 12;

/// What one run of the daemon's job came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issued {
    /// The weeks whose report was made.
    pub weeks: Vec<String>,
    /// The files that were written.
    pub files: Vec<PathBuf>,
    /// Older files that were removed.
    pub removed: usize,
    /// Messages that were queued.
    pub queued: u64,
}

/// The report of a week, by default the newest that is over: the one that was kept, else worked out now, and kept if
/// the week is over. Where it can't be kept, a line says why.
///
/// # Errors
/// Where the history can't be read, or does not cover the week.
pub async fn weekly_report(
    config: &Config,
    week: Option<ReportWeek>,
    clock: Clock,
) -> anyhow::Result<(Weekly, Option<String>)> {
    let now = clock.now();
    let week = week.unwrap_or_else(|| ReportWeek::last_over(now, &config.report.time_zone));
    let reader = Reader::open(&config.database.path).await?;
    // Asked first: a scan that ends while the report is worked out was not read whole.
    let unsettled = unsettled(&reader, &config.report, week, now).await;
    let made = report_of(&reader, config, week, now).await;
    reader.close().await;
    let (unsettled, made) = (unsettled?, made?);
    if made.kept || now < week.ends_at(&config.report.time_zone) {
        return Ok((made.weekly, None));
    }
    if let Some(why) = unsettled {
        return Ok((
            made.weekly,
            Some(format!("the report of {week} is not kept yet, and may change: {why}")),
        ));
    }
    match issue(config, &made.weekly, now).await {
        Ok(other) => Ok((other.unwrap_or(made.weekly), None)),
        // A copy of a history that nobody may write is as good to read.
        Err(error) => Ok((made.weekly, Some(format!("the report of {week} could not be kept: {error:#}")))),
    }
}

/// Makes the reports that are due: those of the weeks since the newest that was made, or of the last one. Writes their
/// files and queues the news of the newest. What was done before is not done again.
///
/// # Errors
/// Where the history can't be read or written, or a file can't be written.
pub async fn issue_reports(config: &Config, clock: Clock) -> anyhow::Result<Issued> {
    let now = clock.now();
    let last = ReportWeek::last_over(now, &config.report.time_zone);
    let reader = Reader::open(&config.database.path).await?;
    let mut issued = Issued::default();
    let known = reader.issued_reports().await?;
    let known = known.iter().filter_map(|row| row.week.parse().ok()).collect();
    for week in due(&known, last) {
        // Before the report is worked out: a scan that ends meanwhile was not read whole.
        let unsettled = unsettled(&reader, &config.report, week, now).await?;
        let made = match report_of(&reader, config, week, now).await {
            Ok(made) => made,
            Err(error) if not_covered(&error) => continue,
            Err(error) => return Err(error),
        };
        let weekly = if made.kept {
            made.weekly
        } else {
            if let Some(why) = unsettled {
                anyhow::bail!("the report of {week} can't be made yet: {why}");
            }
            issued.weeks.push(week.to_string());
            let other = issue(config, &made.weekly, now).await?;
            other.unwrap_or(made.weekly)
        };
        // First, so that a directory that can't be written keeps no news back.
        if week == last {
            issued.queued = queue_report(config, &week.to_string(), news_of(&weekly), clock).await?;
        }
        if let Some(directory) = &config.report.directory {
            let written = write_files(directory, &weekly, &config.report.formats, false)?;
            issued.files.extend(written);
        }
    }
    reader.close().await;
    if let Some(directory) = &config.report.directory {
        issued.removed = files::keep(directory, config.report.keep.get() as usize)
            .with_context(|| format!("older reports in {} could not be removed", directory.display()))?;
    }
    Ok(issued)
}

/// What is told of a report, a line each; the first says which it is.
fn news_of(weekly: &Weekly) -> Vec<String> {
    let Summary { headline, better, worse, not_seen, notes } = reports::summary(weekly);
    let told =
        |what: &'static str, lines: Vec<String>| lines.into_iter().map(move |line| format!("{what}: {line}"));
    let mut lines = vec![format!("weekly report {}", weekly.period.week), headline];
    lines.extend(told("Better", better));
    lines.extend(told("Worse", worse));
    lines.extend(told("Not seen", not_seen));
    lines.extend(notes);
    lines
}

/// The weeks that a report is due of, the oldest first: those since the first that has one, whichever were made by hand
/// in between. The last is always looked at, for its files and its news.
fn due(known: &BTreeSet<ReportWeek>, last: ReportWeek) -> Vec<ReportWeek> {
    let missing =
        |week: &ReportWeek| !known.contains(week) && known.first().is_some_and(|first| week > first);
    let mut weeks: Vec<ReportWeek> =
        (1..MAKES_UP_FOR).rev().map(|n| last.before(n)).filter(missing).collect();
    weeks.push(last);
    weeks
}

/// A report, and whether it was kept before.
struct Made {
    weekly: Weekly,
    kept: bool,
}

async fn report_of(
    reader: &Reader,
    config: &Config,
    week: ReportWeek,
    now: Timestamp,
) -> anyhow::Result<Made> {
    if let Some(document) = reader.issued_report(&week.to_string()).await? {
        return Ok(Made { weekly: Weekly::from_document(&document)?, kept: true });
    }
    let zone = (config.report.zone_name(), &config.report.time_zone);
    let weekly = reports::weekly(reader, week, zone, now).await?;
    Ok(Made { weekly, kept: false })
}

/// Keeps a report; returns the one that counts instead, where another process was quicker.
async fn issue(config: &Config, weekly: &Weekly, now: Timestamp) -> anyhow::Result<Option<Weekly>> {
    let document = weekly.to_document()?;
    let mut reports = Reports::open(&config.database.path).await?;
    let period = &weekly.period;
    let new = NewReport {
        week: &period.week,
        time_zone: &period.time_zone,
        begins_at: &period.begins_at,
        ends_at: &period.ends_at,
        keywatch_version: &period.keywatch_version,
        document: &document,
    };
    let (_, kept) = reports.issue(&new, now).await?;
    reports.close().await?;
    Ok((kept != document).then(|| Weekly::from_document(&kept)).transpose()?)
}

/// Why something may still be written of a week that is over, if it may.
async fn unsettled(
    reader: &Reader,
    report: &config::Report,
    week: ReportWeek,
    now: Timestamp,
) -> Result<Option<String>, HistoryError> {
    let ends_at = week.ends_at(&report.time_zone);
    if now.duration_since(ends_at) < SETTLES_AFTER {
        let minutes = SETTLES_AFTER.as_secs() / 60;
        return Ok(Some(format!("the week ended less than {minutes} minutes ago")));
    }
    // Some of what a scan finds out is dated to its beginning.
    let scan = reader.scan_running_over(ends_at).await?;
    Ok(scan.map(|scan| format!("scan {scan} began before the end of the week and still runs")))
}

fn not_covered(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(HistoryError::NotCovered { .. } | HistoryError::Missing(_)))
}

/// Renders a report.
///
/// # Errors
/// Where the format can't hold it.
pub fn render_report(weekly: &Weekly, format: ReportFormat) -> anyhow::Result<Vec<u8>> {
    Ok(reports::render(weekly, format)?)
}

/// The report that was kept of a week.
///
/// # Errors
/// Where the history can't be read.
pub(super) async fn kept_report(database: &Path, week: &str) -> anyhow::Result<Option<Weekly>> {
    let reader = Reader::open(database).await?;
    let document = reader.issued_report(week).await?;
    reader.close().await;
    Ok(document.map(|document| Weekly::from_document(&document)).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weeks(names: &[&str]) -> Vec<ReportWeek> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn a_week_that_was_made_by_hand_hides_none_that_was_not() {
        let due_after =
            |known: &[&str]| due(&weeks(known).into_iter().collect(), "2026-W47".parse().unwrap());
        assert_eq!(due_after(&[]), weeks(&["2026-W47"]));
        assert_eq!(due_after(&["2026-W46"]), weeks(&["2026-W47"]));
        assert_eq!(due_after(&["2026-W44", "2026-W46"]), weeks(&["2026-W45", "2026-W47"]));
        assert_eq!(due_after(&["2026-W45", "2026-W47"]), weeks(&["2026-W46", "2026-W47"]));
        assert_eq!(due_after(&["2025-W01"]).len(), 12);
    }
}
