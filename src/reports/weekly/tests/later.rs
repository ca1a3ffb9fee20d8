//! What happens after a week does not change what is said of it.

use proptest::prelude::*;

use super::*;
use crate::{
    domain::{
        Account, AccountState, CoverageReason, Evidence, Exception, Failure, Reading, Reason, Status,
        TargetRecord,
    },
    history::tests::{
        model::{Step, play, step},
        plain::Model,
    },
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_week_that_is_over_stays_as_it_was(steps in prop::collection::vec(step(), 2..9)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(stays(&steps));
    }
}

async fn stays(steps: &[Step]) {
    let (mut lab, mut model) = (Lab::new().await, Model::default());
    let (mut h, mut known, mut first) = (0, Vec::new(), None);
    for step in steps {
        h = play(&mut lab, &mut model, step, h).await;
        let first = *first.get_or_insert(h);
        // Every week that is over by now, and was not when the last scan began.
        for n in 1.. {
            if week(n + 1) > h + 24 {
                break;
            }
            if week(n + 1) > first && known.len() as i64 <= n {
                known.resize(n as usize + 1, None);
            }
            if week(n + 1) > first && known[n as usize].is_none() {
                let report = asked(&lab, &format!("2026-W{n:02}"), h + 24).await.unwrap();
                known[n as usize] = Some(report);
            }
        }
        h += 24;
    }
    for (n, was) in known.iter().enumerate() {
        let Some(was) = was else { continue };
        let is = asked(&lab, &was.period.week, h + 1000).await.unwrap();
        assert_eq!(is, *was, "week {n} as of hour {h}");
    }
}

/// A failure, in these words.
fn denied(message: &str) -> Reading {
    Reading::Failed(Failure { message: message.to_owned(), ..failure(CoverageReason::AssumeRoleDenied) })
}

#[tokio::test]
async fn names_messages_evidence_and_exceptions_of_later_are_not_told() {
    let mut lab = Lab::new().await;
    let home = || target(1, "eu-west-1");
    let accounts = |name: &str, state| {
        let renamed = Account { name: name.to_owned(), ou_path: Some(format!("Root/{name}")), ..account(2) };
        [account(1), Account { state, ..renamed }]
    };
    let lost = |h, message: &str| record(target(2, "eu-west-1"), h, denied(message));
    let kept = |h, evidence| {
        let mut found = instance("a", Status::Fail, Reason::AwsManagedKey);
        found.verdicts[0].evidence = evidence;
        let mut other = failing("c");
        other.resource.document = format!(r#"{{"in":"hour {h}"}}"#);
        record(home(), h, instances(vec![found, failing("b"), other]))
    };
    let scan = async |lab: &mut Lab, h, accounts: &[Account], records: &[TargetRecord]| {
        lab.scan(h, accounts, records).await;
    };
    let old = accounts("old", AccountState::Active);
    let before = record(target(2, "eu-west-1"), week(2), instances(vec![failing("d")]));
    scan(&mut lab, week(2), &old, &[kept(week(2), Evidence::DescribeKey), before]).await;
    scan(
        &mut lab,
        week(2) + 30,
        &old,
        &[kept(week(2) + 30, Evidence::DescribeKey), lost(week(2) + 30, "first")],
    )
    .await;
    let expires_at = hour(week(3) + 10);
    let covers = crate::domain::Covers::Resource("arn:aws:dms:eu-west-1:000000000001:rep:b".to_owned());
    let accepted =
        Exception { check_id: None, covers, reason: "r".to_owned(), owner: "o".to_owned(), expires_at };
    lab.writer.add_exception(&accepted, hour(week(2) + 40)).await.unwrap();
    let was = over(&lab, 2).await;
    assert_eq!(was.coverage.gaps[0].error_message.as_deref(), Some("dms:DescribeEndpoints: first"));
    assert_eq!((was.exceptions[0].state.as_str(), was.exceptions[0].findings), ("active", 1));

    let new = accounts("new", AccountState::Active);
    scan(&mut lab, week(3), &new, &[kept(week(3), Evidence::ListAliases), lost(week(3), "second")]).await;
    assert_eq!(over(&lab, 2).await, was, "everything has another name");
    lab.writer.settle_exceptions(None, &[], hour(week(3) + 11)).await.unwrap();
    assert_eq!(over(&lab, 2).await, was, "the exception expired");
    let gone = accounts("gone", AccountState::Suspended);
    scan(&mut lab, week(3) + 20, &gone, &[record(home(), week(3) + 20, instances(vec![]))]).await;
    scan(&mut lab, week(4), &accounts("back", AccountState::Active), &[kept(week(4), Evidence::DescribeKey)])
        .await;
    assert_eq!(over(&lab, 2).await, was, "everything went and came back");
    let names = |report: &Weekly| report.accounts.iter().map(|place| place.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&was), ["account 1", "old"]);
    assert_eq!(names(&over(&lab, 3).await), ["account 1", "new"], "as it was named when it left");
}
