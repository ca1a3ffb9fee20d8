//! The words of the database, as sentences.

/// Why a check came out as it did.
pub(super) fn reason(word: &str) -> &'static str {
    match word {
        "default_key" => "No key was named, so DMS used its default key, aws/dms, which AWS manages.",
        "aws_managed_key" => "The key is managed by AWS, not by you.",
        "customer_managed_key" => "The key is managed by you.",
        "customer_managed_key_other_account" => {
            "The key belongs to another account. A key that AWS manages serves only its own account, so this one is \
             managed by a customer."
        }
        "key_access_denied" => {
            "keywatch may not look at the key, so nobody knows whether it is as it should be."
        }
        "key_not_found" => "AWS KMS knows no such key.",
        "key_lookup_failed" => {
            "The question about the key failed, so nobody knows whether it is as it should be."
        }
        "resource_creating" => "The resource is still being made, and names no key yet.",
        "key_enabled" => "The key can be used.",
        "key_disabled" => "The key is disabled: what it encrypts can't be read until it is enabled.",
        "key_pending_deletion" => "The key is about to be deleted. What it encrypts is lost for good then.",
        "key_pending_replica_deletion" => {
            "The key is about to be deleted, once its replicas are. What it encrypts is lost for good then."
        }
        "key_pending_import" => "The key's imported material is missing or has expired: it can't be used.",
        "key_unavailable" => "The key's custom key store is disconnected: it can't be used.",
        "key_state_unknown" => "The key is in a state that this version does not know.",
        _ => "",
    }
}

/// What a verdict rests on.
pub(super) fn evidence(word: &str) -> &'static str {
    match word {
        "describe_key" => "AWS KMS said so of the key itself (kms:DescribeKey).",
        "list_aliases" => {
            "The key itself could not be asked. The account's list of aliases says so: each key that AWS manages has \
             an alias that begins with alias/aws/ (kms:ListAliases)."
        }
        "arn_account" => "The account in the key's ARN says so.",
        "none" => "No question about the key was answered; what the resource says itself is all there is.",
        _ => "",
    }
}

/// What happened to a finding.
pub(super) fn event(word: &str) -> &'static str {
    match word {
        "opened" => "Opened",
        "status_changed" => "Status changed",
        "resolved" => "Resolved",
        "suppressed" => "Accepted by an exception",
        "reopened" => "Reopened",
        _ => "Changed",
    }
}

/// How a finding ended, or came back.
pub(super) fn ending(word: &str) -> &'static str {
    match word {
        "fixed" => "The resource passes now.",
        "resource_deleted" => "The resource is gone.",
        "account_left" => "The account was closed, or left the organization.",
        "no_longer_in_scope" => "The config leaves it out now.",
        "exception_expired" => "The exception that accepted it has expired.",
        "exception_removed" => "The exception that accepted it was removed.",
        other => reason(other),
    }
}

/// Why a target was not scanned, and what would change that.
pub(super) fn gap(word: &str) -> &'static str {
    match word {
        "account_not_active" => {
            "The account is suspended, closed or not yet activated: nobody can look into it."
        }
        "account_excluded" => "The config leaves the account out.",
        "region_not_enabled" => {
            "The account has not enabled the Region. Data from an earlier time may lie there that nobody can see."
        }
        "region_excluded" => "The config leaves the Region out, or DMS does not exist there.",
        "assume_role_denied" => "The audit role could not be assumed: it is missing, or trusts someone else.",
        "access_denied" => "The audit role lacks a right.",
        "denied_by_scp" => "A policy of the organization refuses the call.",
        "throttled" => "AWS throttled every attempt.",
        "timeout" => "There was no answer in time.",
        "expired_credentials" => "The credentials expired and could not be renewed.",
        "service_error" => "The service failed, or could not be reached.",
        "invalid_response" => "The service answered what can't be understood.",
        "cancelled" => "The scan was stopped before it came there.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CoverageReason;

    #[test]
    fn every_gap_has_words() {
        for reason in CoverageReason::ALL {
            assert!(!gap(reason.as_str()).is_empty(), "{}", reason.as_str());
        }
    }
}
