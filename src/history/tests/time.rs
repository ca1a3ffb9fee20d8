//! The views of time on a small history whose numbers can be counted by hand.

use serde_json::{Value, json};
use sqlx::Executor;

use super::build::*;
use crate::{
    domain::{CoverageReason, Covers, Exception, Reading},
    history::{Settled, Writer, exceptions::settle_all},
};

const DAY: i64 = 24;

/// Suppresses the open findings under this exception, as applying one does.
pub(super) async fn suppress(writer: &mut Writer, finding: i64, h: i64) {
    let (check_id, arn): (String, String) =
        sqlx::query_as("SELECT check_id, resource_arn FROM findings WHERE finding_id = ?")
            .bind(finding)
            .fetch_one(&mut writer.db)
            .await
            .unwrap();
    let exception = Exception {
        check_id: Some(check_id),
        covers: Covers::Resource(arn),
        reason: "migration planned".to_owned(),
        owner: "payments".to_owned(),
        expires_at: "2026-12-31T00:00:00Z".parse().unwrap(),
    };
    let (_, settled) = writer.add_exception(&exception, hour(h)).await.unwrap();
    assert_eq!(settled, Settled { suppressed: 1, reopened: 0 });
}

/// Lets a finding's exception expire.
pub(super) async fn expire(writer: &mut Writer, finding: i64, h: i64) {
    sqlx::query(
        "UPDATE exception SET expires_at = ?
         WHERE exception_id = (SELECT exception_id FROM finding WHERE finding_id = ?)",
    )
    .bind(iso(h))
    .bind(finding)
    .execute(&mut writer.db)
    .await
    .unwrap();
    let settled = settle_all(&mut writer.db, None, &iso(h)).await.unwrap();
    assert_eq!(settled, Settled { suppressed: 0, reopened: 1 });
}

/// Two weeks of one account: Thursday, 1 January 2026 is day 0.
pub(super) async fn fortnight() -> Lab {
    let mut lab = Lab::new().await;
    let home = || target(1, "eu-west-1");
    let accounts = [account(1)];
    let seen = |d: i64, found| record(home(), d * DAY + 9, instances(found));
    // Day 0 twice: what counts is its end.
    lab.scan(1, &accounts, &[record(home(), 1, instances(vec![failing("a"), unknown("b")]))]).await;
    lab.scan(9, &accounts, &[seen(0, vec![failing("a"), failing("b"), passing("c")])]).await;
    // No scan on day 1. On day 2 one is fixed, and on day 3 the target can't be read.
    lab.scan(2 * DAY + 9, &accounts, &[seen(2, vec![passing("a"), failing("b"), passing("c")])]).await;
    let denied = Reading::Failed(failure(CoverageReason::AssumeRoleDenied));
    lab.scan(3 * DAY + 9, &accounts, &[record(home(), 3 * DAY + 9, denied)]).await;
    // On day 4, a Monday, b is accepted; on day 6 it can't be judged any more; on day 8 the exception expires.
    suppress(&mut lab.writer, 2, 4 * DAY + 2).await;
    lab.scan(6 * DAY + 9, &accounts, &[seen(6, vec![passing("a"), unknown("b"), passing("c")])]).await;
    expire(&mut lab.writer, 2, 8 * DAY + 2).await;
    // On day 9 a is back, b is gone.
    lab.scan(9 * DAY + 9, &accounts, &[seen(9, vec![failing("a"), passing("c")])]).await;
    lab
}

#[tokio::test]
async fn each_day_has_the_numbers_of_its_end() {
    let mut lab = fortnight().await;
    let days = lab
        .rows(
            "SELECT day, pass, fail, unknown, suppressed, compliance FROM compliance_daily
             WHERE check_id = 'dms_instance_kms_cmk_encryption' AND account_id = '000000000001'
               AND region = 'eu-west-1' ORDER BY day",
        )
        .await;
    let day = |day: &str, numbers: [i64; 4]| {
        let all: i64 = numbers.iter().sum();
        let mut row = vec![json!(format!("2026-01-{day}"))];
        row.extend(numbers.map(Value::from));
        row.push(json!(numbers[0] as f64 / all as f64));
        row
    };
    assert_eq!(
        days,
        [
            day("01", [1, 2, 0, 0]),
            day("02", [1, 2, 0, 0]),
            day("03", [2, 1, 0, 0]),
            day("04", [2, 1, 0, 0]),
            day("05", [2, 0, 0, 1]),
            day("06", [2, 0, 0, 1]),
            day("07", [2, 0, 0, 1]),
            day("08", [2, 0, 0, 1]),
            day("09", [2, 0, 1, 0]),
            day("10", [1, 1, 0, 0]),
        ]
    );
    // Of the second check, only what the first one passes is judged.
    let usable = lab
        .rows("SELECT day, pass FROM compliance_daily WHERE check_id = 'dms_kms_key_usable' ORDER BY day")
        .await;
    assert_eq!(usable.len(), 10);
    assert_eq!((&usable[1][1], &usable[2][1], &usable[9][1]), (&json!(1), &json!(2), &json!(1)));
}

