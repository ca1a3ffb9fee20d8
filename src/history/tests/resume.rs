//! A scan that was cut off is gone on with, or not.

use serde_json::json;

use super::build::*;
use crate::{
    domain::{Account, AccountState, CoverageReason, Reading, Target},
    history::{Deferred, NewScan, ScanEnd, ScanId, ScanOutcome},
};

const COUNTS: &str =
    "SELECT targets, scanned, skipped, resources, findings_opened, findings_resolved FROM scan";

fn new(h: i64, scope: Option<&str>) -> NewScan<'_> {
    NewScan {
        trigger: "manual",
        started_at: hour(h),
        accounts: &[],
        complete_roster: false,
        scope,
        resumes: None,
    }
}

impl Lab {
    /// A scan of "all" that has read one target.
    async fn cut_off(&mut self) -> ScanId {
        let scan = self.writer.begin_scan(&new(1, Some("all"))).await.unwrap();
        let read = [record(target(1, "eu-west-1"), 2, instances(vec![failing("a")]))];
        self.writer.apply(scan, &read).await.unwrap();
        scan
    }

    /// What one of that scope can go on with.
    async fn found(&mut self, scope: &str, h: i64, stopped_too: bool) -> Option<(ScanId, Vec<Target>)> {
        let found = self.writer.cut_off("manual", scope, hour(h), stopped_too).await.unwrap();
        found.map(|found| (found.scan, found.done))
    }

    async fn end(&mut self, scan: ScanId, outcome: ScanOutcome) {
        let end = ScanEnd {
            finished_at: hour(3),
            outcome,
            api_calls: 7,
            throttled_calls: 1,
            deferred: Deferred { scanned: 2, failed: 1, skipped: 3 },
        };
        self.writer.finish_scan(scan, &end).await.unwrap();
    }
}

#[tokio::test]
async fn a_crashed_scan_goes_on_with_its_counts() {
    let mut lab = Lab::new().await;
    let scan = lab.cut_off().await;
    assert_eq!(lab.found("all", 4, false).await, Some((scan, vec![target(1, "eu-west-1")])));
    let on = NewScan { resumes: Some(scan), ..new(4, Some("all")) };
    assert_eq!(lab.writer.begin_scan(&on).await.unwrap(), scan);
    let rest = [record(target(2, "eu-west-1"), 5, instances(vec![failing("b")]))];
    lab.writer.apply(scan, &rest).await.unwrap();
    assert_eq!(lab.rows(COUNTS).await, [[json!(2), json!(2), json!(0), json!(2), json!(2), json!(0)]]);
    assert_eq!(lab.writer.counts(scan).await.unwrap(), (2, 0));
    lab.end(scan, ScanOutcome::Complete).await;
    assert_eq!(lab.rows("SELECT outcome, scope FROM scan").await, [[json!("complete"), json!(null)]]);
    assert_eq!(lab.found("all", 6, true).await, None, "what came to its end does not go on");
}

#[tokio::test]
async fn what_failed_is_tried_again_and_counted_once() {
    let mut lab = Lab::new().await;
    let scan = lab.cut_off().await;
    let failed = Reading::Failed(failure(CoverageReason::Timeout));
    lab.writer.apply(scan, &[record(target(2, "eu-west-1"), 2, failed)]).await.unwrap();
    assert_eq!(lab.found("all", 4, false).await, Some((scan, vec![target(1, "eu-west-1")])));
    let on = NewScan { resumes: Some(scan), ..new(4, Some("all")) };
    lab.writer.begin_scan(&on).await.unwrap();
    lab.writer.apply(scan, &[record(target(2, "eu-west-1"), 5, instances(vec![]))]).await.unwrap();
    assert_eq!(lab.writer.counts(scan).await.unwrap(), (2, 0));
}

#[tokio::test]
async fn an_account_that_left_meanwhile_is_counted_as_it_is_now() {
    let mut lab = Lab::new().await;
    let scan = lab.cut_off().await;
    let suspended = [Account { state: AccountState::Suspended, ..account(1) }];
    let on = NewScan { accounts: &suspended, resumes: Some(scan), ..new(4, Some("all")) };
    assert_eq!(lab.writer.begin_scan(&on).await.unwrap(), scan);
    let left_out = [record(target(1, "eu-west-1"), 5, skip(CoverageReason::AccountNotActive))];
    lab.writer.apply(scan, &left_out).await.unwrap();
    assert_eq!(lab.rows(COUNTS).await, [[json!(1), json!(0), json!(1), json!(0), json!(1), json!(1)]]);

    lab.writer.enlist(scan, hour(6), &[account(2)], true).await.unwrap();
    assert_eq!(lab.found("all", 7, false).await.map(|(_, done)| done.len()), Some(1));
}

#[tokio::test]
async fn another_scope_or_a_day_later_it_begins_anew() {
    let mut lab = Lab::new().await;
    let scan = lab.cut_off().await;
    assert_eq!(lab.found("other", 4, true).await, None);
    assert_eq!(lab.found("all", 26, true).await, None);
    assert!(lab.found("all", 25, false).await.is_some());
    let other = lab.writer.cut_off("schedule", "all", hour(4), true).await.unwrap();
    assert_eq!(other, None, "asked for by somebody else");
    let next = lab.writer.begin_scan(&new(4, None)).await.unwrap();
    assert!(next > scan);
    let outcomes = lab.rows("SELECT outcome FROM scan ORDER BY scan_id").await;
    assert_eq!(outcomes, [[json!("interrupted")], [json!("running")]]);
    assert_eq!(lab.found("all", 4, true).await, None, "there is a later one");
}

#[tokio::test]
async fn a_stopped_scan_goes_on_only_if_asked_to() {
    let mut lab = Lab::new().await;
    let scan = lab.cut_off().await;
    lab.end(scan, ScanOutcome::Interrupted).await;
    assert_eq!(lab.found("all", 4, false).await, None);
    assert_eq!(lab.found("all", 4, true).await.map(|(found, _)| found), Some(scan));
    let on = NewScan { resumes: Some(scan), ..new(4, Some("all")) };
    lab.writer.begin_scan(&on).await.unwrap();
    let row = lab.rows("SELECT outcome, finished_at FROM scan").await;
    assert_eq!(row, [[json!("running"), json!(null)]]);
    lab.end(scan, ScanOutcome::Interrupted).await;
    assert_eq!(lab.rows("SELECT api_calls, throttled_calls FROM scan").await, [[json!(14), json!(2)]]);
}
