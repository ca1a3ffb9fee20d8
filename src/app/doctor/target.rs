//! Whether the audit role may look: at the Regions, at DMS and at KMS, in one account and Region.

use super::{Step, advice, iam::Facts, result::CheckResult};
use crate::{
    aws::{CallError, Class, Session},
    collection::Probe,
    credentials::role_arn,
    domain::{AccountId, Exception, KeyRef, Region, Resource, ResourceType},
    targets::{Plan, Planned, list_regions, plan},
};

const REGIONS: &str = "regions";
const INSTANCES: &str = "dms_instances";
const ENDPOINTS: &str = "dms_endpoints";
const SERVERLESS: &str = "dms_serverless";
const TAGS: &str = "dms_tags";
const ALIASES: &str = "kms_aliases";
const KEY: &str = "kms_key";
pub const NAMES: [&str; 7] = [REGIONS, INSTANCES, ENDPOINTS, SERVERLESS, TAGS, ALIASES, KEY];

/// One account and Region, and the role that looks there.
struct Target<'a> {
    step: &'a Step<'a>,
    facts: &'a Facts,
    account: AccountId,
    session: &'a Session,
    probe: Probe,
}

pub async fn check(
    step: &Step<'_>,
    facts: &Facts,
    account: AccountId,
    session: &Session,
) -> Vec<CheckResult> {
    let connection = step.connection;
    let probe = Probe::new(&connection.sdk, connection.caller.clone());
    let target = Target { step, facts, account, session, probe };
    let (regions, plan) = target.regions().await;
    let mut results = vec![regions];
    match region(&plan, &step.config.aws.home_region) {
        Some(region) => {
            let (dms, resources) = target.dms(&region).await;
            results.extend(dms);
            results.push(target.tags(&region, &resources).await);
            results.extend(target.kms(&region, &resources).await);
        }
        None => {
            let why =
                "no Region to look into: regions.include and exclude leave none that the account has enabled";
            results.extend(CheckResult::all_skipped(&NAMES[1..], why));
        }
    }
    results
}

