//! Exceptions: of the config and of a command, by unit and by tag, and how each ends.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::build::*;
use crate::{
    domain::{Account, Covers, Exception, TargetRecord},
    history::{FindingFilter, HistoryError, Settled},
};

fn exception(covers: Covers, until: i64) -> Exception {
    Exception {
        check_id: None,
        covers,
        reason: "moves in spring".to_owned(),
        owner: "payments@example.com".to_owned(),
        expires_at: hour(until),
    }
}

fn unit(path: &str, until: i64) -> Exception {
    exception(Covers::Unit(path.to_owned()), until)
}

fn in_unit(path: &str) -> Account {
    Account { ou_path: Some(path.to_owned()), ..account(1) }
}

/// One scan as the app makes it, under these exceptions of the config.
async fn scan(lab: &mut Lab, h: i64, account: Account, config: &[Exception], records: &[TargetRecord]) {
    let scan = lab.begin(h, &[account]).await;
    lab.writer.settle_exceptions(Some(scan), config, hour(h)).await.unwrap();
    lab.writer.apply(scan, records).await.unwrap();
    lab.writer.settle_exceptions(Some(scan), config, hour(h)).await.unwrap();
    lab.finish(scan, h).await;
}

fn a(h: i64) -> [TargetRecord; 1] {
    [record(target(1, "eu-west-1"), h, instances(vec![failing("a")]))]
}

async fn events(lab: &mut Lab) -> Vec<String> {
    let rows = lab.rows("SELECT event || ' ' || reason FROM finding_events ORDER BY event_id").await;
    rows.into_iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
}

async fn ended(lab: &mut Lab) -> Vec<Vec<Value>> {
    lab.rows("SELECT state, source, ended_at FROM exceptions ORDER BY exception_id").await
}

const OPENED: &str = "opened aws_managed_key";
const SUPPRESSED: &str = "suppressed aws_managed_key";

#[tokio::test]
async fn the_configs_come_and_go_with_the_config() {
    let mut lab = Lab::new().await;
    let here = || in_unit("Root/Workloads/Prod");
    let config = [unit("Root/Workloads", 100)];
    scan(&mut lab, 1, here(), &config, &a(1)).await;
    scan(&mut lab, 2, here(), &config, &a(2)).await;
    assert_eq!(events(&mut lab).await, [OPENED, SUPPRESSED], "the same config changes nothing");
    assert_eq!(ended(&mut lab).await, [[json!("active"), json!("config"), json!(null)]]);

    // Another end is another exception, which takes over without a break.
    let longer = [unit("Root/Workloads", 200)];
    scan(&mut lab, 3, here(), &longer, &a(3)).await;
    assert_eq!(events(&mut lab).await, [OPENED, SUPPRESSED, SUPPRESSED]);
    scan(&mut lab, 4, here(), &[], &a(4)).await;
    assert_eq!(events(&mut lab).await[3..], ["reopened exception_removed"]);
    assert_eq!(
        ended(&mut lab).await,
        [
            [json!("removed"), json!("config"), json!(iso(3))],
            [json!("removed"), json!("config"), json!(iso(4))]
        ]
    );

    // One that has run out when it is first seen was never in force.
    scan(&mut lab, 5, here(), &[unit("Root", 5)], &a(5)).await;
    assert_eq!(ended(&mut lab).await.len(), 2);
}

#[tokio::test]
async fn one_that_runs_out_reopens_its_findings_even_if_the_config_still_has_it() {
    let mut lab = Lab::new().await;
    let config = [unit("Root", 10)];
    scan(&mut lab, 1, in_unit("Root"), &config, &a(1)).await;
    scan(&mut lab, 10, in_unit("Root"), &config, &a(10)).await;
    assert_eq!(events(&mut lab).await, [OPENED, SUPPRESSED, "reopened exception_expired"]);
    assert_eq!(ended(&mut lab).await, [[json!("expired"), json!("config"), json!(iso(10))]]);
    let finding = "SELECT state, opened_at, times_opened, exception_id FROM findings";
    assert_eq!(lab.rows(finding).await, [[json!("open"), json!(iso(10)), json!(2), json!(null)]]);
}

#[tokio::test]
async fn a_unit_covers_what_lies_below_it_and_nothing_that_only_begins_like_it() {
    let mut lab = Lab::new().await;
    for (h, path, suppressed) in [
        (1, "Root/Work", true),
        (2, "Root/Workloads", false),
        (3, "Root/Work/Prod", true),
        (4, "Root", false),
    ] {
        scan(&mut lab, h, in_unit(path), &[unit("Root/Work", 100)], &a(h)).await;
        let state = if suppressed { "suppressed" } else { "open" };
        assert_eq!(lab.rows("SELECT state FROM findings").await, [[json!(state)]], "{path}");
    }
    assert_eq!(events(&mut lab).await[2], "reopened exception_does_not_apply");
    // Why an exception ended says nothing of why the check fails.
    let reader = lab.reader().await;
    let then = reader.as_of(hour(2), hour(4)).await.unwrap();
    let findings = then.findings(&FindingFilter::default()).await.unwrap();
    assert_eq!(column(&findings, "reason"), [json!("aws_managed_key")]);
    assert_eq!(column(&findings, "state"), [json!("open")]);
}

