//! What history should say after a sequence of scans, kept in maps.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::build::*;
use crate::domain::{CoverageReason, JudgedResource, Reading, TargetRecord};

type Place = (String, String);
pub(super) type Id = (String, String, String, String);

#[derive(Debug, Clone, PartialEq)]
struct Finding {
    state: &'static str,
    status: &'static str,
    reason: &'static str,
    resolution: Option<&'static str>,
    times: i64,
    opened: i64,
    last_seen: Option<i64>,
    /// The place of the exception that suppresses it.
    exception: Option<usize>,
    events: Vec<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    findings: BTreeMap<Id, Finding>,
    evaluations: BTreeMap<Id, (&'static str, &'static str)>,
    coverage: BTreeMap<Place, (&'static str, Option<&'static str>, i64)>,
    attempted: BTreeMap<Place, i64>,
    /// When the instances of a target were last read.
    instances_seen: BTreeMap<Place, i64>,
    members: BTreeSet<u64>,
    /// After everything that happened, the hour and the numbers.
    numbers: Vec<(i64, Numbers)>,
    /// Every exception, in order.
    pub(super) accepted: Vec<Accepted>,
    /// The hours of the first and of the newest scan.
    scans: Option<(i64, i64)>,
}

/// An exception: for a resource, or for one check in an account.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) arn: Option<String>,
    pub(super) account: Option<String>,
    pub(super) check: Option<String>,
    pub(super) expires: i64,
    pub(super) ended: Option<&'static str>,
}

impl Accepted {
    fn covers(&self, (account, _, arn, check): &Id) -> bool {
        self.check.as_ref().is_none_or(|own| own == check)
            && (self.arn.as_ref() == Some(arn) || self.account.as_ref() == Some(account))
    }
}

/// By check, account and Region: pass, fail, unknown, suppressed.
type Numbers = BTreeMap<(String, String, String), [i64; 4]>;

impl Model {
    pub(super) fn begin(&mut self, accounts: [u8; 2], complete_roster: bool) {
        for (at, state) in accounts.iter().enumerate() {
            let account = at as u64 + 1;
            let leaves = *state == 1 || *state == 2 && complete_roster;
            if *state == 0 {
                self.members.insert(account);
            } else if leaves && self.members.remove(&account) {
                let id = account_id(account).to_string();
                self.end(|found| found.0 == id, "account_left");
                self.coverage.retain(|place, _| place.0 != id);
            }
        }
    }

    fn end(&mut self, which: impl Fn(&Id) -> bool, resolution: &'static str) {
        for (id, finding) in self.findings.iter_mut().filter(|(id, _)| which(id)) {
            if finding.state != "resolved" {
                finding.events.push(format!("resolved {}>- {resolution}", finding.status));
                finding.state = "resolved";
                finding.exception = None;
                finding.resolution = Some(resolution);
                finding.last_seen = self.instances_seen.get(&(id.0.clone(), id.1.clone())).copied();
            }
        }
        self.evaluations.retain(|id, _| !which(id));
    }

    pub(super) fn apply(&mut self, record: &TargetRecord, h: i64) {
        let place = (record.target.account.to_string(), record.target.region.to_string());
        match &record.reading {
            Reading::Skipped(skip) => {
                let here = |id: &Id| (&id.0, &id.1) == (&place.0, &place.1);
                match skip.reason {
                    CoverageReason::AccountNotActive => self.end(here, "account_left"),
                    CoverageReason::RegionExcluded | CoverageReason::AccountExcluded => {
                        self.end(here, "no_longer_in_scope");
                    }
                    _ => {}
                }
            }
            Reading::Failed(_) => {}
            Reading::Read(parts) => {
                if let Ok(found) = &parts[0].resources {
                    self.read(&place, found, h);
                    self.instances_seen.insert(place.clone(), h);
                }
            }
        }
        let reason = match &record.reading {
            Reading::Skipped(skip) => Some(skip.reason.as_str()),
            _ => record.failure().map(|failure| failure.reason.as_str()),
        };
        let now = (record.outcome().as_str(), reason);
        let since = match self.coverage.get(&place) {
            Some((outcome, reason, since)) if (*outcome, *reason) == now => *since,
            _ => h,
        };
        self.coverage.insert(place.clone(), (now.0, now.1, since));
        self.attempted.insert(place, h);
    }

