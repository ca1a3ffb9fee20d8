//! What a scan knows of an account before it asks: how sure the last answers are, and which keys are AWS's.

use serde_json::json;

use super::build::*;
use crate::{
    domain::{
        CoverageReason, Evidence, Failure, KeyFailure, KeyManager, KeyMetadata, Outcome, Reading, Reason,
        Standing, Status,
    },
    history::{Deferred, ScanEnd, ScanOutcome},
};

impl Lab {
    /// A scan in which the one target of account 1 answers that; returns what is known of it then.
    async fn says(&mut self, h: i64, reading: Reading) -> Standing {
        let scan = self.scan(h, &[account(1)], &[record(target(1, "eu-west-1"), h, reading)]).await;
        let known = self.reader().await.standing(account_id(1)).await.unwrap();
        assert_eq!((known.len(), known[0].last_scan), (1, Some(scan)));
        known[0].standing
    }
}

fn denied(request: &str) -> Reading {
    Reading::Failed(Failure { request_id: Some(request.to_owned()), ..failure(CoverageReason::AccessDenied) })
}

#[tokio::test]
async fn a_streak_counts_how_often_the_same_was_said_again() {
    let mut lab = Lab::new().await;
    let mut h = 0;
    for (reading, streak, has_resources) in [
        (instances(vec![]), 0, false),
        (instances(vec![]), 1, false),
        (instances(vec![]), 2, false),
        (instances(vec![failing("a")]), 0, true),
        (instances(vec![failing("a")]), 1, true),
        (instances(vec![]), 0, false),
        (instances(vec![]), 1, false),
        // Each refusal has an id of its own, and says the same all the same.
        (denied("r-1"), 0, false),
        (denied("r-2"), 1, false),
        (denied("r-3"), 2, false),
        (Reading::Failed(failure(CoverageReason::Timeout)), 0, false),
        (skip(CoverageReason::RegionNotEnabled), 0, false),
        (skip(CoverageReason::RegionNotEnabled), 1, false),
        (instances(vec![failing("a")]), 0, true),
        // What can't be seen is still there.
        (denied("r-4"), 0, true),
        (denied("r-5"), 0, true),
    ] {
        h += 1;
        let known = lab.says(h, reading).await;
        assert_eq!((known.streak, known.has_resources), (streak, has_resources), "hour {h}");
        assert_eq!(known.last_attempt_at, hour(h));
    }
    let last = lab.says(h + 1, denied("r-6")).await;
    assert_eq!((last.outcome, last.reason), (Outcome::Failed, Some(CoverageReason::AccessDenied)));
}

#[tokio::test]
async fn a_record_that_is_applied_twice_says_nothing_again() {
    let mut lab = Lab::new().await;
    lab.says(1, instances(vec![])).await;
    let scan = lab.begin(2, &[account(1)]).await;
    for reading in [instances(vec![]), instances(vec![])] {
        lab.writer.apply(scan, &[record(target(1, "eu-west-1"), 2, reading)]).await.unwrap();
    }
    lab.finish(scan, 2).await;
    assert_eq!(lab.rows("SELECT streak FROM target").await, [[json!(1)]]);
}

#[tokio::test]
async fn an_account_that_left_is_not_known_when_it_returns() {
    let mut lab = Lab::new().await;
    lab.says(1, instances(vec![])).await;
    lab.scan(2, &[account(2)], &[]).await;
    assert_eq!(lab.reader().await.standing(account_id(1)).await.unwrap(), []);
    assert_eq!(lab.says(3, instances(vec![])).await.streak, 0);
}

#[tokio::test]
async fn only_keys_that_describe_key_told_of_are_remembered() {
    let mut lab = Lab::new().await;
    let under = |name: &str, key: &str, status, reason, state: Option<&str>| {
        let mut judged = instance(name, status, reason);
        judged.key.arn = Some(format!("arn:aws:kms:eu-west-1:000000000001:key/{key}"));
        judged.key.state = state.map(str::to_owned);
        judged
    };
    let mut by_alias = under("c", "k-alias", Status::Fail, Reason::AwsManagedKey, Some("Enabled"));
    by_alias.verdicts[0].evidence = Evidence::ListAliases;
    let found = vec![
        under("a", "k-aws", Status::Fail, Reason::AwsManagedKey, Some("Enabled")),
        under("b", "k-mine", Status::Pass, Reason::CustomerManagedKey, Some("Enabled")),
        by_alias,
        under("d", "k-aws", Status::Fail, Reason::AwsManagedKey, Some("Enabled")),
        failing("without a name"),
    ];
    lab.says(1, instances(found)).await;
    let expected = KeyMetadata {
        arn: "arn:aws:kms:eu-west-1:000000000001:key/k-aws".to_owned(),
        manager: Some(KeyManager::Aws),
        state: "Enabled".to_owned(),
    };
    let reader = lab.reader().await;
    assert_eq!(reader.aws_managed_keys(account_id(1)).await.unwrap(), [expected]);
    assert_eq!(reader.aws_managed_keys(account_id(2)).await.unwrap(), []);
    lab.says(2, instances(vec![])).await;
    assert_eq!(reader.aws_managed_keys(account_id(1)).await.unwrap(), [], "nothing is under it any more");
}

