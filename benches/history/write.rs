//! Hourly scans of an organization, through the real Writer: all of each, or only what leaves a trace.
//!
//! A year of whole scans would take hours to write. An unchanged target leaves nothing of an hourly scan but two
//! values in its own row (when it was last read, and by which scan), which the next scan overwrites. So a
//! thrifty scan applies only the targets that say something new, and those that will the next hour, for their last
//! reading before a change is what periods end with. The first and the last scan are whole. What a thrifty scan
//! cannot count, its numbers of targets and resources, is put in afterwards. `tests/it/year.rs` holds the two ways
//! against each other, table by table.

use std::{error::Error, path::Path};

use jiff::SignedDuration;
use keywatch::history::{Deferred, NewScan, ScanEnd, ScanId, ScanOutcome, Writer};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::organization::{Organization, start};

/// Targets in one transaction, as `keywatch scan` has it.
pub const SLICE: usize = 512;

type Failed = Box<dyn Error>;

/// Writes all scans of the organization but the last.
pub async fn write(organization: &Organization, path: &Path, thrifty: bool) -> Result<(), Failed> {
    let mut writer = Writer::open(path, start()).await?;
    let all: Vec<usize> = (0..organization.targets()).collect();
    let mut counts = Vec::new();
    for hour in 0..organization.size.hours - 1 {
        let whole = !thrifty || hour == 0;
        if whole {
            scan(&mut writer, organization, hour, &all, true, &mut |_, _| ()).await?;
        } else {
            let mut some = [organization.changed(hour), organization.changed(hour + 1)].concat();
            some.sort_unstable();
            some.dedup();
            scan(&mut writer, organization, hour, &some, false, &mut |_, _| ()).await?;
        }
        counts.push(count(organization, hour, counts.last()));
    }
    writer.close().await?;
    if thrifty { put_in(path, &counts).await } else { Ok(()) }
}

/// One scan of these targets. `around` is called before and after each call of the Writer, with whether it begins.
pub async fn scan(
    writer: &mut Writer,
    organization: &Organization,
    hour: i64,
    targets: &[usize],
    whole: bool,
    around: &mut dyn FnMut(&str, bool),
) -> Result<ScanId, Failed> {
    let at = start() + SignedDuration::from_hours(hour);
    let accounts = if whole { organization.accounts() } else { Vec::new() };
    let new = NewScan {
        trigger: "schedule",
        started_at: at,
        accounts: &accounts,
        complete_roster: whole,
        scope: None,
        resumes: None,
    };
    around("begin", true);
    let id = writer.begin_scan(&new).await?;
    around("begin", false);
    for slice in targets.chunks(SLICE) {
        let records: Vec<_> = slice.iter().map(|target| organization.record(*target, hour)).collect();
        around("apply", true);
        writer.apply(id, &records).await?;
        around("apply", false);
    }
    let end = ScanEnd {
        finished_at: at + SignedDuration::from_mins(21),
        outcome: ScanOutcome::Incomplete,
        api_calls: 3 * organization.targets() as u64,
        throttled_calls: 0,
        deferred: Deferred::default(),
    };
    around("finish", true);
    writer.finish_scan(id, &end).await?;
    around("finish", false);
    Ok(id)
}

/// Scanned, failed, skipped, resources: what the scan before counted, and what changed.
fn count(organization: &Organization, hour: i64, before: Option<&[i64; 4]>) -> [i64; 4] {
    let mut counts = before.copied().unwrap_or_default();
    let mut add = |target, hour, sign| {
        for (sum, one) in counts.iter_mut().zip(organization.counts(target, hour)) {
            *sum += sign * one;
        }
    };
    match before {
        None => (0..organization.targets()).for_each(|target| add(target, hour, 1)),
        Some(_) => organization.changed(hour).iter().for_each(|&target| {
            add(target, hour - 1, -1);
            add(target, hour, 1);
        }),
    }
    counts
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench and a test hold it against what keywatch itself writes"
)]
async fn put_in(path: &Path, counts: &[[i64; 4]]) -> Result<(), Failed> {
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await?;
    let mut tx = db.begin().await?;
    for (at, [scanned, failed, skipped, resources]) in counts.iter().enumerate() {
        sqlx::query("UPDATE scan SET targets = ?, scanned = ?, failed = ?, skipped = ?, resources = ? WHERE scan_id = ?")
            .bind(scanned + failed + skipped)
            .bind(scanned)
            .bind(failed)
            .bind(skipped)
            .bind(resources)
            .bind(at as i64 + 1)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(db.close().await?)
}
