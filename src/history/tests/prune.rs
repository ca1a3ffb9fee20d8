use std::fs;

use serde_json::{Value, json};
use sqlx::Executor;

use super::{
    build::*,
    lived::{day, lived},
};
use crate::history::{FindingFilter, HistoryError, PrunedTable, Reader, Writer};

fn counts(tables: &[PrunedTable]) -> Vec<(&str, i64, i64)> {
    tables.iter().map(|table| (table.table, table.removed, table.kept)).collect()
}

/// What is open, through the views.
async fn open_things(reader: &Reader) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    for sql in [
        "SELECT * FROM findings WHERE state <> 'resolved' ORDER BY finding_id",
        "SELECT * FROM finding_events WHERE finding_id IN (SELECT finding_id FROM findings WHERE state <> 'resolved')",
        "SELECT * FROM evaluations WHERE valid_to IS NULL ORDER BY resource_arn, check_id",
        "SELECT * FROM coverage ORDER BY account_id, region",
        "SELECT * FROM coverage_parts ORDER BY account_id, region, resource_type",
        "SELECT * FROM resources WHERE deleted_at IS NULL AND account_id <> '000000000003' ORDER BY resource_arn",
        "SELECT * FROM accounts WHERE left_at IS NULL ORDER BY account_id",
        "SELECT e.* FROM evaluations e JOIN findings f USING (resource_arn, check_id, account_id, region)
         WHERE f.state <> 'resolved' ORDER BY e.resource_arn, e.check_id, e.valid_from",
    ] {
        reader
            .query(sql, &Default::default(), |piece| {
                if let crate::history::Answer::Row(row) = piece {
                    all.push(row);
                }
                std::ops::ControlFlow::Continue(())
            })
            .await
            .unwrap();
    }
    all
}

#[tokio::test]
async fn what_is_open_stays_as_it_was_whatever_the_day() {
    for n in 0..=12 {
        let lab = lived().await;
        let reader = lab.reader().await;
        let before = open_things(&reader).await;
        assert!(before.len() > 20);
        let Lab { writer, path, _dir } = lab;
        let planned = reader.prune_plan(hour(day(n)), hour(day(20))).await.unwrap();
        assert_eq!(open_things(&reader).await, before);
        let pruned = writer.prune(hour(day(n)), hour(day(20))).await.unwrap();
        assert_eq!(counts(&pruned.tables), counts(&planned), "day {n}");
        assert!(pruned.not_shrunk.is_none());

        let reader = Reader::open(&path).await.unwrap();
        assert_eq!(reader.check(3).await.unwrap().broken, [], "day {n}");
        assert_eq!(open_things(&reader).await, before, "day {n}");
        let again = reader.prune_plan(hour(day(n)), hour(day(20))).await.unwrap();
        assert_eq!(again.iter().map(|table| table.removed).sum::<i64>(), 0, "day {n}");

        // Life goes on: what was forgotten opens as something new.
        let writer = Writer::open(&path, hour(day(21))).await.unwrap();
        let mut lab = Lab { writer, path, _dir };
        let found = vec![failing("a"), failing("b"), failing("old")];
        let records = [
            record(target(1, "eu-west-1"), day(21), instances(found)),
            record(target(3, "us-east-1"), day(21), instances(vec![failing("d")])),
        ];
        lab.scan(day(21), &[account(1), account(2), account(3)], &records).await;
        assert_eq!(lab.reader().await.check(3).await.unwrap().broken, [], "day {n}");
    }
}

#[tokio::test]
async fn what_ended_before_the_day_is_gone_and_what_was_done_is_noted() {
    let lab = lived().await;
    let Lab { writer, path, _dir } = lab;
    let pruned = writer.prune(hour(day(12)), hour(day(20))).await.unwrap();
    let tables = counts(&pruned.tables);
    // Two accounts with two Regions each are left; the third, its target and its finding are gone.
    for (table, kept) in [("account", 2), ("target", 4), ("finding", 3), ("account_period", 2)] {
        let found = tables.iter().find(|found| found.0 == table).unwrap();
        assert_eq!(found.2, kept, "{table}");
        assert!(found.1 > 0 || table == "target" && found.1 == 1, "{table}");
    }
    let reader = Reader::open(&path).await.unwrap();
    let findings = reader.findings(&FindingFilter::default()).await.unwrap();
    assert!(column(&findings, "state").iter().all(|state| state == "open"));
    let writer = Writer::open(&path, hour(day(21))).await.unwrap();
    let mut lab = Lab { writer, path, _dir };
    assert_eq!(
        lab.rows("SELECT pruned_before, at, json_extract(counts, '$.account') FROM pruning").await,
        [[json!(iso(day(12))), json!(iso(day(20))), json!(1)]]
    );
    assert_eq!(lab.rows("PRAGMA freelist_count").await, [[json!(0)]], "the space is given back");
    let guarded = (&mut lab.writer.db).execute("DELETE FROM finding_event").await.unwrap_err();
    assert!(guarded.to_string().contains("never deleted"), "{guarded}");
}

#[tokio::test]
async fn a_day_to_come_and_a_reference_that_would_dangle_remove_nothing() {
    let mut lab = lived().await;
    let reader = lab.reader().await;
    let soon = reader.prune_plan(hour(day(22)), hour(day(20))).await.unwrap_err();
    assert!(matches!(soon, HistoryError::InFuture(_)) && soon.to_string().contains(&iso(day(22))), "{soon}");

    // A table of another version that refers to a scan.
    for sql in
        ["CREATE TABLE later (scan_id INTEGER REFERENCES scan)", "INSERT INTO later SELECT scan_id FROM scan"]
    {
        (&mut lab.writer.db).execute(sql).await.unwrap();
    }
    let Lab { writer, path, _dir } = lab;
    let before = open_things(&reader).await;
    let error = writer.prune(hour(day(12)), hour(day(20))).await.unwrap_err();
    assert!(error.to_string().contains("`later`") && error.to_string().contains("`scan`"), "{error}");
    assert_eq!(open_things(&reader).await, before);
    assert_eq!(reader.check(3).await.unwrap().broken, []);
    assert!(fs::metadata(&path).unwrap().len() > 0);
}
