//! A small history in which everything has happened, one day after the other.

use super::build::*;
use crate::domain::{Channel, CoverageReason, Occasion, PartRecord, Reading, ResourceType, TargetRecord};

/// Day `n` of [`lived`], in hours.
pub(crate) const fn day(n: i64) -> i64 {
    24 * n
}

fn half(found: Vec<crate::domain::JudgedResource>) -> Reading {
    let lost = PartRecord {
        resource_type: ResourceType::Endpoint,
        resources: Err(failure(CoverageReason::AccessDenied)),
    };
    Reading::Read(vec![read(ResourceType::ReplicationInstance, found), lost])
}

/// Findings open, resolved in each way and reopened; a resource changed, one deleted; an account gone; parts,
/// targets and Regions not seen.
pub(crate) async fn lived() -> Lab {
    let mut lab = Lab::new().await;
    lab.writer.register_channels(&[Channel::Slack]).await.unwrap();
    let (eu, us) = ("eu-west-1", "us-east-1");
    let mut changed = passing("b");
    changed.resource.document = r#"{"changed":true}"#.to_owned();
    let days: [Vec<(u64, &str, Reading)>; 8] = [
        vec![
            (1, eu, instances(vec![failing("a"), passing("b")])),
            (1, us, instances(vec![failing("old")])),
            (2, eu, instances(vec![unknown("c")])),
            (3, us, instances(vec![failing("d")])),
        ],
        vec![
            (1, eu, instances(vec![passing("a"), changed])),
            (1, us, instances(vec![])),
            (2, eu, instances(vec![failing("c")])),
        ],
        vec![
            (1, eu, instances(vec![failing("a")])),
            (1, us, Reading::Failed(failure(CoverageReason::Throttled))),
        ],
        vec![(1, eu, instances(vec![failing("a")])), (2, eu, half(vec![failing("c")]))],
        vec![(2, us, instances(vec![failing("e"), failing("f")])), (1, us, instances(vec![]))],
        vec![(2, us, instances(vec![passing("e"), failing("f")])), (2, eu, half(vec![failing("c")]))],
        vec![(2, us, skip(CoverageReason::RegionExcluded)), (1, us, skip(CoverageReason::RegionNotEnabled))],
        vec![(1, eu, instances(vec![failing("a")])), (2, eu, half(vec![failing("c"), failing("late")]))],
    ];
    for (n, seen) in (1..).zip(days) {
        // The third account leaves on the fourth day.
        let accounts: Vec<_> = (1..=if n < 4 { 3 } else { 2 }).map(account).collect();
        let records: Vec<TargetRecord> = seen
            .into_iter()
            .map(|(account, region, reading)| record(target(account, region), day(n), reading))
            .collect();
        let scan = lab.scan(day(n), &accounts, &records).await;
        lab.writer.queue_notifications(scan, hour(day(n)), &Occasion::ALL).await.unwrap();
    }
    lab
}
