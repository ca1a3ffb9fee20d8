//! Parts that several runbooks have.

use super::super::{
    NewKey, Plan,
    bash::quote,
    markdown::{Page, code},
};
use crate::remediation::{
    blockers::{Standing, standing},
    facts::Task,
    inputs::captures_changes,
    policy::description,
};

/// The tasks with their state and what happens to each.
pub(super) fn tasks(plan: &Plan, page: &mut Page, fate: impl Fn(&Task) -> String) {
    if plan.facts.tasks.is_empty() {
        page.paragraph("There is no task: nothing is interrupted.");
        return;
    }
    let endpoint = |arn: &str| {
        let found = plan.facts.endpoints.iter().find(|endpoint| endpoint.arn == arn);
        found.map_or_else(
            || code(arn),
            |endpoint| format!("{} ({})", code(&endpoint.name), code(&endpoint.engine)),
        )
    };
    let rows: Vec<Vec<String>> = plan
        .facts
        .tasks
        .iter()
        .map(|task| {
            vec![
                code(&task.name),
                format!("{}, {}", code(&task.migration_type), code(&task.status)),
                endpoint(&task.source_endpoint_arn),
                endpoint(&task.target_endpoint_arn),
                fate(task),
            ]
        })
        .collect();
    page.table(&["Task", "Type and state", "From", "To", "What happens"], &rows);
}

/// What becomes of a task that is moved or made anew; `way` says which.
pub(super) fn fate(task: &Task, way: &str) -> String {
    match standing(&task.status) {
        Standing::Runs if !captures_changes(&task.migration_type) => {
            "waited for: it loads, and can't be resumed".to_owned()
        }
        Standing::Runs => format!("stopped, {way}, started again: **interrupted**"),
        Standing::Rests => format!("{way}; not started"),
        Standing::Busy => "in the way".to_owned(),
    }
}

/// What is known of how long replication pauses, and what is not.
pub(super) fn pause(page: &mut Page, between: &str) {
    page.paragraph(&format!(
        "A running task pauses from its stop until it runs again: {between}. AWS gives no figure for that; reckon with minutes, and \
         longer for a task with many open transactions. One task pauses at a time. Nothing is lost as long as the source database \
         keeps its log (binary log, WAL, archived redo) from the stop on: look at its retention before you begin. Targets lag by the \
         pause and catch up afterwards. How much lag they bear only you know: choose the hour by it."
    ));
}

/// Where the names of the old one stand that nothing here changes.
pub(super) fn elsewhere(page: &mut Page, name: &str) {
    page.paragraph(&format!(
        "**What names the old ARN or name** is not followed by AWS: CloudWatch alarms and dashboards, event subscriptions, IAM \
         policies, scripts, tickets. These find the first two, for {}:",
        code(name)
    ));
    let quoted = quote(name);
    page.block(
        "bash",
        &format!(
            "name={quoted}\naws cloudwatch describe-alarms --output json --query \"MetricAlarms[?Namespace=='AWS/DMS'].[AlarmName, \
             Dimensions]\" | grep -F -B3 -- \"$name\"\naws dms describe-event-subscriptions --output json --query \
             'EventSubscriptionsList[].[CustSubscriptionId, SourceIdsList]' | grep -F -B3 -- \"$name\""
        ),
    );
}

/// Making the key by hand.
pub(super) fn key(plan: &Plan, page: &mut Page) {
    let back = "nothing to undo; a key that nobody uses is taken back with `aws kms schedule-key-deletion`.";
    match &plan.choice.key {
        NewKey::Given(key) => super::step(
            page,
            "1. The key",
            &format!(
                "key_arn=$(aws kms describe-key --key-id={} --query KeyMetadata.Arn --output text)\naws kms describe-key \
                 --key-id=\"$key_arn\" --query 'KeyMetadata.[KeyManager, KeyState, KeySpec]' --output text",
                quote(key.as_str())
            ),
            "it says `CUSTOMER Enabled SYMMETRIC_DEFAULT`.",
            "nothing was done.",
        ),
        NewKey::Alias(alias) if plan.facts.target_key.is_some() => super::step(
            page,
            "1. The key",
            &format!(
                "key_arn=$(aws kms describe-key --key-id={} --query KeyMetadata.Arn --output text)",
                quote(alias)
            ),
            "`echo \"$key_arn\"` shows its ARN.",
            "nothing was done.",
        ),
        NewKey::Alias(alias) => super::step(
            page,
            "1. The key",
            &format!(
                "key_arn=$(aws kms create-key --policy=file://key-policy.json --description={} \\\n    \
                 --query KeyMetadata.Arn --output text)\naws kms create-alias --alias-name={} --target-key-id=\"${{key_arn##*/}}\"",
                quote(&description(alias)),
                quote(alias)
            ),
            "`aws kms describe-key --key-id=\"$key_arn\"` shows `\"KeyState\": \"Enabled\"`.",
            back,
        ),
    }
    if plan.makes_key() {
        let principals = plan.choice.administrators.len() + plan.choice.users.len();
        page.paragraph(if principals == 0 {
            "`key-policy.json` names **no administrator and no user**: it leaves all to the IAM policies of the account (its root \
             statement). Name some with `remediation.key_administrators` and `remediation.key_users` in the config, or with \
             `--key-administrator` and `--key-user`, to say in the policy who looks after the key and who uses it."
        } else {
            "`key-policy.json` lets administrators look after the key without using it, and users use it and grant it to AWS \
             services only; the root statement leaves the rest to the account's IAM. Every principal in it has to exist: KMS refuses \
             a policy that names one that does not."
        });
        page.paragraph(
            "Yearly rotation is off unless you want it: `aws kms enable-key-rotation --key-id=\"$key_arn\"`.",
        );
    }
}

/// The rights that the script needs beside those that look.
pub(super) fn rights(page: &mut Page, actions: &[&str]) {
    let actions: Vec<String> = actions.iter().map(|action| format!("`{action}`")).collect();
    page.paragraph(&format!(
        "**Rights** of who runs it, beside `dms:Describe*`, `dms:ListTagsForResource` and `kms:DescribeKey`: {}. `keywatch iam \
         remediation-policy` prints them as a policy.",
        actions.join(", ")
    ));
}

/// The rights for making a key and letting DMS use it.
pub(super) const KEY_RIGHTS: [&str; 5] =
    ["kms:CreateKey", "kms:TagResource", "kms:CreateAlias", "kms:ListKeys", "kms:CreateGrant"];
