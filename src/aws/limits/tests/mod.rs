mod simulation;

use std::num::NonZeroU32;

use super::*;
use simulation::{NowAndThen, Scene, run};

fn account(n: u32) -> AccountId {
    format!("{n:012}").parse().unwrap()
}

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn limits() -> Limits {
    Limits::new(RateLimits::default())
}

const MINUTE: Duration = Duration::from_secs(60);

/// Minutes of work for a quota, by callers that would like to be much faster.
fn scene(per_second: f64, burst: u32) -> Scene {
    Scene {
        quota: (per_second, burst),
        configured: (250.0, 250),
        learned: None,
        latency: Duration::from_millis(20),
        at_once: 16,
        now_and_then: None,
        stray: None,
        calls: (per_second * 600.0).min(20_000.0) as u32,
    }
}

/// Few are throttled after the first minute, and the work takes at most 1.2 times as long as the quota asks.
#[track_caller]
fn keeps_to_the_quota(scene: Scene) {
    let outcome = run(scene);
    let ideal = f64::from(scene.calls) / scene.quota.0.min(scene.configured.0);
    let times = outcome.took.as_secs_f64() / ideal;
    assert!(outcome.throttled_percent_later() < 2.0, "{scene:?} {outcome:?}");
    assert!(outcome.took > Duration::ZERO && times < 1.2, "{times} times as long: {scene:?} {outcome:?}");
}

#[test]
fn the_rate_that_aws_allows_is_found_and_kept_to() {
    for (per_second, burst) in
        [(1.0, 1), (1.0, 5), (5.0, 5), (8.0, 200), (10.0, 10), (10.0, 100), (100.0, 100)]
    {
        let slow = scene(per_second, burst);
        keeps_to_the_quota(slow);
        keeps_to_the_quota(Scene { configured: (per_second * 1.2, 100), ..slow });
        keeps_to_the_quota(Scene { latency: Duration::from_millis(2), ..slow });
        keeps_to_the_quota(Scene { at_once: 64, ..slow });
    }
    for burst in [5, 50] {
        keeps_to_the_quota(Scene { latency: Duration::from_millis(300), ..scene(5.0, burst) });
    }
}

/// Two calls a second, and so many at once every five minutes.
fn now_and_then(batch: u32) -> Option<NowAndThen> {
    Some(NowAndThen { every: Duration::from_millis(500), batch, batch_every: 5 * MINUTE })
}

#[test]
fn throttled_calls_that_are_no_quota_leave_a_pace_that_batches_can_use() {
    for (configured, stray) in [((250.0, 250), 200), ((50.0, 10), 200), ((250.0, 250), 100)] {
        let (now_and_then, stray) = (now_and_then(200), Some(stray));
        let outcome =
            run(Scene { configured, now_and_then, stray, calls: 10_000, ..scene(10_000.0, 10_000) });
        assert!(outcome.throttled > 20, "{outcome:?}");
        assert!(outcome.batches.len() > 10, "{outcome:?}");
        let slowest = outcome.batches.iter().max().unwrap();
        let alone = Duration::from_secs_f64(200.0 / configured.0);
        assert!(*slowest < 2 * alone + Duration::from_secs(3), "{configured:?} {stray:?} {outcome:?}");
    }
}

/// One caller, who asks again when it has its answer or gives up after three seconds.
#[test]
fn calls_that_nobody_answers_make_no_slower_pace_of_a_stray_one() {
    let most = RateLimit { per_second: 2.5, burst: NonZeroU32::new(4).unwrap() };
    let (mut pace, mut rng) = (Pace::new(most, None), fastrand::Rng::with_seed(7));
    let (mut granted, mut ready, mut sum) = (Duration::ZERO, Duration::ZERO, 0.0);
    for _ in 0..20_000 {
        let due = granted + Duration::from_secs_f64(1.0 / pace.rate());
        granted = due.max(ready);
        let ticket = pace.grant(due > ready, granted);
        ready = granted + Duration::from_millis(20);
        match rng.u32(..200) {
            0 => {
                pace.throttled(ticket, ready);
            }
            1..=40 => ready = granted + Duration::from_secs(3),
            _ => {
                pace.answered(ticket);
            }
        }
        sum += pace.rate();
    }
    assert!(sum / 20_000.0 > 2.0, "{}", sum / 20_000.0);
}

#[test]
fn a_quota_that_is_met_now_and_then_is_kept_to() {
    let now_and_then = now_and_then(60).map(|who| NowAndThen { batch_every: MINUTE, ..who });
    // The first batch finds out, which takes some 50.
    let outcome = run(Scene { now_and_then, calls: 8000, ..scene(10.0, 10) });
    assert!(outcome.throttled_percent_later() < 2.0, "{outcome:?}");
    // Of which ten are there at once, and two in a second go to others.
    let ideal = Duration::from_secs_f64((60.0 - 10.0) / (10.0 - 2.0));
    let later = &outcome.batches[1..];
    assert!(later.iter().all(|took| *took < ideal.mul_f64(1.2)), "{outcome:?}");
}

