//! What is told to people: each event once, to whom it is news, however the process ends in between.

use serde_json::json;

use super::build::*;
use crate::{
    domain::{
        Channel, CoverageReason, Covers, Exception, JudgedResource, News, NewsKind, Occasion, Reading,
        Reason, Status, TargetRecord,
    },
    history::{Deferred, HistoryError, Outbox, ScanEnd, ScanId, ScanOutcome, Writer},
};

const EU: &str = "eu-west-1";

fn with(h: i64, found: Vec<JudgedResource>) -> TargetRecord {
    record(target(1, EU), h, instances(found))
}

fn lost(h: i64, reason: CoverageReason) -> TargetRecord {
    record(target(1, EU), h, Reading::Failed(failure(reason)))
}

/// An instance whose key is in that state.
fn under_key(name: &str, reason: Reason) -> JudgedResource {
    let mut resource = passing(name);
    resource.verdicts[1].status = Status::Fail;
    resource.verdicts[1].reason = reason;
    resource.key.arn = Some("arn:aws:kms:eu-west-1:000000000001:key/k".to_owned());
    resource
}

/// A scan as the app makes it. Returns what is queued by it, channel by channel.
async fn scan(lab: &mut Lab, h: i64, channels: &[Channel], records: &[TargetRecord]) -> Vec<(String, News)> {
    lab.writer.register_channels(channels).await.unwrap();
    let scan = lab.scan(h, &[account(1), account(2)], records).await;
    queue(lab, scan, h).await
}

async fn queue(lab: &mut Lab, scan: ScanId, h: i64) -> Vec<(String, News)> {
    let before = queued(lab).await.len();
    let new = lab.writer.queue_notifications(scan, hour(h), &Occasion::ALL).await.unwrap();
    let all = queued(lab).await;
    assert_eq!(all.len() - before, usize::try_from(new).unwrap());
    all[before..].to_vec()
}

async fn queued(lab: &mut Lab) -> Vec<(String, News)> {
    let rows = lab.rows("SELECT channel, payload FROM notification ORDER BY notification_id").await;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| {
            let payload = serde_json::from_str(&text(&row[1])).unwrap();
            (text(&row[0]), News::from_json(&payload).unwrap())
        })
        .collect()
}

/// The numbers of a message: opened, reopened, keys in danger, targets lost.
fn totals(news: &News) -> [u64; 4] {
    [news.opened.total, news.reopened.total, news.keys_in_danger.total, news.coverage_lost.total]
}

fn only(told: &[(String, News)]) -> [u64; 4] {
    assert_eq!(told.len(), 1, "{told:?}");
    totals(&told[0].1)
}

const SLACK: [Channel; 1] = [Channel::Slack];

#[tokio::test]
async fn the_first_scan_is_summed_up_and_each_later_one_tells_what_changed() {
    let mut lab = Lab::new().await;
    let first =
        scan(&mut lab, 1, &SLACK, &[with(1, vec![failing("a"), under_key("k", Reason::KeyDisabled)])]).await;
    assert_eq!(first[0].1.kind, NewsKind::Baseline);
    assert_eq!(only(&first), [0, 0, 1, 0], "numbers, and the keys that can't wait");
    assert_eq!(first[0].1.scan.as_ref().unwrap().open_high, 1);

    let same = [with(2, vec![failing("a"), under_key("k", Reason::KeyDisabled)])];
    assert_eq!(scan(&mut lab, 2, &SLACK, &same).await, []);

    let more =
        [with(3, vec![failing("a"), failing("b"), unknown("c"), under_key("k", Reason::KeyPendingDeletion)])];
    let told = scan(&mut lab, 3, &SLACK, &more).await;
    assert_eq!(only(&told), [2, 0, 1, 0], "the key was in danger before, and is about to be deleted now");
    let news = &told[0].1;
    assert_eq!(
        (news.kind, news.opened.first[0].resource_name.as_str()),
        (NewsKind::Scan, "b"),
        "failing first"
    );
    assert_eq!(news.keys_in_danger.first[0].reason, "key_pending_deletion");

    let fixed = [with(4, vec![passing("a"), failing("b"), unknown("c"), passing("k")])];
    assert_eq!(scan(&mut lab, 4, &SLACK, &fixed).await, [], "what is fixed is no alarm");
    let back = [with(5, vec![failing("a"), failing("b"), failing("c"), passing("k")])];
    assert_eq!(only(&scan(&mut lab, 5, &SLACK, &back).await), [0, 1, 0, 0]);
    assert_eq!(lab.reader().await.check(3).await.unwrap().broken, []);
}

