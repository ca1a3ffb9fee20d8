use super::*;
use crate::reports::{Scans, sample};

fn shown(weekly: &Weekly) -> String {
    let Summary { headline, better, worse, not_seen, notes } = summary(weekly);
    let mut text = format!("{headline}\n");
    for (name, lines) in [("better", better), ("worse", worse), ("not seen", not_seen), ("notes", notes)] {
        text += &format!("{name}\n");
        lines.iter().for_each(|line| text += &format!("  {line}\n"));
    }
    // Which blanks hold a number and its sign together is not the matter here.
    text.replace('\u{a0}', " ")
}

#[test]
fn a_week() {
    insta::assert_snapshot!(shown(&sample::weekly()), @r"
    95.2 % of what was judged is as it should be (101 of 106). 4 findings are open, 1 of which could not be judged.
    better
      1 finding was fixed: its resource passes now.
      Compliance rose from 94.3 % to 95.2 %: 101 of 106 pass, after 100 of 106. What is said of 16 targets that were lost from sight is older.
      1 target is seen again after not being seen a week before.
    worse
      1 key is in danger: data under it can't be read, or soon can't be.
      1 finding opened, failing.
      1 finding opened again after being resolved or accepted.
    not seen
      17 targets in 1 account, none a week before: the audit role could not be assumed.
      33 targets in 33 accounts, 34 a week before: the Region is not enabled in the account; data may lie there that nobody can see.
      16 targets are not seen now, but were a week before.
      17 targets have never been seen.
      1 open finding lies there and is shown as it was last seen.
      1 verdict could not be judged: not known, so not compliant.
    notes
      1 finding was accepted as a risk; that never counts as compliant.
    ");
}

#[test]
fn a_first_week_is_compared_with_nothing() {
    insta::assert_snapshot!(shown(&sample::empty()), @r"
    No DMS resource was found in what was seen, so there is nothing to judge.
    better
      This is the first week: there is nothing to compare with.
    worse
      This is the first week: there is nothing to compare with.
    not seen
      Nothing: all 17 targets were seen.
    notes
    ");
    let mut found = sample::weekly();
    found.overall.last_week = None;
    let found = summary(&found);
    assert_eq!(found.better, ["This is the first week: there is nothing to compare with."]);
    assert!(found.worse.contains(&"4 findings were found.".to_owned()), "{found:?}");
}

#[test]
fn a_week_without_a_scan_says_that_nothing_is_known() {
    let mut weekly = sample::weekly();
    weekly.period.scans =
        Scans { newest_finished_at: Some("2026-11-13T10:00:00Z".to_owned()), ..Scans::default() };
    let quiet = summary(&weekly);
    assert_eq!(quiet.better, ["Not known: no scan ended in this week."]);
    assert!(quiet.not_seen[0].contains("as it was known on Fri 13 Nov 2026"), "{quiet:?}");
}

#[test]
fn a_week_before_any_scan_knows_nothing() {
    let mut weekly = sample::empty();
    (weekly.period.scans, weekly.coverage) = Default::default();
    let nothing = summary(&weekly);
    assert_eq!(nothing.headline, "There was no scan yet, so nothing is known.");
    assert_eq!(nothing.not_seen, ["No scan came to its end yet."]);
}

#[test]
fn a_week_that_is_not_over_says_so_first() {
    let mut weekly = sample::weekly();
    weekly.period.is_over = false;
    weekly.period.as_of = "2026-11-19T12:30:00Z".to_owned();
    let note = "The week is not over: this is how it stood on Thu 19 Nov 2026, 13:30, and it will change.";
    assert_eq!(summary(&weekly).notes[0], note);
}

#[test]
fn a_better_number_because_less_is_judged_is_not_better() {
    let mut weekly = sample::weekly();
    weekly.changes.resolved.clear();
    weekly.coverage.regained = 0;
    weekly.overall.now = Counts { pass: 90, fail: 1, unknown: 0, suppressed: 0 };
    weekly.overall.last_week = Some(Counts { pass: 90, fail: 10, unknown: 0, suppressed: 0 });
    let fewer = summary(&weekly);
    assert_eq!(fewer.better, ["Nothing can be shown to have got better."]);
    let note = fewer.notes.iter().find(|note| note.contains("not counted as better")).unwrap();
    assert!(note.contains("90 of 91 pass, after 90 of 100") && note.contains("fewer are judged"), "{note}");
}

#[test]
fn what_is_no_longer_looked_at_is_not_fixed() {
    let mut weekly = sample::weekly();
    weekly.overall.last_week = Some(weekly.overall.now);
    weekly.coverage.regained = 0;
    for how in ["no_longer_in_scope", "account_left"] {
        weekly.changes.resolved[0].finding.resolution = Some(how.to_owned());
        let gone = summary(&weekly);
        assert_eq!(gone.better, ["Nothing can be shown to have got better."], "{how}");
        assert!(gone.notes.iter().any(|note| note.contains("not because of a fix")), "{gone:?}");
    }
    // Fixed, and open again before the week was over.
    weekly.changes.resolved[0].finding.resolution = Some("fixed".to_owned());
    weekly.changes.resolved[0].finding.state = "open".to_owned();
    assert_eq!(summary(&weekly).better, ["Nothing can be shown to have got better."]);
}

#[test]
fn what_can_not_be_judged_is_worse_and_a_fall_is_a_fall() {
    let mut weekly = sample::weekly();
    weekly.overall.last_week = Some(Counts { pass: 105, fail: 1, unknown: 0, suppressed: 0 });
    let worse = summary(&weekly).worse.join("\n").replace('\u{a0}', " ");
    assert!(
        worse.contains("Compliance fell from 99.0 % to 95.2 %: 101 of 106 pass, after 105 of 106."),
        "{worse}"
    );
    assert!(worse.contains("1 verdict could not be judged, after 0"), "{worse}");
}

#[test]
fn a_key_that_was_in_danger_before_still_is_told() {
    let mut weekly = sample::weekly();
    assert!(!summary(&weekly).worse[0].contains("before this week"));
    weekly.changes.reopened.clear();
    let worse = summary(&weekly).worse;
    assert!(worse[0].ends_with("soon can't be. It was so before this week."), "{worse:?}");
}

#[test]
fn everything_seen_is_said_in_a_sentence() {
    let mut weekly = sample::empty();
    assert_eq!(summary(&weekly).not_seen, ["Nothing: all 17 targets were seen."]);
    weekly.coverage.targets.scanned = 1;
    assert_eq!(summary(&weekly).not_seen, ["Nothing: the one target was seen."]);
}

#[test]
fn what_is_left_out_by_choice_is_told_last_and_not_missed() {
    let mut weekly = sample::weekly();
    weekly.coverage.reasons[1].reason = "region_excluded".to_owned();
    let not_seen = summary(&weekly).not_seen;
    assert!(not_seen[0].starts_with("17 targets in 1 account"), "{not_seen:?}");
    assert_eq!(not_seen[1], "33 targets are left out by choice, in the configuration.");
    assert_eq!((weekly.coverage.left_out(), weekly.coverage.left_out_last_week()), (33, 34));
}
