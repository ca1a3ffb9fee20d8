//! What the history costs after a year: of hourly scans of 10,000 accounts in 17 Regions with 20,000 resources, of
//! which one in a hundred changes in a week.
//!
//! `cargo bench --bench history` writes the year through the real Writer (`history/write.rs` tells how that takes
//! minutes and not hours), then measures and says what misses its target. `-- quick` takes a tenth of the accounts
//! and resources and twelve weeks; its figures say little about the targets. `-- keep FILE` keeps the database.

#[path = "history/measure.rs"]
mod measure;
#[path = "history/organization.rs"]
mod organization;
#[path = "history/pages.rs"]
mod pages;
#[path = "history/resource.rs"]
mod resource;
#[path = "history/write.rs"]
mod write;

use std::{
    error::Error,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, tz::TimeZone};
use keywatch::{
    domain::Timestamp,
    history::{
        AccountPages, CoverageFilter, FindingFilter, Limits, List, NamedQuery, Pages, Period, Place, Reader,
        TrendFilter, Writer,
    },
    reports::{ReportFormat, ReportWeek, Weekly, render, weekly},
};
use measure::{Table, cpu, least};
use organization::{Organization, Size, start};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

/// Hours of the year.
const YEAR: i64 = 365 * 24;

/// An answer to a person.
const ANSWER: Duration = Duration::from_millis(200);

/// A report, which nobody waits for at a prompt.
const REPORT: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let quick = arguments.iter().any(|argument| argument == "quick");
    let keep = arguments.iter().position(|argument| argument == "keep").and_then(|at| arguments.get(at + 1));
    let size = if quick {
        Size {
            accounts: 1000,
            regions: 17,
            resources: 2000,
            hours: 12 * 168,
            changes_a_week: 20,
            outages_a_week: 17,
        }
    } else {
        Size {
            accounts: 10_000,
            regions: 17,
            resources: 20_000,
            hours: YEAR,
            changes_a_week: 200,
            outages_a_week: 170,
        }
    };
    let dir = TempDir::new()?;
    let path = keep.map_or_else(|| dir.path().join("history.db"), PathBuf::from);
    let organization = Organization::new(size);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(&organization, &path))
}

async fn run(organization: &Organization, path: &Path) -> Result<(), Box<dyn Error>> {
    if path.exists() {
        eprintln!("{} is there already: measured as it is", path.display());
    } else {
        let (used, began) = (cpu()?, std::time::Instant::now());
        write::write(organization, path, true).await?;
        accept_some(path).await?;
        println!("written in {:.0?}, {:.0?} of CPU", began.elapsed(), cpu()? - used);
    }
    let mut table = Table::new();
    let megabytes = fs::metadata(path)?.len() as f64 / 1e6;
    table.size("file", megabytes, 300.0);

    unchanged_scan(organization, path, &mut table).await?;
    let opening = least(async || Reader::open(path).await.map(drop)).await?;
    table.time("opening it", opening, Duration::from_millis(50), "");
    lists(path, &mut table).await?;
    dashboard(organization, path, &mut table).await?;
    past(organization, path, &mut table).await?;
    named(organization, path, &mut table).await?;
    pages::pages(path, &mut table).await?;
    report(organization, path, &mut table).await?;
    table.end();
    Ok(())
}