    fn read(&mut self, place: &Place, found: &[JudgedResource], h: i64) {
        let id =
            |arn: &str, check: &str| (place.0.clone(), place.1.clone(), arn.to_owned(), check.to_owned());
        let listed: BTreeSet<&str> = found.iter().map(|one| one.resource.arn.as_str()).collect();
        self.end(
            |id| (&id.0, &id.1) == (&place.0, &place.1) && !listed.contains(id.2.as_str()),
            "resource_deleted",
        );
        for one in found {
            let arn = &one.resource.arn;
            for check in [CHECK, USABLE] {
                let id = id(arn, check);
                let verdict = one.verdicts.iter().find(|verdict| verdict.check_id == check);
                match verdict {
                    Some(verdict) => {
                        self.evaluations
                            .insert(id.clone(), (verdict.status.as_str(), verdict.reason.as_str()));
                    }
                    None => {
                        self.evaluations.remove(&id);
                    }
                }
                let last = self.instances_seen.get(place).copied();
                let now = verdict.map(|verdict| (verdict.status.as_str(), verdict.reason.as_str()));
                match (self.findings.get_mut(&id), now) {
                    (None, Some((status, reason))) if status != "pass" => {
                        let finding = Finding {
                            state: "open",
                            status,
                            reason,
                            resolution: None,
                            times: 1,
                            opened: h,
                            last_seen: None,
                            exception: None,
                            events: vec![format!("opened ->{status} {reason}")],
                        };
                        self.findings.insert(id, finding);
                    }
                    (Some(old), Some((status, reason)))
                        if status != "pass"
                            && old.state != "resolved"
                            && (old.status, old.reason) != (status, reason) =>
                    {
                        old.events.push(format!("status_changed {}>{status} {reason}", old.status));
                        (old.status, old.reason) = (status, reason);
                    }
                    (Some(old), Some((status, reason))) if status != "pass" && old.state == "resolved" => {
                        old.events.push(format!("reopened {}>{status} {reason}", old.status));
                        (old.status, old.reason, old.state) = (status, reason, "open");
                        (old.resolution, old.last_seen, old.opened) = (None, None, h);
                        old.times += 1;
                    }
                    (Some(old), now)
                        if old.state != "resolved" && now.is_none_or(|(status, _)| status == "pass") =>
                    {
                        let to = now.map_or("-", |(status, _)| status);
                        old.events.push(format!("resolved {}>{to} fixed", old.status));
                        if let Some((status, reason)) = now {
                            (old.status, old.reason) = (status, reason);
                        }
                        (old.state, old.resolution, old.last_seen) = ("resolved", Some("fixed"), last);
                        old.exception = None;
                    }
                    _ => {}
                }
            }
        }
    }

    /// The finding that comes `n`th among those in this state.
    pub(super) fn nth(&self, state: &str, n: usize) -> Option<Id> {
        let found: Vec<&Id> =
            self.findings.iter().filter(|(_, finding)| finding.state == state).map(|(id, _)| id).collect();
        found.get(n % found.len().max(1)).map(|id| (*id).clone())
    }

    pub(super) fn accept(&mut self, accepted: Accepted, h: i64) {
        self.accepted.push(accepted);
        self.expire(h);
        self.settle(h);
        self.note(h);
    }

    pub(super) fn remove(&mut self, n: usize, h: i64) {
        self.accepted[n].ended = Some("exception_removed");
        self.expire(h);
        self.settle(h);
        self.note(h);
    }

    /// Ends what has run out by then.
    pub(super) fn expire(&mut self, h: i64) {
        for accepted in &mut self.accepted {
            if accepted.ended.is_none() && accepted.expires <= h {
                accepted.ended = Some("exception_expired");
            }
        }
    }

