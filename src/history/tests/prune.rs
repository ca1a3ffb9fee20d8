use std::{fs, ops::ControlFlow};

use serde_json::{Value, json};
use sqlx::Executor;

use super::{
    build::*,
    lived::{day, lived},
    time::{fortnight, suppress},
};
use crate::{
    domain::Account,
    history::{
        Answer, CoverageFilter, FindingFilter, HistoryError, Limits, Period, PrunedTable, Reader,
        TrendFilter, Writer,
    },
};

fn counts(tables: &[PrunedTable]) -> Vec<(&str, i64, i64)> {
    tables.iter().map(|table| (table.table, table.removed, table.kept)).collect()
}

async fn answer(reader: &Reader, sql: &str) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    reader
        .query(sql, &Limits::default(), |piece| {
            if let Answer::Row(row) = piece {
                all.push(row);
            }
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    all
}

/// What is open, through the views.
async fn open_things(reader: &Reader) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    for sql in [
        "SELECT * FROM findings WHERE state <> 'resolved' ORDER BY finding_id",
        "SELECT * FROM finding_events WHERE finding_id IN (SELECT finding_id FROM findings WHERE state <> 'resolved')",
        "SELECT * FROM evaluations WHERE valid_to IS NULL ORDER BY resource_arn, check_id",
        // Without the age, which is as of the moment of asking.
        "SELECT account_id, account_name, region, outcome, reason, error_code, error_message, since, last_attempt_at,
                last_scanned_at FROM coverage ORDER BY account_id, region",
        "SELECT * FROM coverage_parts ORDER BY account_id, region, resource_type",
        "SELECT * FROM resources WHERE deleted_at IS NULL AND account_id IN (SELECT account_id FROM accounts
         WHERE left_at IS NULL) ORDER BY resource_arn, account_id, region",
        "SELECT * FROM accounts WHERE left_at IS NULL ORDER BY account_id",
        "SELECT e.* FROM evaluations e JOIN findings f USING (resource_arn, check_id, account_id, region)
         WHERE f.state <> 'resolved' ORDER BY e.resource_arn, e.check_id, e.valid_from",
    ] {
        all.extend(answer(reader, sql).await);
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

/// What is said of the days from the cut on: by the views of time, the trend and `--as-of`.
async fn later_days(reader: &Reader, cut: i64, now: i64) -> Vec<Value> {
    let from = &iso(cut)[..10];
    let mut said = Vec::new();
    for sql in [
        format!(
            "SELECT * FROM compliance_daily WHERE day >= '{from}' ORDER BY day, check_id, account_id, region"
        ),
        format!(
            "SELECT * FROM compliance_weekly WHERE week IN (SELECT week FROM week WHERE sunday >= '{from}')
             ORDER BY week, check_id, account_id, region"
        ),
        // Of an opening that was resolved, all is gone or nothing.
        format!(
            "SELECT * FROM remediation_times WHERE finding_id IN (SELECT finding_id FROM findings
                 WHERE state <> 'resolved' OR resolved_at >= '{}')",
            iso(cut)
        ),
    ] {
        said.extend(answer(reader, &sql).await.into_iter().map(Value::from));
    }
    for by in [Period::Day, Period::Week] {
        let filter = TrendFilter { by, from: Some(from.parse().unwrap()), ..TrendFilter::default() };
        let rows = reader.trend(&filter).await.unwrap().rows;
        for (at, mut row) in rows.into_iter().enumerate() {
            // What happened in a week of which a part is gone is not known any more.
            if by == Period::Week && at == 0 {
                row.drain(2..5);
            }
            said.push(row.into());
        }
    }
    for h in (cut..=now).step_by(7 + (now - cut) as usize / 12) {
        let past = reader.as_of(hour(h), hour(now)).await.unwrap();
        let findings = past.findings(&FindingFilter::default()).await.unwrap();
        let resolved = findings.columns.iter().position(|name| name == "resolved_at").unwrap();
        let known = |row: &Vec<Value>| row[resolved].as_str().is_none_or(|at| at >= iso(cut).as_str());
        let last_seen = findings.columns.iter().position(|name| name == "last_seen_at").unwrap();
        said.extend(findings.rows.into_iter().filter(known).map(|mut row| {
            // An estimate from the scan before it was resolved, which may be gone.
            if !row[resolved].is_null() {
                row[last_seen] = Value::Null;
            }
            Value::from(row)
        }));
        said.extend(
            past.coverage(&CoverageFilter::default()).await.unwrap().rows.into_iter().map(Value::from),
        );
        let filter =
            TrendFilter { by: Period::Day, from: Some(from.parse().unwrap()), ..TrendFilter::default() };
        said.extend(past.trend(&filter).await.unwrap().rows.into_iter().map(Value::from));
    }
    said
}

