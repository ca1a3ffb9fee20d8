use crate::{
    history::{ExceptionThen, WeekFacts},
    reports::{ExceptionRow, Finding},
};

/// The exceptions of the week, in the order in which they end.
pub(super) fn exceptions(facts: &WeekFacts, findings: &[Finding]) -> Vec<ExceptionRow> {
    let row = |exception: &ExceptionThen| {
        let id = Some(exception.exception_id);
        ExceptionRow {
            exception_id: exception.exception_id,
            state: exception.state.clone(),
            check_id: exception.check_id.clone(),
            covers: covers(exception),
            reason: exception.reason.clone(),
            owner: exception.owner.clone(),
            created_at: exception.created_at.clone(),
            expires_at: exception.expires_at.clone(),
            ended_at: exception.ended_at.clone(),
            findings: findings.iter().filter(|finding| finding.exception_id == id).count() as u64,
        }
    };
    facts.exceptions.iter().map(row).collect()
}

fn covers(exception: &ExceptionThen) -> String {
    let ExceptionThen { resource_arn, account_id, ou, tag_key, tag_value, .. } = exception;
    match (resource_arn, account_id, ou, tag_key) {
        (Some(arn), ..) => arn.clone(),
        (_, Some(account), ..) => format!("account {account}"),
        (_, _, Some(ou), _) => format!("ou {ou}"),
        (.., key) => {
            format!("tag {}={}", key.as_deref().unwrap_or_default(), tag_value.as_deref().unwrap_or_default())
        }
    }
}
