//! The policy of a key that is made. Pure.

use serde_json::{Value, json};

use crate::{
    config::KeyPrincipal,
    domain::{AccountId, Partition},
};

/// What an administrator may do: all that looks after the key, nothing that uses it. No `kms:CreateGrant`, by which an
/// administrator could give use away, and nothing with a wildcard.
///
/// Source: KMS developer guide, "Default key policy", "Allows key administrators to administer the KMS key".
const ADMINISTER: [&str; 21] = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
];

/// What a user may do.
///
/// Source: the same page, "Allows key users to use the KMS key".
const USE: [&str; 7] = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// The policy of a key in that account. The account's root stands for "whom IAM lets": without it, a key whose principals are
/// gone could be managed by nobody. Administrators look after the key and don't use it, users use it, and give it on only to
/// AWS services that act for them.
pub fn key_policy(
    partition: Partition,
    account: AccountId,
    administrators: &[KeyPrincipal],
    users: &[KeyPrincipal],
) -> Value {
    let mut statements = vec![json!({
        "Sid": "LetIamOfThisAccountDecide",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
        "Action": "kms:*",
        "Resource": "*",
    })];
    let mut allow = |sid: &str, principals: &[KeyPrincipal], actions: &[&str], condition: Option<Value>| {
        if principals.is_empty() {
            return;
        }
        let arns: Vec<String> = principals.iter().map(|principal| principal.in_account(account)).collect();
        let mut statement = json!({
            "Sid": sid, "Effect": "Allow", "Principal": { "AWS": arns }, "Action": actions, "Resource": "*",
        });
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statements.push(statement);
    };
    allow("AdministratorsLookAfterTheKey", administrators, &ADMINISTER, None);
    allow("UsersUseTheKey", users, &USE, None);
    allow(
        "UsersGrantItToAwsServicesOnly",
        users,
        &["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
        Some(json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } })),
    );
    json!({ "Version": "2012-10-17", "Id": "keywatch-dms", "Statement": statements })
}

/// The description of a key that is made for an alias; by it, one whose making was cut off is found again.
pub fn description(alias: &str) -> String {
    format!("DMS data at rest ({alias}), made by keywatch")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principals(arns: &[&str]) -> Vec<KeyPrincipal> {
        arns.iter().map(|arn| KeyPrincipal::parse(arn, Partition::Aws).unwrap()).collect()
    }

    fn policy(administrators: &[&str], users: &[&str]) -> Value {
        let account = "111122223333".parse().unwrap();
        key_policy(Partition::Aws, account, &principals(administrators), &principals(users))
    }

    #[test]
    fn without_principals_iam_alone_decides() {
        let policy = policy(&[], &[]);
        assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
        assert_eq!(policy["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::111122223333:root");
    }

    #[test]
    fn administrators_do_not_use_the_key_and_users_do_not_administer_it() {
        let policy = policy(
            &["arn:aws:iam::{account}:role/KeyAdministrator"],
            &["arn:aws:iam::{account}:role/DmsOperator", "arn:aws:iam::999988887777:user/ops/alice"],
        );
        insta::assert_snapshot!(format!("{policy:#}"));
        let uses = |action: &&str| {
            ["Encrypt", "Decrypt", "GenerateDataKey", "ReEncrypt", "CreateGrant", "*"]
                .iter()
                .any(|word| action.contains(word))
        };
        assert_eq!(ADMINISTER.iter().find(|action| uses(action)), None);
        assert_eq!(
            USE.iter().find(|action| ADMINISTER.contains(action) && **action != "kms:DescribeKey"),
            None
        );
    }
}