#[tokio::test]
async fn what_a_dead_process_left_untold_is_told_once_by_the_next() {
    let mut lab = Lab::new().await;
    scan(&mut lab, 1, &SLACK, &[with(1, vec![])]).await;
    // Dead after the findings were written, and again after the scan's end.
    lab.writer.register_channels(&SLACK).await.unwrap();
    let cut = lab.begin(2, &[account(1), account(2)]).await;
    lab.writer.apply(cut, &[with(2, vec![failing("a"), failing("gone")])]).await.unwrap();
    lab.scan(3, &[account(1), account(2)], &[lost(3, CoverageReason::Throttled)]).await;

    let both = [with(4, vec![failing("a"), failing("b")]), record(target(2, EU), 4, instances(vec![]))];
    let told = scan(&mut lab, 4, &SLACK, &both).await;
    assert_eq!(only(&told), [2, 0, 0, 0], "what is open, and what is not seen, now");
    assert_eq!(scan(&mut lab, 5, &SLACK, &[with(5, vec![failing("a"), failing("b")])]).await, []);
}

#[tokio::test]
async fn a_scan_that_was_stopped_tells_what_it_found_but_sums_nothing_up() {
    let mut lab = Lab::new().await;
    lab.writer.register_channels(&SLACK).await.unwrap();
    let stop = async |lab: &mut Lab, h: i64, record: TargetRecord| {
        let scan = lab.begin(h, &[account(1), account(2)]).await;
        lab.writer.apply(scan, &[record]).await.unwrap();
        let outcome = ScanOutcome::Interrupted;
        let end = ScanEnd {
            finished_at: hour(h),
            outcome,
            api_calls: 1,
            throttled_calls: 0,
            deferred: Deferred::default(),
        };
        lab.writer.finish_scan(scan, &end).await.unwrap();
        queue(lab, scan, h).await
    };
    assert_eq!(stop(&mut lab, 1, with(1, vec![failing("a")])).await, []);
    let whole = scan(&mut lab, 2, &SLACK, &[with(2, vec![failing("a")])]).await;
    assert_eq!(whole[0].1.kind, NewsKind::Baseline);
    let told = stop(&mut lab, 3, with(3, vec![failing("a"), failing("b")])).await;
    assert_eq!(
        (only(&told), told[0].1.scan.as_ref().unwrap().outcome.as_str()),
        ([1, 0, 0, 0], "interrupted")
    );
}

#[tokio::test]
async fn a_channel_gets_no_old_news() {
    let mut lab = Lab::new().await;
    scan(&mut lab, 1, &SLACK, &[with(1, vec![failing("a")])]).await;
    let both = [Channel::Slack, Channel::Email];
    assert_eq!(scan(&mut lab, 2, &both, &[with(2, vec![failing("a")])]).await, [], "no baseline either");
    let told = scan(&mut lab, 3, &both, &[with(3, vec![failing("a"), failing("b")])]).await;
    assert_eq!(
        told.iter().map(|(channel, news)| (channel.as_str(), totals(news)[0])).collect::<Vec<_>>(),
        [("email", 1), ("slack", 1)]
    );
    // Away for two scans, it is new again.
    let c = [with(4, vec![failing("a"), failing("b"), failing("c")])];
    assert_eq!(scan(&mut lab, 4, &SLACK, &c).await.len(), 1);
    assert_eq!(
        scan(&mut lab, 5, &both, &[with(5, vec![failing("a"), failing("b"), failing("c")])]).await,
        []
    );
    // Without any, nothing is kept for later.
    scan(&mut lab, 6, &[], &[lost(6, CoverageReason::Throttled)]).await;
    assert_eq!(lab.rows("SELECT count(*) FROM coverage_loss").await, [[json!(0)]]);
    assert_eq!(scan(&mut lab, 7, &both, &[lost(7, CoverageReason::Throttled)]).await, []);
}

