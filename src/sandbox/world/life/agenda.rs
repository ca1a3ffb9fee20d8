//! What is planned from the start, so that even a small organization meets all of it.

use std::collections::BTreeMap;

use fastrand::Rng;

use crate::{
    domain::{AccountId, Region},
    sandbox::world::Role,
};

/// Something that is going to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    Join,
    Leave,
    Close,
    Suspend,
    Reinstate(AccountId),
    LoseRole,
    RestoreRole(AccountId, Role),
    GrantRights,
    DenyRegion,
    AllowRegion(Region),
    DisableKey,
    ScheduleDeletion,
    EnableKey(Key),
    Retire(String),
}

/// A key of the world, by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) id: String,
}

/// How many accounts there are for each one that something happens to, and when within the life.
const PLANS: [(Plan, usize, [f64; 2]); 9] = [
    (Plan::Join, 6, [0.08, 0.75]),
    (Plan::LoseRole, 12, [0.15, 0.55]),
    (Plan::DenyRegion, usize::MAX, [0.28, 0.42]),
    (Plan::Suspend, 15, [0.3, 0.5]),
    (Plan::DisableKey, 12, [0.35, 0.6]),
    (Plan::GrantRights, 20, [0.4, 0.7]),
    (Plan::ScheduleDeletion, 12, [0.55, 0.8]),
    (Plan::Close, 20, [0.6, 0.75]),
    (Plan::Leave, 20, [0.72, 0.9]),
];

/// Draws the days of everything that is planned.
pub(super) fn draw(rng: &mut Rng, days: u32, accounts: usize) -> BTreeMap<u32, Vec<Plan>> {
    let mut agenda: BTreeMap<u32, Vec<Plan>> = BTreeMap::new();
    for (plan, accounts_each, [from, to]) in PLANS {
        for _ in 0..(accounts / accounts_each).max(1) {
            let within = from + rng.f64() * (to - from);
            // Between the first and the last day, so nothing is cut off.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let day = (f64::from(days) * within).ceil() as u32;
            agenda.entry(day.max(1)).or_default().push(plan.clone());
        }
    }
    agenda
}
