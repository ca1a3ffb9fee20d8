use super::*;
use crate::{
    domain::{Account, CoverageReason, Covers, Exception, Reading},
    reports::{Counts, Place, TargetCounts},
};

const EU: &str = "eu-west-1";

fn place<'a>(places: &'a [Place], id: &str) -> &'a Place {
    places.iter().find(|place| place.id == id).unwrap_or_else(|| panic!("{id} is not among {places:?}"))
}

fn names(changes: &[crate::reports::Change]) -> Vec<(String, &str)> {
    changes.iter().map(|one| (one.at.clone(), one.finding.resource_name.as_str())).collect()
}

#[tokio::test]
async fn a_first_week_has_no_week_before() {
    let mut lab = Lab::new().await;
    let seen = |h, found| [record(target(1, EU), h, instances(found))];
    lab.scan(week(2) + 60, &[account(1)], &seen(week(2) + 60, vec![failing("a"), passing("b")])).await;
    lab.scan(
        week(2) + 70,
        &[account(1)],
        &seen(week(2) + 70, vec![failing("a"), unknown("b"), failing("c")]),
    )
    .await;
    let report = over(&lab, 2).await;
    assert_eq!(report.period.first_scan_at, Some(iso(week(2) + 60)));
    assert_eq!((report.overall.last_week, report.changes.open_last_week), (None, None));
    assert_eq!((report.coverage.last_week, report.accounts[0].open_last_week), (None, None));
    assert_eq!((report.coverage.lost, report.coverage.regained), (0, 0));
    assert!(
        report.overall.weeks[..11]
            .iter()
            .all(|week| { (week.counts, week.open, week.scanned) == (None, None, false) })
    );
    assert_eq!(report.overall.weeks[11].counts, Some(report.overall.now));
    assert_eq!(report.overall.now, Counts { pass: 0, fail: 2, unknown: 1, suppressed: 0 });
    // What the first scan found is what there was; b is news.
    assert_eq!((report.changes.open, report.changes.still_open, report.changes.open_unknown), (3, 1, 1));
    assert_eq!(report.changes.opened.len(), 3);
}

#[tokio::test]
async fn nothing_to_judge_is_not_nothing_seen() {
    let mut lab = Lab::new().await;
    let h = week(2) + 5;
    let left_out = record(target(1, "us-east-1"), h, skip(CoverageReason::RegionExcluded));
    lab.scan(h, &[account(1)], &[record(target(1, EU), h, instances(vec![])), left_out]).await;
    let report = over(&lab, 2).await;
    assert_eq!(report.overall.now.compliance(), None);
    assert!(report.compliance.iter().all(|check| check.trend.now == Counts::default()));
    assert_eq!(report.compliance.len(), crate::evaluation::CHECKS.len());
    assert_eq!(report.coverage.targets, TargetCounts { scanned: 1, failed: 0, skipped: 1 });
    assert_eq!((report.coverage.accounts, report.coverage.accounts_seen_whole), (1, 1));
    assert_eq!(report.coverage.reasons[0].reason, "region_excluded");
    assert_eq!((report.findings.len(), report.accounts.len(), report.controls.len() > 2), (0, 0, true));
}

