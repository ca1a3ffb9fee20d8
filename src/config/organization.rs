use std::{fmt, time::Duration};

use crate::domain::AccountId;

/// `[organization]`: which accounts, and how to get in.
#[derive(Debug, Clone, PartialEq)]
pub struct Organization {
    /// The role to assume in each account: a name, or `path/name`.
    pub audit_role: String,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<ExternalId>,
    /// The session's name as CloudTrail shows it: 2 to 64 of `[\w+=,.@-]`.
    pub session_name: String,
    /// How long a session lasts: 15 minutes to 12 hours, at most 1 hour where keywatch's own credentials
    /// are a role's (role chaining).
    pub session_duration: Duration,
    /// A role that may list the organization, assumed first; `None` to list it with keywatch's own
    /// credentials.
    pub reader_role_arn: Option<String>,
    /// How to get into the management account and into the account keywatch runs in.
    pub management_account: ManagementAccount,
    /// Only accounts below one of these; all if empty.
    pub include_ous: Vec<OuSelector>,
    /// No account below one of these.
    pub exclude_ous: Vec<OuSelector>,
    /// Only these accounts; all if empty.
    pub include_accounts: Vec<AccountId>,
    /// None of these accounts.
    pub exclude_accounts: Vec<AccountId>,
}

impl Default for Organization {
    fn default() -> Self {
        Self {
            audit_role: "KeywatchAudit".to_owned(),
            external_id: None,
            session_name: "keywatch".to_owned(),
            session_duration: Duration::from_secs(3600),
            reader_role_arn: None,
            management_account: ManagementAccount::Assume,
            include_ous: Vec::new(),
            exclude_ous: Vec::new(),
            include_accounts: Vec::new(),
            exclude_accounts: Vec::new(),
        }
    }
}

/// How to get into the management account and into the account keywatch runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagementAccount {
    /// Through the audit role, like every other account.
    Assume,
    /// With keywatch's own credentials (or the reader role's), where they belong to that account;
    /// through the audit role where they don't.
    OwnCredentials,
    /// Not at all.
    Skip,
}

/// An organizational unit, with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OuSelector {
    /// By id: `ou-…` or a root's `r-…`.
    Id(String),
    /// By the names from the root down: `Root/Workloads/Prod`.
    Path(String),
}

/// The external id. It can't be printed, so that it never reaches a log or an error.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalId(String);

impl ExternalId {
    /// Takes the text as it is; the config has checked its form.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the call to STS.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalId(…)")
    }
}
