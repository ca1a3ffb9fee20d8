use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use aws_config::SdkConfig;
use aws_sdk_sts::{Client, config};

use super::{Identity, RoleSession};
use crate::{
    aws::Session,
    config::{ManagementAccount, Organization},
    domain::{AccountId, Partition, Region},
};

/// Hands out the session of each account; one session per account at a time, shared by all who work in
/// it, and gone with the last of them.
pub struct Sessions {
    sts: Client,
    config: Arc<Organization>,
    home: Region,
    identity: Identity,
    own: Arc<Session>,
    reader: Option<Arc<Session>>,
    entered: Mutex<HashMap<AccountId, Weak<Session>>>,
}

impl Sessions {
    /// Sessions that start from keywatch's own.
    pub fn new(
        sdk: SdkConfig,
        config: Organization,
        home: Region,
        identity: Identity,
        own: Arc<Session>,
    ) -> Self {
        let config = Arc::new(config);
        let region = config::Region::new(home.to_string());
        let sts = Client::from_conf(config::Builder::from(&sdk).region(region).build());
        let reader = config.reader_role_arn.as_ref().map(|role_arn| {
            let account =
                role_arn.split(':').nth(4).and_then(|id| id.parse().ok()).unwrap_or(identity.account);
            let source = RoleSession {
                role_arn: role_arn.clone(),
                base: Arc::clone(&own),
                sts: sts.clone(),
                config: Arc::clone(&config),
                with_external_id: false,
                home: home.clone(),
            };
            Arc::new(Session::new(account, source))
        });
        Self { sts, config, home, identity, own, reader, entered: Mutex::default() }
    }

    /// Who keywatch is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The session that may list the organization.
    pub fn reader(&self) -> &Arc<Session> {
        self.reader.as_ref().unwrap_or(&self.own)
    }

    /// The way into an account. Makes no call: the session fetches when it is first used.
    pub fn enter(&self, account: AccountId) -> Arc<Session> {
        if self.config.management_account == ManagementAccount::OwnCredentials
            && let Some(session) = self.already_in(account)
        {
            return session;
        }
        let mut entered = self.entered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = entered.get(&account).and_then(Weak::upgrade) {
            return session;
        }
        let source = self.role_in(account, &self.config.audit_role);
        let session = Arc::new(Session::new(account, source));
        entered.insert(account, Arc::downgrade(&session));
        session
    }

    /// The way into an account with another role than the audit role; a session of its own. Makes no call.
    pub fn enter_with(&self, account: AccountId, role: &str) -> Arc<Session> {
        Arc::new(Session::new(account, self.role_in(account, role)))
    }

    fn role_in(&self, account: AccountId, role: &str) -> RoleSession {
        RoleSession {
            role_arn: role_arn(self.identity.partition, account, role),
            base: Arc::clone(&self.own),
            sts: self.sts.clone(),
            config: Arc::clone(&self.config),
            with_external_id: true,
            home: self.home.clone(),
        }
    }

    /// Forgets what is kept for an account that nobody works in any more.
    pub fn leave(&self, account: AccountId) {
        let mut entered = self.entered.lock().unwrap_or_else(PoisonError::into_inner);
        if entered.get(&account).is_some_and(|session| session.strong_count() == 0) {
            entered.remove(&account);
        }
    }

    /// A session that already belongs to the account: keywatch's own or the reader's.
    fn already_in(&self, account: AccountId) -> Option<Arc<Session>> {
        [Some(&self.own), self.reader.as_ref()]
            .into_iter()
            .flatten()
            .find(|session| session.account() == account)
            .cloned()
    }
}

/// The ARN of a role in an account; `role` is a name or `path/name`.
pub fn role_arn(partition: Partition, account: AccountId, role: &str) -> String {
    format!("arn:{partition}:iam::{account}:role/{}", role.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_lies_in_the_callers_partition_with_its_path() {
        let account = "111122223333".parse().unwrap();
        for (role, arn) in [
            ("KeywatchAudit", "arn:aws-us-gov:iam::111122223333:role/KeywatchAudit"),
            ("security/KeywatchAudit", "arn:aws-us-gov:iam::111122223333:role/security/KeywatchAudit"),
            ("/security/KeywatchAudit", "arn:aws-us-gov:iam::111122223333:role/security/KeywatchAudit"),
        ] {
            assert_eq!(role_arn(Partition::UsGov, account, role), arn);
        }
    }
}
