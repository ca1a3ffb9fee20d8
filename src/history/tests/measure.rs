use super::build::*;
use crate::{
    domain::{CoverageReason, Reading, Reason, Status},
    history::ScanSpan,
};

#[tokio::test]
async fn the_numbers_are_those_of_now() {
    let mut lab = Lab::new().await;
    let reader = lab.reader().await;
    let empty = reader.measure(None).await.unwrap();
    assert_eq!((empty.last_scan, empty.last_complete_at, empty.oldest_knowledge), (None, None, None));
    assert_eq!(empty.targets, [("scanned", 0), ("failed", 0), ("skipped", 0)]);
    assert_eq!(reader.last_finished_scan().await.unwrap(), None);

    let (one, two) = (target(1, "eu-west-1"), target(2, "eu-west-1"));
    let off = record(target(1, "me-south-1"), 1, skip(CoverageReason::RegionNotEnabled));
    let first = [
        record(one.clone(), 1, instances(vec![failing("a"), passing("b")])),
        record(two.clone(), 1, instances(vec![unknown("c")])),
        off.clone(),
    ];
    lab.scan(1, &[account(1), account(2)], &first).await;
    let before = reader.measure(Some(empty)).await.unwrap();
    assert_eq!(before.targets, [("scanned", 2), ("failed", 0), ("skipped", 1)]);
    assert_eq!(before.oldest_knowledge, Some(hour(1)));
    let open = |found: &[crate::history::FindingCount]| {
        found.iter().map(|found| (found.check_id == CHECK, found.open, found.suppressed)).collect::<Vec<_>>()
    };
    assert_eq!(open(&before.findings), [(true, 2, 0)]);

    // One target fails: what is known of it grows old, and its finding stays.
    let fixed = instance("a", Status::Pass, Reason::CustomerManagedKey);
    let second = [
        record(one.clone(), 5, instances(vec![fixed, passing("b")])),
        record(two, 5, Reading::Failed(failure(CoverageReason::Throttled))),
        off.clone(),
    ];
    lab.scan(5, &[account(1), account(2)], &second).await;
    let now = reader.measure(Some(before)).await.unwrap();
    assert_eq!(now, reader.measure(None).await.unwrap());
    assert_eq!(now.targets, [("scanned", 1), ("failed", 1), ("skipped", 1)]);
    assert_eq!(now.oldest_knowledge, Some(hour(1)));
    assert_eq!(open(&now.findings), [(true, 1, 0)]);
    let span = ScanSpan { started_at: hour(5), finished_at: hour(5) };
    assert_eq!((now.last_scan, now.last_complete_at), (Some(span), Some(hour(5))));
    assert_eq!(reader.last_finished_scan().await.unwrap(), Some(span));

    // Nothing is counted again where nothing was written; what is kept shows it.
    let mut kept = now.clone();
    kept.findings.clear();
    assert_eq!(reader.measure(Some(kept.clone())).await.unwrap(), kept);

    // An account left: its targets are nobody's any more, and its finding is counted as none.
    let third = [record(one, 9, instances(vec![passing("b")])), off];
    lab.scan(9, &[account(1)], &third).await;
    let left = reader.measure(Some(kept)).await.unwrap();
    assert_eq!(left.targets, [("scanned", 1), ("failed", 0), ("skipped", 1)]);
    assert_eq!(left.oldest_knowledge, Some(hour(9)));
    assert_eq!(open(&left.findings), [(true, 0, 0)]);

    // A scan that runs, or was cut off, has not come to its end.
    lab.begin(11, &[account(1)]).await;
    assert_eq!(reader.measure(None).await.unwrap().last_scan.unwrap().finished_at, hour(9));
}
