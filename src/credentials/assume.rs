use std::{sync::Arc, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sdk_sts::{Client, config, types};

use crate::{
    aws::{Bounds, CallError, Caller, Class, Operation, Session, Source, SourceFuture},
    config::Organization,
    domain::{CoverageReason, Region},
};

/// A role that is assumed with another session's credentials.
///
/// By a client that all roles share, and not through the SDK's provider, which makes one each time: how far
/// this machine's clock is off is what a client learns from the answer that refuses its first call.
pub struct RoleSession {
    /// The role.
    pub role_arn: String,
    /// Whose credentials assume it.
    pub base: Arc<Session>,
    /// The client, of the home Region's endpoint: tokens of a regional endpoint are good everywhere.
    pub sts: Client,
    /// External id, session name and duration.
    pub config: Arc<Organization>,
    /// Whether the role asks for the external id; the reader role, inside our own hands, does not.
    pub with_external_id: bool,
    /// The Region whose quota the call draws on.
    pub home: Region,
}

impl Source for RoleSession {
    fn fetch<'a>(&'a self, caller: &'a Caller, bounds: &'a Bounds) -> SourceFuture<'a> {
        Box::pin(async move {
            let operation = Operation::AssumeRole;
            let fetched = caller.call(operation, &self.base, &self.home, bounds, |base| {
                let external_id = self.config.external_id.as_ref().filter(|_| self.with_external_id);
                let call = self
                    .sts
                    .assume_role()
                    .role_arn(&self.role_arn)
                    .role_session_name(&self.config.session_name)
                    .duration_seconds(
                        i32::try_from(self.config.session_duration.as_secs()).unwrap_or(i32::MAX),
                    )
                    .set_external_id(external_id.map(|id| id.reveal().to_owned()))
                    .customize()
                    .config_override(config::Builder::new().credentials_provider(base));
                async move {
                    let answer = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                    let given = answer.credentials.ok_or_else(|| invalid("an answer without credentials"))?;
                    credentials(given)
                }
            });
            fetched.await.map_err(|error| self.explained(error))
        })
    }
}

fn credentials(given: types::Credentials) -> Result<Credentials, CallError> {
    let end =
        SystemTime::try_from(given.expiration).map_err(|_| invalid("credentials with an end out of time"))?;
    let token = Some(given.session_token);
    Ok(Credentials::new(given.access_key_id, given.secret_access_key, token, Some(end), "AssumeRole"))
}

fn invalid(message: &str) -> CallError {
    CallError::defect(Operation::AssumeRole, CoverageReason::InvalidResponse, message)
}

impl RoleSession {
    /// AWS does not say which of three things is wrong, so the message names them.
    fn explained(&self, mut error: CallError) -> CallError {
        if error.class == Class::Denied {
            error.failure.reason = CoverageReason::AssumeRoleDenied;
            error.failure.message = format!(
                "{} [{}: does the role exist, does it trust keywatch's role, does the external id match?]",
                error.failure.message, self.role_arn
            );
        }
        error
    }
}
