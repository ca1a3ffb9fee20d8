//! A scan that was cut off is gone on with, or not.

use serde_json::json;

use super::build::*;
use crate::{
    domain::{Account, AccountState, CoverageReason},
    history::{NewScan, ScanEnd, ScanId, ScanOutcome},
};

fn new(h: i64, scope: &str, resume_stopped: bool) -> NewScan<'_> {
    NewScan {
        trigger: "manual",
        started_at: hour(h),
        accounts: &[],
        complete_roster: false,
        scope: Some(scope),
        resume_stopped,
    }
}

impl Lab {
    async fn cut_off(&mut self) -> ScanId {
        let scan = self.writer.begin_scan(&new(1, "all", false)).await.unwrap();
        let read = [record(target(1, "eu-west-1"), 2, instances(vec![failing("a")]))];
        self.writer.apply(scan, &read).await.unwrap();
        scan
    }

    async fn stop(&mut self, scan: ScanId, outcome: ScanOutcome) {
        let end = ScanEnd { finished_at: hour(3), outcome, api_calls: 7, throttled_calls: 1 };
        self.writer.finish_scan(scan, &end).await.unwrap();
    }

    async fn outcomes(&mut self) -> Vec<String> {
        let rows = self.rows("SELECT outcome FROM scan ORDER BY scan_id").await;
        rows.iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_crashed_scan_goes_on_with_its_counts() {
    let mut lab = Lab::new().await;
    let scan = lab.cut_off().await;
    assert_eq!(lab.writer.begin_scan(&new(4, "all", false)).await.unwrap(), scan);
    let done = lab.writer.done();
    assert_eq!(done.len(), 1);
    assert_eq!(done[0].0, target(1, "eu-west-1"));
    let rest = [record(target(2, "eu-west-1"), 5, instances(vec![failing("b")]))];
    lab.writer.apply(scan, &rest).await.unwrap();
    lab.stop(scan, ScanOutcome::Complete).await;
    let row = "SELECT targets, scanned, resources, findings_opened, outcome, scope FROM scan";
    assert_eq!(
        lab.rows(row).await,
        [[json!(2), json!(2), json!(2), json!(2), json!("complete"), json!(null)]]
    );
    let next = lab.writer.begin_scan(&new(6, "all", true)).await.unwrap();
    assert!(next > scan, "what came to its end does not go on");
    assert_eq!(lab.writer.done(), []);
}

#[tokio::test]
async fn an_account_that_left_meanwhile_is_counted_as_it_is_now() {
    let mut lab = Lab::new().await;
    let scan = lab.cut_off().await;
    let suspended = [Account { state: AccountState::Suspended, ..account(1) }];
    let next = NewScan { accounts: &suspended, ..new(4, "all", false) };
    assert_eq!(lab.writer.begin_scan(&next).await.unwrap(), scan);
    assert_eq!(lab.writer.done(), [], "what was read of it holds no longer");
    let left_out = [record(target(1, "eu-west-1"), 5, skip(CoverageReason::AccountNotActive))];
    lab.writer.apply(scan, &left_out).await.unwrap();
    let row = "SELECT targets, scanned, skipped, resources, findings_opened, findings_resolved FROM scan";
    assert_eq!(lab.rows(row).await, [[json!(1), json!(0), json!(1), json!(0), json!(1), json!(1)]]);
}

#[tokio::test]
async fn another_scope_a_day_later_or_without_a_scope_it_begins_anew() {
    for (next, interrupted) in
        [(new(4, "other", false), true), (new(26, "all", false), true), (new(24, "all", false), false)]
    {
        let mut lab = Lab::new().await;
        let scan = lab.cut_off().await;
        let id = lab.writer.begin_scan(&next).await.unwrap();
        assert_eq!(id != scan, interrupted, "{next:?}");
        assert_eq!(lab.outcomes().await[0] == "interrupted", interrupted);
        assert_eq!(lab.writer.done().is_empty(), interrupted);
    }
    let mut lab = Lab::new().await;
    let scan = lab.cut_off().await;
    let without = NewScan { scope: None, ..new(4, "", false) };
    assert!(lab.writer.begin_scan(&without).await.unwrap() > scan);
}

#[tokio::test]
async fn a_stopped_scan_goes_on_only_if_asked_to_and_as_long_as_it_is_the_last() {
    let mut lab = Lab::new().await;
    let scan = lab.cut_off().await;
    lab.stop(scan, ScanOutcome::Interrupted).await;
    assert_eq!(lab.writer.begin_scan(&new(4, "all", true)).await.unwrap(), scan);
    assert_eq!(lab.outcomes().await, ["running"]);
    assert_eq!(lab.rows("SELECT finished_at FROM scan").await, [[json!(null)]]);
    lab.stop(scan, ScanOutcome::Interrupted).await;
    assert_eq!(lab.rows("SELECT api_calls, throttled_calls FROM scan").await, [[json!(14), json!(2)]]);

    let second = lab.writer.begin_scan(&new(5, "all", false)).await.unwrap();
    assert!(second > scan);
    lab.stop(second, ScanOutcome::Complete).await;
    let third = lab.writer.begin_scan(&new(6, "all", true)).await.unwrap();
    assert!(third > second, "the second saw what the first did not");
}
