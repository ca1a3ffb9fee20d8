use serde_json::{Value, json};

use super::{
    build::*,
    time::{fortnight, suppress},
};
use crate::{
    domain::{Account, CoverageReason, Reading, Reason, Rows, Status},
    history::{CoverageFilter, FindingFilter, HistoryError, Reader, TrendFilter},
};

/// Columns that can't be told exactly of the past: when something was last looked at, and how long ago.
const INEXACT: [&str; 4] = ["last_seen_at", "last_attempt_at", "last_scanned_at", "age_hours"];

/// What the live questions answered in each hour.
#[derive(Default)]
pub(super) struct Remembered {
    moments: Vec<(i64, [Rows; 2])>,
}

impl Remembered {
    pub(super) async fn remember(&mut self, reader: &Reader, h: i64) {
        let findings = reader.findings(&FindingFilter::default()).await.unwrap();
        let coverage = reader.coverage(&CoverageFilter::default()).await.unwrap();
        self.moments.push((h, [findings, coverage]));
    }

    /// Asks for each of these hours again, now that it is hour `now`.
    pub(super) async fn check(&self, reader: &Reader, now: i64) {
        for (h, was) in &self.moments {
            let past = reader.as_of(hour(*h), hour(now)).await.unwrap();
            let findings = past.findings(&FindingFilter::default()).await.unwrap();
            let coverage = past.coverage(&CoverageFilter::default()).await.unwrap();
            for (was, is) in was.iter().zip([&findings, &coverage]) {
                assert_eq!(exact(is), exact(was), "hour {h} as of hour {now}");
                for name in INEXACT.iter().filter(|name| was.columns.iter().any(|column| column == *name)) {
                    for (was, is) in column(was, name).iter().zip(column(is, name)) {
                        let (was, is) = (was.as_str().unwrap_or(""), is.as_str().unwrap_or(""));
                        assert!(was <= is && *is <= *iso(*h), "{name} in hour {h}: {was}, now told as {is}");
                    }
                }
            }
        }
    }
}

fn exact(rows: &Rows) -> Rows {
    let keep = |at: &usize| !INEXACT.contains(&rows.columns[*at].as_str());
    let pick = |row: &[Value]| (0..row.len()).filter(keep).map(|at| row[at].clone()).collect();
    Rows { columns: rows.columns.clone(), rows: rows.rows.iter().map(|row| pick(row)).collect() }
}

#[tokio::test]
async fn a_check_that_applies_no_more_leaves_the_last_reason() {
    let mut lab = Lab::new().await;
    let mut disabled = passing("a");
    disabled.verdicts[1].status = Status::Fail;
    disabled.verdicts[1].reason = Reason::KeyDisabled;
    for (h, found) in [(1, disabled.clone()), (2, failing("a")), (3, disabled)] {
        let read = record(target(1, "eu-west-1"), h, instances(vec![found]));
        lab.scan(h, &[account(1)], &[read]).await;
    }
    let reader = lab.reader().await;
    let filter = FindingFilter { checks: vec![USABLE.to_owned()], ..FindingFilter::default() };
    let then = reader.as_of(hour(2), hour(3)).await.unwrap().findings(&filter).await.unwrap();
    assert_eq!(column(&then, "state"), [json!("resolved")]);
    assert_eq!(column(&then, "reason"), [json!("key_disabled")]);
}

