//! Killed with SIGKILL after every single call, and gone on with: the end is the same, and nothing is made twice.

use std::{thread, time::Duration};

use super::ward::{Case, Ward};

/// Every how manyeth call is a moment to be killed at; the environment variable `KEYWATCH_TEST_KILL_EVERY` says otherwise.
const EVERY: u64 = 5;

#[test]
fn killed_after_any_call_it_goes_on_to_the_same_end() {
    let every = match std::env::var("KEYWATCH_TEST_KILL_EVERY") {
        Ok(text) => text.parse().expect("KEYWATCH_TEST_KILL_EVERY is a whole number"),
        Err(_) => EVERY,
    };
    thread::scope(|scope| {
        let cases = [[Case::Instance, Case::Key], [Case::Endpoint, Case::Serverless]];
        let both = cases.map(|cases| scope.spawn(move || cases.map(|case| survive(case, every))));
        for kills in both {
            for kills in kills.join().expect("a remediation that survived") {
                assert!(kills > 2, "{kills} kills are not worth the name");
            }
        }
    });
}

/// The first look takes seconds here, as it does in AWS: the key that is made has to be known again all the same.
#[test]
fn a_key_that_was_made_just_before_the_kill_is_found_again() {
    let ward = Ward::with_latency(Case::Instance, Duration::from_millis(120));
    let mut first = ward.apply(&["--delete-source"]).start();
    while ward.times("kms:CreateKey") == 0 && !first.has_ended() {
        thread::yield_now();
    }
    assert!(first.kill());
    assert_eq!(ward.times("kms:CreateAlias"), 0, "it was killed too late to tell anything");
    ward.apply(&["--delete-source"]).run().exits(0);
    ward.assert_put_right();
}

/// Kills it at each moment in a world of its own; returns how often it was killed.
fn survive(case: Case, every: u64) -> u32 {
    let mut kills = 0;
    let mut at = 1;
    loop {
        let ward = Ward::new(case);
        let mut first = ward.apply(&["--delete-source"]).start();
        while !ward.scene.sandbox.wait_for_calls(at, Duration::from_millis(20)) && !first.has_ended() {}
        let killed = first.kill();
        kills += u32::from(killed);
        if killed {
            let mut database =
                crate::support::database::Database::copy_of(&ward.scene.dir.path().join("history.db"));
            database.iter_mut().for_each(|database| database.assert_sound());
        }
        // One that came to its end has nothing to go on with.
        let open = ward.scene.ask("SELECT * FROM findings WHERE state = 'open'");
        if !open.is_empty() {
            ward.apply(&["--delete-source"]).run().exits(0);
        }
        ward.assert_put_right();
        if !killed {
            return kills;
        }
        at += every;
    }
}