/// Accepts one finding in twenty-five of those that are open: without exceptions, those who ask for them
/// would have it easy.
#[expect(clippy::disallowed_methods, reason = "it makes a state in one go, as tests do")]
async fn accept_some(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut db =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path).foreign_keys(true))
            .await?;
    sqlx::raw_sql(
        "BEGIN;
         CREATE TEMP TABLE accepted AS
         SELECT f.finding_id, f.status, r.arn, (SELECT max(started_at) FROM scan) AS at
         FROM finding f JOIN resource r USING (resource_id) WHERE f.state = 'open' AND f.finding_id % 25 = 0;
         INSERT INTO exception (exception_id, source, resource_arn, reason, owner, created_at, expires_at)
         SELECT finding_id, 'command', arn, 'moves next quarter', 'data platform', at,
                strftime('%Y-%m-%dT%H:%M:%SZ', at, '+' || (5 + finding_id % 80) || ' days') FROM accepted;
         INSERT INTO finding_event (finding_id, at, event, from_status, to_status, exception_id)
         SELECT finding_id, at, 'suppressed', status, status, finding_id FROM accepted;
         UPDATE finding SET state = 'suppressed', exception_id = finding_id
         WHERE finding_id IN (SELECT finding_id FROM accepted);
         COMMIT;",
    )
    .execute(&mut db)
    .await?;
    Ok(db.close().await?)
}

/// A whole scan in which nothing changed, as the one task that writes sees it.
async fn unchanged_scan(
    organization: &Organization,
    path: &Path,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    let mut writer = Writer::open(path, start()).await?;
    let all: Vec<usize> = (0..organization.targets()).collect();
    let hour = organization.size.hours - 1;
    // The first is the year's last; after it nothing changes, and the hour stands still.
    for measured in [false, true] {
        let (mut used, mut since) = (Duration::ZERO, Duration::ZERO);
        // Only the Writer counts, not the making of what it is given.
        let mut around = |_: &str, begins: bool| match (cpu(), begins) {
            (Ok(now), true) => since = now,
            (Ok(now), false) => used += now - since,
            // Without the figure, what is printed is too high.
            (Err(_), _) => used += Duration::from_secs(3600),
        };
        write::scan(&mut writer, organization, hour, &all, true, &mut around).await?;
        if measured {
            table.cpu(&format!("an unchanged scan of {} targets", all.len()), used, Duration::from_secs(3));
        }
    }
    Ok(writer.close().await?)
}

async fn lists(path: &Path, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let reader = Reader::open(path).await?;
    let every = FindingFilter::default();
    let open = FindingFilter { states: vec!["open".to_owned()], ..FindingFilter::default() };
    for (name, filter) in [("findings list", &every), ("findings list --state open", &open)] {
        let list = List::Findings(filter);
        let mut pieces = 0;
        let first = least(async || {
            pieces = 0;
            reader
                .each(list, |_| {
                    pieces += 1;
                    // The columns, and fifty rows.
                    if pieces > 50 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                })
                .await
        })
        .await?;
        table.time(&format!("{name}, the first 50"), first, ANSWER, "");
        let mut rows = 0;
        let all = least(async || {
            rows = 0;
            reader
                .each(list, |_| {
                    rows += 1;
                    ControlFlow::Continue(())
                })
                .await
        })
        .await?;
        table.time(&format!("{name}, all"), all, ANSWER, &format!("{} rows", rows - 1));
    }
    let gaps = CoverageFilter::default();
    let mut rows = 0;
    let time = least(async || {
        rows = reader.coverage(&gaps).await?.rows.len();
        Ok(())
    })
    .await?;
    table.time("coverage", time, ANSWER, &format!("{rows} rows"));

    let weeks = TrendFilter::default();
    let days = TrendFilter { by: Period::Day, ..TrendFilter::default() };
    for (name, filter) in [("trend, twelve weeks", &weeks), ("trend --by day, twelve weeks", &days)] {
        let time = least(async || reader.trend(filter).await.map(drop)).await?;
        table.time(name, time, ANSWER, "");
    }
    Ok(())
}

/// What the dashboard's first page is made of, the first time: it is kept until the history changes.
async fn dashboard(
    organization: &Organization,
    path: &Path,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    let reader = Reader::open(path).await?;
    let numbers = least(async || reader.measure(None).await.map(drop)).await?;
    table.time("dashboard, the numbers", numbers, ANSWER, "");
    let posture = least(async || reader.posture(end(organization)).await.map(drop)).await?;
    table.time("dashboard, the posture", posture, ANSWER, "");
    let place = Place { after: None, limit: 50 };
    let accounts = least(async || {
        let page = reader.page(&Pages::Accounts(AccountPages::default()), place).await?;
        let ids: Vec<String> = page.rows.iter().map(|row| row.text("account_id").to_owned()).collect();
        reader.account_numbers(&ids).await.map(drop)
    })
    .await?;
    table.time("dashboard, the first 50 accounts", accounts, ANSWER, "");
    let found = least(async || reader.accounts_like("9", 500).await.map(drop)).await?;
    table.time("dashboard, accounts by a part of their name", found, ANSWER, "");
    Ok(())
}