#[tokio::test]
async fn a_tag_covers_what_bears_it_as_last_told() {
    let mut lab = Lab::new().await;
    let covers = Covers::Tag { key: "Stage".to_owned(), value: "test".to_owned() };
    let config = [exception(covers, 100)];
    let tagged = |h: i64, stage: Option<&str>| {
        let mut found = failing("a");
        found.tags = stage.map(|stage| BTreeMap::from([("Stage".to_owned(), stage.to_owned())]));
        [record(target(1, "eu-west-1"), h, instances(vec![found]))]
    };
    for (h, stage, state) in [
        (1, None, "open"),
        (2, Some("test"), "suppressed"),
        (3, None, "suppressed"),
        (4, Some("prod"), "open"),
        (5, Some("test"), "suppressed"),
    ] {
        assert_eq!(lab.writer.needs_tags().await.unwrap(), h > 1);
        scan(&mut lab, h, account(1), &config, &tagged(h, stage)).await;
        assert_eq!(lab.rows("SELECT state FROM findings").await, [[json!(state)]], "{h}");
    }
    let versions = "SELECT (SELECT count(*) FROM resource_version), (SELECT count(*) FROM resource)";
    assert_eq!(lab.rows(versions).await, [[json!(0), json!(1)]], "a tag is no part of what a resource was");
}

#[tokio::test]
async fn one_check_or_one_resource_is_all_that_is_covered() {
    let mut lab = Lab::new().await;
    let both = [record(target(1, "eu-west-1"), 1, instances(vec![failing("a"), failing("b")]))];
    lab.scan(1, &[account(1)], &both).await;
    let arn = "arn:aws:dms:eu-west-1:000000000001:rep:a";
    let mut other_check = exception(Covers::Resource(arn.to_owned()), 50);
    other_check.check_id = Some(USABLE.to_owned());
    let (id, settled) = lab.writer.add_exception(&other_check, hour(2)).await.unwrap();
    assert_eq!((id, settled), (1, Settled::default()));
    let one = exception(Covers::Resource(arn.to_owned()), 50);
    let (id, settled) = lab.writer.add_exception(&one, hour(2)).await.unwrap();
    assert_eq!((id, settled), (2, Settled { suppressed: 1, reopened: 0 }));
    let states = "SELECT resource_name, state, exception_id FROM findings ORDER BY resource_name";
    assert_eq!(
        lab.rows(states).await,
        [[json!("a"), json!("suppressed"), json!(2)], [json!("b"), json!("open"), json!(null)]]
    );

    // A second one for all of the account takes what is open, and what the first one leaves.
    let all = exception(Covers::Account("000000000001".parse().unwrap()), 60);
    let (id, settled) = lab.writer.add_exception(&all, hour(3)).await.unwrap();
    assert_eq!((id, settled), (3, Settled { suppressed: 1, reopened: 0 }));
    assert_eq!(lab.rows(states).await[0][2], json!(2), "it stays with the one that has it");
    assert_eq!(lab.writer.remove_exception(2, hour(4)).await.unwrap(), Some(Settled::default()));
    assert_eq!(lab.rows(states).await[0][2], json!(3));
    assert_eq!(lab.writer.remove_exception(2, hour(5)).await.unwrap(), None, "it has ended");
    let settled = lab.writer.remove_exception(3, hour(5)).await.unwrap();
    assert_eq!(settled, Some(Settled { suppressed: 0, reopened: 2 }));
}

#[tokio::test]
async fn one_of_the_config_is_not_removed_by_a_command() {
    let mut lab = Lab::new().await;
    scan(&mut lab, 1, in_unit("Root"), &[unit("Root", 100)], &a(1)).await;
    let refused = lab.writer.remove_exception(1, hour(2)).await.unwrap_err();
    assert!(matches!(refused, HistoryError::ExceptionOfConfig(1)), "{refused}");
    assert_eq!(lab.rows("SELECT state FROM findings").await, [[json!("suppressed")]]);
}

#[tokio::test]
async fn a_clock_that_was_set_back_puts_no_event_before_another() {
    let mut lab = Lab::new().await;
    lab.scan(5, &[account(1)], &a(5)).await;
    let all = exception(Covers::Account("000000000001".parse().unwrap()), 60);
    lab.writer.add_exception(&all, hour(3)).await.unwrap();
    lab.writer.remove_exception(1, hour(2)).await.unwrap();
    let times = lab.rows("SELECT DISTINCT at FROM finding_events").await;
    assert_eq!(times, [[json!(iso(5))]]);
}