#[tokio::test]
async fn keys_without_an_answer_are_known_with_what_was_found_out_all_the_same() {
    let mut lab = Lab::new().await;
    let under = |name: &str, status, reason, evidence, usable: Option<Reason>| {
        let mut judged = instance(name, status, reason);
        judged.key.arn = Some(format!("alias/{name}"));
        judged.verdicts[0].evidence = evidence;
        match usable {
            Some(reason) => {
                judged.verdicts[1].status = Status::Unknown;
                judged.verdicts[1].reason = reason;
                judged.verdicts[1].evidence = Evidence::None;
            }
            None => judged.verdicts.truncate(1),
        }
        judged
    };
    let (pass, fail, unknown) = (Status::Pass, Status::Fail, Status::Unknown);
    let denied = Some(Reason::KeyAccessDenied);
    let found = vec![
        under("aws", fail, Reason::AwsManagedKey, Evidence::ListAliases, None),
        under("mine", pass, Reason::CustomerManagedKey, Evidence::ListAliases, denied),
        under("far", pass, Reason::CustomerManagedKeyOtherAccount, Evidence::ArnAccount, denied),
        under(
            "late",
            pass,
            Reason::CustomerManagedKeyOtherAccount,
            Evidence::ArnAccount,
            Some(Reason::KeyLookupFailed),
        ),
        under("gone", unknown, Reason::KeyNotFound, Evidence::None, None),
        under("slow", unknown, Reason::KeyLookupFailed, Evidence::None, None),
        under("named", fail, Reason::AwsManagedKey, Evidence::None, None),
        under(
            "known",
            pass,
            Reason::CustomerManagedKey,
            Evidence::DescribeKey,
            Some(Reason::KeyStateUnknown),
        ),
    ];
    lab.says(1, instances(found)).await;
    let reader = lab.reader().await;
    let mut keys: Vec<String> = reader
        .unanswered_keys(account_id(1))
        .await
        .unwrap()
        .into_iter()
        .map(|(region, key, facts)| {
            let described = match facts.described {
                Some(Err(KeyFailure::Denied(_))) => "denied",
                Some(Err(KeyFailure::NotFound(_))) => "not found",
                other => panic!("{other:?}"),
            };
            format!("{region} {key} {described} {:?}", facts.aliases.map(Result::ok))
        })
        .collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            "eu-west-1 alias/aws denied Some(Some(AwsManaged))",
            "eu-west-1 alias/far denied None",
            "eu-west-1 alias/gone not found None",
            "eu-west-1 alias/mine denied Some(Some(NotAwsManaged))",
        ]
    );
    lab.says(2, self::denied("r-1")).await;
    assert_eq!(reader.unanswered_keys(account_id(1)).await.unwrap().len(), 0, "not of what was read before");
}

#[tokio::test]
async fn what_was_not_asked_is_counted_at_the_end_unless_the_scan_may_go_on() {
    let mut lab = Lab::new().await;
    let mut deferred = Deferred::default();
    for outcome in [Outcome::Scanned, Outcome::Scanned, Outcome::Failed, Outcome::Skipped] {
        deferred.add(outcome);
    }
    let read = [record(target(1, "eu-west-1"), 1, instances(vec![failing("a")]))];
    for (h, outcome) in [(1, ScanOutcome::Incomplete), (2, ScanOutcome::Interrupted)] {
        let scan = lab.begin(h, &[account(1)]).await;
        lab.writer.apply(scan, &read).await.unwrap();
        let end = ScanEnd { finished_at: hour(h), outcome, api_calls: 7, throttled_calls: 1, deferred };
        lab.writer.finish_scan(scan, &end).await.unwrap();
    }
    let counts = lab.rows("SELECT targets, scanned, failed, skipped, resources, deferred FROM scans").await;
    assert_eq!(counts, [[5, 3, 1, 1, 1, 4], [1, 1, 0, 0, 1, 0]].map(|row| row.map(|n| json!(n)).to_vec()));
    assert_eq!(lab.reader().await.last_starts(5).await.unwrap(), [hour(2), hour(1)]);
    assert_eq!(lab.reader().await.check(9).await.unwrap().broken, []);
}
