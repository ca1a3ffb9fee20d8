//! What a week says in plain sentences: what got better, what got worse, what was not seen.
//!
//! Only what is known to be better is called so. A number that improves because less is judged or seen is a note, and
//! what is not known never counts as good.

use std::collections::BTreeSet;

use super::{
    Change, Counts, Coverage, GapReason, TargetCounts, Weekly,
    words::{Dates, counted, outcome_reason, percent, thousands},
};

/// Reasons of gaps that are told one by one.
const MOST_REASONS: usize = 4;

/// The week in sentences. No list but the notes is ever empty: where there is nothing to say, that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How it stands.
    pub headline: String,
    /// What got better.
    pub better: Vec<String>,
    /// What got worse, and keys in danger even where they were before.
    pub worse: Vec<String>,
    /// What was not seen, or could not be judged.
    pub not_seen: Vec<String>,
    /// What one must know to read the others right.
    pub notes: Vec<String>,
}

impl GapReason {
    /// Whether the owner of keywatch chose not to look there.
    fn is_by_choice(&self) -> bool {
        matches!(self.reason.as_str(), "account_excluded" | "region_excluded")
    }
}

impl Coverage {
    /// Targets that are left out by choice.
    pub(super) fn left_out(&self) -> u64 {
        self.reasons.iter().filter(|reason| reason.is_by_choice()).map(|reason| reason.targets).sum()
    }

    /// The same a week before.
    pub(super) fn left_out_last_week(&self) -> u64 {
        self.reasons.iter().filter(|reason| reason.is_by_choice()).filter_map(|reason| reason.last_week).sum()
    }
}

/// Puts a week into sentences.
pub fn summary(weekly: &Weekly) -> Summary {
    let week = Week { weekly, dates: Dates::new(&weekly.period.time_zone) };
    Summary {
        headline: week.headline(),
        better: week.better(),
        worse: week.worse(),
        not_seen: week.not_seen(),
        notes: week.notes(),
    }
}

struct Week<'a> {
    weekly: &'a Weekly,
    dates: Dates,
}

/// How the share that passes moved, and whether that is what it seems.
enum Moved {
    Rose,
    /// No more resources pass than before: fewer are judged.
    RoseOnly,
    Fell,
}

