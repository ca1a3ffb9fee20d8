use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{
    KeyOptions, OpenFinding,
    choice::{choice, facts},
    find,
    place::{Role, place_of},
};
use crate::{
    app::{
        Base, Clock,
        connect::{Connection, connect},
    },
    config::Config,
    history::{FindingFilter, Reader},
    remediation::{
        Place,
        facts::{Facts, KeyFacts},
        plan::{Choice, Finding, Missed, Plan},
    },
};

/// Findings that are read at a time. Each makes a dozen calls, which the limits of its own account pace.
const AT_ONCE: usize = 16;

/// Which findings are planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// That of a number, or those of a resource's ARN.
    One(String),
    /// Every open one.
    All,
}

/// Plans, and the findings of which none could be made.
#[derive(Debug)]
pub struct Planned {
    /// The plans, in the findings' order.
    pub plans: Vec<Plan>,
    /// What could not be read.
    pub missed: Vec<(OpenFinding, String)>,
}

impl Planned {
    /// What could not be read, for the index.
    pub fn missed(&self) -> Vec<Missed> {
        let missed = |(finding, why): &(OpenFinding, String)| Missed {
            resource_arn: finding.arn.clone(),
            why: why.clone(),
        };
        self.missed.iter().map(missed).collect()
    }
}

/// Reads everything afresh with the audit role, and makes a plan of each finding. Changes nothing.
///
/// # Errors
/// Where there is no such finding that is open, or keywatch has no credentials. What can't be read of one finding is told
/// beside the plans of the others.
pub async fn plan(
    config: &Config,
    which: &Which,
    options: &KeyOptions,
    clock: Clock,
    cancel: &CancellationToken,
) -> anyhow::Result<Planned> {
    let reader = Reader::open(&config.database.path).await?;
    let findings = match which {
        Which::One(arn_or_id) => find(&reader, arn_or_id).await?,
        Which::All => all_open(&reader).await?,
    };
    reader.close().await;
    let mut planned = Planned { plans: Vec::new(), missed: Vec::new() };
    if findings.is_empty() {
        return Ok(planned);
    }
    let base = Base::new(config).await;
    let connection = connect(&base, config, cancel).await?;
    let choice = choice(config, options);
    let (connection, choice) = (&connection, &choice);
    let mut made = stream::iter(findings)
        .map(|finding| async move {
            let plan = plan_one(connection, config, &finding, choice, clock, cancel).await;
            (finding, plan)
        })
        .buffered(AT_ONCE);
    while let Some((finding, plan)) = made.next().await {
        match plan {
            Ok(plan) => planned.plans.push(plan),
            Err(error) => planned.missed.push((finding, format!("{error:#}"))),
        }
    }
    Ok(planned)
}

async fn all_open(reader: &Reader) -> anyhow::Result<Vec<OpenFinding>> {
    let filter = FindingFilter { states: vec!["open".to_owned()], ..FindingFilter::default() };
    reader.findings(&filter).await?.iter().map(OpenFinding::of).collect()
}

async fn plan_one(
    connection: &Connection,
    config: &Config,
    finding: &OpenFinding,
    choice: &Choice,
    clock: Clock,
    cancel: &CancellationToken,
) -> anyhow::Result<Plan> {
    let place = place_of(connection, config, finding, Role::Audit, cancel);
    let name = choice.name_beside(finding.resource_type, &finding.name);
    let facts = facts(&place, config, finding, (choice, &name), Role::Audit, clock.now()).await?;
    let mut facts = facts.context("AWS knows it no more: a scan will see that, and resolve the finding")?;
    if finding.is_of_key() && facts.key.is_none() {
        facts.key = key_at_home(connection, config, finding, &facts, cancel).await;
    }
    let finding = Finding {
        id: finding.id,
        check_id: finding.check_id.clone(),
        severity: severity(&finding.check_id).to_owned(),
        reason: finding.reason.clone(),
        opened_at: finding.opened_at.clone(),
        account_name: finding.account_name.clone(),
        resource_arn: finding.arn.clone(),
        resource_name: finding.name.clone(),
    };
    Ok(Plan::new(finding, facts, choice.clone())?)
}

/// A key that the resource's own account may not look at, as the account that owns it sees it, if keywatch may enter that.
async fn key_at_home(
    connection: &Connection,
    config: &Config,
    finding: &OpenFinding,
    facts: &Facts,
    cancel: &CancellationToken,
) -> Option<KeyFacts> {
    let key = facts.resource.key.as_ref()?;
    let home = key.home().filter(|home| home.account != finding.account)?;
    let place = Place::new(
        &connection.sdk,
        Arc::clone(&connection.caller),
        connection.sessions.enter(home.account),
        home.region,
        config.scan.target_timeout,
        cancel.clone(),
    );
    match place.key(key).await {
        Ok(found) => found,
        Err(error) => {
            tracing::debug!(%key, "its owner does not describe it either: {error}");
            None
        }
    }
}

fn severity(check_id: &str) -> &'static str {
    let checks: BTreeMap<&str, &str> =
        crate::evaluation::CHECKS.iter().map(|check| (check.id, check.severity.as_str())).collect();
    checks.get(check_id).copied().unwrap_or("unknown severity")
}