#[tokio::test]
async fn a_week_without_a_scan_has_the_numbers_of_the_one_before() {
    let mut lab = Lab::new().await;
    let h = week(2) + 160;
    let denied =
        record(target(1, "us-east-1"), h, Reading::Failed(failure(CoverageReason::AssumeRoleDenied)));
    lab.scan(h, &[account(1)], &[record(target(1, EU), h, instances(vec![failing("a")])), denied]).await;
    let (last, report) = (over(&lab, 2).await, over(&lab, 3).await);
    assert_eq!(last.period.scans.complete, 1);
    let scans = &report.period.scans;
    assert_eq!((scans.complete, scans.incomplete, scans.interrupted, scans.api_calls), (0, 0, 0, 0));
    assert_eq!(scans.newest_finished_at, Some(iso(h)));
    assert_eq!((report.overall.now, report.overall.last_week), (last.overall.now, Some(last.overall.now)));
    let scanned: Vec<bool> = report.overall.weeks[10..].iter().map(|week| week.scanned).collect();
    assert_eq!(scanned, [true, false]);
    assert_eq!((report.changes.open, report.changes.still_open, report.changes.opened.len()), (1, 1, 0));
    assert_eq!(report.coverage.targets, last.coverage.targets);
    // It was seen an hour before the end of the second week, so what is known is older than a week.
    let bands: Vec<u64> = report.coverage.ages.iter().map(|band| band.targets).collect();
    assert_eq!(bands, [0, 0, 0, 1, 1]);
    assert_eq!(last.coverage.ages[0].targets, 1);
    assert_eq!(report.coverage.oldest_scanned_at, Some(iso(h)));
}

#[tokio::test]
async fn a_week_that_goes_on_is_as_of_now() {
    let mut lab = Lab::new().await;
    for (h, found) in [(week(2), vec![failing("a")]), (week(3) + 9, vec![failing("a"), failing("b")])] {
        lab.scan(h, &[account(1)], &[record(target(1, EU), h, instances(found))]).await;
    }
    let report = asked(&lab, "2026-W03", week(3) + 9).await.unwrap();
    assert_eq!((report.period.is_over, report.period.as_of), (false, iso(week(3) + 9)));
    assert_eq!((report.changes.open, report.changes.open_last_week), (2, Some(1)), "this very second counts");
    let report = asked(&lab, "2026-W03", week(3) + 8).await.unwrap();
    assert_eq!((report.changes.open, report.overall.weeks[11].scanned), (1, false));
}

#[tokio::test]
async fn a_finding_may_open_resolve_and_reopen_in_one_week() {
    let mut lab = Lab::new().await;
    let days = [(0, vec![passing("a")]), (24, vec![failing("a")]), (48, vec![passing("a")])];
    for (h, found) in days.into_iter().chain([(60, vec![failing("a")])]) {
        let h = week(3) + h;
        lab.scan(h, &[account(1)], &[record(target(1, EU), h, instances(found))]).await;
    }
    let report = over(&lab, 3).await;
    let changes = &report.changes;
    assert_eq!(names(&changes.opened), [(iso(week(3) + 24), "a")]);
    assert_eq!(names(&changes.resolved), [(iso(week(3) + 48), "a")]);
    assert_eq!(names(&changes.reopened), [(iso(week(3) + 60), "a")]);
    assert_eq!(changes.resolved[0].reason.as_deref(), Some("fixed"));
    assert_eq!((changes.open, changes.still_open), (1, 0));
    let finding = &report.findings[0];
    assert_eq!((finding.state.as_str(), finding.times_opened), ("open", 2));
    assert_eq!((&finding.opened_at, &finding.last_seen_at), (&iso(week(3) + 60), &iso(week(3) + 60)));
    let slowest = &report.slowest[0];
    assert_eq!((slowest.hours_open, &slowest.opened_at), (24.0, &iso(week(3) + 24)));
    let times = report.remediation_times.iter().find(|times| times.check_id == CHECK).unwrap();
    assert_eq!((times.week.fixed, times.week.median_hours), (1, Some(24.0)));
    let account = place(&report.accounts, "000000000001");
    assert_eq!((account.open, account.opened, account.resolved), (1, 2, 1));
}

