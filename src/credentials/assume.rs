use std::{error::Error, sync::Arc};

use aws_config::{SdkConfig, sts::AssumeRoleProvider};
use aws_credential_types::provider::{ProvideCredentials, error::CredentialsError};
use aws_sdk_sts::{
    error::{DisplayErrorContext, SdkError},
    operation::assume_role::AssumeRoleError,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::{
    aws::{Bounds, CallError, Caller, Class, Operation, Session, Source, SourceFuture},
    config::Organization,
    domain::{CoverageReason, Region},
};

/// A role that is assumed with another session's credentials, through the SDK's own provider.
pub struct RoleSession {
    /// The role.
    pub role_arn: String,
    /// Whose credentials assume it.
    pub base: Arc<Session>,
    /// The SDK's settings.
    pub sdk: SdkConfig,
    /// External id, session name and duration.
    pub config: Arc<Organization>,
    /// Whether the role asks for the external id; the reader role, inside our own hands, does not.
    pub with_external_id: bool,
    /// The Region whose STS endpoint is called: tokens of a regional endpoint are good everywhere.
    pub home: Region,
}

impl RoleSession {
    fn provider_for(&self) -> aws_config::sts::AssumeRoleProviderBuilder {
        let mut builder = AssumeRoleProvider::builder(&self.role_arn)
            .configure(&self.sdk)
            .session_name(&self.config.session_name)
            .session_length(self.config.session_duration)
            .region(aws_config::Region::new(self.home.to_string()));
        if let Some(id) = self.config.external_id.as_ref().filter(|_| self.with_external_id) {
            builder = builder.external_id(id.reveal());
        }
        builder
    }
}

impl Source for RoleSession {
    fn fetch<'a>(&'a self, caller: &'a Caller, bounds: &'a Bounds) -> SourceFuture<'a> {
        Box::pin(async move {
            let fetched = caller.call(Operation::AssumeRole, &self.base, &self.home, bounds, |base| {
                let builder = self.provider_for();
                async move {
                    let provider = builder.build_from_provider(base).await;
                    provider.provide_credentials().await.map_err(|error| sorted(&error))
                }
            });
            fetched.await.map_err(|error| self.explained(error))
        })
    }
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

/// The provider wraps the SDK's error; what is inside says more.
fn sorted(error: &CredentialsError) -> CallError {
    match error.source().and_then(|inner| inner.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>()) {
        Some(inner) => CallError::from_sdk(Operation::AssumeRole, inner),
        None => CallError::defect(
            Operation::AssumeRole,
            CoverageReason::InvalidResponse,
            DisplayErrorContext(error).to_string(),
        ),
    }
}