    /// Lets the exceptions in force have their say on every finding.
    pub(super) fn settle(&mut self, h: i64) {
        let accepted = &self.accepted;
        for (id, finding) in &mut self.findings {
            if finding.state == "resolved" {
                finding.exception = None;
                continue;
            }
            let covers = |n: &usize| accepted[*n].ended.is_none() && accepted[*n].covers(id);
            let longest = (0..accepted.len()).rev().filter(covers).max_by_key(|n| accepted[*n].expires);
            let wanted = finding.exception.filter(covers).or(longest);
            if wanted == finding.exception {
                continue;
            }
            if wanted.is_some() {
                finding.state = "suppressed";
                finding.events.push(format!("suppressed {0}>{0} {1}", finding.status, finding.reason));
            } else {
                let why = finding.exception.and_then(|n| accepted[n].ended).unwrap();
                (finding.state, finding.opened) = ("open", h);
                finding.times += 1;
                finding.events.push(format!("reopened {0}>{0} {why}", finding.status));
            }
            finding.exception = wanted;
        }
    }

    /// To be told after a scan.
    pub(super) fn scanned(&mut self, h: i64) {
        self.scans = Some((self.scans.map_or(h, |(first, _)| first), h));
        self.note(h);
    }

    fn note(&mut self, h: i64) {
        let mut numbers = Numbers::new();
        for (id, (status, _)) in &self.evaluations {
            let suppressed = self.findings.get(id).is_some_and(|finding| finding.state == "suppressed");
            let at = match *status {
                _ if suppressed => 3,
                "pass" => 0,
                "fail" => 1,
                _ => 2,
            };
            numbers.entry((id.3.clone(), id.0.clone(), id.1.clone())).or_default()[at] += 1;
        }
        self.numbers.push((h, numbers));
    }

    /// What `compliance_daily` should hold: each day the numbers as it ended, the newest as they are.
    pub(super) fn daily(&self) -> Vec<Vec<Value>> {
        let Some((first, newest)) = self.scans.map(|(first, newest)| (first / 24, newest / 24)) else {
            return vec![];
        };
        let mut rows = Vec::new();
        for day in first..=newest {
            let numbers = self.numbers.iter().rev().find(|(h, _)| day == newest || h / 24 <= day);
            for ((check, account, region), counts) in numbers.into_iter().flat_map(|(_, numbers)| numbers) {
                let all: i64 = counts.iter().sum();
                let mut row = vec![json!(&iso(day * 24)[..10]), json!(check), json!(account), json!(region)];
                row.extend(counts.map(Value::from));
                row.push(json!(counts[0] as f64 / all as f64));
                rows.push(row);
            }
        }
        rows
    }

    pub(super) fn dump(&self) -> Dump {
        let hour = |h: i64| json!(iso(h));
        let findings = self.findings.iter().map(|(id, finding)| {
            let place = (id.0.clone(), id.1.clone());
            let seen = finding.last_seen.or_else(|| self.instances_seen.get(&place).copied());
            vec![
                json!([id.0, id.1, id.2, id.3]),
                json!([finding.state, finding.status, finding.reason, finding.resolution, finding.times]),
                json!([iso(finding.opened), seen.map(iso)]),
                json!(finding.events),
            ]
        });
        let coverage = self.coverage.iter().map(|(place, (outcome, reason, since))| {
            let place_json = json!([place.0, place.1]);
            vec![place_json, json!([outcome, reason]), hour(*since), hour(self.attempted[place])]
        });
        let evaluations = self
            .evaluations
            .iter()
            .map(|(id, now)| vec![json!([id.0, id.1, id.2, id.3]), json!([now.0, now.1])]);
        Dump {
            findings: findings.collect(),
            coverage: coverage.collect(),
            evaluations: evaluations.collect(),
        }
    }
}

/// What the public views say, without the numbers that depend on the order of writing.
#[derive(Debug, PartialEq)]
pub(super) struct Dump {
    pub(super) findings: Vec<Vec<Value>>,
    pub(super) coverage: Vec<Vec<Value>>,
    pub(super) evaluations: Vec<Vec<Value>>,
}
