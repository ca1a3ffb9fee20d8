use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use aws_config::SdkConfig;
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{sync::OnceCell, time::Instant};

use super::{aliases::AliasList, dms::Dms, kms::Kms, remembered::Remembered};
use crate::{
    aws::{Bounds, CallError, Caller, Class, Session},
    domain::{
        AccountId, Failure, JudgedResource, KeyFacts, KeyFailure, KeyMetadata, KeyRef, Observation, Part,
        Reading, Region, ResourceType, Status, Target, TargetRecord, Timestamp,
    },
};

/// A target's keys that are asked at a time. One after the other, the target with most keys would still be
/// asking when all others are done; all at once, it would hold every slot.
const KEYS_AT_ONCE: usize = 16;

/// What the lists of aliases say, asked once for all keys of a target whose own description is denied.
type Aliases = tokio::sync::Mutex<HashMap<Region, Result<AliasList, KeyFailure>>>;

/// What [`Owners::session`] returns.
pub type OwnerFuture<'a> = Pin<Box<dyn Future<Output = Option<Arc<Session>>> + Send + 'a>>;

/// Knows how to get into the account that owns a key.
pub trait Owners: Send + Sync {
    /// A session in the account; `None` if it is no account of the organization that can be entered. Waits
    /// until that is known.
    fn session(&self, account: AccountId) -> OwnerFuture<'_>;
}

/// What came of looking at a target.
#[derive(Debug)]
pub enum Looked {
    /// It answered, at least in part.
    Saw(Observation),
    /// The Region does not accept the account's token at all.
    NotEnabled(Failure),
    /// The scan was stopped before it was done: what was read so far is no observation.
    Stopped,
}

/// Reads targets; shared by all of a scan.
pub struct Collector {
    caller: Arc<Caller>,
    dms: Dms,
    kms: Kms,
    owners: Box<dyn Owners>,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// Keys of other accounts, asked once for all who use them.
    foreign: Mutex<HashMap<KeyRef, Arc<ForeignKey>>>,
}

/// A key as an account other than its owner meets it.
#[derive(Default)]
struct ForeignKey {
    /// What any account that may describe it was told.
    described: OnceCell<KeyMetadata>,
    /// What its owner's account was told; `None` if that can't be entered.
    by_owner: OnceCell<Option<Result<KeyMetadata, KeyFailure>>>,
}

