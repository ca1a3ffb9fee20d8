use std::collections::BTreeMap;

use super::Frame;
use crate::{
    evaluation::CHECKS,
    history::{NumbersThen, REPORT_WEEKS, WeekFacts},
    reports::{CheckCompliance, Control, Counts, EvidenceCount, Finding, Trend, WeekPoint},
};

/// Verdicts and open findings at the end of each week.
type Sums = [(Counts, u64); REPORT_WEEKS];

/// The numbers of the twelve weeks.
pub(super) struct Trends<'a> {
    frame: &'a Frame<'a>,
    facts: &'a WeekFacts,
    checks: BTreeMap<&'a str, Sums>,
}

impl<'a> Trends<'a> {
    pub(super) fn new(frame: &'a Frame<'a>, facts: &'a WeekFacts, findings: &'a [Finding]) -> Self {
        let mut checks: BTreeMap<&str, Sums> = BTreeMap::new();
        for change in &facts.numbers {
            checks.entry(&change.check_id).or_default();
        }
        for finding in findings.iter().filter(|finding| finding.state == "open") {
            checks.entry(&finding.check_id).or_default()[REPORT_WEEKS - 1].1 += 1;
        }
        for (check, sums) in &mut checks {
            verdicts(sums, facts.numbers.iter().filter(|change| change.check_id == *check).collect());
            open_back(sums, |week| {
                let own = facts.open.iter().filter(|one| one.check_id == *check && one.week as usize == week);
                own.map(|change| change.open).sum()
            });
        }
        Self { frame, facts, checks }
    }

    /// One for each check.
    pub(super) fn compliance(&self) -> Vec<CheckCompliance> {
        CHECKS
            .iter()
            .map(|check| CheckCompliance {
                check_id: check.id.to_owned(),
                title: check.title.to_owned(),
                severity: check.severity.as_str().to_owned(),
                rationale: check.rationale.to_owned(),
                remediation: check.remediation.to_owned(),
                trend: self.trend(self.checks.get(check.id).copied().unwrap_or_default()),
            })
            .collect()
    }

    /// All checks together, also those that this version does not have.
    pub(super) fn overall(&self) -> Trend {
        let mut all = Sums::default();
        for sums in self.checks.values() {
            for ((counts, open), (more, more_open)) in all.iter_mut().zip(sums) {
                *counts = add(*counts, *more);
                *open += more_open;
            }
        }
        self.trend(all)
    }

    /// The controls in the order in which the checks name them.
    pub(super) fn controls(&self) -> Vec<Control> {
        let mut controls: Vec<Control> = Vec::new();
        for check in CHECKS {
            let now = self.checks.get(check.id).map_or_else(Counts::default, |sums| sums[REPORT_WEEKS - 1].0);
            for control in check.controls {
                let known = controls
                    .iter_mut()
                    .find(|one| one.framework == control.framework && one.id == control.id);
                match known {
                    Some(known) => {
                        known.check_ids.push(check.id.to_owned());
                        known.counts = add(known.counts, now);
                    }
                    None => controls.push(Control {
                        framework: control.framework.to_owned(),
                        id: control.id.to_owned(),
                        check_ids: vec![check.id.to_owned()],
                        counts: now,
                    }),
                }
            }
        }
        controls
    }

    fn trend(&self, sums: Sums) -> Trend {
        let [.., (before, _), (now, _)] = sums;
        let [.., had_begun, _] = self.facts.known;
        let weeks =
            sums.into_iter().zip(self.facts.known).enumerate().map(|(at, ((counts, open), known))| {
                WeekPoint {
                    week: self.frame.week_name(at),
                    counts: known.then_some(counts),
                    open: known.then_some(open),
                    scanned: self.facts.scans.iter().any(|scans| scans.week as usize == at),
                }
            });
        Trend { now, last_week: had_begun.then_some(before), weeks: weeks.collect() }
    }
}

/// The changes of verdicts summed up to the end of each week.
fn verdicts(sums: &mut Sums, changes: Vec<&NumbersThen>) {
    for (at, (counts, _)) in sums.iter_mut().enumerate() {
        let sum = |number: fn(&NumbersThen) -> i64| {
            let sum: i64 =
                changes.iter().filter(|change| change.week as usize <= at).map(|change| number(change)).sum();
            // As many end as had begun, at most.
            u64::try_from(sum).unwrap_or(0)
        };
        *counts = Counts {
            pass: sum(|change| change.pass),
            fail: sum(|change| change.fail),
            unknown: sum(|change| change.unknown),
            suppressed: sum(|change| change.suppressed),
        };
    }
}

/// What was open at the end of each week, from what is open at the end of the last, and what changed in each.
fn open_back(sums: &mut Sums, change: impl Fn(usize) -> i64) {
    for week in (1..REPORT_WEEKS).rev() {
        sums[week - 1].1 = sums[week].1.saturating_add_signed(-change(week));
    }
}

/// Both together.
pub(super) fn add(one: Counts, other: Counts) -> Counts {
    Counts {
        pass: one.pass + other.pass,
        fail: one.fail + other.fail,
        unknown: one.unknown + other.unknown,
        suppressed: one.suppressed + other.suppressed,
    }
}

/// What the verdicts rest on.
pub(super) fn evidence(facts: &WeekFacts) -> Vec<EvidenceCount> {
    let count = |row: &crate::history::EvidenceThen| EvidenceCount {
        evidence: row.evidence.clone(),
        status: row.status.clone(),
        verdicts: row.verdicts,
    };
    facts.evidence.iter().map(count).collect()
}
