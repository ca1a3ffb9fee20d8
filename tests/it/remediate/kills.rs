//! Killed with SIGKILL after every single step, and gone on with: the end is the same, and nothing is made twice.

use std::{thread, time::Duration};

use super::ward::{Case, Ward};

/// The moments to be killed at.
#[derive(Clone, Copy)]
enum Moments {
    /// After each call that changed something: after every step.
    Changes,
    /// After every so manyeth call, looks included: much longer, so it is asked for with the environment variable
    /// `KEYWATCH_TEST_KILL_EVERY`.
    EveryCalls(u64),
}

impl Moments {
    /// How many there were in what was done to that ward.
    fn among(self, ward: &Ward) -> u64 {
        let calls = ward.scene.sandbox.calls();
        match self {
            Self::Changes => calls.mutations,
            Self::EveryCalls(every) => calls.total.div_ceil(every),
        }
    }

    /// Whether the `n`th has come, `n` from 1; returns some time later if not.
    fn has_come(self, ward: &Ward, n: u64) -> bool {
        let (sandbox, a_while) = (&ward.scene.sandbox, Duration::from_millis(20));
        if let Self::EveryCalls(every) = self {
            return sandbox.wait_for_calls((n - 1) * every + 1, a_while);
        }
        let calls = sandbox.calls();
        if calls.mutations < n {
            sandbox.wait_for_calls(calls.total + 1, a_while);
        }
        calls.mutations >= n
    }
}

#[test]
fn killed_after_every_step_it_goes_on_to_the_same_end() {
    let moments = match std::env::var("KEYWATCH_TEST_KILL_EVERY") {
        Ok(text) => Moments::EveryCalls(text.parse().expect("KEYWATCH_TEST_KILL_EVERY is a whole number")),
        Err(_) => Moments::Changes,
    };
    thread::scope(|scope| {
        let cases = [[Case::Instance, Case::Key], [Case::Endpoint, Case::Serverless]];
        let both = cases.map(|cases| scope.spawn(move || cases.map(|case| survive(case, moments))));
        for kills in both {
            for (kills, moments) in kills.join().expect("a remediation that survived") {
                // What is over before its last moments were seen was not killed in them.
                assert!(kills * 2 >= moments, "killed in {kills} of {moments} moments");
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

/// Kills it at each moment in a world of its own; returns how often it was killed, and at how many moments it could be.
fn survive(case: Case, moments: Moments) -> (u64, u64) {
    let undisturbed = Ward::new(case);
    undisturbed.apply(&["--delete-source"]).run().exits(0);
    let all = moments.among(&undisturbed);
    let kills = (1..=all).filter(|n| is_killed_and_survives(case, moments, *n)).count();
    (kills as u64, all)
}

fn is_killed_and_survives(case: Case, moments: Moments, n: u64) -> bool {
    let ward = Ward::new(case);
    let mut first = ward.apply(&["--delete-source"]).start();
    while !moments.has_come(&ward, n) && !first.has_ended() {}
    let killed = first.kill();
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
    killed
}