impl Target<'_> {
    async fn regions(&self) -> (CheckResult, Plan) {
        let Step { config, connection, .. } = self.step;
        let home = &config.aws.home_region;
        let listed =
            list_regions(&connection.sdk, &connection.caller, self.session, home, &self.step.bounds()).await;
        let plan = plan(self.facts.partition, &config.regions, listed.as_ref().ok());
        let to_scan = plan.regions.values().filter(|region| matches!(region, Planned::Scan { .. })).count();
        let result = match listed {
            Ok(listed) => CheckResult::ok(
                REGIONS,
                format!("{} of the {} that {} lists are scanned", to_scan, listed.len(), self.account),
            ),
            Err(error) => CheckResult::warning(
                REGIONS,
                format!("all {to_scan} known Regions will be tried in such an account: {error}"),
                self.advice(&error),
            ),
        };
        (result, plan)
    }

    async fn dms(&self, region: &Region) -> (Vec<CheckResult>, Vec<Resource>) {
        let bounds = self.step.bounds();
        let list = |kind| self.probe.resources(kind, self.session, region, &bounds);
        let [first, second, third] = ResourceType::ALL;
        let answers = tokio::join!(list(first), list(second), list(third));
        let mut resources = Vec::new();
        let results = ResourceType::ALL
            .into_iter()
            .zip([answers.0, answers.1, answers.2])
            .map(|(kind, answer)| {
                let name = match kind {
                    ResourceType::ReplicationInstance => INSTANCES,
                    ResourceType::Endpoint => ENDPOINTS,
                    ResourceType::ReplicationConfig => SERVERLESS,
                };
                match answer {
                    Ok(found) => {
                        let detail = format!("{} in {}, {region}", found.len(), self.account);
                        resources.extend(found);
                        CheckResult::ok(name, detail)
                    }
                    Err(error) if error.class == Class::NotEnabled => CheckResult::failed(
                        name,
                        self.said(region, &error),
                        format!(
                            "The account has not enabled {region}, or STS there: let keywatch list the Regions (see `{REGIONS}`), \
                             or put {region} into regions.exclude"
                        ),
                    ),
                    Err(error) => CheckResult::failed(name, self.said(region, &error), self.advice(&error)),
                }
            })
            .collect();
        (results, resources)
    }

    /// Tags are only asked for while an exception by tag is in force.
    async fn tags(&self, region: &Region, resources: &[Resource]) -> CheckResult {
        let needed = self.step.config.exceptions.iter().any(Exception::needs_tags);
        let Some(resource) = resources.first() else {
            return CheckResult::skipped(
                TAGS,
                format!(
                    "{}, {region} has no DMS resource to ask for; only exceptions by tag need this",
                    self.account
                ),
            );
        };
        match self.probe.tags(&resource.arn, self.session, region, &self.step.bounds()).await {
            Ok(tags) => CheckResult::ok(TAGS, format!("{} has {tags}", resource.arn)),
            Err(error) if error.class == Class::NotFound => {
                CheckResult::ok(TAGS, format!("allowed; {} is gone meanwhile", resource.arn))
            }
            Err(error) if needed => CheckResult::failed(
                TAGS,
                format!("the config's exceptions by tag can't be applied: {}", self.said(region, &error)),
                self.advice(&error),
            ),
            Err(error) => CheckResult::warning(
                TAGS,
                format!("exceptions by tag could not be applied: {}", self.said(region, &error)),
                self.advice(&error),
            ),
        }
    }

    /// `DescribeKey` is asked about one of the account's own keys, by its id: about a name below `alias/aws/`
    /// KMS would answer by making the key.
    async fn kms(&self, region: &Region, resources: &[Resource]) -> [CheckResult; 2] {
        let aliases = self.probe.aliases(self.session, region, &self.step.bounds()).await;
        let named = resources.iter().filter_map(|resource| resource.key.as_ref());
        let key = own_key(named, aliases.as_deref().unwrap_or_default(), self.account, region);
        let described = match &key {
            Some(key) => Some(self.probe.describe_key(key, self.session, region, &self.step.bounds()).await),
            None => None,
        };
        let aliases = match aliases {
            Ok(aliases) => {
                CheckResult::ok(ALIASES, format!("{} in {}, {region}", aliases.len(), self.account))
            }
            // Only the second resort.
            Err(error) if matches!(described, Some(Ok(_))) => CheckResult::warning(
                ALIASES,
                format!(
                    "where a key's policy refuses kms:DescribeKey, nothing is known of it: {}",
                    self.said(region, &error)
                ),
                self.advice(&error),
            ),
            Err(error) => CheckResult::failed(ALIASES, self.said(region, &error), self.advice(&error)),
        };
        let described = match (key, described) {
            (Some(_), Some(Ok(metadata))) => {
                CheckResult::ok(KEY, format!("described {}, {}", metadata.arn, metadata.state))
            }
            // Whoever may not ask is not told that there is nothing.
            (Some(key), Some(Err(error))) if error.class == Class::NotFound => {
                CheckResult::ok(KEY, format!("allowed; {key}, which a DMS resource names, does not exist"))
            }
            (Some(key), Some(Err(error))) => CheckResult::failed(
                KEY,
                format!("whether keys are usable will be unknown: {key}: {}", self.said(region, &error)),
                self.key_advice(&error),
            ),
            _ => CheckResult::skipped(
                KEY,
                format!(
                    "{}, {region} has no key of its own to describe, and to ask for one of AWS's could make it: \
                     --account looks into an account that has DMS resources",
                    self.account
                ),
            ),
        };
        [aliases, described]
    }

    fn said(&self, region: &Region, error: &CallError) -> String {
        format!("{}, {region}: {error}", self.account)
    }

    fn role_arn(&self) -> String {
        role_arn(self.facts.partition, self.account, &self.facts.place.audit_role)
    }

    fn advice(&self, error: &CallError) -> String {
        advice::call(error, Some(self.facts), &self.role_arn(), &[self.facts.audit(error.failure.operation)])
    }

    fn key_advice(&self, error: &CallError) -> String {
        if error.class == Class::Denied && error.failure.message.contains("resource-based policy") {
            return advice::key_policy(&self.role_arn());
        }
        self.advice(error)
    }
}