#[test]
fn a_quota_above_what_is_configured_leaves_its_burst_to_be_found() {
    let outcome = run(Scene { configured: (4.0, 100), calls: 1200, ..scene(5.0, 5) });
    assert_eq!(outcome.throttled_later, 0);
    assert!(outcome.took.as_secs_f64() < 1200.0 / 4.0, "{outcome:?}");
}

#[test]
fn calls_that_are_throttled_together_count_once() {
    let limit = RateLimit { per_second: 100.0, burst: NonZeroU32::new(100).unwrap() };
    let bucket = Bucket::new(limit, None, DefaultClock::default());
    let tickets: Vec<Ticket> = (0..30).map(|_| bucket.ask(false).unwrap()).collect();
    tickets[..10].iter().for_each(|ticket| bucket.answered(*ticket));
    let news = tickets[10..].iter().filter(|ticket| bucket.throttled(**ticket)).count();
    assert_eq!(news, 1);
    let (rate, burst) = bucket.pace(|pace| (pace.rate(), pace.burst()));
    assert!((5.0..10.0).contains(&rate), "a little less than the ten that came through: {rate}");
    assert!((1..=10).contains(&burst), "{burst}");
    assert!(bucket.ask(false).is_err(), "no token is left");
}

#[test]
fn a_bucket_that_nothing_gets_through_is_slow_but_not_stopped_and_recovers() {
    let limit = RateLimit { per_second: 64.0, burst: NonZeroU32::MIN };
    let mut pace = Pace::new(limit, None);
    let mut now = Duration::ZERO;
    let mut next = |pace: &Pace| {
        now += Duration::from_secs_f64(1.0 / pace.rate());
        now
    };
    for _ in 0..100 {
        let at = next(&pace);
        let ticket = pace.grant(true, at);
        assert!(pace.throttled(ticket, at));
    }
    assert_eq!(pace.rate(), 0.5);
    assert_eq!(pace.learned(), None, "nothing is known but that nothing gets through");
    let mut taken = 0;
    while pace.rate() < 32.0 {
        let at = next(&pace);
        let ticket = pace.grant(true, at);
        pace.answered(ticket);
        taken += 1;
    }
    assert!(taken < 50, "{taken}");
}

#[test]
fn a_quota_that_was_raised_is_found_in_minutes() {
    let limit = RateLimit { per_second: 100.0, burst: NonZeroU32::new(100).unwrap() };
    let mut pace = Pace::new(limit, None);
    // Four a second is all there is, and then no limit any more.
    let mut now = Duration::ZERO;
    for n in 0..200 {
        now += Duration::from_millis(250);
        let ticket = pace.grant(true, now);
        pace.answered(ticket);
        if n % 50 == 49 {
            let ticket = pace.grant(true, now);
            pace.throttled(ticket, now);
        }
    }
    assert!(pace.rate() < 5.0, "{}", pace.rate());
    let begin = now;
    while pace.rate() < 100.0 {
        now += Duration::from_secs_f64(1.0 / pace.rate());
        let ticket = pace.grant(true, now);
        pace.answered(ticket);
    }
    assert!(now - begin < 4 * MINUTE, "{:?}", now - begin);
}

#[test]
fn each_account_region_and_service_has_a_bucket_of_its_own() {
    let (limits, now) = (limits(), Instant::now());
    let (one, two) = (account(1), account(2));
    let (east, west) = (region("us-east-1"), region("us-west-2"));
    let bucket = limits.bucket(one, &east, Service::Dms, now);
    assert!(Arc::ptr_eq(&bucket, &limits.bucket(one, &east, Service::Dms, now)));
    for other in [
        limits.bucket(two, &east, Service::Dms, now),
        limits.bucket(one, &west, Service::Dms, now),
        limits.bucket(one, &east, Service::Kms, now),
    ] {
        assert!(!Arc::ptr_eq(&bucket, &other));
    }
    let sts = limits.bucket(one, &east, Service::Sts, now);
    limits.forget(one, now);
    assert!(!Arc::ptr_eq(&bucket, &limits.bucket(one, &east, Service::Dms, now)), "it is a new one");
    assert!(Arc::ptr_eq(&sts, &limits.bucket(one, &east, Service::Sts, now)), "this one all accounts need");
}

#[test]
fn the_burst_is_there_at_once_and_no_more() {
    let limit = RateLimit { per_second: 0.01, burst: NonZeroU32::new(3).unwrap() };
    let bucket = Bucket::new(limit, None, DefaultClock::default());
    assert_eq!((0..5).filter(|_| bucket.ask(false).is_ok()).count(), 3);
}

