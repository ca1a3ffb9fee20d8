use std::collections::{BTreeMap, HashMap};

use super::Frame;
use crate::{
    domain::{Timestamp, iso_utc},
    history::{AccountTargets, GapThen, TargetPeriod, WeekFacts},
    reports::{AgeBand, Coverage, Finding, Gap, GapReason, TargetCounts},
};

/// The bounds of the bands of age, in hours.
const BANDS: [u64; 3] = [24, 48, 168];

/// What was seen, all in all and by place.
pub(super) struct Seen<'a> {
    pub(super) coverage: Coverage,
    pub(super) accounts: HashMap<&'a str, TargetCounts>,
    pub(super) regions: HashMap<&'a str, TargetCounts>,
}

/// What became of one target at the two moments.
#[derive(Default)]
struct Both<'a> {
    now: Option<&'a TargetPeriod>,
    before: Option<&'a TargetPeriod>,
}

/// Sums on the way to what was seen.
struct Tally<'a> {
    facts: &'a WeekFacts,
    gaps: HashMap<i64, &'a GapThen>,
    names: HashMap<&'a str, &'a str>,
    open: HashMap<(&'a str, &'a str), u64>,
    ages: Ages<'a>,
    seen: Seen<'a>,
    before: TargetCounts,
    reasons: BTreeMap<(&'a str, &'a str), GapReason>,
}

impl<'a> Seen<'a> {
    pub(super) fn new(frame: &Frame<'_>, facts: &'a WeekFacts, findings: &'a [Finding]) -> Self {
        let mut open = HashMap::new();
        for finding in findings.iter().filter(|finding| finding.state == "open") {
            *open.entry((finding.account_id.as_str(), finding.region.as_str())).or_default() += 1;
        }
        let mut tally = Tally {
            facts,
            gaps: facts.gaps.iter().map(|gap| (gap.target_id, gap)).collect(),
            names: facts.accounts.iter().map(|one| (one.account_id.as_str(), one.name.as_str())).collect(),
            open,
            ages: Ages::default(),
            seen: Self {
                coverage: Coverage::default(),
                accounts: HashMap::with_capacity(facts.targets.len()),
                regions: HashMap::new(),
            },
            before: TargetCounts::default(),
            reasons: BTreeMap::new(),
        };
        let members: HashMap<&str, bool> =
            facts.accounts.iter().map(|one| (one.account_id.as_str(), one.is_member)).collect();
        for account in &facts.targets {
            let whole = tally.account(account);
            let is_member = members.get(account.account_id.as_str()).copied().unwrap_or(false);
            tally.seen.coverage.accounts_seen_whole += u64::from(whole && is_member);
        }
        tally.end(frame)
    }
}

