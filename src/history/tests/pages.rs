use std::time::Duration;

use serde_json::Value;
use sqlx::AssertSqlSafe;
use tokio::time::timeout;

use super::build::*;
use crate::{
    domain::CoverageReason,
    history::{
        AccountPages, CoveragePages, EventPages, FindingPages, Pages, Place, Reader, ResourcePages, ScanPages,
    },
};

/// Five accounts: one is denied, one Region is off, one resource is gone, some findings are fixed.
async fn lived() -> Lab {
    let mut lab = Lab::new().await;
    let accounts: Vec<_> = (1..=5).map(account).collect();
    let records = |h: i64| {
        let mut records: Vec<_> = (1..=5)
            .map(|n| {
                let second = if h > 1 { passing("b") } else { failing("b") };
                let mut found = vec![failing("a"), second, unknown("c")];
                if h > 1 {
                    found.truncate(2);
                }
                record(target(n, "eu-west-1"), h, instances(found))
            })
            .collect();
        records.push(record(target(1, "eu-south-1"), h, skip(CoverageReason::RegionNotEnabled)));
        records.push(record(target(2, "us-east-1"), h, failed(CoverageReason::AccessDenied)));
        records
    };
    lab.scan(1, &accounts, &records(1)).await;
    lab.scan(2, &accounts, &records(2)).await;
    lab.scan(3, &accounts[..4], &records(3)[..4]).await;
    lab
}

fn failed(reason: CoverageReason) -> crate::domain::Reading {
    crate::domain::Reading::Failed(failure(reason))
}

/// Every row, page by page.
async fn followed(reader: &Reader, pages: &Pages, limit: u32) -> Vec<Vec<Value>> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = reader.page(pages, Place { after, limit }).await.unwrap();
        assert!(page.rows.rows.len() <= limit as usize);
        assert!(page.next.is_none() || page.rows.rows.len() == limit as usize, "a page is full or the last");
        found.extend(page.rows.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}