#[tokio::test]
async fn an_account_that_left_takes_its_targets_and_findings_with_it() {
    let mut lab = Lab::new().await;
    let seen = |n, h| record(target(n, EU), h, instances(vec![failing(["a", "b"][n as usize - 1])]));
    let (before, left) = (week(2) + 9, week(3) + 9);
    lab.scan(before, &[account(1), account(2)], &[seen(1, before), seen(2, before)]).await;
    lab.scan(left, &[account(1)], &[seen(1, left)]).await;
    let report = over(&lab, 3).await;
    assert_eq!((report.coverage.accounts, report.coverage.targets.all()), (1, 1));
    assert_eq!(report.coverage.last_week.map(|targets| targets.all()), Some(2));
    assert_eq!((report.coverage.lost, report.coverage.gaps.len()), (0, 0), "nothing is there to be seen");
    assert_eq!(names(&report.changes.resolved), [(iso(left), "b")]);
    let resolved = &report.slowest[0];
    assert_eq!((resolved.resolution.as_str(), resolved.hours_open), ("account_left", (left - before) as f64));
    assert_eq!(resolved.finding.last_seen_at, iso(before));
    let gone = place(&report.accounts, "000000000002");
    assert_eq!(
        (gone.name.as_str(), gone.open, gone.open_last_week, gone.resolved),
        ("account 2", 0, Some(1), 1)
    );
    let times = report.remediation_times.iter().find(|times| times.check_id == CHECK).unwrap();
    assert_eq!((times.week.resolved, times.week.fixed, times.week.median_hours), (1, 0, None));
}

#[tokio::test]
async fn an_account_counts_where_it_was_at_each_time() {
    let mut lab = Lab::new().await;
    let moved = Account { ou_path: Some("Root/Other".to_owned()), ..account(1) };
    let seen = |n, h, found| record(target(n, EU), h, instances(found));
    let h = week(2) + 9;
    lab.scan(h, &[account(1), account(2)], &[seen(1, h, vec![failing("a")]), seen(2, h, vec![failing("b")])])
        .await;
    let h = week(3) + 9;
    lab.scan(
        h,
        &[moved, account(2)],
        &[seen(1, h, vec![failing("a"), failing("c")]), seen(2, h, vec![failing("b")])],
    )
    .await;
    let report = over(&lab, 3).await;
    let (old, new) = (place(&report.ous, "Root/Workloads"), place(&report.ous, "Root/Other"));
    assert_eq!((old.open, old.open_last_week, old.opened, old.counts.fail), (1, Some(2), 0, 1));
    assert_eq!((new.open, new.open_last_week, new.opened, new.counts.fail), (2, Some(0), 1, 2));
    assert_eq!((new.targets.scanned, report.ous[0].id.as_str()), (1, "Root/Other"));
    let account = place(&report.accounts, "000000000001");
    assert_eq!((account.ou_path.as_deref(), account.open_last_week), (Some("Root/Other"), Some(1)));
    assert_eq!(place(&over(&lab, 2).await.ous, "Root/Workloads").open, 2);
}

#[tokio::test]
async fn exceptions_of_the_week_are_told_with_their_end() {
    let mut lab = Lab::new().await;
    let seen = |h| [record(target(1, EU), h, instances(["a", "b", "c", "d"].map(failing).to_vec()))];
    lab.scan(week(2), &[account(1)], &seen(week(2))).await;
    let accept = |name: &str, expires| Exception {
        check_id: Some(CHECK.to_owned()),
        covers: Covers::Resource(format!("arn:aws:dms:eu-west-1:000000000001:rep:{name}")),
        reason: format!("{name} moves"),
        owner: "somebody".to_owned(),
        expires_at: hour(expires),
    };
    // Over before the week; removed and expired in it; in force at its end; made after it.
    for (name, made, expires) in
        [("a", 1, week(2) + 20), ("b", 2, week(9)), ("c", 3, week(3) + 50), ("d", 4, week(5))]
    {
        lab.writer.add_exception(&accept(name, expires), hour(week(2) + made)).await.unwrap();
    }
    lab.writer.settle_exceptions(None, &[], hour(week(2) + 21)).await.unwrap();
    lab.writer.remove_exception(2, hour(week(3) + 10)).await.unwrap().unwrap();
    lab.writer.settle_exceptions(None, &[], hour(week(3) + 51)).await.unwrap();
    lab.writer.add_exception(&accept("a", week(9)), hour(week(4) + 1)).await.unwrap();

    let report = over(&lab, 3).await;
    let told: Vec<_> = report
        .exceptions
        .iter()
        .map(|one| (one.exception_id, one.state.as_str(), one.ended_at.clone(), one.findings))
        .collect();
    assert_eq!(
        told,
        [
            (2, "removed", Some(iso(week(3) + 10)), 0),
            (3, "expired", Some(iso(week(3) + 51)), 0),
            (4, "active", None, 1)
        ]
    );
    assert_eq!(report.exceptions[0].covers, "arn:aws:dms:eu-west-1:000000000001:rep:b");
    assert_eq!(names(&report.changes.reopened), [(iso(week(3) + 10), "b"), (iso(week(3) + 51), "c")]);
    let reasons: Vec<_> = report.changes.reopened.iter().map(|change| change.reason.as_deref()).collect();
    assert_eq!(reasons, [Some("exception_removed"), Some("exception_expired")]);
    assert_eq!(report.overall.now, Counts { pass: 0, fail: 3, unknown: 0, suppressed: 1 });
    assert_eq!(report.overall.last_week, Some(Counts { pass: 0, fail: 1, unknown: 0, suppressed: 3 }));
    let suppressed: Vec<_> = report.findings.iter().filter(|finding| finding.state == "suppressed").collect();
    assert_eq!(
        (suppressed.len(), suppressed[0].exception_expires_at.as_deref()),
        (1, Some(iso(week(5)).as_str()))
    );
}