/// An account's calls to KMS, of which so many get through before one is throttled, if any is.
fn call(limits: &Limits, account: AccountId, region: &Region, through: u32, throttled: bool, now: Instant) {
    let bucket = limits.bucket(account, region, Service::Kms, now);
    let tickets: Vec<Ticket> = (0..=through).map(|_| bucket.ask(false).unwrap()).collect();
    tickets[1..].iter().for_each(|ticket| bucket.answered(*ticket));
    if throttled {
        limits.throttled(account, region, Service::Kms, tickets[0], now);
    }
}

fn rate(limits: &Limits, account: AccountId, region: &Region, now: Instant) -> f64 {
    limits.bucket(account, region, Service::Kms, now).pace(|pace| pace.rate())
}

#[test]
fn what_an_account_has_learned_is_kept_for_hours_and_no_longer() {
    let (limits, now, here) = (limits(), Instant::now(), region("us-east-1"));
    call(&limits, account(1), &here, 20, true, now);
    let learned = rate(&limits, account(1), &here, now);
    assert!(learned < 20.0, "{learned}");
    limits.forget(account(1), now);
    assert_eq!(rate(&limits, account(1), &here, now + MINUTE), learned);
    limits.forget(account(1), now + MINUTE);
    assert_eq!(rate(&limits, account(1), &here, now + GOOD_FOR + MINUTE), 250.0);
}

#[test]
fn what_is_kept_has_a_bound() {
    let (limits, now, here) = (limits(), Instant::now(), region("us-east-1"));
    for n in 0..2 * KEPT as u32 {
        let bucket = limits.bucket(account(n), &here, Service::Kms, now);
        let ticket = bucket.ask(false).unwrap();
        (0..20).for_each(|_| bucket.answered(ticket));
        bucket.throttled(ticket);
        limits.forget(account(n), now);
    }
    assert!(limits.state().buckets.is_empty());
    let kept: Vec<AccountId> = limits.state().kept.iter().map(|kept| kept.account).collect();
    assert_eq!(kept, (KEPT as u32..2 * KEPT as u32).map(account).collect::<Vec<_>>(), "the latest");
}

#[test]
fn an_account_begins_with_what_enough_others_have_learned_in_the_same_place() {
    let (limits, now) = (limits(), Instant::now());
    let (here, there) = (region("us-east-1"), region("us-west-2"));
    for n in 1..=3 {
        assert_eq!(rate(&limits, account(100 + n), &here, now), 250.0, "one or two say nothing");
        call(&limits, account(n), &here, 20, true, now);
    }
    let advised = rate(&limits, account(4), &here, now);
    assert!((10.0..20.0).contains(&advised), "{advised}");
    assert_eq!(rate(&limits, account(4), &there, now), 250.0, "nothing is known of there");

    // Most were not throttled after all.
    for n in 101..=104 {
        call(&limits, account(n), &here, 20, false, now);
        limits.forget(account(n), now);
    }
    assert_eq!(rate(&limits, account(5), &here, now), 250.0);
    assert_eq!(rate(&limits, account(6), &here, now + Duration::from_secs(7200)), 250.0);
}

#[test]
fn what_accounts_learn_one_after_the_other_spares_the_later_ones() {
    // Thirty keys each: what one account learns comes too late for itself.
    for at_once in [16, 30] {
        let (mut peers, now) = (Peers::default(), Instant::now());
        let (mut sent, mut throttled) = (0, 0);
        for n in 0..50 {
            let learned = peers.advice(now);
            let outcome = run(Scene { learned, calls: 30, at_once, ..scene(10.0, 10) });
            if let Some(learned) = outcome.learned {
                peers.tell(account(n), learned, now);
            }
            if n < 3 {
                assert!(outcome.throttled > 3, "{outcome:?}");
                continue;
            }
            assert!(outcome.took.as_secs_f64() < 1.2 * 30.0 / 10.0, "{n} {learned:?} {outcome:?}");
            sent += outcome.sent;
            throttled += outcome.throttled;
        }
        assert!(throttled * 100 < sent * 2, "{throttled} of {sent}, and at the end {:?}", peers.advice(now));
    }
}

#[test]
fn what_nobody_asked_for_long_begins_anew() {
    let most = RateLimit { per_second: 100.0, burst: NonZeroU32::new(10).unwrap() };
    let mut pace = Pace::new(most, None);
    let at = Duration::from_secs;
    for second in 0..40 {
        assert!(!pace.forgets(at(second)), "it is in use");
        let ticket = pace.grant(false, at(second));
        pace.throttled(ticket, at(second));
    }
    let slow = pace.rate();
    assert!(slow < 1.0, "{slow}");
    assert!(!pace.forgets(at(39 + 600)));
    let late = pace.grant(false, at(39 + 600));
    assert!(pace.forgets(at(39 + 600 + 601)));
    assert_eq!((pace.rate(), pace.burst(), pace.was_throttled()), (100.0, 10, false));
    assert!(!pace.throttled(late, at(1300)), "a late answer says nothing of now");
    let ticket = pace.grant(false, at(1300));
    assert!(pace.throttled(ticket, at(1300)));
    assert!(pace.was_throttled());
}