impl Collector {
    /// A collector with clients of its own over the SDK's one HTTP client; `now` tells the time of what is
    /// read.
    pub fn new(
        sdk: &SdkConfig,
        caller: Arc<Caller>,
        owners: impl Owners + 'static,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        Self {
            caller,
            dms: Dms::new(sdk.clone()),
            kms: Kms::new(sdk.clone()),
            owners: Box::new(owners),
            now: Box::new(now),
            foreign: Mutex::default(),
        }
    }

    /// Looks at one target with its account's session; the keys that are remembered are not asked for.
    pub async fn look(
        &self,
        target: &Target,
        session: &Session,
        remembered: &Remembered,
        bounds: &Bounds,
    ) -> Looked {
        let list = async |resource_type| {
            let list = self.dms.resources(resource_type, &self.caller, session, &target.region, bounds);
            list.await
        };
        let [first, second, third] = ResourceType::ALL;
        // The first answer tells whether the Region takes the token at all; then the others are worth asking.
        let first = match list(first).await {
            Err(CallError { class: Class::NotEnabled, failure }) => return Looked::NotEnabled(failure),
            answer => answer,
        };
        let (second, third) = tokio::join!(list(second), list(third));
        let parts: Vec<Part> = ResourceType::ALL
            .into_iter()
            .zip([first, second, third])
            .map(|(resource_type, answer)| Part {
                resource_type,
                resources: answer.map_err(|error| error.failure),
            })
            .collect();
        let keys = self.look_up_all(&parts, target, session, remembered, bounds).await;
        // A key whose lookup was stopped would be judged unknown, which it is not.
        if bounds.cancel.is_cancelled() {
            return Looked::Stopped;
        }
        Looked::Saw(Observation { target: target.clone(), at: self.now(), parts, keys })
    }

    /// Adds the tags of the resources that are not in order, for exceptions by tag. Without an answer they
    /// stay unknown, and no exception by tag applies.
    pub async fn add_tags(&self, record: &mut TargetRecord, session: &Session, bounds: &Bounds) {
        let Reading::Read(parts) = &mut record.reading else { return };
        let in_question: Vec<&mut JudgedResource> = parts
            .iter_mut()
            .filter_map(|part| part.resources.as_mut().ok())
            .flatten()
            .filter(|resource| resource.verdicts.iter().any(|verdict| verdict.status != Status::Pass))
            .collect();
        if in_question.is_empty() {
            return;
        }
        let arns: Vec<String> = in_question.iter().map(|judged| judged.resource.arn.clone()).collect();
        let Target { account, region } = &record.target;
        match self.dms.tags(&arns, &self.caller, session, region, bounds).await {
            Ok(mut tags) => {
                for judged in in_question {
                    judged.tags = tags.remove(&judged.resource.arn);
                }
            }
            Err(error) => {
                tracing::warn!(account.id = %account, %region, "exceptions by tag can't be applied: {error}");
            }
        }
    }

    /// The moment, by the clock that it was given.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// What is known of every key that the resources name.
    async fn look_up_all(
        &self,
        parts: &[Part],
        target: &Target,
        session: &Session,
        remembered: &Remembered,
        bounds: &Bounds,
    ) -> BTreeMap<KeyRef, KeyFacts> {
        let resources = parts.iter().filter_map(|part| part.resources.as_ref().ok()).flatten();
        let named: BTreeSet<&KeyRef> = resources.filter_map(|resource| resource.key.as_ref()).collect();
        let aliases = Aliases::default();
        let mut asked = FuturesUnordered::new();
        let mut keys = BTreeMap::new();
        let mut unknown = Vec::with_capacity(named.len());
        for key in named {
            match remembered.facts(key, target) {
                Some(facts) => {
                    keys.insert(key.clone(), facts);
                }
                None => unknown.push(key),
            }
        }
        let mut waiting = unknown.into_iter();
        loop {
            for key in waiting.by_ref().take(KEYS_AT_ONCE - asked.len()) {
                let facts = self.look_up(key, target, session, bounds, &aliases);
                asked.push(async move { (key.clone(), facts.await) });
            }
            let Some((key, facts)) = asked.next().await else { break };
            keys.insert(key, facts);
        }
        keys
    }

    async fn look_up(
        &self,
        key: &KeyRef,
        target: &Target,
        session: &Session,
        bounds: &Bounds,
        aliases: &Aliases,
    ) -> KeyFacts {
        if key.is_aws_alias() {
            return KeyFacts::default();
        }
        let home = key.home();
        let region = home.as_ref().map_or(&target.region, |home| &home.region);
        if let Some(owner) = home.as_ref().map(|home| home.account).filter(|owner| *owner != target.account) {
            let described = self.describe_foreign(key, owner, region, session, bounds).await;
            return KeyFacts { described: Some(described), aliases: None };
        }
        match self.kms.describe(key, &self.caller, session, region, bounds).await {
            Err(error) if error.class == Class::Denied => {
                // Held while it is asked: the target's other keys wait for the answer.
                let mut aliases = aliases.lock().await;
                if !aliases.contains_key(region) {
                    let list = self.kms.aliases(&self.caller, session, region, bounds).await;
                    aliases.insert(region.clone(), list.map_err(key_failure));
                }
                let says = aliases.get(region).map(|list| match list {
                    Ok(list) => Ok(list.says_of(key)),
                    Err(failure) => Err(failure.clone()),
                });
                KeyFacts { described: Some(Err(key_failure(error))), aliases: says }
            }
            described => KeyFacts { described: Some(described.map_err(key_failure)), aliases: None },
        }
    }

    /// Another account's key: from the account that uses it, and if it may not, from its owner's.
    async fn describe_foreign(
        &self,
        key: &KeyRef,
        owner: AccountId,
        region: &Region,
        session: &Session,
        bounds: &Bounds,
    ) -> Result<KeyMetadata, KeyFailure> {
        let known = {
            let mut foreign = self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(foreign.entry(key.clone()).or_default())
        };
        let described = known
            .described
            .get_or_try_init(|| self.kms.describe(key, &self.caller, session, region, bounds))
            .await;
        let refused = match described {
            Ok(metadata) => return Ok(metadata.clone()),
            Err(error) => error,
        };
        if !matches!(refused.class, Class::Denied | Class::NotFound) {
            return Err(key_failure(refused));
        }
        let by_owner = known.by_owner.get_or_init(|| self.ask_owner(key, owner, region, bounds)).await;
        by_owner.clone().unwrap_or_else(|| Err(key_failure(refused)))
    }

    async fn ask_owner(
        &self,
        key: &KeyRef,
        owner: AccountId,
        region: &Region,
        bounds: &Bounds,
    ) -> Option<Result<KeyMetadata, KeyFailure>> {
        let asked = Instant::now();
        let session = self.owners.session(owner).await?;
        // The target is not to blame for a list of accounts that takes its time.
        let bounds = bounds.later_by(asked.elapsed());
        match self.kms.describe(key, &self.caller, &session, region, &bounds).await {
            Ok(metadata) => Some(Ok(metadata)),
            Err(error) if error.class == Class::NotFound => Some(Err(key_failure(error))),
            Err(error) => {
                tracing::debug!(%key, account.id = %owner, %error, "the key's owner gives no answer either");
                None
            }
        }
    }
}

fn key_failure(error: CallError) -> KeyFailure {
    match error.class {
        Class::Denied => KeyFailure::Denied(error.failure),
        Class::NotFound => KeyFailure::NotFound(error.failure),
        _ => KeyFailure::Other(error.failure),
    }
}
