use super::{Place, Policy, Statement};
use crate::aws::Operation;

/// What the audit role needs in each account: to see DMS and what encrypts it. `with_plans` adds what
/// `remediate plan` reads beside. Nothing of it changes anything, and nothing reads data.
pub fn audit(place: &Place, with_plans: bool) -> Policy {
    let mut statements = Vec::from(scan(place));
    statements.push(
        Statement::allow("ListRegions", &[Operation::ListRegions])
            .on([format!("arn:{}:account::*:account", place.partition)]),
    );
    if with_plans {
        statements.push(plan());
    }
    Policy::new(statements)
}

/// What reads DMS and KMS. DMS has no resources for its lists, nor has KMS.
pub(super) fn scan(place: &Place) -> [Statement; 4] {
    [
        Statement::allow(
            "SeeDms",
            &[
                Operation::DescribeEndpoints,
                Operation::DescribeReplicationConfigs,
                Operation::DescribeReplicationInstances,
            ],
        ),
        Statement::allow("ReadTags", &[Operation::ListTagsForResource]).on([
            "endpoint",
            "rep",
            "replication-config",
            "task",
        ]
        .map(|kind| place.dms(kind))),
        Statement::allow("DescribeKeys", &[Operation::DescribeKey]).on([place.keys()]),
        Statement::allow("ListAliases", &[Operation::ListAliases]),
    ]
}

/// What a plan reads beside.
pub(super) fn plan() -> Statement {
    Statement::allow("ReadForPlans", &Operation::PLAN)
}
