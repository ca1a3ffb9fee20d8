//! Whether keywatch has credentials, whose they are, and whether its clock is AWS's.

use std::{num::NonZeroU32, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{ATTEMPTS, STEP, advice, iam::Facts, result::CheckResult};
use crate::{
    app::connect::Connection,
    aws::{self, Bounds, Caller, Class, Session},
    config::{Config, Scan},
    credentials::{ClockSkew, Identity, identify_by_clock},
    deployment::Place,
    domain::{AccountId, Timestamp, iso_utc},
};

const CREDENTIALS: &str = "credentials";
const IDENTITY: &str = "identity";
const CLOCK: &str = "clock";
const EXTERNAL_ID: &str = "external_id";

/// AWS refuses what is signed more than five minutes off; four leave a minute. Source: IAM user guide,
/// "Troubleshoot AWS Signature Version 4 signing for API requests".
const WRONG_CLOCK: u64 = 4 * 60;

/// So much is no ordinary drift.
const DRIFTING_CLOCK: u64 = 60;

pub struct Found {
    pub results: Vec<CheckResult>,
    /// What goes on from here; `None` where nothing can.
    pub connection: Option<(Connection, Facts)>,
    pub clock: CheckResult,
}

pub async fn check(config: &Config, cancel: &CancellationToken) -> Found {
    let attempts = config.scan.max_attempts.min(NonZeroU32::new(ATTEMPTS).unwrap_or(NonZeroU32::MIN));
    let scan = Scan { max_attempts: attempts, ..config.scan.clone() };
    let settings = aws::load(&config.aws, &scan).await;
    let clock = settings.config.time_source().unwrap_or_default();
    let caller = Arc::new(Caller::new(&scan, &config.rate_limits, clock));
    let bounds = Bounds::within(STEP, cancel);
    let profile = config.aws.profile.as_deref();
    let unnamed = Session::new(AccountId::NONE, settings.chain.clone());

    let mut results = Vec::new();
    match unnamed.credentials(&caller, &bounds).await {
        Ok(found) => {
            let until = match found.expiry().and_then(|end| Timestamp::try_from(end).ok()) {
                Some(end) => format!("found, good until {}", iso_utc(end)),
                None => "found, without an end".to_owned(),
            };
            results.push(CheckResult::ok(CREDENTIALS, until));
        }
        Err(error) => {
            let fix = advice::credentials(profile);
            // The SDK says on lines of their own what it tried and why that was nothing, and then all again in
            // the words of its types.
            let tried = error.failure.message.split_whitespace().collect::<Vec<_>>().join(" ");
            let tried = tried.split(" (CredentialsNotLoaded(").next().unwrap_or_default();
            results.push(CheckResult::failed(CREDENTIALS, tried, fix));
            results.push(CheckResult::skipped(IDENTITY, "needs credentials"));
            let clock = CheckResult::skipped(CLOCK, "needs an answer of AWS to compare with");
            return Found { results, connection: None, clock };
        }
    }

    let skew = ClockSkew::default();
    let home = &config.aws.home_region;
    let bounds = Bounds::within(STEP, cancel);
    let identity = identify_by_clock(&settings.config, &caller, &unnamed, home, &bounds, &skew).await;
    let clock = clock_result(skew.seconds());
    let connection = match identity {
        Ok(identity) if identity.partition == home.partition() => {
            results
                .push(CheckResult::ok(IDENTITY, format!("{} in account {}", identity.arn, identity.account)));
            let facts = facts(config, &identity);
            Some((Connection::new(config, settings, caller, identity), facts))
        }
        Ok(identity) => {
            let detail = format!(
                "{} belongs to partition {}, but aws.home_region {home} lies in {}",
                identity.arn,
                identity.partition,
                home.partition()
            );
            let fix = format!("Set aws.home_region to a Region of partition {}", identity.partition);
            results.push(CheckResult::failed(IDENTITY, detail, fix));
            None
        }
        Err(error) => {
            let fix = match error.class {
                Class::Denied => "Nobody needs a permission for sts:GetCallerIdentity, so a policy denies it by name: \
                                  find it among the policies of the organization and of the VPC endpoint of STS"
                    .to_owned(),
                _ => advice::unless_denied(&error),
            };
            results.push(CheckResult::failed(IDENTITY, error.to_string(), fix));
            None
        }
    };
    Found { results, connection, clock }
}

fn facts(config: &Config, identity: &Identity) -> Facts {
    Facts {
        partition: identity.partition,
        hub: identity.account,
        own_arn: identity.arn.clone(),
        place: Place::of(
            identity.partition,
            &config.organization,
            &config.remediation,
            config.notify.sns.as_ref(),
        ),
    }
}

/// Whether the config has an external id.
pub fn external_id(config: &Config) -> CheckResult {
    match config.organization.external_id {
        Some(_) => CheckResult::ok(EXTERNAL_ID, "set, and shown nowhere"),
        None => CheckResult::warning(
            EXTERNAL_ID,
            "organization.external_id is not set: the audit roles are assumed without one",
            "Within one organization it may be left out. To have one, put it into organization.external_id or \
             KEYWATCH_ORGANIZATION__EXTERNAL_ID, and into the condition sts:ExternalId of each audit role's trust policy",
        ),
    }
}

/// What a clock that AWS is so many seconds ahead of amounts to.
fn clock_result(skew: Option<i64>) -> CheckResult {
    let Some(skew) = skew else {
        return CheckResult::skipped(CLOCK, "needs an answer of AWS to compare with");
    };
    let off = skew.unsigned_abs();
    let detail = match off {
        0 | 1 => "the same as AWS's, to the second".to_owned(),
        _ => format!("{off} s {} AWS's", if skew > 0 { "behind" } else { "ahead of" }),
    };
    let fix = "Set this machine's clock and have it kept: sudo timedatectl set-ntp true (with chrony: sudo chronyc makestep); \
               a virtual machine gets it from its host. AWS refuses calls that are signed more than 5 minutes off";
    match off {
        0..=DRIFTING_CLOCK => CheckResult::ok(CLOCK, detail),
        _ if off <= WRONG_CLOCK => CheckResult::warning(CLOCK, detail, fix),
        _ => CheckResult::failed(CLOCK, detail, fix),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Health, *};

    #[test]
    fn a_clock_is_wrong_before_aws_refuses_it() {
        let outcome = |skew| clock_result(skew).outcome;
        assert_eq!([Some(0), Some(-60), Some(60)].map(outcome), [Health::Ok; 3]);
        assert_eq!([Some(61), Some(-240)].map(outcome), [Health::Warning; 2]);
        assert_eq!([Some(241), Some(-86_400)].map(outcome), [Health::Failed; 2]);
        assert_eq!(outcome(None), Health::Skipped);
        assert_eq!(clock_result(Some(90)).detail, "90 s behind AWS's");
        assert_eq!(clock_result(Some(-90)).detail, "90 s ahead of AWS's");
    }

    #[test]
    fn without_an_external_id_there_is_a_warning() {
        let mut config = Config::default();
        assert_eq!(external_id(&config).outcome, Health::Warning);
        config.organization.external_id = Some(crate::config::ExternalId::new("hush"));
        let result = external_id(&config);
        assert_eq!(result.outcome, Health::Ok);
        assert!(!format!("{result:?}").contains("hush"));
    }
}