/// The home Region if it is scanned, else the first that is.
fn region(plan: &Plan, home: &Region) -> Option<Region> {
    let scanned = |planned: &Planned| matches!(planned, Planned::Scan { .. });
    if plan.regions.get(home).is_some_and(scanned) {
        return Some(home.clone());
    }
    // One that is surely on, if there is one.
    let sure = |planned: &Planned| matches!(planned, Planned::Scan { may_be_disabled: false });
    let first = |wanted: &dyn Fn(&Planned) -> bool| {
        plan.regions.iter().find(|(_, planned)| wanted(planned)).map(|(region, _)| region.clone())
    };
    first(&sure).or_else(|| first(&scanned))
}

/// A key of the account in the Region that may be asked for: one that a resource names, else one that an
/// alias of the account's own points to.
fn own_key<'a>(
    named: impl Iterator<Item = &'a KeyRef>,
    aliases: &[(String, String)],
    account: AccountId,
    region: &Region,
) -> Option<KeyRef> {
    let own = |key: &&KeyRef| {
        !key.is_aws_alias() && key.home().is_none_or(|home| home.account == account && home.region == *region)
    };
    let by_alias = || {
        let (_, id) = aliases.iter().find(|(name, _)| !name.starts_with("alias/aws/"))?;
        KeyRef::parse(id)
    };
    let mut named = named;
    named.find(own).cloned().or_else(by_alias)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_awss_is_never_described() {
        let account: AccountId = "111122223333".parse().unwrap();
        let region: Region = "eu-west-1".parse().unwrap();
        let key = |text: &str| KeyRef::parse(text).unwrap();
        let chosen = |named: &[KeyRef], aliases: &[(&str, &str)]| {
            let aliases: Vec<_> = aliases.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            own_key(named.iter(), &aliases, account, &region).map(|key| key.to_string())
        };
        let own = "arn:aws:kms:eu-west-1:111122223333:key/k-own";
        let foreign = "arn:aws:kms:eu-west-1:444455556666:key/k-foreign";
        let elsewhere = "arn:aws:kms:eu-west-2:111122223333:key/k-elsewhere";
        let named = ["alias/aws/dms", "arn:aws:kms:eu-west-1:111122223333:alias/aws/dms", foreign, elsewhere];
        let not_own = named.map(key);
        assert_eq!(chosen(&not_own, &[("alias/aws/dms", "k-aws")]), None);
        assert_eq!(
            chosen(&not_own, &[("alias/aws/dms", "k-aws"), ("alias/ours", "k-1")]).as_deref(),
            Some("k-1")
        );
        assert_eq!(chosen(&[not_own[0].clone(), key(own)], &[]).as_deref(), Some(own));
        assert_eq!(chosen(&[key("k-bare")], &[]).as_deref(), Some("k-bare"));
    }

    #[test]
    fn the_home_region_is_looked_at_if_it_is_scanned() {
        let name = |text: &str| text.parse::<Region>().unwrap();
        let scan = |may_be_disabled| Planned::Scan { may_be_disabled };
        let mut plan = Plan::default();
        assert_eq!(region(&plan, &name("us-east-1")), None);
        plan.regions.insert(name("af-south-1"), scan(true));
        assert_eq!(region(&plan, &name("us-east-1")), Some(name("af-south-1")));
        plan.regions.insert(name("eu-west-1"), scan(false));
        assert_eq!(region(&plan, &name("us-east-1")), Some(name("eu-west-1")));
        plan.regions.insert(name("us-east-1"), scan(false));
        assert_eq!(region(&plan, &name("us-east-1")), Some(name("us-east-1")));
    }
}
