use crate::domain::{
    AccountId, Aliases, Evidence, KeyFacts, KeyFailure, KeyManager, KeyRef, Reason, Resource, Status,
};

/// A status with its reason and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The result.
    pub status: Status,
    /// Why.
    pub reason: Reason,
    /// What it rests on.
    pub evidence: Evidence,
}

impl Finding {
    const fn new(status: Status, reason: Reason, evidence: Evidence) -> Self {
        Self { status, reason, evidence }
    }
}

/// A resource's key, judged once for all checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Who manages the key: pass, fail or unknown.
    pub encryption: Finding,
    /// Whether the key can be used; `None` where that is AWS's business.
    pub usable: Option<Finding>,
    /// The key's ARN where it is known, else the text the resource names it by.
    pub arn: Option<String>,
    /// Who manages it, where that was found out.
    pub manager: Option<KeyManager>,
    /// Its state, where `DescribeKey` answered.
    pub state: Option<String>,
}

/// Judges the key of a resource that lies in `account`, in the order of docs: what the resource says,
/// `DescribeKey`, the ARN's account, `ListAliases`, and unknown if none of them tells.
///
/// Sources: KMS developer guide, "AWS KMS keys" (`KeyManager` is the definitive test; AWS managed keys
/// serve only their own account; `alias/aws/` is reserved); DMS user guide, "Setting an encryption key".
pub fn judge_key(resource: &Resource, account: AccountId, facts: &KeyFacts) -> Judged {
    let Some(key) = &resource.key else {
        return if resource.is_creating() {
            unknown(None, Reason::ResourceCreating, false)
        } else {
            aws_managed(None, Reason::DefaultKey, Evidence::None, None)
        };
    };
    if key.is_aws_alias() {
        return aws_managed(Some(key), Reason::AwsManagedKey, Evidence::None, None);
    }
    let failure = match &facts.described {
        Some(Ok(metadata)) => {
            let state = Some(metadata.state.clone());
            let mut judged = match metadata.manager {
                Some(KeyManager::Aws) => {
                    aws_managed(Some(key), Reason::AwsManagedKey, Evidence::DescribeKey, state)
                }
                Some(KeyManager::Customer) => customer_managed(
                    key,
                    Reason::CustomerManagedKey,
                    Evidence::DescribeKey,
                    usability(&metadata.state),
                    state,
                ),
                None => unknown(Some(key), Reason::KeyLookupFailed, true),
            };
            judged.arn = Some(metadata.arn.clone());
            return judged;
        }
        Some(Err(failure)) => Some(failure),
        None => None,
    };
    let reason = failure.map_or(Reason::KeyLookupFailed, reason_of);
    if key.home().is_some_and(|home| home.account != account) {
        return customer_managed(
            key,
            Reason::CustomerManagedKeyOtherAccount,
            Evidence::ArnAccount,
            Finding::new(Status::Unknown, reason, Evidence::None),
            None,
        );
    }
    match &facts.aliases {
        Some(Ok(Aliases::AwsManaged)) => {
            aws_managed(Some(key), Reason::AwsManagedKey, Evidence::ListAliases, None)
        }
        Some(Ok(Aliases::NotAwsManaged)) => customer_managed(
            key,
            Reason::CustomerManagedKey,
            Evidence::ListAliases,
            Finding::new(Status::Unknown, reason, Evidence::None),
            None,
        ),
        Some(Ok(Aliases::NoSuchAlias)) => unknown(Some(key), Reason::KeyNotFound, true),
        Some(Err(_)) | None => unknown(Some(key), reason, true),
    }
}

fn reason_of(failure: &KeyFailure) -> Reason {
    match failure {
        KeyFailure::Denied(_) => Reason::KeyAccessDenied,
        KeyFailure::NotFound(_) => Reason::KeyNotFound,
        KeyFailure::Other(_) => Reason::KeyLookupFailed,
    }
}

/// Whether a customer managed key in that state can be used.
///
/// Source: KMS developer guide, "Key states of AWS KMS keys".
fn usability(state: &str) -> Finding {
    let (status, reason) = match state {
        "Enabled" | "Updating" => (Status::Pass, Reason::KeyEnabled),
        "Disabled" => (Status::Fail, Reason::KeyDisabled),
        "PendingDeletion" => (Status::Fail, Reason::KeyPendingDeletion),
        "PendingReplicaDeletion" => (Status::Fail, Reason::KeyPendingReplicaDeletion),
        "PendingImport" => (Status::Fail, Reason::KeyPendingImport),
        "Unavailable" => (Status::Fail, Reason::KeyUnavailable),
        _ => (Status::Unknown, Reason::KeyStateUnknown),
    };
    Finding::new(status, reason, Evidence::DescribeKey)
}

fn aws_managed(key: Option<&KeyRef>, reason: Reason, evidence: Evidence, state: Option<String>) -> Judged {
    Judged {
        encryption: Finding::new(Status::Fail, reason, evidence),
        usable: None,
        arn: key.map(KeyRef::to_string),
        manager: Some(KeyManager::Aws),
        state,
    }
}

fn customer_managed(
    key: &KeyRef,
    reason: Reason,
    evidence: Evidence,
    usable: Finding,
    state: Option<String>,
) -> Judged {
    Judged {
        encryption: Finding::new(Status::Pass, reason, evidence),
        usable: Some(usable),
        arn: Some(key.to_string()),
        manager: Some(KeyManager::Customer),
        state,
    }
}

/// Unknown, for the key's use as well where there is a key.
fn unknown(key: Option<&KeyRef>, reason: Reason, has_key: bool) -> Judged {
    let finding = Finding::new(Status::Unknown, reason, Evidence::None);
    Judged {
        encryption: finding,
        usable: has_key.then_some(finding),
        arn: key.map(KeyRef::to_string),
        manager: None,
        state: None,
    }
}