#[tokio::test]
async fn what_was_lost_and_what_came_back_is_counted_and_named() {
    let mut lab = Lab::new().await;
    let lost =
        |n, region, h| record(target(n, region), h, Reading::Failed(failure(CoverageReason::Throttled)));
    let (us, ap) = ("us-east-1", "ap-south-1");
    let seen = |n, region, h, found| record(target(n, region), h, instances(found));
    let both = [account(1), account(2)];
    let h = week(2) + 100;
    let first = [
        seen(1, EU, h, vec![failing("a")]),
        lost(1, us, h),
        seen(1, ap, h, vec![failing("b")]),
        seen(2, EU, h, vec![]),
    ];
    lab.scan(h, &both, &first).await;
    let h = week(3) + 20;
    let second = [
        lost(1, EU, h),
        seen(1, us, h, vec![]),
        record(target(1, ap), h, skip(CoverageReason::RegionNotEnabled)),
        seen(2, EU, h, vec![]),
        lost(2, us, h),
    ];
    lab.scan(h, &both, &second).await;
    let coverage = over(&lab, 3).await.coverage;
    assert_eq!(coverage.targets, TargetCounts { scanned: 2, failed: 2, skipped: 1 });
    assert_eq!(coverage.last_week, Some(TargetCounts { scanned: 3, failed: 1, skipped: 0 }));
    assert_eq!((coverage.lost, coverage.regained, coverage.accounts_seen_whole), (2, 1, 0));
    let reasons: Vec<_> = coverage
        .reasons
        .iter()
        .map(|one| (one.outcome.as_str(), one.reason.as_str(), one.accounts, one.targets, one.last_week))
        .collect();
    assert_eq!(
        reasons,
        [("failed", "throttled", 2, 2, Some(1)), ("skipped", "region_not_enabled", 1, 1, Some(0))]
    );
    let gaps: Vec<_> = coverage
        .gaps
        .iter()
        .map(|gap| {
            (gap.account_id.as_str(), gap.region.as_str(), gap.last_scanned_at.clone(), gap.open_findings)
        })
        .collect();
    let known = Some(iso(week(2) + 100));
    assert_eq!(
        gaps,
        [
            ("000000000001", EU, known.clone(), 1),
            ("000000000002", us, None, 0),
            ("000000000001", ap, known.clone(), 1)
        ]
    );
    assert_eq!((&coverage.gaps[0].since, &coverage.oldest_scanned_at), (&iso(h), &known));
    let bands: Vec<u64> = coverage.ages.iter().map(|band| band.targets).collect();
    // By the end of the week, the newest scan is 148 hours old.
    assert_eq!(bands, [0, 0, 2, 1, 1]);
}
