use std::collections::BTreeMap;

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use super::{
    KeyOptions, OpenFinding,
    choice::{choice, facts},
    find,
    journal::HistoryJournal,
    place::{Role, place_of},
};
use crate::{
    app::{Base, Clock, connect::connect},
    config::Config,
    history::{Begun, NewRemediation, Reader, RemediationLock, RemediationStanding, Remediations},
    remediation::{
        Place, blockers,
        blockers::{Hindrance, Severity},
        facts::Facts,
        plan::{Choice, NewKey},
        policy,
        steps::{self, End, Halt, KeyChoice, Order, Outlined, Secret},
    },
};

/// What the user chose.
#[derive(Debug, Clone, Default)]
pub struct ApplyOptions {
    /// Key and name.
    pub key: KeyOptions,
    /// Whether it is to be done. Then nobody else puts anything right from the first look on.
    pub act: bool,
    /// What AWS tells nobody of an endpoint, by [`Secret::variable`].
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
    /// Held from before the first look, so that nobody changes what was seen; `None` in a dry run.
    lock: Option<RemediationLock>,
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
    let database = &config.database.path;
    let reader = Reader::open(database).await?;
    let lock = options.act.then(|| RemediationLock::take(database)).transpose()?;
    let finding = one(find(&reader, arn_or_id).await?)?;
    let known = reader.remediation_under_way(&finding.arn, &finding.check_id).await?;
    reader.close().await;

    let base = Base::new(config).await;
    let connection = connect(&base, config, stop).await?;
    // Not `stop`: a task that is on its way is brought to its end first.
    let place = place_of(&connection, config, &finding, Role::Remediation, &CancellationToken::new());
    // What was begun goes on under the name it was begun with.
    let choice = choice(config, &options.key);
    let replacement_name = match (&known, &choice.name) {
        (Some(known), Some(name)) if *name != known.replacement_name => bail!(
            "a remediation of this resource was begun, with a replacement called {}: finish that one first, without --name",
            known.replacement_name
        ),
        (Some(known), _) => known.replacement_name.clone(),
        (None, _) => choice.name_beside(finding.resource_type, &finding.name),
    };
    let order = Order {
        source_arn: finding.arn.clone(),
        replacement_name,
        key: key_choice(config, &finding, &choice),
        secrets: options.secrets.clone(),
        delete_source: options.delete_source,
        poll_interval: config.remediation.poll_interval,
        step_timeout: config.remediation.step_timeout,
        stop: stop.clone(),
    };
    let name = order.replacement_name.as_str();
    let facts = facts(&place, config, &finding, (&choice, name), Role::Remediation, clock.now()).await?;
    let mut hindrances = facts.as_ref().map_or_else(Vec::new, |facts| {
        if finding.is_of_key() {
            blockers::of_key(facts)
        } else {
            blockers::of_new_key(facts, &order.replacement_name)
        }
    });
    if finding.status == "unknown" && !finding.is_of_key() {
        hindrances.push(Hindrance {
            severity: Severity::Warning,
            code: "not_judged",
            place: finding.name.clone(),
            what: format!("nobody knows yet whose key it has ({}): it may be yours already", finding.reason),
            fix: "better let the key be judged first: `keywatch findings show` says what is missing"
                .to_owned(),
        });
    }
    let steps =
        facts.as_ref().map_or_else(Vec::new, |facts| steps::outline(facts, &order, finding.is_of_key()));
    let actor = connection.sessions.identity().arn.clone();
    Ok(Prepared { finding, facts, hindrances, steps, under_way: known.is_some(), lock, order, place, actor })
}

/// Does it, or goes on with it, step by step.
///
/// # Errors
/// What it halted at, as a [`Halt`] where AWS or the journal is to blame.
pub async fn apply(config: &Config, prepared: &Prepared, clock: Clock) -> anyhow::Result<Applied> {
    let Prepared { finding, facts, lock, order, place, actor, .. } = prepared;
    // What can't be begun leaves no trace. One that was begun finds things in between, and sorts them itself.
    if !prepared.under_way && blockers::block(&prepared.hindrances) {
        let blocking = prepared.hindrances.iter().filter(|one| one.severity == Severity::Blocker);
        return Err(Halt::Blocked(blocking.cloned().collect()).into());
    }
    if lock.is_none() {
        bail!("it was only looked at, and somebody else may have changed it since");
    }
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
    // By when it first began, as the journal says it: whoever goes on looks for the key by this.
    let key = KeyChoice { description: key_description(finding, &begun.started_at), ..order.key.clone() };
    let order = &Order { key, ..order.clone() };
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

fn key_choice(config: &Config, finding: &OpenFinding, choice: &Choice) -> KeyChoice {
    let given = match &choice.key {
        NewKey::Given(key) => Some(key.clone()),
        NewKey::Alias(_) => None,
    };
    let (partition, account) = (finding.region.partition(), finding.account);
    KeyChoice {
        given,
        alias: config.remediation.key_alias.clone(),
        policy: policy::key_policy(partition, account, &choice.administrators, &choice.users),
        description: String::new(),
    }
}

fn key_description(finding: &OpenFinding, began: &str) -> String {
    format!("DMS data at rest; made by keywatch for {}, begun {began}", finding.arn)
}