#[tokio::test]
async fn a_finding_is_as_it_was() {
    let lab = fortnight().await;
    let reader = lab.reader().await;
    let now = hour(24 * 10);
    let states = async |h| {
        let past = reader.as_of(hour(h), now).await.unwrap();
        let rows = past.findings(&FindingFilter::default()).await.unwrap();
        let names = ["resource_name", "state", "status", "reason", "times_opened", "exception_id"];
        let columns = names.map(|name| column(&rows, name));
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut lines: Vec<String> = (0..rows.rows.len())
            .map(|at| columns.iter().map(|column| text(&column[at])).collect::<Vec<_>>().join(" "))
            .collect();
        lines.sort();
        lines
    };
    let aws = "fail aws_managed_key";
    assert_eq!(
        states(1).await,
        [format!("a open {aws} 1 null"), "b open unknown key_access_denied 1 null".to_owned()]
    );
    assert_eq!(states(23).await, [format!("a open {aws} 1 null"), format!("b open {aws} 1 null")]);
    let fixed = "a resolved pass customer_managed_key 1 null".to_owned();
    assert_eq!(states(24 * 3).await, [fixed.clone(), format!("b open {aws} 1 null")]);
    assert_eq!(states(24 * 5).await, [fixed.clone(), format!("b suppressed {aws} 1 1")]);
    assert_eq!(
        states(24 * 7).await,
        [fixed.clone(), "b suppressed unknown key_access_denied 1 1".to_owned()]
    );
    assert_eq!(states(24 * 9).await, [fixed, "b open unknown key_access_denied 2 null".to_owned()]);

    let past = reader.as_of(hour(24 * 5), now).await.unwrap();
    let shown = past.finding("2").await.unwrap();
    assert_eq!(column(&shown.findings, "exception_expires_at"), [json!("2026-01-09T02:00:00Z")]);
    assert_eq!(
        column(&shown.events, "event"),
        [json!("opened"), json!("status_changed"), json!("suppressed")]
    );
    assert_eq!(
        column(&shown.evaluations, "valid_to"),
        [json!(iso(9)), json!(null)],
        "the end was not known yet"
    );
    assert_eq!(past.finding(" arn:aws:dms:eu-west-1:000000000001:rep:b").await.unwrap(), shown);
    let open = FindingFilter { states: vec!["open".to_owned()], ..FindingFilter::default() };
    assert_eq!(past.findings(&open).await.unwrap().rows.len(), 0);

    // The trend ends with that day, with what was known then.
    let trend =
        past.trend(&TrendFilter { checks: vec![CHECK.to_owned()], ..TrendFilter::default() }).await.unwrap();
    assert_eq!(
        json!(trend.rows),
        json!([
            ["2026-W01", 1, 2, 1, 0, 2, 1, 0, 0, 2.0 / 3.0],
            ["2026-W02", 0, 0, 0, 0, 2, 0, 0, 1, 2.0 / 3.0],
        ])
    );
    let first = reader.as_of(hour(1), now).await.unwrap().trend(&TrendFilter::default()).await.unwrap();
    assert_eq!(json!(first.rows), json!([["2026-W01", 2, 2, 0, 0, 0, 1, 1, 0, 0.0]]));
}

#[tokio::test]
async fn names_keys_and_coverage_are_those_of_then() {
    let mut lab = Lab::new().await;
    let home = || target(1, "eu-west-1");
    let mut first = instance("a", Status::Fail, Reason::DefaultKey);
    first.resource.name = "first".to_owned();
    let mut second = failing("a");
    second.resource.name = "second".to_owned();
    second.key.arn = Some("arn:aws:kms:eu-west-1:000000000001:key/1".to_owned());
    lab.scan(1, &[account(1)], &[record(home(), 1, instances(vec![first]))]).await;
    let renamed = [Account { name: "new".to_owned(), ou_path: Some("Root/Other".to_owned()), ..account(1) }];
    lab.scan(2, &renamed, &[record(home(), 2, instances(vec![second]))]).await;
    lab.scan(3, &renamed, &[record(home(), 3, Reading::Failed(failure(CoverageReason::AssumeRoleDenied)))])
        .await;
    lab.scan(4, &renamed, &[record(home(), 4, Reading::Failed(failure(CoverageReason::AssumeRoleDenied)))])
        .await;
    lab.scan(5, &[account(2)], &[]).await;

    let reader = lab.reader().await;
    let now = hour(9);
    let names = [
        "account_name",
        "ou_path",
        "resource_name",
        "key_arn",
        "key_manager",
        "last_seen_at",
        "resolved_at",
        "resolution",
    ];
    let seen = async |h| {
        let past = reader.as_of(hour(h), now).await.unwrap();
        let rows = past.findings(&FindingFilter::default()).await.unwrap();
        json!(names.map(|name| column(&rows, name)[0].clone()))
    };
    let key = "arn:aws:kms:eu-west-1:000000000001:key/1";
    let old = ["account 1", "Root/Workloads"];
    assert_eq!(seen(1).await, json!([old[0], old[1], "first", null, "AWS", iso(1), null, null]));
    assert_eq!(seen(2).await, json!(["new", "Root/Other", "second", key, "AWS", iso(2), null, null]));
    assert_eq!(seen(4).await, json!(["new", "Root/Other", "second", key, "AWS", iso(2), null, null]));
    assert_eq!(
        seen(6).await,
        json!(["new", "Root/Other", "second", key, "AWS", iso(2), iso(5), "account_left"])
    );

    let gaps = async |h| {
        let past = reader.as_of(hour(h), now).await.unwrap();
        json!(past.coverage(&CoverageFilter::default()).await.unwrap().rows)
    };
    assert_eq!(gaps(2).await, json!([]));
    let gap = |attempt| {
        json!([[
            "000000000001",
            "new",
            "eu-west-1",
            "failed",
            "assume_role_denied",
            "AccessDeniedException",
            "dms:DescribeEndpoints: no",
            iso(3),
            iso(attempt),
            iso(2),
            (attempt - 2) as f64
        ]])
    };
    assert_eq!(gaps(3).await, gap(3));
    assert_eq!(gaps(4).await, gap(4));
    assert_eq!(gaps(6).await, json!([]), "the account had left");
}

