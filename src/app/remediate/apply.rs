use std::collections::BTreeMap;

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use super::{
    OpenFinding, find,
    journal::HistoryJournal,
    place::{Role, place_of},
};
use crate::{
    app::{Base, Clock, connect::connect},
    config::{Config, KeyPrincipal},
    domain::{KeyRef, ResourceType, Timestamp, iso_utc},
    history::{Begun, NewRemediation, Reader, RemediationLock, RemediationStanding, Remediations},
    remediation::{
        Place, blockers,
        blockers::Hindrance,
        facts::Facts,
        inputs, policy,
        read::{self, Wanted},
        steps::{self, End, Halt, KeyChoice, Order, Outlined, Secret},
    },
};

/// What the user chose.
#[derive(Debug, Clone, Default)]
pub struct ApplyOptions {
    /// A key that is there, instead of the config's alias.
    pub key: Option<KeyRef>,
    /// What the replacement is called, instead of the source's name with `-cmk`.
    pub name: Option<String>,
    /// Who administers a key that is made, beside those of the config.
    pub key_administrators: Vec<KeyPrincipal>,
    /// Who uses it.
    pub key_users: Vec<KeyPrincipal>,
    /// What AWS tells nobody of an endpoint, by its path in the input of `CreateEndpoint`.
    pub secrets: BTreeMap<String, Secret>,
    /// Whether the source is deleted in the end.
    pub delete_source: bool,
}

/// Everything that is known before anything is done: the dry run's answer.
pub struct Prepared {
    /// The finding.
    pub finding: OpenFinding,
    /// What was read of the source just now; `None` if it is gone.
    pub facts: Option<Facts>,
    /// What stands in the way, and what should be known.
    pub hindrances: Vec<Hindrance>,
    /// What would be done.
    pub steps: Vec<Outlined>,
    under_way: bool,
    order: Order,
    place: Place,
    actor: String,
}

impl Prepared {
    /// Whether AWS does not have the source any more, and nothing was begun that would have to be finished: a scan is all
    /// that is left to do.
    pub fn is_gone(&self) -> bool {
        self.facts.is_none() && !self.under_way
    }

