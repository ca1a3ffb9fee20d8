//! Whether the audit role lets keywatch in, in one account of each unit.

use std::sync::Arc;

use futures_util::{StreamExt, stream};

use super::{Step, advice, iam::Facts, organization::Candidate, result::CheckResult};
use crate::{aws::Session, credentials::role_arn, domain::AccountId};

pub const NAME: &str = "audit_role";

/// Accounts entered at a time.
const AT_ONCE: usize = 8;

/// Accounts that are named where all is well.
const NAMED: usize = 5;

pub struct Found {
    pub results: Vec<CheckResult>,
    /// The first account that could be entered, a member if there is one.
    pub way_in: Option<(AccountId, Arc<Session>)>,
}

pub async fn check(step: &Step<'_>, facts: &Facts, candidates: Vec<Candidate>) -> Found {
    if candidates.is_empty() {
        let why = "no account to try: none could be listed, or the config leaves all of them out; --account names one";
        return Found { results: vec![CheckResult::skipped(NAME, why)], way_in: None };
    }
    let answers: Vec<_> = stream::iter(candidates)
        .map(|candidate| async move {
            let session = step.connection.sessions.enter(candidate.account);
            let answer = session.credentials(&step.connection.caller, &step.bounds()).await;
            (candidate, session, answer)
        })
        .buffered(AT_ONCE)
        .collect()
        .await;

    let (mut entered, mut refused) = (Vec::new(), Vec::new());
    let (mut member, mut manager) = (None, None);
    for (candidate, session, answer) in answers {
        match answer {
            Ok(_) => {
                entered.push(candidate.label);
                let first = if candidate.manages { &mut manager } else { &mut member };
                first.get_or_insert((candidate.account, session));
            }
            Err(error) => {
                let role_arn = role_arn(facts.partition, candidate.account, &facts.place.audit_role);
                let fix = advice::enter(&error, facts, &role_arn);
                refused.push(CheckResult::failed(NAME, format!("{}: {error}", candidate.label), fix));
            }
        }
    }
    let mut results = Vec::new();
    if !entered.is_empty() {
        results.push(CheckResult::ok(NAME, summary(&entered)));
    }
    results.extend(refused);
    Found { results, way_in: member.or(manager) }
}

/// What was entered, the first few by name.
fn summary(entered: &[String]) -> String {
    let named = entered.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    match entered.len().saturating_sub(NAMED) {
        0 => format!("assumed in {named}"),
        more => format!("assumed in {named}; and in {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_named_and_the_others_counted() {
        let entered: Vec<String> = (1..=7).map(|n| n.to_string()).collect();
        assert_eq!(summary(&entered), "assumed in 1; 2; 3; 4; 5; and in 2 more");
        assert_eq!(summary(&entered[..2]), "assumed in 1; 2");
    }
}