#[tokio::test]
async fn coverage_is_lost_once() {
    let mut lab = Lab::new().await;
    let other = |h| record(target(2, EU), h, Reading::Failed(failure(CoverageReason::AssumeRoleDenied)));
    scan(&mut lab, 1, &SLACK, &[with(1, vec![]), other(1)]).await;
    let denied = lost(2, CoverageReason::AccessDenied);
    let told = scan(&mut lab, 2, &SLACK, &[denied, other(2)]).await;
    assert_eq!(only(&told), [0, 0, 0, 1], "the other was never scanned");
    let loss = &told[0].1.coverage_lost.first[0];
    assert_eq!((loss.account_name.as_str(), loss.reason.as_str()), ("account 1", "access_denied"));
    assert_eq!(loss.regions, [EU]);
    assert_eq!(
        scan(&mut lab, 3, &SLACK, &[lost(3, CoverageReason::Throttled)]).await,
        [],
        "for another reason"
    );
    assert_eq!(scan(&mut lab, 4, &SLACK, &[with(4, vec![])]).await, []);
    assert_eq!(only(&scan(&mut lab, 5, &SLACK, &[lost(5, CoverageReason::Throttled)]).await), [0, 0, 0, 1]);
    assert_eq!(lab.rows("SELECT count(*) FROM coverage_loss").await, [[json!(0)]], "told, and forgotten");

    // Lost and found again before anybody was told.
    scan(&mut lab, 6, &SLACK, &[with(6, vec![])]).await;
    lab.scan(7, &[account(1), account(2)], &[lost(7, CoverageReason::Throttled)]).await;
    assert_eq!(scan(&mut lab, 8, &SLACK, &[with(8, vec![])]).await, []);
}

#[tokio::test]
async fn only_what_is_wanted_and_not_accepted_is_told() {
    let mut lab = Lab::new().await;
    scan(&mut lab, 1, &SLACK, &[with(1, vec![])]).await;
    let scan =
        lab.scan(2, &[account(1)], &[with(2, vec![failing("a"), under_key("k", Reason::KeyDisabled)])]).await;
    lab.writer.queue_notifications(scan, hour(2), &[Occasion::KeyInDanger]).await.unwrap();
    let told = queued(&mut lab).await;
    assert_eq!(totals(&told[1].1), [0, 0, 1, 0]);

    let exception = Exception {
        check_id: None,
        covers: Covers::Account(account_id(1)),
        reason: "r".to_owned(),
        owner: "o".to_owned(),
        expires_at: hour(1000),
    };
    lab.writer.add_exception(&exception, hour(2)).await.unwrap();
    let accepted = [with(3, vec![failing("a"), failing("b"), under_key("k", Reason::KeyDisabled)])];
    assert_eq!(self::scan(&mut lab, 3, &SLACK, &accepted).await, []);
    lab.writer.remove_exception(1, hour(4)).await.unwrap();
    let told = self::scan(&mut lab, 5, &SLACK, &[]).await;
    assert_eq!(only(&told), [0, 2, 1, 0], "open again, all of them");
}

