//! What becomes of an organization, day by day: the same seed lives the same life.
//!
//! Most of what is wrong gets mended as it is in real life, by making the resource again under a customer
//! key and then deleting the old one; some new trouble comes.

mod accounts;
mod agenda;
mod happening;
mod keys;
mod resources;

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::SignedDuration;

use super::World;
use crate::domain::Timestamp;
use agenda::Plan;
pub use happening::Happening;

/// How an organization is to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifeOptions {
    /// The seed.
    pub seed: u64,
    /// The moment before the first day.
    pub begins: Timestamp,
    /// Days in which all that is planned happens; it can go on longer, and quieter.
    pub days: u32,
}

/// A life that is being lived.
#[derive(Debug)]
pub struct Life {
    options: LifeOptions,
    rng: Rng,
    /// Days lived so far.
    day: u32,
    /// What is going to happen, by day.
    agenda: BTreeMap<u32, Vec<Plan>>,
    /// Resources that have a successor and wait for their end.
    retiring: BTreeSet<String>,
    /// Things that were given a number.
    made: usize,
}

impl Life {
    /// A life that the world is going to have. Nothing has happened yet.
    pub fn new(options: LifeOptions, world: &World) -> Self {
        let mut rng = Rng::with_seed(options.seed);
        let agenda = agenda::draw(&mut rng, options.days, world.accounts.len());
        Self { options, rng, day: 0, agenda, retiring: BTreeSet::new(), made: 0 }
    }

    /// The moment up to which it was lived.
    pub fn now(&self) -> Timestamp {
        let lived = SignedDuration::from_hours(24 * i64::from(self.day));
        self.options.begins.saturating_add(lived).unwrap_or(Timestamp::MAX)
    }

    /// Lets a day pass, and tells what it brought.
    pub fn live(&mut self, world: &mut World) -> Vec<Happening> {
        self.day += 1;
        let mut diary = Vec::new();
        for plan in self.agenda.remove(&self.day).unwrap_or_default() {
            diary.extend(self.carry_out(world, plan));
        }
        self.finish_creating(world);
        self.mend(world, &mut diary);
        self.build_and_tear_down(world, &mut diary);
        diary
    }

    fn carry_out(&mut self, world: &mut World, plan: Plan) -> Option<Happening> {
        match plan {
            Plan::Join => self.join(world),
            Plan::Leave => self.leave(world),
            Plan::Close => self.close(world),
            Plan::Suspend => self.suspend(world),
            Plan::Reinstate(account) => Self::reinstate(world, account),
            Plan::LoseRole => self.lose_role(world),
            Plan::RestoreRole(account, role) => Self::restore_role(world, account, role),
            Plan::GrantRights => self.grant_rights(world),
            Plan::DenyRegion => self.deny_region(world),
            Plan::AllowRegion(region) => {
                world.denied_regions.remove(&region).then_some(Happening::RegionAllowed(region))
            }
            Plan::DisableKey => self.spoil_key(world, "Disabled"),
            Plan::ScheduleDeletion => self.spoil_key(world, "PendingDeletion"),
            Plan::EnableKey(key) => Self::enable_key(world, &key),
            Plan::Retire(arn) => self.retire(world, arn),
        }
    }

    /// Puts something on the agenda, some days from now.
    fn later(&mut self, days: std::ops::RangeInclusive<u32>, plan: Plan) {
        let day = self.day + self.rng.u32(days);
        self.agenda.entry(day).or_default().push(plan);
    }

    /// Whether something happens today that happens to that share of its kind within the whole life.
    fn happens(&mut self, share: f64) -> bool {
        let a_day = 1.0 - (1.0 - share).powf(1.0 / f64::from(self.options.days.max(1)));
        self.rng.f64() < a_day
    }

    fn pick<T>(&mut self, mut from: Vec<T>) -> Option<T> {
        (!from.is_empty()).then(|| from.swap_remove(self.rng.usize(..from.len())))
    }
}

#[cfg(test)]
mod tests;