#[tokio::test]
async fn each_week_has_the_numbers_of_its_sunday_and_the_newest_those_of_now() {
    let mut lab = fortnight().await;
    let weeks = lab
        .rows(
            "SELECT week, pass, fail, unknown, suppressed FROM compliance_weekly
             WHERE check_id = 'dms_instance_kms_cmk_encryption' ORDER BY week",
        )
        .await;
    let week = |week: &str, numbers: [i64; 4]| {
        let mut row = vec![json!(week)];
        row.extend(numbers.map(Value::from));
        row
    };
    assert_eq!(weeks, [week("2026-W01", [2, 1, 0, 0]), week("2026-W02", [1, 1, 0, 0])]);

    // What happens after the newest scan's day belongs to that day until there is a newer one.
    suppress(&mut lab.writer, 1, 12 * DAY).await;
    let newest = "SELECT day, fail, suppressed FROM compliance_daily
                  WHERE check_id = 'dms_instance_kms_cmk_encryption' ORDER BY day DESC LIMIT 1";
    assert_eq!(lab.rows(newest).await, [[json!("2026-01-10"), json!(0), json!(1)]]);
    lab.scan(13 * DAY, &[account(1)], &[]).await;
    let days = lab
        .rows(
            "SELECT day, fail, suppressed FROM compliance_daily
             WHERE check_id = 'dms_instance_kms_cmk_encryption' AND day > '2026-01-10' ORDER BY day",
        )
        .await;
    assert_eq!(days[0], [json!("2026-01-11"), json!(1), json!(0)]);
    assert_eq!(
        days[2..].concat(),
        ["2026-01-13", "2026-01-14"].map(|d| [json!(d), json!(0), json!(1)]).concat()
    );
}

#[tokio::test]
async fn every_resolved_opening_has_its_time() {
    let mut lab = fortnight().await;
    lab.scan(10 * DAY, &[account(1)], &[record(target(1, "eu-west-1"), 10 * DAY, instances(vec![]))]).await;
    let times = lab.rows("SELECT * FROM remediation_times ORDER BY resolved_at, finding_id").await;
    let row = |finding: i64, from, to, how: &str| {
        json!([finding, CHECK, "000000000001", iso(from), iso(to), how, (to - from) as f64])
    };
    assert_eq!(
        json!(times),
        json!([
            row(1, 1, 2 * DAY + 9, "fixed"),
            row(2, 8 * DAY + 2, 9 * DAY + 9, "resource_deleted"),
            row(1, 9 * DAY + 9, 10 * DAY, "resource_deleted"),
        ])
    );
    assert!(times.iter().all(|row| row[6].is_f64()));
}

#[tokio::test]
async fn an_exception_is_seen_on_its_findings_and_counts_them() {
    let mut lab = fortnight().await;
    let exceptions = "SELECT exception_id, state, ended_at, findings FROM exceptions";
    assert_eq!(lab.rows(exceptions).await, [[json!(1), json!("expired"), json!(iso(8 * DAY + 2)), json!(0)]]);
    suppress(&mut lab.writer, 1, 10 * DAY).await;
    assert_eq!(lab.rows(exceptions).await[1], [json!(2), json!("active"), json!(null), json!(1)]);
    let suppressed =
        "SELECT finding_id, exception_id, exception_expires_at FROM findings WHERE state = 'suppressed'";
    assert_eq!(lab.rows(suppressed).await, [[json!(1), json!(2), json!("2026-12-31T00:00:00Z")]]);
    // A suppressed finding that is fixed is resolved, and no longer under its exception.
    let fixed = record(target(1, "eu-west-1"), 11 * DAY, instances(vec![passing("a"), passing("c")]));
    lab.scan(11 * DAY, &[account(1)], &[fixed]).await;
    assert_eq!(lab.rows(exceptions).await[1][3], json!(0));
    assert_eq!(
        lab.rows("SELECT state, exception_id FROM findings WHERE finding_id = 1").await,
        [[json!("resolved"), json!(null)]]
    );
    // It comes back while the exception is still in force: open for no time at all.
    let back = record(target(1, "eu-west-1"), 12 * DAY, instances(vec![failing("a")]));
    lab.scan(12 * DAY, &[account(1)], &[back]).await;
    assert_eq!(lab.rows(exceptions).await[1][3], json!(1));
    let opened = "SELECT findings_opened FROM scans ORDER BY scan_id DESC LIMIT 1";
    assert_eq!(lab.rows(opened).await, [[json!(0)]], "nobody has to act on it");
    // And one that is deleted is no longer under its exception, either.
    let gone = record(target(1, "eu-west-1"), 13 * DAY, instances(vec![]));
    lab.scan(13 * DAY, &[account(1)], &[gone]).await;
    assert_eq!(
        lab.rows("SELECT state, exception_id FROM findings WHERE finding_id = 1").await,
        [[json!("resolved"), json!(null)]]
    );
}

