use std::collections::HashMap;

use super::{Frame, findings::TOP};
use crate::{
    evaluation::CHECKS,
    history::{OpeningThen, WeekFacts},
    reports::{Finding, RemediationTime, Resolved, Times},
};

/// The openings resolved in the week that lasted longest.
pub(super) fn slowest(frame: &Frame<'_>, facts: &WeekFacts, findings: &[Finding]) -> Vec<Resolved> {
    let by_id: HashMap<i64, &Finding> =
        findings.iter().map(|finding| (finding.finding_id, finding)).collect();
    let mut own: Vec<&OpeningThen> = of_week(frame, facts).collect();
    own.sort_by(|a, b| b.hours_open.total_cmp(&a.hours_open).then(a.finding_id.cmp(&b.finding_id)));
    let resolved = |opening: &OpeningThen| {
        let finding = (*by_id.get(&opening.finding_id)?).clone();
        Some(Resolved {
            finding,
            opened_at: opening.opened_at.clone(),
            resolved_at: opening.resolved_at.clone(),
            resolution: opening.resolution.clone(),
            hours_open: opening.hours_open,
        })
    };
    own.into_iter().filter_map(resolved).take(TOP).collect()
}

/// One for each check.
pub(super) fn remediation_times(frame: &Frame<'_>, facts: &WeekFacts) -> Vec<RemediationTime> {
    CHECKS
        .iter()
        .map(|check| RemediationTime {
            check_id: check.id.to_owned(),
            week: times(of_week(frame, facts).filter(|opening| opening.check_id == check.id)),
            twelve_weeks: times(facts.openings.iter().filter(|opening| opening.check_id == check.id)),
        })
        .collect()
}

fn of_week<'a>(frame: &'a Frame<'_>, facts: &'a WeekFacts) -> impl Iterator<Item = &'a OpeningThen> {
    facts.openings.iter().filter(|opening| opening.resolved_at >= frame.begins_at)
}

fn times<'a>(openings: impl Iterator<Item = &'a OpeningThen>) -> Times {
    let (mut resolved, mut fixed) = (0, Vec::new());
    for opening in openings {
        resolved += 1;
        if opening.resolution == "fixed" {
            fixed.push(opening.hours_open);
        }
    }
    fixed.sort_by(f64::total_cmp);
    Times {
        resolved,
        fixed: fixed.len() as u64,
        median_hours: nearest_rank(&fixed, 5),
        p90_hours: nearest_rank(&fixed, 9),
        longest_hours: fixed.last().copied(),
    }
}

/// The least of these numbers, in order, that so many tenths of them do not exceed.
fn nearest_rank(sorted: &[f64], tenths: usize) -> Option<f64> {
    let rank = (sorted.len() * tenths).div_ceil(10);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_numbers() {
        assert_eq!(nearest_rank(&[], 5), None);
        assert_eq!(nearest_rank(&[3.0], 5), Some(3.0));
        assert_eq!(nearest_rank(&[1.0, 2.0], 5), Some(1.0));
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!((nearest_rank(&ten, 5), nearest_rank(&ten, 9)), (Some(5.0), Some(9.0)));
        let eleven: Vec<f64> = (1..=11).map(f64::from).collect();
        assert_eq!((nearest_rank(&eleven, 5), nearest_rank(&eleven, 9)), (Some(6.0), Some(10.0)));
    }
}