#[tokio::test]
async fn what_the_history_does_not_cover_is_refused_with_what_it_covers() {
    let lab = Lab::new().await;
    let reader = lab.reader().await;
    assert!(matches!(reader.as_of(hour(1), hour(2)).await.unwrap_err(), HistoryError::Missing(_)));
    let mut lab = fortnight().await;
    suppress(&mut lab.writer, 1, 24 * 10).await;
    let reader = lab.reader().await;
    let now = hour(24 * 20);
    for (h, why) in [
        (0, "2026-01-01T00:00:00Z is before the first scan"),
        (24 * 20 + 1, "2026-01-21T01:00:00Z is in the future"),
    ] {
        let error = reader.as_of(hour(h), now).await.unwrap_err().to_string();
        assert!(error.starts_with(why), "{error}");
        assert!(error.contains("covers 2026-01-01T01:00:00Z to 2026-01-10T09:00:00Z"), "{error}");
    }
    // Between the newest scan and now, what was last known holds.
    let past = reader.as_of(now, now).await.unwrap();
    let live = reader.findings(&FindingFilter::default()).await.unwrap();
    assert_eq!(past.findings(&FindingFilter::default()).await.unwrap(), live);
    reader.as_of(hour(1), now).await.unwrap();
}

#[tokio::test]
async fn what_has_come_back_since_is_still_gone_then() {
    let mut lab = Lab::new().await;
    let home = || target(1, "eu-west-1");
    let scan = async |lab: &mut Lab, h, name: &str, found| {
        let accounts = [Account { name: name.to_owned(), ..account(1) }];
        lab.scan(h, &accounts, &[record(home(), h, instances(found))]).await;
    };
    scan(&mut lab, 1, "old", vec![failing("a")]).await;
    scan(&mut lab, 2, "old", vec![passing("a")]).await;
    scan(&mut lab, 3, "old", vec![failing("a")]).await;
    lab.scan(4, &[account(2)], &[]).await;
    lab.scan(5, &[account(2)], &[]).await;
    scan(&mut lab, 6, "new", vec![failing("a")]).await;

    let reader = lab.reader().await;
    let names = ["account_name", "state", "last_seen_at", "opened_at", "resolved_at", "resolution"];
    let seen = async |h| {
        let past = reader.as_of(hour(h), hour(9)).await.unwrap();
        let rows = past.findings(&FindingFilter::default()).await.unwrap();
        json!(names.map(|name| column(&rows, name)[0].clone()))
    };
    assert_eq!(seen(1).await, json!(["old", "open", iso(1), iso(1), null, null]));
    // It was last seen failing in the scan before the one that saw it pass.
    assert_eq!(seen(2).await, json!(["old", "resolved", iso(1), iso(1), iso(2), "fixed"]));
    assert_eq!(seen(3).await, json!(["old", "open", iso(3), iso(3), null, null]));
    // While the account was away, it had the name that it left with.
    assert_eq!(seen(5).await, json!(["old", "resolved", iso(3), iso(3), iso(4), "account_left"]));
    assert_eq!(seen(6).await, json!(["new", "open", iso(6), iso(6), null, null]));
}