impl Week<'_> {
    fn headline(&self) -> String {
        let (now, open) = (&self.weekly.overall.now, &self.weekly.changes);
        if self.weekly.period.scans.newest_finished_at.is_none() && now.judged() == 0 {
            return "There was no scan yet, so nothing is known.".to_owned();
        }
        let Some(share) = percent(now.pass, now.judged()) else {
            return "No DMS resource was found in what was seen, so there is nothing to judge.".to_owned();
        };
        let unknown = match open.open_unknown {
            0 => String::new(),
            n => format!(", {} of which could not be judged", thousands(n)),
        };
        format!(
            "{share} of what was judged is as it should be ({} of {}). {} open{unknown}.",
            thousands(now.pass),
            thousands(now.judged()),
            are(open.open, "finding")
        )
    }

    fn better(&self) -> Vec<String> {
        if let Some(why) = self.incomparable() {
            return vec![why];
        }
        let mut said = Vec::new();
        let fixed = self.ended("fixed");
        if fixed > 0 {
            let now = if fixed == 1 { "its resource passes now" } else { "their resources pass now" };
            said.push(format!("{} fixed: {now}.", were(fixed, "finding")));
        }
        let deleted = self.ended("resource_deleted");
        if deleted > 0 {
            let with = if deleted == 1 { "its resource, which was" } else { "their resources, which were" };
            said.push(format!("{} ended with {with} deleted.", counted(deleted, "finding")));
        }
        if let Some((Moved::Rose, how)) = self.compliance() {
            let lost = match self.weekly.coverage.lost {
                0 => String::new(),
                n => format!(" What is said of {} that were lost from sight is older.", counted(n, "target")),
            };
            said.push(format!("Compliance rose {how}{lost}"));
        }
        if self.weekly.coverage.regained > 0 {
            let regained = are(self.weekly.coverage.regained, "target");
            said.push(format!("{regained} seen again after not being seen a week before."));
        }
        or(said, "Nothing can be shown to have got better.")
    }

    fn worse(&self) -> Vec<String> {
        let changes = &self.weekly.changes;
        let mut said: Vec<String> = self.danger().into_iter().collect();
        if self.weekly.overall.last_week.is_none() {
            said.extend(self.incomparable());
            if changes.open > 0 {
                said.push(format!("{} found.", were(changes.open, "finding")));
            }
            return said;
        }
        if let Some(opened) = self.opened() {
            said.push(opened);
        }
        let reopened = findings(&changes.reopened).len() as u64;
        if reopened > 0 {
            said.push(format!(
                "{} opened again after being resolved or accepted.",
                counted(reopened, "finding")
            ));
        }
        if let Some((Moved::Fell, how)) = self.compliance() {
            said.push(format!("Compliance fell {how}"));
        }
        let unknown = self.weekly.overall.now.unknown;
        let before = self.weekly.overall.last_week.map_or(unknown, |last| last.unknown);
        if unknown > before {
            said.push(format!(
                "{} could not be judged, after {}; that never counts as compliant.",
                counted(unknown, "verdict"),
                thousands(before)
            ));
        }
        let nothing = self.incomparable().unwrap_or_else(|| "Nothing that was seen got worse.".to_owned());
        or(said, &nothing)
    }

    fn not_seen(&self) -> Vec<String> {
        let (coverage, targets) = (&self.weekly.coverage, self.weekly.coverage.targets);
        let mut said = Vec::new();
        match &self.weekly.period.scans.newest_finished_at {
            None => said.push("No scan came to its end yet.".to_owned()),
            Some(newest) if !self.scanned() => said.push(format!(
                "No scan ended in this week: everything is as it was known on {}.",
                self.dates.day(newest)
            )),
            Some(_) => {}
        }
        let (chosen, others): (Vec<&GapReason>, Vec<&GapReason>) = coverage
            .reasons
            .iter()
            .filter(|reason| reason.targets > 0)
            .partition(|reason| reason.is_by_choice());
        for reason in others.iter().take(MOST_REASONS) {
            let before = reason.last_week.map_or_else(String::new, |n| match n {
                n if n == reason.targets => ", as many as a week before".to_owned(),
                0 => ", none a week before".to_owned(),
                n => format!(", {} a week before", thousands(n)),
            });
            said.push(format!(
                "{} in {}{before}: {}.",
                counted(reason.targets, "target"),
                counted(reason.accounts, "account"),
                outcome_reason(&reason.reason)
            ));
        }
        let others: u64 = others.iter().skip(MOST_REASONS).map(|reason| reason.targets).sum();
        if others > 0 {
            said.push(format!("{} for other reasons.", counted(others, "target")));
        }
        let chosen: u64 = chosen.iter().map(|reason| reason.targets).sum();
        if chosen > 0 {
            said.push(format!("{} left out by choice, in the configuration.", are(chosen, "target")));
        }
        if coverage.lost > 0 {
            said.push(format!(
                "{} not seen now, but {} a week before.",
                are(coverage.lost, "target"),
                was(coverage.lost)
            ));
        }
        let never: u64 = coverage.ages.iter().filter(|band| band.never).map(|band| band.targets).sum();
        if never > 0 {
            said.push(format!("{} never been seen.", have(never, "target")));
        }
        let stale: u64 = coverage.gaps.iter().map(|gap| gap.open_findings).sum();
        if stale > 0 {
            let shown = if stale == 1 {
                "lies there and is shown as it was"
            } else {
                "lie there and are shown as they were"
            };
            said.push(format!("{} {shown} last seen.", counted(stale, "open finding")));
        }
        let unknown = self.weekly.overall.now.unknown;
        if unknown > 0 {
            said.push(format!(
                "{} could not be judged: not known, so not compliant.",
                counted(unknown, "verdict")
            ));
        }
        let all = if targets.all() == 0 { "There was nothing to see.".to_owned() } else { seen_all(targets) };
        or(said, &all)
    }

    fn notes(&self) -> Vec<String> {
        let (period, changes) = (&self.weekly.period, &self.weekly.changes);
        let mut said = Vec::new();
        if !period.is_over {
            said.push(format!(
                "The week is not over: this is how it stood on {}, and it will change.",
                self.dates.minute(&period.as_of)
            ));
        }
        if let Some(pruned) = &period.pruned_before {
            said.push(format!(
                "The history before {} was removed, so what happened before is not counted.",
                self.dates.day(pruned)
            ));
        }
        if let Some((Moved::RoseOnly, how)) = self.compliance() {
            said.push(format!(
                "Compliance reads higher, {how} No more resources pass than before, only fewer are judged: that is \
                 not counted as better."
            ));
        }
        let accepted = findings(&changes.suppressed).len() as u64;
        if accepted > 0 {
            said.push(format!(
                "{} accepted as a risk; that never counts as compliant.",
                were(accepted, "finding")
            ));
        }
        let left = self.ended("account_left") + self.ended("no_longer_in_scope");
        if left > 0 {
            let them = if left == 1 { "it is" } else { "they are" };
            said.push(format!(
                "{} ended because {them} no longer looked at, not because of a fix.",
                counted(left, "finding")
            ));
        }
        let ended =
            self.weekly.exceptions.iter().filter(|exception| exception.state != "active").count() as u64;
        if ended > 0 {
            said.push(format!(
                "{} ended; what it covered counts as open again.",
                counted(ended, "accepted risk")
            ));
        }
        said
    }

    /// Why this week can't be held against the one before.
    fn incomparable(&self) -> Option<String> {
        if self.weekly.overall.last_week.is_none() {
            return Some("This is the first week: there is nothing to compare with.".to_owned());
        }
        (!self.scanned()).then(|| "Not known: no scan ended in this week.".to_owned())
    }

    fn scanned(&self) -> bool {
        let scans = &self.weekly.period.scans;
        scans.complete + scans.incomplete + scans.interrupted > 0
    }

    fn danger(&self) -> Option<String> {
        let keys = &self.weekly.keys_in_danger;
        let new = findings(&self.weekly.changes.opened);
        let again = findings(&self.weekly.changes.reopened);
        let mut under = keys.iter().flat_map(|key| &key.findings).map(|finding| finding.finding_id);
        let before = !under.any(|id| new.contains(&id) || again.contains(&id));
        let before = match (before, self.weekly.overall.last_week.is_some(), keys.len()) {
            (true, true, 1) => " It was so before this week.",
            (true, true, _) => " They were so before this week.",
            _ => "",
        };
        match keys.len() as u64 {
            0 => None,
            1 => Some(format!("1 key is in danger: data under it can't be read, or soon can't be.{before}")),
            n => Some(format!(
                "{} keys are in danger: data under them can't be read, or soon can't be.{before}",
                thousands(n)
            )),
        }
    }

    fn opened(&self) -> Option<String> {
        let opened = &self.weekly.changes.opened;
        let total = findings(opened).len() as u64;
        let of = |which: &dyn Fn(&Change) -> bool| {
            let those = opened.iter().filter(|change| which(change)).map(|change| change.finding.finding_id);
            those.collect::<BTreeSet<_>>().len() as u64
        };
        let open_as =
            |status: &str| of(&|change| change.finding.state == "open" && change.finding.status == status);
        let over = of(&|change| change.finding.state != "open");
        let parts: Vec<(u64, &str)> = [
            (open_as("fail"), "failing"),
            (open_as("unknown"), "not judged"),
            (over, "since resolved or accepted"),
        ]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .collect();
        let parts = match parts.as_slice() {
            [(n, what)] if *n == total => format!(", {what}"),
            parts => {
                let parts: Vec<String> =
                    parts.iter().map(|(n, what)| format!("{} {what}", thousands(*n))).collect();
                format!(": {}", parts.join(", "))
            }
        };
        (total > 0).then(|| format!("{} opened{parts}.", counted(total, "finding")))
    }

    /// Findings that ended so and stayed so until the end of the week.
    fn ended(&self, how: &str) -> u64 {
        let stayed = |change: &&Change| {
            change.finding.state == "resolved" && change.finding.resolution.as_deref() == Some(how)
        };
        let ids: BTreeSet<i64> = self
            .weekly
            .changes
            .resolved
            .iter()
            .filter(stayed)
            .map(|change| change.finding.finding_id)
            .collect();
        ids.len() as u64
    }

    /// How compliance moved, with the numbers it is made of.
    fn compliance(&self) -> Option<(Moved, String)> {
        let (now, last) = (self.weekly.overall.now, self.weekly.overall.last_week?);
        let (new, old) = (percent(now.pass, now.judged())?, percent(last.pass, last.judged())?);
        let cross = |a: Counts, b: Counts| u128::from(a.pass) * u128::from(b.judged());
        let moved = match cross(now, last).cmp(&cross(last, now)) {
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Less => Moved::Fell,
            std::cmp::Ordering::Greater if now.pass > last.pass => Moved::Rose,
            std::cmp::Ordering::Greater => Moved::RoseOnly,
        };
        let passes = |counts: Counts| format!("{} of {}", thousands(counts.pass), thousands(counts.judged()));
        let shares = if new == old { format!("within {new}") } else { format!("from {old} to {new}") };
        Some((moved, format!("{shares}: {} pass, after {}.", passes(now), passes(last))))
    }
}

fn findings(changes: &[Change]) -> BTreeSet<i64> {
    changes.iter().map(|change| change.finding.finding_id).collect()
}

fn or(said: Vec<String>, nothing: &str) -> Vec<String> {
    if said.is_empty() { vec![nothing.to_owned()] } else { said }
}

fn seen_all(targets: TargetCounts) -> String {
    match targets.all() {
        1 => "Nothing: the one target was seen.".to_owned(),
        n => format!("Nothing: all {} targets were seen.", thousands(n)),
    }
}

fn are(n: u64, what: &str) -> String {
    format!("{} {}", counted(n, what), if n == 1 { "is" } else { "are" })
}

fn were(n: u64, what: &str) -> String {
    format!("{} {}", counted(n, what), was(n))
}

const fn was(n: u64) -> &'static str {
    if n == 1 { "was" } else { "were" }
}

fn have(n: u64, what: &str) -> String {
    format!("{} {}", counted(n, what), if n == 1 { "has" } else { "have" })
}

#[cfg(test)]
mod tests;
