//! An organization that changes a little every hour: what a scan sees of each target at each hour, without AWS.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use keywatch::domain::{
    Account, AccountState, CoverageReason, Failure, Outcome, PartRecord, Reading, ResourceType, Skip, Target,
    TargetRecord,
};

use super::resource::{Form, judged};

/// Hours of a week.
const WEEK: i64 = 168;

/// Its size, and how long it is watched.
#[derive(Clone, Copy)]
pub struct Size {
    pub accounts: usize,
    pub regions: usize,
    pub resources: usize,
    pub hours: i64,
    /// Resources that change in a week: they are re-created under another key, described anew, deleted, made.
    pub changes_a_week: usize,
    /// Targets that can't be read for some hours in a week.
    pub outages_a_week: usize,
}

/// The forms of a resource, each with the hour from which on it has it.
type Life = Vec<(i64, Form)>;

pub struct Organization {
    pub size: Size,
    /// The resources of each target that has any, by number.
    resources: BTreeMap<usize, Vec<(usize, Life)>>,
    /// From which hour to which each target can't be read.
    outages: BTreeMap<usize, Vec<(i64, i64)>>,
    /// The targets that say something else than the hour before.
    changed: BTreeMap<i64, Vec<usize>>,
}

impl Organization {
    /// The same for the same size.
    pub fn new(size: Size) -> Self {
        let mut rng = Rng::with_seed(1);
        let targets = size.accounts * size.regions;
        let mut lives: Vec<Life> = (0..size.resources).map(|at| vec![(0, Form::first(at))]).collect();
        let mut outages: BTreeMap<usize, Vec<(i64, i64)>> = BTreeMap::new();
        for week in 0..=(size.hours / WEEK) {
            let mut hours: Vec<i64> = (0..size.changes_a_week).map(|_| rng.i64(1..WEEK)).collect();
            hours.sort_unstable();
            for hour in hours {
                let life = &mut lives[rng.usize(..size.resources)];
                let hour = week * WEEK + hour;
                if let Some((since, form)) = life.last().copied()
                    && since < hour
                    && hour < size.hours
                {
                    life.push((hour, form.next(rng.u8(..100))));
                }
            }
            for _ in 0..size.outages_a_week {
                let from = week * WEEK + rng.i64(1..WEEK);
                outages.entry(rng.usize(..targets)).or_default().push((from, from + rng.i64(1..48)));
            }
        }
        let mut resources: BTreeMap<usize, Vec<(usize, Life)>> = BTreeMap::new();
        for (at, life) in lives.into_iter().enumerate() {
            // Not every so many targets, which would leave most Regions empty.
            let target = (at * targets / size.resources + at * 5 % 8) % targets;
            resources.entry(target).or_default().push((at, life));
        }
        let mut organization = Self { size, resources, outages, changed: BTreeMap::new() };
        organization.changed = organization.changes();
        organization
    }

    fn changes(&self) -> BTreeMap<i64, Vec<usize>> {
        let mut changed: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        let of_resources = self.resources.iter().flat_map(|(target, resources)| {
            resources.iter().flat_map(|(_, life)| life.iter().skip(1).map(|(hour, _)| (*hour, *target)))
        });
        let of_outages = self.outages.iter().flat_map(|(target, outages)| {
            outages.iter().flat_map(|(from, to)| [(*from, *target), (*to, *target)])
        });
        for (hour, target) in of_resources.chain(of_outages) {
            changed.entry(hour).or_default().push(target);
        }
        for targets in changed.values_mut() {
            targets.sort_unstable();
            targets.dedup();
        }
        changed
    }

    pub fn targets(&self) -> usize {
        self.size.accounts * self.size.regions
    }

    /// The targets that say something else at this hour than the hour before, in order.
    pub fn changed(&self, hour: i64) -> &[usize] {
        self.changed.get(&hour).map_or(&[], Vec::as_slice)
    }