    /// What the replacement is called.
    pub fn replacement_name(&self) -> &str {
        &self.order.replacement_name
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Applied {
    /// Its number in the history.
    pub remediation: i64,
    /// Whether an earlier run had begun it.
    pub resumed: bool,
    /// How it ended.
    pub end: End,
}

/// Reads everything afresh, with the remediation role, and says what would be done. Changes nothing.
///
/// # Errors
/// Where the finding is not open, the account can't be entered, or something can't be read.
pub async fn prepare(
    config: &Config,
    arn_or_id: &str,
    options: &ApplyOptions,
    clock: Clock,
    stop: &CancellationToken,
) -> anyhow::Result<Prepared> {
    let reader = Reader::open(&config.database.path).await?;
    let finding = one(find(&reader, arn_or_id).await?)?;
    let known = reader.remediation_under_way(&finding.arn, &finding.check_id).await?;
    reader.close().await;

    let base = Base::new(config).await;
    let connection = connect(&base, config, stop).await?;
    // Not `stop`: a task that is on its way is brought to its end first.
    let place = place_of(&connection, config, &finding, Role::Remediation, &CancellationToken::new());
    let now = clock.now();
    // What was begun goes on under the name it was begun with.
    let replacement_name = match (&known, &options.name) {
        (Some(known), Some(name)) if *name != known.replacement_name => bail!(
            "a remediation of this resource was begun, with a replacement called {}: finish that one first, without --name",
            known.replacement_name
        ),
        (Some(known), _) => known.replacement_name.clone(),
        (None, Some(name)) => name.clone(),
        (None, None) => default_name(&finding),
    };
    let since = known.as_ref().and_then(|known| known.started_at.parse().ok()).unwrap_or(now);
    let order = Order {
        source_arn: finding.arn.clone(),
        replacement_name,
        key: key_choice(config, &finding, options, since),
        secrets: options.secrets.clone(),
        delete_source: options.delete_source,
        poll_interval: config.remediation.poll_interval,
        step_timeout: config.remediation.step_timeout,
        stop: stop.clone(),
    };
    let facts = facts(&place, &finding, &order, now).await?;
    let hindrances = facts.as_ref().map_or_else(Vec::new, |facts| {
        if finding.is_of_key() {
            blockers::of_key(facts)
        } else {
            blockers::of_new_key(facts, &order.replacement_name)
        }
    });
    let steps =
        facts.as_ref().map_or_else(Vec::new, |facts| steps::outline(facts, &order, finding.is_of_key()));
    let actor = connection.sessions.identity().arn.clone();
    Ok(Prepared { finding, facts, hindrances, steps, under_way: known.is_some(), order, place, actor })
}

/// Does it, or goes on with it, step by step. `begun` is told its number first.
///
/// # Errors
/// What it halted at, as a [`Halt`] where AWS or the journal is to blame.
pub async fn apply(config: &Config, prepared: &Prepared, clock: Clock) -> anyhow::Result<Applied> {
    let Prepared { finding, facts, order, place, actor, .. } = prepared;
    let _lock = RemediationLock::take(&config.database.path)?;
    let mut table = Remediations::open(&config.database.path).await?;
    let new = NewRemediation {
        finding_id: finding.id,
        check_id: &finding.check_id,
        account: finding.account,
        region: finding.region.as_str(),
        resource_arn: &finding.arn,
        resource_type: finding.resource_type,
        actor,
        replacement_name: &order.replacement_name,
    };
    let begun = table.begin(new, clock.now()).await?;
    let mut journal = HistoryJournal::new(table, &begun, clock);
    let result = match facts {
        Some(facts) if finding.is_of_key() => steps::mend_key(place, order, facts, &mut journal).await,
        facts => steps::give_new_key(place, order, facts.as_ref(), finding.resource_type, &mut journal).await,
    };
    conclude(journal.into_table(), &begun, &result, clock).await?;
    let Begun { id, resumed, .. } = begun;
    Ok(Applied { remediation: id, resumed, end: result? })
}

/// Writes down how it stands.
async fn conclude(
    mut table: Remediations,
    begun: &Begun,
    result: &Result<End, Halt>,
    clock: Clock,
) -> anyhow::Result<()> {
    let (state, message) = match result {
        Ok(End::Done) => ("done", None),
        Ok(End::SourceKept) => (
            "waiting",
            Some("all is moved; the source is still there: apply again with --delete-source".to_owned()),
        ),
        Err(halt @ Halt::Stopped(_)) => ("interrupted", Some(halt.to_string())),
        Err(halt) => ("failed", Some(halt.to_string())),
    };
    table.stands(begun.id, RemediationStanding { state, message: message.as_deref() }, clock.now()).await?;
    table.close().await?;
    Ok(())
}

fn one(mut found: Vec<OpenFinding>) -> anyhow::Result<OpenFinding> {
    if let [first, .., last] = found.as_slice() {
        bail!(
            "{} has several open findings ({} of {}, {} of {}): name one by its number",
            first.arn,
            first.id,
            first.check_id,
            last.id,
            last.check_id
        );
    }
    found.pop().context("no finding")
}

fn default_name(finding: &OpenFinding) -> String {
    let longest = match finding.resource_type {
        ResourceType::ReplicationInstance => inputs::INSTANCE_NAME,
        ResourceType::Endpoint | ResourceType::ReplicationConfig => inputs::NAME,
    };
    inputs::beside(&finding.name, longest)
}

fn key_choice(config: &Config, finding: &OpenFinding, options: &ApplyOptions, since: Timestamp) -> KeyChoice {
    let remediation = &config.remediation;
    let both = |of_config: &[KeyPrincipal], given: &[KeyPrincipal]| [of_config, given].concat();
    KeyChoice {
        given: options.key.clone(),
        alias: remediation.key_alias.clone(),
        policy: policy::key_policy(
            finding.region.partition(),
            finding.account,
            &both(&remediation.key_administrators, &options.key_administrators),
            &both(&remediation.key_users, &options.key_users),
        ),
        description: format!(
            "DMS data at rest; made by keywatch for {}, begun {}",
            finding.arn,
            iso_utc(since)
        ),
    }
}

async fn facts(
    place: &Place,
    finding: &OpenFinding,
    order: &Order,
    now: Timestamp,
) -> anyhow::Result<Option<Facts>> {
    let wanted = Wanted {
        account: finding.account,
        resource_type: finding.resource_type,
        arn: &finding.arn,
        name: &order.replacement_name,
        key: order.key.given.as_ref(),
        alias: &order.key.alias,
    };
    read::facts(place, &wanted, now).await.map_err(|error| match error.denied_action() {
        Some(action) => anyhow::anyhow!(
            "{error}\nThe remediation role lacks {action}: `keywatch iam remediation-policy` has all that it needs",
        ),
        None => anyhow::anyhow!("{error}"),
    })
}
