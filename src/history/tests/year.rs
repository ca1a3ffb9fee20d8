use std::time::Instant;

use sqlx::Executor;

use super::build::*;
use crate::history::{CoverageFilter, FindingFilter, Period, Reader, TrendFilter};

/// `cargo test --release --lib history::tests::year -- --ignored --nocapture`: what questions cost after a year
/// of hourly scans of 170,000 targets. The year is written straight into the tables, in seconds.
#[tokio::test]
#[ignore = "a measure, not a test"]
async fn questions_to_a_year_of_hourly_scans() {
    let mut lab = Lab::new().await;
    let start = Instant::now();
    let mut tx = sqlx::Connection::begin(&mut lab.writer.db).await.unwrap();
    (&mut *tx).execute(include_str!("year.sql")).await.unwrap();
    tx.commit().await.unwrap();
    println!("written in {:?}, {} MiB", start.elapsed(), std::fs::metadata(&lab.path).unwrap().len() >> 20);

    let start = Instant::now();
    let reader = Reader::open(&lab.path).await.unwrap();
    println!("opened in {:?}", start.elapsed());
    let all = TrendFilter::default();
    let one = TrendFilter { accounts: vec![account_id(500)], ..TrendFilter::default() };
    let days =
        TrendFilter { by: Period::Day, from: Some("2026-01-01".parse().unwrap()), ..TrendFilter::default() };
    for (name, filter) in [("twelve weeks", &all), ("of one account", &one), ("365 days", &days)] {
        let start = Instant::now();
        let rows = reader.trend(filter).await.unwrap().rows.len();
        println!("trend, {name}: {rows} rows in {:?}", start.elapsed());
    }
    let start = Instant::now();
    let findings = reader.findings(&FindingFilter::default()).await.unwrap();
    println!("findings: {} in {:?}", findings.rows.len(), start.elapsed());
    let summer = "2026-07-01T00:00:00Z".parse().unwrap();
    let past = reader.as_of(summer, "2027-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
    let start = Instant::now();
    let findings = past.findings(&FindingFilter::default()).await.unwrap();
    println!("findings as of the summer: {} in {:?}", findings.rows.len(), start.elapsed());
    let start = Instant::now();
    let gaps = past.coverage(&CoverageFilter::default()).await.unwrap();
    println!("coverage as of the summer: {} in {:?}", gaps.rows.len(), start.elapsed());
    for sql in [
        "SELECT * FROM compliance_daily WHERE account_id = '000000000500'",
        "SELECT count(*) FROM compliance_daily WHERE day = '2026-12-31'",
        "SELECT sum(pass) FROM compliance_weekly WHERE week >= '2026-W52'",
        "SELECT week, sum(pass) FROM compliance_weekly WHERE week >= '2026-W42' GROUP BY week",
        "SELECT avg(hours_open) FROM remediation_times",
    ] {
        let start = Instant::now();
        let rows = lab.rows(sql).await.len();
        println!("{sql}: {rows} rows in {:?}", start.elapsed());
    }
}
