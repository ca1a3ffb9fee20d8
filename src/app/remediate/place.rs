use std::{fmt, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::OpenFinding;
use crate::{app::connect::Connection, aws::Session, config::Config, remediation::Place};

/// Whose rights are used in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The audit role, which only reads.
    Audit,
    /// The remediation role.
    Remediation,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Audit => "audit",
            Self::Remediation => "remediation",
        })
    }
}

/// The way into a finding's account and Region. Makes no call.
pub fn place_of(
    connection: &Connection,
    config: &Config,
    finding: &OpenFinding,
    role: Role,
    cancel: &CancellationToken,
) -> Place {
    let session: Arc<Session> = match role {
        Role::Audit => connection.sessions.enter(finding.account),
        Role::Remediation => connection.sessions.enter_with(finding.account, &config.remediation.role),
    };
    Place::new(
        &connection.sdk,
        Arc::clone(&connection.caller),
        session,
        finding.region.clone(),
        config.scan.target_timeout,
        cancel.clone(),
    )
}