#[tokio::test]
async fn a_message_is_taken_by_one_and_goes_back_if_nothing_is_heard() {
    let mut lab = Lab::new().await;
    scan(&mut lab, 1, &SLACK, &[with(1, vec![failing("a")])]).await;
    // A scan has begun meanwhile, and holds the writer.
    let running = lab.begin(2, &[account(1)]).await;
    let mut outbox = Outbox::open(&lab.path).await.unwrap();
    assert_eq!(outbox.due(hour(0)).await.unwrap(), []);
    assert_eq!(outbox.due(hour(2)).await.unwrap(), SLACK);
    let claim =
        async |outbox: &mut Outbox, h| outbox.claim(Channel::Slack, hour(h), hour(h + 1)).await.unwrap();
    let first = claim(&mut outbox, 2).await.unwrap();
    assert_eq!((first.attempts, first.created_at), (1, hour(1)));
    assert_eq!(first.news.as_ref().unwrap().kind, NewsKind::Baseline);
    let mut other = Outbox::open(&lab.path).await.unwrap();
    assert_eq!(claim(&mut other, 2).await, None, "nobody else gets it");
    let again = claim(&mut other, 3).await.unwrap();
    assert_eq!(
        (again.id, again.attempts),
        (first.id, 2),
        "the same, when the first was never heard of again"
    );

    other.failed(again.notification_id, hour(3), Some(hour(5)), Some("503")).await.unwrap();
    assert_eq!(other.waiting().await.unwrap(), (1, Some(hour(5))));
    assert_eq!(claim(&mut other, 4).await, None);
    let third = claim(&mut other, 5).await.unwrap();
    other.failed(third.notification_id, hour(5), Some(hour(5)), None).await.unwrap();
    let list = lab.reader().await.notifications().await.unwrap();
    assert_eq!(column(&list, "attempts"), [json!(2)], "one that was not made does not count");
    assert_eq!(column(&list, "last_error"), [json!("503")]);
    let last = claim(&mut other, 5).await.unwrap();
    other.delivered(last.notification_id, hour(6)).await.unwrap();
    // Late news of an attempt that was given up for lost.
    outbox.failed(last.notification_id, hour(6), None, Some("late")).await.unwrap();
    let list = lab.reader().await.notifications().await.unwrap();
    assert_eq!(column(&list, "delivered_at"), [json!(iso(6))]);
    assert_eq!(column(&list, "given_up_at"), [json!(null)]);
    assert_eq!(outbox.waiting().await.unwrap(), (0, None));
    outbox.close().await.unwrap();
    other.close().await.unwrap();
    lab.writer.apply(running, &[with(2, vec![failing("a")])]).await.unwrap();
    assert_eq!(lab.reader().await.check(3).await.unwrap().broken, []);
}

#[tokio::test]
async fn a_report_is_queued_once_and_what_is_over_is_pruned() {
    let mut lab = Lab::new().await;
    scan(&mut lab, 1, &SLACK, &[with(1, vec![])]).await;
    lab.scan(500, &[account(1)], &[with(500, vec![])]).await;
    let mut outbox = Outbox::open(&lab.path).await.unwrap();
    let report = News::lines(NewsKind::Report, iso(2), vec!["2026-W01".to_owned()]);
    let both = [Channel::Slack, Channel::Email];
    assert_eq!(outbox.queue("2026-W01", &SLACK, &report, hour(2)).await.unwrap(), 1);
    assert_eq!(outbox.queue("2026-W01", &both, &report, hour(3)).await.unwrap(), 1);
    let claimed = outbox.claim(Channel::Slack, hour(3), hour(4)).await.unwrap().unwrap();
    outbox.delivered(claimed.notification_id, hour(3)).await.unwrap();
    let claimed = outbox.claim(Channel::Email, hour(3), hour(4)).await.unwrap().unwrap();
    outbox.failed(claimed.notification_id, hour(3), None, Some("no")).await.unwrap();
    outbox.close().await.unwrap();

    let Lab { writer, path, _dir } = lab;
    let pruned = writer.prune(hour(400), hour(600)).await.unwrap();
    let count = |name| {
        pruned.tables.iter().find(|table| table.table == name).map(|table| (table.removed, table.kept))
    };
    assert_eq!(count("notification"), Some((2, 1)), "what waits stays, however old");
    let mut lab = Lab { writer: Writer::open(&path, hour(600)).await.unwrap(), path, _dir };
    assert_eq!(lab.reader().await.check(3).await.unwrap().broken, []);
    assert_eq!(lab.rows("SELECT kind FROM notification").await, [[json!("report")]]);
}

#[tokio::test]
async fn there_is_no_outbox_without_a_history() {
    let dir = tempfile::tempdir().unwrap();
    let error = Outbox::open(&dir.path().join("none.db")).await.unwrap_err();
    assert!(matches!(error, HistoryError::Missing(_)), "{error}");
}
