use std::num::NonZeroU32;

use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn account(number: u64) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

fn empty(streak: u32) -> Standing {
    Standing { outcome: Outcome::Scanned, reason: None, has_resources: false, streak, last_attempt_at: at(0) }
}

const HOUR: i64 = 3600;

#[test]
fn what_may_change_is_asked_in_every_scan() {
    let cadence = Cadence::default();
    let turn_of = |known: Standing| turn(account(1), &known, &cadence, at(HOUR));
    assert_eq!(turn_of(Standing { has_resources: true, ..empty(99) }), Turn::Always);
    for reason in CoverageReason::ALL {
        let quiet = ["access_denied", "denied_by_scp", "assume_role_denied", "region_not_enabled"];
        let failed = Standing { outcome: Outcome::Failed, reason: Some(reason), ..empty(99) };
        let expected = if quiet.contains(&reason.as_str()) { Turn::Wait } else { Turn::Always };
        assert_eq!(turn_of(failed), expected, "{reason:?}");
        assert_eq!(turn_of(Standing { has_resources: true, ..failed }), Turn::Always, "{reason:?}");
        let skipped = Standing { outcome: Outcome::Skipped, ..failed };
        let expected = if reason == CoverageReason::RegionNotEnabled { Turn::Wait } else { Turn::Always };
        assert_eq!(turn_of(skipped), expected, "{reason:?}");
    }
}

#[test]
fn an_answer_has_to_repeat_itself_before_it_is_trusted() {
    let cadence = Cadence::default();
    let turn_of = |streak, next| turn(account(1), &empty(streak), &cadence, at(next));
    for streak in 0..3 {
        assert_eq!(turn_of(streak, 1), Turn::Due, "{streak}");
    }
    assert_eq!(turn_of(3, 0), Turn::Wait);
    assert_eq!((turn_of(4, 24 * HOUR), turn_of(4, 24 * HOUR + 1)), (Turn::Wait, Turn::Due));
    let off = Cadence { enabled: false, ..cadence };
    assert_eq!(turn(account(1), &empty(99), &off, at(1)), Turn::Due);
}

#[test]
fn the_first_wait_spreads_the_accounts_over_the_longest_age() {
    let cadence = Cadence::default();
    // At hourly scans, the hour in which each of these accounts comes up for the first time.
    let hour_of = |number| {
        let waits =
            |hour: &i64| turn(account(number), &empty(3), &cadence, at((hour + 1) * HOUR)) == Turn::Wait;
        (0..).take_while(waits).count()
    };
    let mut hours = [0; 24];
    for number in 0..2400 {
        hours[hour_of(100_000_000_000 + number * 7)] += 1;
    }
    assert!(hours.iter().all(|count| (60..=140).contains(count)), "{hours:?}");
}

#[test]
fn the_next_scan_is_expected_as_the_last_ones_came() {
    let cadence = Cadence::default();
    let hours = |hours: &[i64]| hours.iter().map(|hour| at(hour * HOUR)).collect::<Vec<_>>();
    assert_eq!(expect_next(&[], &cadence), None);
    let few = expect_next(&hours(&[10, 9, 8]), &cadence);
    assert_eq!(few, Some(at(28 * HOUR)), "only what is younger than six hours may wait");
    assert_eq!(expect_next(&hours(&[10, 9, 8, 7, 1]), &cadence), Some(at(11 * HOUR)));
    assert_eq!(expect_next(&hours(&[10, 9, 3, 2]), &cadence), Some(at(16 * HOUR)));
    assert_eq!(expect_next(&hours(&[1, 2, 3, 4]), &cadence), Some(at(HOUR)), "a clock that was set back");
}

#[test]
fn an_estimate_counts_what_a_scan_calls() {
    let size = Size { accounts: 1000, targets: 17_000, always: 850, keys: 1200 };
    let hour = Duration::from_secs(3600);
    let found = estimate(&size, hour, &Cadence::default());
    assert_eq!(found.full_scan, 203 + 2000 + 51_000 + 1200);
    assert_eq!(found.least_scan, 203 + 850 + 2550 + 1200);
    // Every quiet target once in a day, whatever the interval.
    assert_eq!(found.a_day, 24 * found.least_scan + 2000 - 850 + 3 * 16_150);
    assert_eq!(found.a_day_of_full_scans, 24 * found.full_scan);
    let off = estimate(&size, hour, &Cadence { enabled: false, ..Cadence::default() });
    assert_eq!(off.a_day, off.a_day_of_full_scans, "it is what is saved that makes the difference");
    let rare = estimate(&size, 48 * hour, &Cadence::default());
    assert_eq!(rare.a_day, rare.a_day_of_full_scans);
    let nothing = estimate(&Size::default(), hour, &Cadence::default());
    assert_eq!(nothing.full_scan, 3);
}

proptest! {
    /// The promise: where scans come when they are expected, nothing that one of them leaves unasked has grown
    /// older than the longest age when the next begins.
    #[test]
    fn nothing_grows_older_than_the_longest_age(
        number in 0..1_000_000_000_000_u64,
        after in 1..6_u32,
        longest in 60..200_000_u32,
        steps in prop::collection::vec(1..100_000_i64, 1..80),
        // How late within its scan the target is reached.
        delays in prop::collection::vec(0..60_i64, 80),
    ) {
        let cadence = Cadence {
            after: NonZeroU32::new(after).unwrap(),
            longest_age: Duration::from_secs(longest.into()),
            ..Cadence::default()
        };
        let (mut now, mut known, mut waited) = (0, empty(0), false);
        for (step, delay) in steps.iter().zip(delays) {
            now += step;
            if waited {
                let age = at(now).duration_since(known.last_attempt_at).as_secs();
                prop_assert!(age <= i64::from(longest), "{age} s old, and not asked in the scan before");
            }
            let next = steps.iter().scan(0, |sum, step| { *sum += step; Some(*sum) }).find(|at| *at > now);
            let turn = turn(account(number), &known, &cadence, at(next.unwrap_or(now)));
            waited = turn == Turn::Wait;
            if !waited {
                known = Standing { streak: known.streak + 1, last_attempt_at: at(now + delay), ..known };
            }
        }
    }

    /// Once an answer is trusted, no more is asked than the promise takes: at steady scans, a target rests as many
    /// of them as fit into the longest age.
    #[test]
    fn nothing_is_asked_more_often_than_it_must(
        number in 0..1_000_000_000_000_u64,
        interval in 1..30_i64,
        rests in 1..40_i64,
    ) {
        let longest = Duration::from_secs((interval * rests).unsigned_abs());
        let cadence = Cadence { longest_age: longest, ..Cadence::default() };
        let mut known = empty(0);
        let mut asked = Vec::new();
        for scan in 0..200 {
            let turn = turn(account(number), &known, &cadence, at((scan + 1) * interval));
            if turn == Turn::Due {
                known = Standing { streak: known.streak + 1, last_attempt_at: at(scan * interval), ..known };
                asked.push(scan);
            }
        }
        // The fourth answer is the first to be trusted, the first rest is the account's own.
        let rested: Vec<i64> = asked.windows(2).skip(4).map(|pair| pair[1] - pair[0]).collect();
        prop_assert!(rested.iter().all(|pause| *pause == rests), "{rests}: {asked:?}");
    }
}

#[test]
fn what_a_wrong_clock_dated_into_the_future_is_asked() {
    let cadence = Cadence::default();
    let known = Standing { last_attempt_at: at(365 * 24 * HOUR), ..empty(99) };
    assert_eq!(turn(account(1), &known, &cadence, at(HOUR)), Turn::Due);
}