#[tokio::test]
async fn an_exception_covers_one_thing_and_a_suppressed_finding_has_one() {
    let mut lab = fortnight().await;
    for (sql, why) in [
        (
            "INSERT INTO exception (source, reason, owner, created_at, expires_at) VALUES ('command', 'r', 'o', '1', '2')",
            "nothing",
        ),
        (
            "INSERT INTO exception (source, account_id, ou, reason, owner, created_at, expires_at) VALUES ('command', '1', 'r-a', 'r', 'o', '1', '2')",
            "two things",
        ),
        (
            "INSERT INTO exception (source, tag_key, reason, owner, created_at, expires_at) VALUES ('command', 'k', 'r', 'o', '1', '2')",
            "half a tag",
        ),
        (
            "INSERT INTO exception (source, ou, reason, owner, created_at, expires_at) VALUES ('command', 'r-a', 'r', 'o', '2', '2')",
            "no time",
        ),
        ("UPDATE finding SET state = 'suppressed' WHERE finding_id = 1", "no exception"),
        ("UPDATE finding SET exception_id = 1 WHERE finding_id = 1", "an exception of an open finding"),
    ] {
        let error = (&mut lab.writer.db).execute(sql).await.map(|_| ()).expect_err(why);
        assert!(error.to_string().contains("CHECK constraint failed"), "{why}: {error}");
    }
}

#[tokio::test]
async fn iso_weeks_have_their_names_in_every_year() {
    let mut lab = Lab::new().await;
    let first: jiff::civil::Date = "2019-12-20".parse().unwrap();
    for n in 0..366 * 12 {
        let day = first.saturating_add(jiff::Span::new().days(n));
        sqlx::query("INSERT INTO day VALUES (?)")
            .bind(day.to_string())
            .execute(&mut lab.writer.db)
            .await
            .unwrap();
    }
    let weeks = lab.rows("SELECT sunday, week FROM week ORDER BY sunday").await;
    assert!(weeks.len() > 620);
    for week in weeks {
        let sunday: jiff::civil::Date = week[0].as_str().unwrap().parse().unwrap();
        let iso = sunday.iso_week_date();
        assert_eq!(iso.weekday(), jiff::civil::Weekday::Sunday);
        assert_eq!(week[1], json!(format!("{}-W{:02}", iso.year(), iso.week())));
    }
}

#[tokio::test]
async fn a_history_of_before_gets_its_calendar() {
    let mut lab = Lab::new().await;
    lab.scan(20, &[account(1)], &[]).await;
    let scan = lab.begin(2 * DAY, &[account(1)]).await;
    assert_eq!(lab.rows("SELECT day FROM day").await.concat(), ["2026-01-01", "2026-01-02", "2026-01-03"]);
    lab.finish(scan, 3 * DAY + 1).await;
    assert_eq!(lab.rows("SELECT max(day), count(*) FROM day").await, [[json!("2026-01-04"), json!(4)]]);
    // As the migration finds it.
    let migration = include_str!("../../../migrations/0003_time.sql");
    let fill = migration.split_once("there are already.\n").unwrap().1.split_once(';').unwrap().0;
    let before = lab.rows("SELECT day, week FROM day, week").await;
    (&mut lab.writer.db).execute("DELETE FROM day; DELETE FROM week").await.unwrap();
    (&mut lab.writer.db).execute(fill).await.unwrap();
    assert_eq!(lab.rows("SELECT day, week FROM day, week").await, before);
    (&mut lab.writer.db).execute("DELETE FROM day; DELETE FROM scan").await.unwrap();
    (&mut lab.writer.db).execute(fill).await.unwrap();
    assert_eq!(lab.rows("SELECT count(*) FROM day").await, [[json!(0)]], "no scan, no day");
}