/// Removes what ended before hour `cut`, which is a day's first, and holds what stays against what was.
pub(super) async fn only_the_past_goes(lab: Lab, cut: i64, now: i64) -> Lab {
    let Lab { writer, path, _dir } = lab;
    let reader = Reader::open(&path).await.unwrap();
    let before = (open_things(&reader).await, later_days(&reader, cut, now).await);
    let planned = reader.prune_plan(hour(cut), hour(now)).await.unwrap();
    let pruned = writer.prune(hour(cut), hour(now)).await.unwrap();
    assert_eq!(counts(&pruned.tables), counts(&planned), "cut at hour {cut}");
    let reader = Reader::open(&path).await.unwrap();
    assert_eq!(reader.check(3).await.unwrap().broken, [], "cut at hour {cut}");
    let after = (open_things(&reader).await, later_days(&reader, cut, now).await);
    assert_eq!(after.0, before.0, "cut at hour {cut}");
    for (is, was) in after.1.iter().zip(&before.1) {
        assert_eq!(is, was, "cut at hour {cut} of {now}");
    }
    assert_eq!(after.1.len(), before.1.len(), "cut at hour {cut}");
    // Of the days before, nothing is said, but of the newest, where nobody has scanned since.
    let days = answer(&reader, "SELECT day FROM day UNION SELECT day FROM compliance_daily").await;
    let gone = |day: &Value| day.as_str().unwrap() < &iso(cut)[..10];
    assert!(days.len() == 1 || !days.iter().any(|day| gone(&day[0])), "cut at hour {cut}: {days:?}");
    if pruned.tables.iter().any(|table| table.removed > 0) {
        let error = reader.as_of(hour(cut - 1), hour(now)).await.unwrap_err();
        assert!(matches!(error, HistoryError::NotCovered { .. }), "{error}");
    }
    let writer = Writer::open(&path, hour(now)).await.unwrap();
    Lab { writer, path, _dir }
}

#[tokio::test]
async fn the_days_that_stay_read_as_before() {
    for n in 1..=12 {
        only_the_past_goes(fortnight().await, day(n), day(20)).await;
        only_the_past_goes(lived().await, day(n), day(20)).await;
    }
}

#[tokio::test]
async fn before_the_day_there_is_no_history_and_its_week_says_what_it_knows() {
    // Thursday, 8 January: three days of the week are gone, and b was suppressed on the first of them.
    let mut lab = only_the_past_goes(fortnight().await, day(7), day(20)).await;
    let reader = lab.reader().await;
    let days = reader.days().await.unwrap().unwrap();
    assert_eq!((days.first.as_str(), days.last.as_str(), days.pruned), ("2026-01-08", "2026-01-10", true));
    let error = reader.as_of(hour(day(7) - 1), hour(day(20))).await.unwrap_err().to_string();
    assert!(
        error.contains("2026-01-07T23:00:00Z is in the past that `keywatch db prune` removed"),
        "{error}"
    );
    assert!(error.contains("covers 2026-01-08T00:00:00Z to 2026-01-10T09:00:00Z"), "{error}");
    let trend =
        reader.trend(&TrendFilter { checks: vec![CHECK.to_owned()], ..Default::default() }).await.unwrap();
    assert_eq!(json!(trend.rows), json!([["2026-W02", 1, null, null, null, 1, 1, 0, 0, 0.5]]));
    let weeks =
        "SELECT week, pass, fail FROM compliance_weekly WHERE check_id = 'dms_instance_kms_cmk_encryption'";
    assert_eq!(lab.rows(weeks).await, [[json!("2026-W02"), json!(1), json!(1)]]);
    // The next scan goes on with the calendar.
    lab.scan(day(12), &[account(1)], &[]).await;
    let days = lab.rows("SELECT min(day), count(*) FROM day").await;
    assert_eq!(days, [[json!("2026-01-08"), json!(6)]]);
}

#[tokio::test]
async fn an_exception_goes_when_it_has_ended_and_nothing_that_stays_was_under_it() {
    let mut lab = Lab::new().await;
    let seen = |d: i64, found| [record(target(1, "eu-west-1"), day(d), instances(found))];
    lab.scan(day(1), &[account(1)], &seen(1, vec![failing("a"), failing("b"), failing("c")])).await;
    for finding in 1..=3 {
        suppress(&mut lab.writer, finding, day(2)).await;
    }
    // The first ends and its finding is fixed; the second ends and its finding is open; the third is in force.
    for id in [1, 2] {
        lab.writer.remove_exception(id, hour(day(3))).await.unwrap().unwrap();
    }
    lab.scan(day(4), &[account(1)], &seen(4, vec![passing("a"), failing("b"), failing("c")])).await;
    let mut lab = only_the_past_goes(lab, day(10), day(20)).await;
    let left = lab.rows("SELECT exception_id, state, findings FROM exceptions ORDER BY 1").await;
    assert_eq!(left, [[json!(2), json!("removed"), json!(0)], [json!(3), json!("active"), json!(1)]]);
    let states = lab.rows("SELECT finding_id, state FROM findings ORDER BY 1").await;
    assert_eq!(states, [[json!(2), json!("open")], [json!(3), json!("suppressed")]]);
}

#[tokio::test]
async fn an_account_that_was_away_over_the_day_had_the_name_that_it_left_with() {
    let mut lab = Lab::new().await;
    let named = |name: &str| Account { name: name.to_owned(), ..account(1) };
    let seen = |d: i64| [record(target(1, "eu-west-1"), day(d), instances(vec![failing("a")]))];
    lab.scan(day(1), &[named("first"), account(2)], &seen(1)).await;
    lab.scan(day(2), &[named("old"), account(2)], &seen(2)).await;
    lab.scan(day(3), &[account(2)], &[]).await;
    lab.scan(day(10), &[named("new"), account(2)], &seen(10)).await;
    let mut lab = only_the_past_goes(lab, day(5), day(20)).await;
    let past = lab.reader().await;
    let past = past.as_of(hour(day(7)), hour(day(20))).await.unwrap();
    let findings = past.findings(&FindingFilter::default()).await.unwrap();
    assert_eq!(column(&findings, "account_name"), [json!("old")]);
    let periods = "SELECT name FROM account_period WHERE account_id = '000000000001' ORDER BY period";
    assert_eq!(lab.rows(periods).await, [[json!("old")], [json!("new")]], "what was before is gone");
}
