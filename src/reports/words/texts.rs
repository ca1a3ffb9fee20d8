//! What the words of the history mean. A word that is not known here is shown with blanks for its underscores.

use std::borrow::Cow;

/// Why a target was not seen.
pub fn outcome_reason(word: &str) -> Cow<'_, str> {
    Cow::Borrowed(match word {
        "account_not_active" => "the account is suspended, closed or not yet active",
        "account_excluded" => "the account is left out by the configuration",
        "region_not_enabled" => {
            "the Region is not enabled in the account; data may lie there that nobody can see"
        }
        "region_excluded" => "the Region is left out by the configuration",
        "assume_role_denied" => "the audit role could not be assumed",
        "access_denied" => "the audit role lacks a permission",
        "denied_by_scp" => "a policy of the organization forbids the call",
        "throttled" => "AWS throttled every attempt",
        "timeout" => "no answer in time",
        "expired_credentials" => "the credentials ran out and could not be renewed",
        "service_error" => "the AWS service failed or could not be reached",
        "invalid_response" => "the AWS service gave an answer that cannot be understood",
        "cancelled" => "the scan was stopped before it got there",
        other => return spaced(other),
    })
}

/// Why a check came out as it did.
pub fn verdict_reason(word: &str) -> Cow<'_, str> {
    Cow::Borrowed(match word {
        "default_key" => "no key was chosen, so AWS's own default key is used",
        "aws_managed_key" => "the key is managed by AWS",
        "customer_managed_key" => "the key is managed by the customer",
        "customer_managed_key_other_account" => {
            "the key belongs to another account, so it is customer managed"
        }
        "key_access_denied" => "not known: looking at the key was refused",
        "key_not_found" => "not known: there is no such key",
        "key_lookup_failed" => "not known: looking at the key failed",
        "resource_creating" => "not known yet: the resource is still being made",
        "key_enabled" => "the key can be used",
        "key_disabled" => "the key is disabled",
        "key_pending_deletion" => "the key is about to be deleted",
        "key_pending_replica_deletion" => "the key is about to be deleted, once its replicas are",
        "key_pending_import" => "the key's imported material is missing or has expired",
        "key_unavailable" => "the key's own key store is disconnected",
        "key_state_unknown" => "not known: the key is in a state that this version does not know",
        other => return spaced(other),
    })
}

/// How a finding came to its end.
pub fn resolution(word: &str) -> Cow<'_, str> {
    Cow::Borrowed(match word {
        "fixed" => "fixed: the resource now passes",
        "resource_deleted" => "the resource was deleted",
        "account_left" => "the account was closed or left the organization",
        "no_longer_in_scope" => "no longer looked at: the configuration leaves it out now",
        other => return spaced(other),
    })
}

/// What a verdict rests on.
pub fn evidence(word: &str) -> Cow<'_, str> {
    Cow::Borrowed(match word {
        "describe_key" => "KMS described the key (kms:DescribeKey)",
        "list_aliases" => {
            "the complete list of the account's aliases (kms:ListAliases): AWS keeps alias/aws/ to itself"
        }
        "arn_account" => "the key's ARN names another account: AWS managed keys serve only their own",
        "none" => "no lookup: what the resource itself says, or nothing",
        other => return spaced(other),
    })
}

/// What kind of thing a resource is.
pub fn resource_type(word: &str) -> Cow<'_, str> {
    Cow::Borrowed(match word {
        "replication_config" => "Serverless replication",
        other => return spaced(other),
    })
}

fn spaced(word: &str) -> Cow<'_, str> {
    if word.contains('_') { Cow::Owned(word.replace('_', " ")) } else { Cow::Borrowed(word) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CoverageReason;

    #[test]
    fn every_reason_of_coverage_is_explained() {
        for reason in CoverageReason::ALL {
            assert_ne!(outcome_reason(reason.as_str()), spaced(reason.as_str()));
        }
        assert_eq!(outcome_reason("a_new_one"), "a new one");
    }
}
