use super::{
    super::{
        Plan,
        bash::quote,
        markdown::{Page, code},
    },
    run_it, step,
};
use crate::{
    domain::iso_utc,
    remediation::blockers::{KeyWay, way_back},
};

pub(super) fn write(plan: &Plan, page: &mut Page) {
    page.heading(2, "What it means");
    page.paragraph(
        "What DMS has unlocked goes on for a while. At the next start, restart or fail-over it needs the key: then the instance \
         becomes `inaccessible-encryption-credentials`, its tasks stop, and DMS reports DMS-EVENT-0037. A key that was deleted never \
         comes back, and neither does what lies under it.",
    );
    let Some(key) = &plan.facts.key else {
        page.paragraph(
            "KMS does not say anything about this key to the audit role. Its owner is the account in its ARN: ask whoever looks after \
             keys there.",
        );
        return;
    };
    let owner = key.account.map_or_else(|| "?".to_owned(), |account| account.to_string());
    let mut rows = vec![
        vec!["Key".to_owned(), code(&key.arn)],
        vec!["State".to_owned(), code(&key.state)],
        vec!["Owner".to_owned(), code(&owner)],
        vec!["Material".to_owned(), code(&key.origin)],
        vec!["Description".to_owned(), code(&key.description)],
    ];
    if let Some(date) = key.deletion_date {
        rows.push(vec!["Gone for good on".to_owned(), format!("**{}**", iso_utc(date))]);
    }
    if let Some(region) = &key.primary_region {
        rows.push(vec!["Primary key in".to_owned(), code(region)]);
    }
    page.table(&["What", "Value"], &rows);
    page.heading(2, "Who may");
    page.paragraph(&format!(
        "Who may cancel a deletion or enable a key says the key's policy: the administrators it names, and, where its root statement \
         leaves it to IAM, principals of account {} with `kms:CancelKeyDeletion` and `kms:EnableKey`. Ask before you do: somebody had \
         a reason. These say who and when:",
        code(&owner)
    ));
    let region = plan.facts.region.as_str();
    let arn = quote(&key.arn);
    page.block(
        "bash",
        &format!(
            "export AWS_REGION={0} AWS_DEFAULT_REGION={0} AWS_PAGER=''\nkey={arn}\naws kms get-key-policy --key-id=\"$key\" \
             --policy-name=default --query Policy --output text\naws cloudtrail lookup-events \
             --lookup-attributes=AttributeKey=ResourceName,AttributeValue=\"$key\" --max-items=50 \\\n    --query \
             \"Events[?contains(['DisableKey', 'ScheduleKeyDeletion', 'DeleteImportedKeyMaterial'], EventName)].[EventTime, \
             EventName, Username]\" --output text",
            quote(region)
        ),
    );
    match way_back(key) {
        KeyWay::Person => person(plan, page),
        KeyWay::Usable => {
            page.heading(2, "What to do");
            page.paragraph("The key is usable by now. Let keywatch look again:");
        }
        way @ (KeyWay::Enable | KeyWay::CancelDeletion) => {
            run_it(page, "It cancels the deletion if one is set, and enables the key. Both can be undone.");
            page.heading(2, "The same by hand");
            if way == KeyWay::CancelDeletion {
                step(
                    page,
                    "1. Cancel the deletion",
                    "aws kms cancel-key-deletion --key-id=\"$key\"",
                    "`aws kms describe-key --key-id=\"$key\" --query KeyMetadata.KeyState` says `Disabled`.",
                    "`aws kms schedule-key-deletion --key-id=\"$key\"`.",
                );
            }
            step(
                page,
                "2. Enable the key",
                "aws kms enable-key --key-id=\"$key\"",
                "its state is `Enabled`; an instance that had become inaccessible comes back by itself or after a reboot.",
                "`aws kms disable-key --key-id=\"$key\"`.",
            );
        }
    }
    page.block("bash", &format!("keywatch remediate verify {}", quote(&plan.facts.resource.arn)));
    page.paragraph(
        "Is the key to go for good? Then first move what lies under it to another, as for a finding of the other checks, and let the \
         deletion come after.",
    );
}

fn person(plan: &Plan, page: &mut Page) {
    page.heading(2, "What to do");
    page.paragraph("No call of ours mends that:");
    let lines: Vec<String> = plan.hindrances.iter().map(|one| code(&one.fix)).collect();
    page.list(&lines);
}
