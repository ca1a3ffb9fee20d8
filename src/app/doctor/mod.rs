//! Looks over what keywatch needs before it can scan: each precondition with what was found and what to do.
//!
//! It reads only, makes no file, and needs no history. The texts of what to do are pure functions
//! (`advice`, `iam`); the rest makes the calls, each with a bound.

mod access;
mod advice;
mod host;
mod iam;
mod notify;
mod organization;
mod result;
mod roles;
mod target;

use std::{path::Path, time::Duration};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{app::connect::Connection, aws::Bounds, config::Config, domain::AccountId};

pub use notify::doctor_of_notifications;
pub use result::{CheckResult, Extra, Health};

/// The longest that one step may wait for AWS, retries included, and that an extra check may take.
const STEP: Duration = Duration::from_secs(30);

/// The longest that the tree of units may take, at Organizations' pace.
const TREE: Duration = Duration::from_secs(120);

/// Attempts at a call: the doctor is waited for, and tells a fault that stays from one that passes well enough.
const ATTEMPTS: u32 = 3;

/// What is looked over.
pub struct Examined<'a> {
    /// The config, which was read without an error.
    pub config: &'a Config,
    /// The file it was read from, if from one.
    pub config_file: Option<&'a Path>,
    /// What is risky in it.
    pub warnings: &'a [String],
    /// The account to look into, instead of one of each unit.
    pub account: Option<AccountId>,
    /// What else is to be looked at, last of all.
    pub extra: Vec<Extra>,
}

/// Looks over everything; the results stand in the order in which one depends on another.
pub async fn doctor(examined: Examined<'_>, cancel: &CancellationToken) -> Vec<CheckResult> {
    let Examined { config, config_file, warnings, account, extra } = examined;
    let of_extra = futures_util::future::join_all(extra.into_iter().map(|extra| bounded(extra, STEP)));
    let (aws, host, of_extra) =
        tokio::join!(of_aws(config, account, cancel), host::check(&config.database.path), of_extra);
    let OfAws { results, clock } = aws;
    let mut all = vec![host::config(config_file, warnings)];
    all.extend(results);
    all.extend(host);
    all.extend([clock, host::time_zone()]);
    all.extend(of_extra);
    all
}

struct OfAws {
    results: Vec<CheckResult>,
    clock: CheckResult,
}

/// Everything that takes calls, one after the other as each needs the one before.
async fn of_aws(config: &Config, account: Option<AccountId>, cancel: &CancellationToken) -> OfAws {
    let entered = access::check(config, cancel).await;
    let mut results = entered.results;
    let Some((connection, facts)) = entered.connection else {
        let why = "needs AWS credentials that work";
        results.extend(CheckResult::all_skipped(&organization::NAMES, why));
        results.push(access::external_id(config));
        results.push(CheckResult::skipped(roles::NAME, why));
        results.extend(CheckResult::all_skipped(&target::NAMES, why));
        return OfAws { results, clock: entered.clock };
    };
    let step = Step { config, connection: &connection, cancel };
    let organization::Found { results: found, candidates, facts } =
        organization::check(&step, facts, account).await;
    results.extend(found);
    results.push(access::external_id(config));
    let roles::Found { results: found, way_in } = roles::check(&step, &facts, candidates).await;
    results.extend(found);
    match way_in {
        Some((account, session)) => results.extend(target::check(&step, &facts, account, &session).await),
        None => {
            results.extend(CheckResult::all_skipped(&target::NAMES, "needs an account that can be entered"))
        }
    }
    OfAws { results, clock: entered.clock }
}

/// What every step calls with.
struct Step<'a> {
    config: &'a Config,
    connection: &'a Connection,
    cancel: &'a CancellationToken,
}

impl Step<'_> {
    fn bounds(&self) -> Bounds {
        Bounds::within(STEP, self.cancel)
    }
}

async fn bounded(extra: Extra, limit: Duration) -> CheckResult {
    timeout(limit, extra.look).await.unwrap_or_else(|_| {
        CheckResult::failed(
            extra.name,
            format!("no answer within {limit:?}"),
            "This machine must reach it: look at its address, at DNS, routes and firewall",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_extra_check_that_never_answers_has_failed() {
        let look = Box::pin(std::future::pending());
        let result = bounded(Extra { name: "webhook", look }, Duration::from_millis(1)).await;
        assert_eq!((result.name, result.outcome), ("webhook", Health::Failed));
        let look = Box::pin(async { CheckResult::ok("webhook", "answers") });
        assert_eq!(bounded(Extra { name: "webhook", look }, STEP).await.outcome, Health::Ok);
    }
}