impl<'a> Tally<'a> {
    /// Counts the targets of an account. Returns whether there are any, and all of them were seen or left out by
    /// choice.
    fn account(&mut self, account: &'a AccountTargets) -> bool {
        let id = account.account_id.as_str();
        let mut whole = true;
        let mut own = TargetCounts { scanned: account.steady.len() as u64, ..TargetCounts::default() };
        self.before.scanned += own.scanned;
        for region in &account.steady {
            self.seen.regions.entry(region).or_default().scanned += 1;
        }
        self.ages.add(self.facts.newest_finished_at.as_deref(), own.scanned);

        let mut others: BTreeMap<&str, Both<'_>> = BTreeMap::new();
        for period in &account.others {
            let both = others.entry(&period.region).or_default();
            if period.now {
                both.now = Some(period);
            }
            if period.before {
                both.before = Some(period);
            }
        }
        let mut reasons: Vec<(&str, &str)> = Vec::new();
        for (region, both) in others {
            if let Some(before) = both.before {
                count(&mut self.before, &before.outcome);
                if let Some(reason) = why(before) {
                    *self.reason(reason).last_week.get_or_insert(0) += 1;
                }
            }
            let Some(now) = both.now else { continue };
            count(&mut own, &now.outcome);
            count(self.seen.regions.entry(region).or_default(), &now.outcome);
            self.age(now);
            whole &= now.outcome == "scanned"
                || matches!(now.reason.as_deref(), Some("account_excluded" | "region_excluded"));
            let (is, was) = (now.outcome.as_str(), both.before.map(|before| before.outcome.as_str()));
            self.seen.coverage.lost += u64::from(is != "scanned" && was == Some("scanned"));
            self.seen.coverage.regained +=
                u64::from(is == "scanned" && was.is_some_and(|was| was != "scanned"));
            if let Some(reason) = why(now) {
                self.reason(reason).targets += 1;
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                    self.reason(reason).accounts += 1;
                }
                self.gap(id, now);
            }
        }
        let targets = &mut self.seen.coverage.targets;
        targets.scanned += own.scanned;
        targets.failed += own.failed;
        targets.skipped += own.skipped;
        self.seen.accounts.insert(id, own);
        whole && own.all() > 0
    }

    fn reason(&mut self, (outcome, reason): (&'a str, &'a str)) -> &mut GapReason {
        self.reasons.entry((outcome, reason)).or_insert_with(|| GapReason {
            outcome: outcome.to_owned(),
            reason: reason.to_owned(),
            accounts: 0,
            targets: 0,
            last_week: None,
        })
    }

    /// How old the knowledge of a target is. One that was left out is not known of at all.
    fn age(&mut self, now: &'a TargetPeriod) {
        let newest = self.facts.newest_finished_at.as_deref();
        match now.outcome.as_str() {
            "scanned" => self.ages.add(newest.max(Some(now.since.as_str())), 1),
            "failed" => {
                let gap = self.gaps.get(&now.target_id);
                self.ages.add(gap.and_then(|gap| gap.last_scanned_at.as_deref()), 1);
            }
            _ => {}
        }
    }

    fn gap(&mut self, account_id: &str, now: &TargetPeriod) {
        let open_findings = self.open.get(&(account_id, now.region.as_str())).copied().unwrap_or(0);
        if now.outcome != "failed" && open_findings == 0 {
            return;
        }
        let more = self.gaps.get(&now.target_id);
        self.seen.coverage.gaps.push(Gap {
            account_id: account_id.to_owned(),
            account_name: self.names.get(account_id).copied().unwrap_or_default().to_owned(),
            region: now.region.clone(),
            outcome: now.outcome.clone(),
            reason: now.reason.clone().unwrap_or_default(),
            error_code: more.and_then(|gap| gap.error_code.clone()),
            error_message: more.and_then(|gap| gap.error_message.clone()),
            since: now.since.clone(),
            last_scanned_at: more.and_then(|gap| gap.last_scanned_at.clone()),
            open_findings,
        });
    }

    fn end(self, frame: &Frame<'_>) -> Seen<'a> {
        let Self { facts, ages, mut seen, before, reasons, .. } = self;
        let [.., had_begun, _] = facts.known;
        let coverage = &mut seen.coverage;
        coverage.accounts = facts.accounts.iter().filter(|account| account.is_member).count() as u64;
        coverage.last_week = had_begun.then_some(before);
        coverage.reasons = reasons
            .into_values()
            .filter(|reason| reason.targets > 0)
            .map(|reason| GapReason {
                last_week: had_begun.then_some(reason.last_week.unwrap_or(0)),
                ..reason
            })
            .collect();
        coverage.reasons.sort_by(|a, b| {
            (a.outcome.as_str(), std::cmp::Reverse(a.targets))
                .cmp(&(&b.outcome, std::cmp::Reverse(b.targets)))
        });
        coverage.gaps.sort_by(|a, b| {
            [&a.outcome, &a.account_id, &a.region].cmp(&[&b.outcome, &b.account_id, &b.region])
        });
        coverage.oldest_scanned_at = ages.oldest().map(str::to_owned);
        coverage.ages = ages.bands(frame.as_of);
        seen
    }
}

fn count(counts: &mut TargetCounts, outcome: &str) {
    match outcome {
        "scanned" => counts.scanned += 1,
        "failed" => counts.failed += 1,
        _ => counts.skipped += 1,
    }
}

/// Why a target was not seen; none if it was.
fn why(period: &TargetPeriod) -> Option<(&str, &str)> {
    (period.outcome != "scanned").then(|| (period.outcome.as_str(), period.reason.as_deref().unwrap_or("")))
}

/// How many targets were last looked at when.
#[derive(Default)]
struct Ages<'a> {
    at: BTreeMap<&'a str, u64>,
    never: u64,
}

impl<'a> Ages<'a> {
    fn add(&mut self, at: Option<&'a str>, targets: u64) {
        match at {
            _ if targets == 0 => {}
            Some(at) => *self.at.entry(at).or_default() += targets,
            None => self.never += targets,
        }
    }

    fn oldest(&self) -> Option<&'a str> {
        self.at.keys().next().copied()
    }

    fn bands(&self, as_of: Timestamp) -> Vec<AgeBand> {
        // As text they compare as the moments do.
        let since = |hours: u64| {
            let age = jiff::SignedDuration::from_hours(i64::try_from(hours).unwrap_or(i64::MAX));
            iso_utc(as_of.saturating_sub(age).unwrap_or(Timestamp::MIN))
        };
        let mut younger = 0;
        let mut bands: Vec<AgeBand> = BANDS
            .into_iter()
            .map(|hours| {
                let up_to: u64 = self.at.range(since(hours).as_str()..).map(|(_, targets)| targets).sum();
                let targets = up_to - younger;
                younger = up_to;
                AgeBand { up_to_hours: Some(hours), never: false, targets }
            })
            .collect();
        let all: u64 = self.at.values().sum();
        bands.push(AgeBand { up_to_hours: None, never: false, targets: all - younger });
        bands.push(AgeBand { up_to_hours: None, never: true, targets: self.never });
        bands
    }
}