    pub fn accounts(&self) -> Vec<Account> {
        (0..self.size.accounts)
            .map(|at| Account {
                id: account_id(at).parse().expect("twelve digits"),
                name: format!("workload-{at:05}"),
                email: format!("aws+workload-{at:05}@example.com"),
                ou_path: Some(format!("Root/Workloads/Unit-{:02}/{}", at % 40, ["Prod", "Dev"][at % 2])),
                state: AccountState::Active,
                joined_at: Some(start() - SignedDuration::from_hours(24 * (1 + at as i64 % 2000))),
            })
            .collect()
    }

    /// What a scan that began at this hour learned of a target; a scan takes twenty minutes.
    pub fn record(&self, target: usize, hour: i64) -> TargetRecord {
        let (account, region) = (target / self.size.regions, target % self.size.regions);
        TargetRecord {
            target: Target {
                account: account_id(account).parse().expect("twelve digits"),
                region: region_name(region).parse().expect("a Region"),
            },
            at: start()
                + SignedDuration::from_hours(hour)
                + SignedDuration::from_secs(1 + (target * 1200 / self.targets()) as i64),
            reading: self.reading(target, hour),
        }
    }

    fn reading(&self, target: usize, hour: i64) -> Reading {
        // Each answer of AWS has an id of its own, so a lasting failure is never quite the same.
        let failed = |reason, operation, code: &str, message: String| {
            Reading::Failed(Failure {
                reason,
                operation,
                code: Some(code.to_owned()),
                message,
                request_id: Some(format!("{hour:08x}-{target:08x}-4a5e-8f0b-2d1c3b4a5968")),
            })
        };
        if target % 20 == 3 {
            return Reading::Skipped(Skip {
                reason: CoverageReason::RegionNotEnabled,
                detail: "the account has not enabled this Region".to_owned(),
            });
        }
        if target % 1000 == 5 {
            let message = "the role cannot be assumed: not authorized to perform sts:AssumeRole".to_owned();
            return failed(CoverageReason::AssumeRoleDenied, "sts:AssumeRole", "AccessDenied", message);
        }
        let out =
            self.outages.get(&target).into_iter().flatten().any(|(from, to)| (*from..*to).contains(&hour));
        if out {
            let message = "rate exceeded".to_owned();
            let operation = "dms:DescribeReplicationInstances";
            return failed(CoverageReason::Throttled, operation, "ThrottlingException", message);
        }
        let mut found: BTreeMap<ResourceType, Vec<_>> =
            ResourceType::ALL.iter().map(|kind| (*kind, Vec::new())).collect();
        for (at, life) in self.resources.get(&target).into_iter().flatten() {
            let form = life.iter().rev().find(|(from, _)| *from <= hour).map(|(_, form)| *form);
            let place = (account_id(target / self.size.regions), region_name(target % self.size.regions));
            if let Some(judged) = form.and_then(|form| judged(*at, &place.0, &place.1, form))
                && let Some(found) = found.get_mut(&judged.resource.resource_type)
            {
                found.push(judged);
            }
        }
        Reading::Read(
            found
                .into_iter()
                .map(|(kind, found)| PartRecord { resource_type: kind, resources: Ok(found) })
                .collect(),
        )
    }

    /// How the scan of this hour counts a target: scanned, failed, skipped, resources.
    pub fn counts(&self, target: usize, hour: i64) -> [i64; 4] {
        let record = self.record(target, hour);
        let is = |outcome| i64::from(record.outcome() == outcome);
        let resources = match &record.reading {
            Reading::Read(parts) => {
                parts.iter().filter_map(|part| part.resources.as_ref().ok()).map(Vec::len).sum()
            }
            _ => 0,
        };
        [is(Outcome::Scanned), is(Outcome::Failed), is(Outcome::Skipped), resources as i64]
    }
}

/// The first hour.
pub fn start() -> Timestamp {
    Timestamp::from_second(1_767_225_600).expect("2026-01-01T00:00:00Z")
}

fn account_id(at: usize) -> String {
    format!("{:012}", 100_000_000_000 + at)
}

fn region_name(at: usize) -> String {
    const NAMES: [&str; 17] = [
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ];
    NAMES[at % NAMES.len()].to_owned()
}