/// The lists of half a year ago.
async fn past(organization: &Organization, path: &Path, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let reader = Reader::open(path).await?;
    let then = start() + SignedDuration::from_hours(organization.size.hours / 2);
    let (every, gaps) = (FindingFilter::default(), CoverageFilter::default());
    let open = FindingFilter { states: vec!["open".to_owned()], ..FindingFilter::default() };
    let past = reader.as_of(then, end(organization)).await?;
    for (name, filter) in
        [("findings list --as-of half a year ago", &every), ("the same, --state open", &open)]
    {
        let mut rows = 0;
        let time = least(async || {
            rows = past.findings(filter).await?.rows.len();
            Ok(())
        })
        .await?;
        table.time(name, time, ANSWER, &format!("{rows} rows"));
    }
    let mut rows = 0;
    let time = least(async || {
        rows = past.coverage(&gaps).await?.rows.len();
        Ok(())
    })
    .await?;
    table.time("coverage --as-of half a year ago", time, ANSWER, &format!("{rows} rows"));
    let weeks = TrendFilter::default();
    let time = least(async || past.trend(&weeks).await.map(drop)).await?;
    table.time("trend --as-of half a year ago", time, ANSWER, "");
    Ok(())
}

async fn named(organization: &Organization, path: &Path, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let reader = Reader::open(path).await?;
    for query in NamedQuery::all() {
        let mut pieces = 0;
        let time = least(async || {
            pieces = 0;
            reader
                .ask(query, &[], end(organization), &Limits::default(), |_| {
                    pieces += 1;
                    ControlFlow::Continue(())
                })
                .await
                .map(drop)
        })
        .await?;
        table.time(&format!("query --name {}", query.name), time, ANSWER, &format!("{} rows", pieces - 1));
    }
    Ok(())
}

/// The report of the newest week that is over, as the value that every format is made of.
async fn report(organization: &Organization, path: &Path, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let reader = Reader::open(path).await?;
    let now = end(organization);
    let week = ReportWeek::last_over(now, &TimeZone::UTC);
    let (mut note, mut document) = (String::new(), Ok(Vec::new()));
    let time = least(async || {
        let report = weekly(&reader, week, ("UTC", &TimeZone::UTC), now).await?;
        let changes = &report.changes;
        let changed = changes.opened.len() + changes.reopened.len() + changes.resolved.len();
        note = format!("{} findings, {changed} changes", report.findings.len());
        document = issued_as_html(&report);
        Ok(())
    })
    .await?;
    table.time("weekly report as html", time, REPORT, &note);
    let document = document?;
    for format in ReportFormat::ALL {
        let mut bytes = Ok(0);
        let time = least(async || {
            bytes = kept(&document, format);
            Ok(())
        })
        .await?;
        table.time(&format!("a kept one as {}", format.as_str()), time, REPORT, &format!("{} bytes", bytes?));
    }
    Ok(())
}

fn issued_as_html(report: &Weekly) -> Result<Vec<u8>, Box<dyn Error>> {
    render(report, ReportFormat::Html)?;
    Ok(report.to_document()?)
}

fn kept(document: &[u8], format: ReportFormat) -> Result<usize, Box<dyn Error>> {
    Ok(render(&Weekly::from_document(document)?, format)?.len())
}

/// After the newest scan.
fn end(organization: &Organization) -> Timestamp {
    start() + SignedDuration::from_hours(organization.size.hours)
}
