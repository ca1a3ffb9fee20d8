use serde_json::json;

use super::build::*;
use crate::{
    domain::{AccountState, CoverageReason, PartRecord, Reading, Reason, ResourceType, Status},
    history::{CoverageFilter, FindingFilter},
};

#[tokio::test]
async fn the_whole_life_of_a_finding() {
    let mut lab = Lab::new().await;
    let home = || target(1, "eu-west-1");
    let accounts = [account(1)];

    // Unknown at first, then known to fail, then fixed: the check passes.
    lab.scan(1, &accounts, &[record(home(), 1, instances(vec![unknown("a")]))]).await;
    lab.scan(2, &accounts, &[record(home(), 2, instances(vec![failing("a")]))]).await;
    // Two scans that could not look, and one that saw the same again.
    lab.scan(3, &accounts, &[record(home(), 3, Reading::Failed(failure(CoverageReason::AssumeRoleDenied)))])
        .await;
    lab.scan(4, &accounts, &[record(home(), 4, skip(CoverageReason::RegionNotEnabled))]).await;
    lab.scan(5, &accounts, &[record(home(), 5, instances(vec![failing("a")]))]).await;
    let reader = lab.reader().await;
    let open = reader.findings(&FindingFilter::default()).await.unwrap();
    assert_eq!(column(&open, "state"), [json!("open")]);
    assert_eq!(column(&open, "opened_at"), [json!(iso(1))]);
    assert_eq!(column(&open, "last_seen_at"), [json!(iso(5))]);

    lab.scan(6, &accounts, &[record(home(), 6, instances(vec![passing("a")]))]).await;
    let fixed = reader.findings(&FindingFilter::default()).await.unwrap();
    assert_eq!(column(&fixed, "state"), [json!("resolved")]);
    assert_eq!(column(&fixed, "last_seen_at"), [json!(iso(5))]);
    assert_eq!(column(&fixed, "resolved_at"), [json!(iso(6))]);

    // Fails again, is excluded, comes back, is deleted, comes back, its account leaves and returns.
    lab.scan(7, &accounts, &[record(home(), 7, instances(vec![failing("a")]))]).await;
    lab.scan(8, &accounts, &[record(home(), 8, skip(CoverageReason::RegionExcluded))]).await;
    lab.scan(9, &accounts, &[record(home(), 9, instances(vec![failing("a")]))]).await;
    lab.scan(10, &accounts, &[record(home(), 10, instances(vec![]))]).await;
    let resources = lab.rows("SELECT last_seen_at, deleted_at FROM resources").await;
    assert_eq!(resources, [[json!(iso(9)), json!(iso(10))]]);
    lab.scan(11, &accounts, &[record(home(), 11, instances(vec![failing("a")]))]).await;
    lab.scan(12, &[account(2)], &[]).await;
    assert_eq!(lab.rows("SELECT count(*) FROM coverage").await, [[json!(0)]]);
    lab.scan(13, &accounts, &[]).await;
    let gone = reader.findings(&FindingFilter::default()).await.unwrap();
    assert_eq!(
        column(&gone, "state"),
        [json!("resolved")],
        "an account that returns reopens nothing by itself"
    );
    lab.scan(14, &accounts, &[record(home(), 14, instances(vec![failing("a")]))]).await;

    let history = reader.finding("arn:aws:dms:eu-west-1:000000000001:rep:a").await.unwrap();
    assert_eq!(history, reader.finding("1").await.unwrap());
    assert_eq!(column(&history.findings, "times_opened"), [json!(5)]);
    let events: Vec<String> = history
        .events
        .rows
        .iter()
        .map(|row| {
            let text = |at: usize| row[at].as_str().unwrap_or("-").to_owned();
            format!("{} {} {}>{} {}", text(2), text(4), text(5), text(6), text(7))
        })
        .collect();
    let at = iso;
    assert_eq!(
        events,
        [
            format!("{} opened ->unknown key_access_denied", at(1)),
            format!("{} status_changed unknown>fail aws_managed_key", at(2)),
            format!("{} resolved fail>pass fixed", at(6)),
            format!("{} reopened pass>fail aws_managed_key", at(7)),
            format!("{} resolved fail>- no_longer_in_scope", at(8)),
            format!("{} reopened fail>fail aws_managed_key", at(9)),
            format!("{} resolved fail>- resource_deleted", at(10)),
            format!("{} reopened fail>fail aws_managed_key", at(11)),
            format!("{} resolved fail>- account_left", at(12)),
            format!("{} reopened fail>fail aws_managed_key", at(14)),
        ]
    );
    let periods: Vec<_> = history.evaluations.rows.iter().map(|row| (&row[4], &row[6], &row[7])).collect();
    let period = |status: &str, from, to: Option<i64>| (json!(status), json!(iso(from)), json!(to.map(iso)));
    let expected = [
        period("unknown", 1, Some(2)),
        period("fail", 2, Some(6)),
        period("pass", 6, Some(7)),
        period("fail", 7, Some(8)),
        period("fail", 9, Some(10)),
        period("fail", 11, Some(12)),
        period("fail", 14, None),
    ];
    assert_eq!(periods, expected.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_part_that_could_not_be_read_keeps_what_is_known_of_it() {
    let mut lab = Lab::new().await;
    let home = || target(1, "eu-west-1");
    lab.scan(1, &[account(1)], &[record(home(), 1, instances(vec![failing("a")]))]).await;
    let half = |h| {
        let parts = vec![
            read(ResourceType::Endpoint, vec![]),
            PartRecord {
                resource_type: ResourceType::ReplicationInstance,
                resources: Err(failure(CoverageReason::AccessDenied)),
            },
        ];
        record(home(), h, Reading::Read(parts))
    };
    lab.scan(2, &[account(1)], &[half(2)]).await;
    lab.scan(3, &[account(1)], &[half(3)]).await;

    let reader = lab.reader().await;
    let open = reader.findings(&FindingFilter::default()).await.unwrap();
    assert_eq!(
        (column(&open, "state"), column(&open, "last_seen_at")),
        (vec![json!("open")], vec![json!(iso(1))])
    );
    let gaps = reader.coverage(&CoverageFilter::default()).await.unwrap();
    assert_eq!(column(&gaps, "outcome"), [json!("failed")]);
    assert_eq!(column(&gaps, "reason"), [json!("access_denied")]);
    assert_eq!(column(&gaps, "error_message"), [json!("dms:DescribeEndpoints: no")]);
    assert_eq!(column(&gaps, "since"), [json!(iso(2))]);
    assert_eq!(column(&gaps, "last_attempt_at"), [json!(iso(3))]);
    assert_eq!(column(&gaps, "last_scanned_at"), [json!(iso(1))]);
    let parts = lab
        .rows("SELECT resource_type, outcome, since, last_scanned_at FROM coverage_parts ORDER BY 1")
        .await;
    assert_eq!(
        parts,
        [
            [json!("endpoint"), json!("scanned"), json!(iso(1)), json!(iso(3))],
            // Nothing is claimed of the third kind, of which the record did not speak.
            [json!("replication_instance"), json!("failed"), json!(iso(2)), json!(iso(1))],
        ]
    );
}

#[tokio::test]
async fn a_check_that_no_longer_applies_is_fixed() {
    let mut lab = Lab::new().await;
    let mut bad_key = passing("a");
    bad_key.verdicts[1].status = Status::Fail;
    bad_key.verdicts[1].reason = Reason::KeyDisabled;
    let mut worse = bad_key.clone();
    worse.verdicts[1].reason = Reason::KeyPendingDeletion;
    let home = || target(1, "eu-west-1");
    lab.scan(1, &[account(1)], &[record(home(), 1, instances(vec![bad_key]))]).await;
    lab.scan(2, &[account(1)], &[record(home(), 2, instances(vec![worse]))]).await;
    lab.scan(3, &[account(1)], &[record(home(), 3, instances(vec![failing("a")]))]).await;
    let events = lab
        .rows("SELECT event, from_status, to_status, reason FROM finding_events WHERE finding_id = 1")
        .await;
    assert_eq!(
        events,
        [
            [json!("opened"), json!(null), json!("fail"), json!("key_disabled")],
            [json!("status_changed"), json!("fail"), json!("fail"), json!("key_pending_deletion")],
            [json!("resolved"), json!("fail"), json!(null), json!("fixed")],
        ]
    );
    let open = lab.rows("SELECT check_id, reason, key_manager FROM findings WHERE state = 'open'").await;
    assert_eq!(open, [[json!(CHECK), json!("aws_managed_key"), json!("AWS")]]);
}

#[tokio::test]
async fn suspended_accounts_leave_once_and_narrow_rosters_end_nothing() {
    let mut lab = Lab::new().await;
    let both = [account(1), account(2)];
    let records = |h| {
        vec![
            record(target(1, "eu-west-1"), h, instances(vec![failing("a")])),
            record(target(2, "eu-west-1"), h, instances(vec![failing("b")])),
        ]
    };
    lab.scan(1, &both, &records(1)).await;
    let narrow = crate::history::NewScan {
        trigger: "manual",
        started_at: hour(2),
        accounts: &both[..1],
        complete_roster: false,
        scope: None,
        resumes: None,
    };
    let scan = lab.writer.begin_scan(&narrow).await.unwrap();
    lab.finish(scan, 2).await;
    assert_eq!(lab.rows("SELECT count(*) FROM findings WHERE state = 'open'").await, [[json!(2)]]);

    let suspended = [account(1), crate::domain::Account { state: AccountState::Suspended, ..account(2) }];
    for h in 3..6 {
        let records = [
            record(target(1, "eu-west-1"), h, instances(vec![failing("a")])),
            record(target(2, "eu-west-1"), h, skip(CoverageReason::AccountNotActive)),
        ];
        lab.scan(h, &suspended, &records).await;
    }
    let accounts = lab.rows("SELECT account_id, state, last_seen_at, left_at FROM accounts ORDER BY 1").await;
    assert_eq!(accounts[1], [json!("000000000002"), json!("SUSPENDED"), json!(iso(5)), json!(iso(3))]);
    let resolved =
        lab.rows("SELECT account_id, resolution, resolved_at FROM findings WHERE state = 'resolved'").await;
    assert_eq!(resolved, [[json!("000000000002"), json!("account_left"), json!(iso(3))]]);
    let scans =
        lab.rows("SELECT targets, scanned, skipped, findings_resolved FROM scans ORDER BY scan_id").await;
    assert_eq!(scans[2], [json!(2), json!(1), json!(1), json!(1)]);
    assert_eq!(scans[3], [json!(2), json!(1), json!(1), json!(0)]);
    let coverage = lab.rows("SELECT account_id, outcome, since FROM coverage ORDER BY 1").await;
    assert_eq!(coverage[1], [json!("000000000002"), json!("skipped"), json!(iso(3))]);
}

#[tokio::test]
async fn a_strange_answer_is_stored_and_not_a_crash() {
    let mut lab = Lab::new().await;
    let mut twin = failing("a");
    twin.resource.document = "{}".to_owned();
    let mut long = failing(&"n".repeat(100_000));
    long.resource.name = "'; DROP TABLE finding; -- \u{0}\u{202e}".repeat(1000);
    let there =
        || record(target(1, "eu-west-1"), 1, instances(vec![failing("a"), twin.clone(), long.clone()]));
    let turned =
        || record(target(1, "eu-west-1"), 2, instances(vec![long.clone(), twin.clone(), failing("a")]));
    // The same ARN in another target is another resource; an account that was not announced is kept too.
    let elsewhere = record(target(7, "us-east-1"), 1, instances(vec![failing("a")]));
    lab.scan(1, &[account(1)], &[there(), elsewhere.clone()]).await;
    let sizes_before = sizes(&mut lab.writer.db).await;
    let scan = lab.begin(2, &[account(1), account(7)]).await;
    let applied = lab.writer.apply(scan, &[turned(), elsewhere]).await.unwrap();
    assert_eq!((applied.targets, applied.changed), (2, 0), "the order of AWS's answer says nothing");
    assert_eq!(sizes(&mut lab.writer.db).await.len(), sizes_before.len());
    assert_eq!(lab.rows("SELECT count(*) FROM resources").await, [[json!(3)]]);
    assert_eq!(lab.rows("SELECT count(*) FROM findings WHERE state = 'open'").await, [[json!(3)]]);
}

#[tokio::test]
async fn a_dead_scan_is_interrupted_and_a_record_needs_a_running_one() {
    let mut lab = Lab::new().await;
    let dead = lab.begin(1, &[account(1)]).await;
    let next = lab.begin(2, &[account(1)]).await;
    let late = [record(target(1, "eu-west-1"), 2, instances(vec![]))];
    assert!(lab.writer.apply(dead, &late).await.unwrap_err().to_string().contains("not the running scan"));
    lab.writer.apply(next, &late).await.unwrap();
    let Lab { writer, path, _dir } = lab;
    drop(writer);
    // It could still be gone on with, until the knowledge is a day old.
    let soon = crate::history::Writer::open(&path, hour(3)).await.unwrap();
    soon.close().await.unwrap();
    let reader = crate::history::Reader::open(&path).await.unwrap();
    assert_eq!(column(&reader.last_scan().await.unwrap(), "outcome"), [json!("running")]);
    let late = crate::history::Writer::open(&path, hour(27)).await.unwrap();
    late.close().await.unwrap();
    assert_eq!(column(&reader.scan(dead).await.unwrap(), "finished_at"), [json!(iso(2))]);
    let last = reader.last_scan().await.unwrap();
    assert_eq!(column(&last, "outcome"), [json!("interrupted")]);
    assert_eq!(
        (column(&last, "targets"), column(&last, "finished_at")),
        (vec![json!(1)], vec![json!(iso(27))])
    );
}
