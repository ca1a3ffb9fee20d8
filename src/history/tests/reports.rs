use sqlx::Executor;

use super::build::*;
use crate::history::{NewReport, Reports, Writer};

const SUNDAY: i64 = 96;

fn report<'a>(week: &'a str, begins_at: &'a str, ends_at: &'a str, document: &'a [u8]) -> NewReport<'a> {
    NewReport { week, time_zone: "UTC", begins_at, ends_at, keywatch_version: "0.1.0", document }
}

#[tokio::test]
async fn a_report_is_issued_once_and_beside_a_writer() {
    let lab = Lab::new().await;
    let (begin, end, next) = (iso(SUNDAY - 168), iso(SUNDAY), iso(SUNDAY + 168));
    // The writer of the lab holds its lock all the while.
    let (mut one, mut other) =
        (Reports::open(&lab.path).await.unwrap(), Reports::open(&lab.path).await.unwrap());
    let (row, document) = one.issue(&report("2026-W01", &begin, &end, b"first"), hour(SUNDAY)).await.unwrap();
    assert_eq!(
        (row.week.as_str(), &row.issued_at, document.as_slice()),
        ("2026-W01", &iso(SUNDAY), &b"first"[..])
    );
    let late = NewReport { time_zone: "Asia/Tokyo", ..report("2026-W01", &begin, &end, b"second") };
    assert_eq!(other.issue(&late, hour(SUNDAY + 1)).await.unwrap(), (row.clone(), document));
    let (newer, _) = other.issue(&report("2026-W02", &end, &next, &[0, 255]), hour(500)).await.unwrap();
    one.close().await.unwrap();
    other.close().await.unwrap();

    let reader = lab.reader().await;
    assert_eq!(reader.issued_reports().await.unwrap(), [newer, row]);
    assert_eq!(reader.issued_report("2026-W02").await.unwrap(), Some(vec![0, 255]));
    assert_eq!(reader.issued_report("2026-W03").await.unwrap(), None);
}

#[tokio::test]
async fn a_report_of_a_week_that_goes_on_is_not_issued_and_an_issued_one_does_not_change() {
    let mut lab = Lab::new().await;
    let (begin, end) = (iso(SUNDAY - 168), iso(SUNDAY));
    let mut reports = Reports::open(&lab.path).await.unwrap();
    let early = reports.issue(&report("2026-W01", &begin, &end, b"x"), hour(SUNDAY - 1)).await;
    assert!(early.unwrap_err().to_string().contains("CHECK constraint failed"));
    reports.issue(&report("2026-W01", &begin, &end, b"x"), hour(SUNDAY)).await.unwrap();
    for sql in ["UPDATE report SET document = x'00'", "DELETE FROM report"] {
        let error = (&mut lab.writer.db).execute(sql).await.unwrap_err();
        assert!(error.to_string().contains("an issued report is never"), "{error}");
    }
}

#[tokio::test]
async fn pruning_keeps_the_reports() {
    let mut lab = Lab::new().await;
    for h in [1, SUNDAY + 9] {
        lab.scan(h, &[account(1)], &[record(target(1, "eu-west-1"), h, instances(vec![]))]).await;
    }
    let (begin, end) = (iso(SUNDAY - 168), iso(SUNDAY));
    let mut reports = Reports::open(&lab.path).await.unwrap();
    reports.issue(&report("2026-W01", &begin, &end, b"x"), hour(SUNDAY)).await.unwrap();
    reports.close().await.unwrap();
    let Lab { writer, path, _dir } = lab;
    writer.prune(hour(SUNDAY + 5), hour(SUNDAY + 20)).await.unwrap();
    let writer = Writer::open(&path, hour(SUNDAY + 20)).await.unwrap();
    let lab = Lab { writer, path, _dir };
    assert_eq!(lab.reader().await.issued_report("2026-W01").await.unwrap().as_deref(), Some(&b"x"[..]));
}
