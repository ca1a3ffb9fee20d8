//! The key that the data is moved to; and a key that is in danger.

use serde_json::json;

use super::{
    End, Halt, Step,
    journal::{Journal, begun},
    runner::{Runner, Seen, StepError, bring_about, is_open},
};
use crate::{
    aws::CallError,
    domain::KeyRef,
    remediation::{
        aws::Place,
        blockers::{self, KeyWay},
        facts::{Facts, KeyFacts},
        inputs::TAG,
    },
};

/// The key that the replacement gets: the one that was named, the alias's, or a new one. Returns its ARN.
pub(super) async fn ensure(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<String, Halt> {
    let (place, order) = (runner.place, runner.order);
    let choice = &order.key;
    runner.may_go_on(Step::CreateKey)?;
    // The facts have looked it over: one that does not fit is a blocker.
    if let Some(key) = &facts.target_key {
        runner.already(Step::CreateKey, &choice.alias).await?;
        runner.note(Some(&key.arn), None).await?;
        return Ok(key.arn.clone());
    }
    let mut found = None;
    if begun(runner.past(), Step::CreateKey, &choice.alias) {
        found = find(place, choice).await.map_err(|error| failed(&choice.alias, &error, order))?;
    }
    let key = match found {
        Some(key) => {
            runner.already(Step::CreateKey, &choice.alias).await?;
            key
        }
        None => {
            let input = json!({
                "Description": choice.description,
                "Policy": choice.policy.to_string(),
                "Tags": [{ "TagKey": TAG, "TagValue": facts.resource.arn }],
            });
            runner.step(Step::CreateKey, &choice.alias, None, make(place, choice, &input)).await?
        }
    };
    runner.note(Some(&key.arn), None).await?;
    let name = async {
        let look = async |_: &_| match place.alias_target(&choice.alias).await? {
            Some(id) if key.arn.ends_with(&format!("/{id}")) => Ok(Seen::There(())),
            Some(id) => Ok(Seen::Never(format!("{} names another key, {id}", choice.alias))),
            None => Ok(Seen::NotYet),
        };
        bring_about(place, order, false, look, async || place.create_alias(&choice.alias, &key.arn).await)
            .await
    };
    runner.step(Step::CreateAlias, &choice.alias, None, name).await?;
    Ok(key.arn)
}

/// A key that an earlier process, or a call without an answer, may have made.
async fn find(place: &Place, choice: &super::KeyChoice) -> Result<Option<KeyFacts>, CallError> {
    place.key_described_as(&choice.description).await
}

async fn make(
    place: &Place,
    choice: &super::KeyChoice,
    input: &serde_json::Value,
) -> Result<KeyFacts, StepError> {
    match place.create_key(input).await {
        Ok(key) => Ok(key),
        Err(error) if is_open(&error) => match find(place, choice).await? {
            Some(key) => Ok(key),
            None => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

fn failed(subject: &str, error: &CallError, order: &super::Order) -> Halt {
    Halt::Failed {
        step: Step::CreateKey,
        subject: subject.to_owned(),
        why: error.to_string(),
        advice: super::advice::after(Step::CreateKey, subject, order, false),
    }
}

/// Makes a key usable again that its owner disabled, or is about to delete.
pub(super) async fn mend(runner: &mut Runner<'_, impl Journal>, facts: &Facts) -> Result<End, Halt> {
    let (place, order) = (runner.place, runner.order);
    let Some(key) = facts.key.as_ref().and_then(|key| KeyRef::parse(&key.arn)) else {
        return Err(Halt::Failed {
            step: Step::Check,
            subject: facts.resource.arn.clone(),
            why: "KMS did not describe its key".to_owned(),
            advice: super::advice::after(Step::Check, "", order, false),
        });
    };
    let arn = key.as_str();
    let way =
        async || Ok::<_, CallError>(place.key(&key).await?.map(|key| (blockers::way_back(&key), key.state)));
    let look = |wanted: fn(KeyWay) -> bool| {
        let way = &way;
        async move |_: &_| {
            Ok(match way().await? {
                Some((found, _)) if wanted(found) => Seen::There(()),
                Some((KeyWay::Person, state)) => {
                    Seen::Never(format!("the key is {state}: a person has to mend it"))
                }
                Some(_) => Seen::NotYet,
                None => Seen::Never("the key is gone".to_owned()),
            })
        }
    };
    runner.note(Some(arn), None).await?;
    runner.may_go_on(Step::CancelKeyDeletion)?;
    let state = facts.key.as_ref().map(blockers::way_back);
    if state == Some(KeyWay::CancelDeletion) {
        let work = bring_about(
            place,
            order,
            false,
            look(|way| matches!(way, KeyWay::Enable | KeyWay::Usable)),
            async || place.cancel_key_deletion(arn).await,
        );
        runner.step(Step::CancelKeyDeletion, arn, None, work).await?;
    }
    if state == Some(KeyWay::Usable) {
        runner.already(Step::EnableKey, arn).await?;
    } else {
        let work = bring_about(place, order, false, look(|way| way == KeyWay::Usable), async || {
            place.enable_key(arn).await
        });
        runner.step(Step::EnableKey, arn, None, work).await?;
    }
    Ok(End::Done)
}