fn sorted(mut rows: Vec<Vec<Value>>) -> Vec<String> {
    let mut lines: Vec<String> = rows.drain(..).map(|row| format!("{row:?}")).collect();
    lines.sort();
    lines
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Each list with each of its filters, and the SQL that says the same.
fn lists() -> Vec<(Pages, &'static str)> {
    let findings = FindingPages::default;
    let (resources, coverage) = (ResourcePages::default, CoveragePages::default);
    let one = || vec![account_id(1).to_string(), account_id(2).to_string()];
    vec![
        (Pages::Findings(findings()), "SELECT * FROM findings"),
        (
            Pages::Findings(FindingPages { states: words(&["open"]), ..findings() }),
            "SELECT * FROM findings WHERE state = 'open'",
        ),
        (
            Pages::Findings(FindingPages { accounts: one(), ..findings() }),
            "SELECT * FROM findings WHERE account_id <= '000000000002'",
        ),
        (
            Pages::Findings(FindingPages { checks: words(&[USABLE]), ..findings() }),
            "SELECT * FROM findings WHERE check_id = 'dms_kms_key_usable'",
        ),
        (
            Pages::Findings(FindingPages { statuses: words(&["unknown", "pass"]), ..findings() }),
            "SELECT * FROM findings WHERE status <> 'fail'",
        ),
        (
            Pages::Findings(FindingPages { name: Some("A".to_owned()), ..findings() }),
            "SELECT * FROM findings WHERE resource_name = 'a'",
        ),
        (
            Pages::Findings(FindingPages { severities: words(&["critical"]), ..findings() }),
            "SELECT * FROM findings WHERE severity = 'critical'",
        ),
        (
            Pages::Findings(FindingPages { regions: words(&["us-east-1"]), ..findings() }),
            "SELECT * FROM findings WHERE region = 'us-east-1'",
        ),
        (Pages::Events(EventPages::default()), "SELECT * FROM finding_events"),
        (
            Pages::Events(EventPages { findings: vec![1, 3], ..EventPages::default() }),
            "SELECT * FROM finding_events WHERE finding_id IN (1, 3)",
        ),
        (
            Pages::Events(EventPages { events: words(&["resolved"]), ..EventPages::default() }),
            "SELECT * FROM finding_events WHERE event = 'resolved'",
        ),
        (
            Pages::Events(EventPages { since: Some(iso(2)), until: Some(iso(3)), ..EventPages::default() }),
            "SELECT * FROM finding_events WHERE at >= (SELECT started_at FROM scans WHERE scan_id = 2)
             AND at < (SELECT started_at FROM scans WHERE scan_id = 3)",
        ),
        (Pages::Resources(resources()), "SELECT * FROM resources"),
        (
            Pages::Resources(ResourcePages { accounts: one(), ..resources() }),
            "SELECT * FROM resources WHERE account_id <= '000000000002'",
        ),
        (
            Pages::Resources(ResourcePages { deleted: Some(true), ..resources() }),
            "SELECT * FROM resources WHERE deleted_at IS NOT NULL",
        ),
        (
            Pages::Resources(ResourcePages {
                deleted: Some(false),
                types: words(&["replication_instance"]),
                ..resources()
            }),
            "SELECT * FROM resources WHERE deleted_at IS NULL AND resource_type = 'replication_instance'",
        ),
        (Pages::Coverage(coverage()), "SELECT * FROM coverage"),
        (
            Pages::Coverage(CoveragePages { outcomes: words(&["failed", "skipped"]), ..coverage() }),
            "SELECT * FROM coverage WHERE outcome <> 'scanned'",
        ),
        (
            Pages::Coverage(CoveragePages { outcomes: words(&["failed", "scanned"]), ..coverage() }),
            "SELECT * FROM coverage WHERE outcome <> 'skipped'",
        ),
        (
            Pages::Coverage(CoveragePages { reasons: words(&["access_denied"]), ..coverage() }),
            "SELECT * FROM coverage WHERE reason = 'access_denied'",
        ),
        (
            Pages::Coverage(CoveragePages { accounts: one(), regions: words(&["eu-west-1"]), ..coverage() }),
            "SELECT * FROM coverage WHERE account_id <= '000000000002' AND region = 'eu-west-1'",
        ),
        (Pages::Scans(ScanPages::default()), "SELECT * FROM scans"),
        (
            Pages::Scans(ScanPages {
                outcomes: words(&["incomplete"]),
                triggers: words(&["manual", "schedule"]),
            }),
            "SELECT * FROM scans WHERE outcome = 'incomplete'",
        ),
        (Pages::Accounts(AccountPages::default()), "SELECT * FROM accounts"),
        (
            Pages::Accounts(AccountPages { states: words(&["ACTIVE"]), ous: words(&["Root"]) }),
            "SELECT * FROM accounts WHERE ou_path = 'Root' OR ou_path LIKE 'Root/%'",
        ),
        (
            Pages::Accounts(AccountPages { ous: words(&["Roo"]), states: Vec::new() }),
            "SELECT * FROM accounts WHERE 0",
        ),
    ]
}

#[tokio::test]
async fn the_pages_of_a_list_are_its_view() {
    let mut lab = lived().await;
    let reader = lab.reader().await;
    let mut empty = Vec::new();
    for (pages, sql) in lists() {
        // The age goes on between two questions.
        let mut view = rows_of(&mut lab, sql).await;
        let mut one = reader.page(&pages, Place { after: None, limit: 1000 }).await.unwrap();
        if one.rows.columns.last().is_some_and(|column| column == "age_hours") {
            let without_age = |row: &mut Vec<Value>| drop(row.pop());
            view.iter_mut().for_each(without_age);
            one.rows.rows.iter_mut().for_each(without_age);
            for limit in [1, 2, 3] {
                let mut rows = followed(&reader, &pages, limit).await;
                rows.iter_mut().for_each(without_age);
                assert_eq!(rows, one.rows.rows, "{pages:?} by {limit}");
            }
        } else {
            for limit in [1, 2, 3] {
                assert_eq!(followed(&reader, &pages, limit).await, one.rows.rows, "{pages:?} by {limit}");
            }
        }
        if view.is_empty() {
            empty.push(sql);
        }
        assert_eq!(one.next, None);
        assert_eq!(sorted(one.rows.rows), sorted(view), "{pages:?}");
    }
    // The others show that a filter keeps something.
    let nothing = ["check_id = 'dms", "severity = 'crit", "region = 'us-", "outcome = 'incom", "WHERE 0"];
    assert!(empty.iter().zip(nothing).all(|(sql, part)| sql.contains(part)), "{empty:?}");
    assert_eq!(empty.len(), nothing.len(), "{empty:?}");
}

async fn rows_of(lab: &mut Lab, sql: &'static str) -> Vec<Vec<Value>> {
    rows(&mut lab.writer.db, sql).await
}

#[tokio::test]
async fn what_stood_all_the_time_is_neither_skipped_nor_repeated() {
    let mut lab = lived().await;
    let reader = lab.reader().await;
    let mut accounts: Vec<_> = (1..=4).map(account).collect();
    for pages in [
        Pages::Findings(FindingPages::default()),
        Pages::Events(EventPages::default()),
        Pages::Resources(ResourcePages::default()),
        Pages::Coverage(CoveragePages::default()),
        Pages::Scans(ScanPages::default()),
        Pages::Accounts(AccountPages::default()),
    ] {
        let before = followed(&reader, &pages, 1000).await;
        let first = reader.page(&pages, Place { after: None, limit: 2 }).await.unwrap();
        // Another scan finds new accounts, Regions, resources and findings.
        let h = 10 + i64::try_from(before.len()).unwrap();
        let new = u64::try_from(100 + h).unwrap();
        accounts.push(account(new));
        let records = [
            record(target(new, "eu-west-1"), h, instances(vec![failing("new"), failing("newer")])),
            record(target(4, "us-west-2"), h, instances(vec![unknown("other")])),
        ];
        lab.scan(h, &accounts, &records).await;
        let mut keys: Vec<Value> = first.rows.rows.iter().map(|row| row[0].clone()).collect();
        let mut after = first.next;
        while let Some(next) = after {
            let page = reader.page(&pages, Place { after: Some(next), limit: 2 }).await.unwrap();
            keys.extend(page.rows.rows.iter().map(|row| row[0].clone()));
            after = page.next;
        }
        let stood: Vec<Value> = before.iter().map(|row| row[0].clone()).collect();
        // What is new may come behind, where the order is that of first sight; nothing else may differ.
        assert_eq!(keys[..stood.len().min(keys.len())], stood, "{pages:?}");
    }
}

#[tokio::test]
async fn a_statement_that_nobody_waits_for_ends() {
    let lab = Lab::new().await;
    let reader = lab.reader().await;
    // More of them than there are connections.
    for _ in 0..8 {
        let mut db = reader.connection().await.unwrap();
        let endless =
            "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
        let asked = sqlx::query(AssertSqlSafe(endless)).fetch_all(&mut *db);
        assert!(timeout(Duration::from_millis(50), asked).await.is_err(), "it is endless");
    }
    let scans = Pages::Scans(ScanPages::default());
    let page = timeout(Duration::from_secs(20), reader.page(&scans, Place { after: None, limit: 1 })).await;
    assert_eq!(page.expect("a connection is free").unwrap().rows.rows.len(), 0);
}
