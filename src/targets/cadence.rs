//! How often a target is asked.
//!
//! A target with resources is asked in every scan, and so is one that failed for a reason that may pass. One that
//! says time after time that it is empty, not enabled or closed to us is quiet: it is asked again when what is
//! known of it would else grow older than the longest age before the next scan.

use std::time::Duration;

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::{
    config::Cadence,
    domain::{AccountId, CoverageReason, Outcome, Standing, Timestamp},
};

/// Whether it is a target's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is asked in every scan.
    Always,
    /// It is quiet, and what is known of it would grow too old before the next scan, or is not sure enough yet.
    Due,
    /// It is quiet, and what is known of it is young enough.
    Wait,
}

/// Whether it is the target's turn in this scan, if the next one is expected at `next_at`.
///
/// At no scan that comes when it was expected is anything known older than the longest age: what would be is asked
/// in the scan before. With scans further apart than that, every scan asks every target.
pub fn turn(account: AccountId, known: &Standing, cadence: &Cadence, next_at: Timestamp) -> Turn {
    if !is_quiet(known) {
        return Turn::Always;
    }
    // Written by a clock that was wrong: how old it is, nobody knows.
    if known.last_attempt_at > next_at {
        return Turn::Due;
    }
    let sure = known.streak.checked_sub(cadence.after.get()).filter(|_| cadence.enabled);
    let limit = match sure {
        None => return Turn::Due,
        // The first time, each account gets its own share of it: all have just been asked in the same scan, and
        // would else be asked in the same one for ever.
        Some(0) => cadence.longest_age.mul_f64(share(account)),
        Some(_) => cadence.longest_age,
    };
    // The history knows moments to the second; without that, a scan that begins a little later in its second than
    // the last one would ask everything one scan early.
    let age = next_at.duration_since(known.last_attempt_at).as_secs();
    if age <= i64::try_from(limit.as_secs()).unwrap_or(i64::MAX) { Turn::Wait } else { Turn::Due }
}

/// Whether nothing is there to be watched, and a further look is not likely to say anything else.
fn is_quiet(known: &Standing) -> bool {
    let quiet = match known.outcome {
        Outcome::Scanned => true,
        Outcome::Failed => matches!(
            known.reason,
            Some(
                CoverageReason::AccessDenied
                    | CoverageReason::DeniedByScp
                    | CoverageReason::AssumeRoleDenied
                    | CoverageReason::RegionNotEnabled
            )
        ),
        Outcome::Skipped => known.reason == Some(CoverageReason::RegionNotEnabled),
    };
    quiet && !known.has_resources
}

/// A number from 0 up to 1 that is always the same of an account, and of many accounts spreads evenly.
fn share(account: AccountId) -> f64 {
    let hash = Sha256::digest(account.as_str());
    let first = hash.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    f64::from(first) / (f64::from(u32::MAX) + 1.0)
}

/// When the next scan may be expected of someone who says nothing about it, from when this one and those before it
/// began, the newest first: as long after this one as the longest of the last three pauses between scans. With fewer
/// to go by, so late that only what is younger than a quarter of the longest age can wait.
pub fn expect_next(starts: &[Timestamp], cadence: &Cadence) -> Option<Timestamp> {
    let newest = *starts.first()?;
    let pauses = starts.windows(2).take(3).map(|pair| pair[0].duration_since(pair[1]));
    let pause = match starts.len() {
        ..4 => SignedDuration::try_from(cadence.longest_age * 3 / 4).ok()?,
        _ => pauses.max()?,
    };
    newest.checked_add(pause.max(SignedDuration::ZERO)).ok()
}

/// How large an organization is, as far as it costs calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Accounts that are entered.
    pub accounts: u64,
    /// Targets that are asked: enabled, and not left out.
    pub targets: u64,
    /// Those of them that have DMS resources, and those that are asked in every scan for another reason.
    pub always: u64,
    /// Customer managed keys that the resources name, each counted in every target that names it.
    pub keys: u64,
}

/// What a configuration costs in calls to AWS; each is one event in CloudTrail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Of a scan that asks every target.
    pub full_scan: u64,
    /// Of a scan that asks only what is always asked.
    pub least_scan: u64,
    /// In a day, the targets that are asked less often spread over it.
    pub a_day: u64,
    /// In a day in which every scan asks every target.
    pub a_day_of_full_scans: u64,
}

/// Calls for one target: instances, endpoints, serverless configs. A second page is too rare to count.
const CALLS_A_TARGET: u64 = 3;

/// Accounts in one page of Organizations.
const ACCOUNTS_A_PAGE: u64 = 20;

/// Estimates the calls of scans at that interval. Not counted: retries, the units of the organization beyond one for
/// twenty accounts, and keys that are asked for more than once.
pub fn estimate(size: &Size, interval: Duration, cadence: &Cadence) -> Estimate {
    let always = size.always.min(size.targets);
    let quiet = size.targets - always;
    // Who we are, the organization, its root; a page of accounts, and one unit with its accounts and its units.
    let listing = 3 + 4 * size.accounts.div_ceil(ACCOUNTS_A_PAGE);
    let full_scan = listing + 2 * size.accounts + CALLS_A_TARGET * size.targets + size.keys;
    // An account is entered for what is always asked; the Regions are asked for only with the quiet targets.
    let entered = always.min(size.accounts);
    let least_scan = listing + entered + CALLS_A_TARGET * always + size.keys;
    let a_round = 2 * size.accounts - entered + CALLS_A_TARGET * quiet;

    let interval = interval.as_secs_f64().max(1.0);
    let scans = Duration::from_secs(24 * 3600).as_secs_f64() / interval;
    let scans_a_round = match cadence.enabled {
        true => (cadence.longest_age.as_secs_f64() / interval).floor().max(1.0),
        false => 1.0,
    };
    let a_day = scans * (least_scan as f64 + a_round as f64 / scans_a_round);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of calls is neither"
    )]
    let whole = |calls: f64| calls.round() as u64;
    Estimate {
        full_scan,
        least_scan,
        a_day: whole(a_day),
        a_day_of_full_scans: whole(scans * full_scan as f64),
    }
}

#[cfg(test)]
mod tests;
