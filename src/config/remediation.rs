use std::time::Duration;

use super::KeyPrincipal;

/// `[remediation]`: how findings are put right.
#[derive(Debug, Clone, PartialEq)]
pub struct Remediation {
    /// The role that `remediate apply` assumes in an account: a name, or `path/name`. It asks for the external id of
    /// `[organization]`.
    pub role: String,
    /// The alias (`alias/…`) of the customer managed key that data is moved to, in each account and Region. The key is made
    /// where there is none.
    pub key_alias: String,
    /// Who administers a key that is made, without using it.
    pub key_administrators: Vec<KeyPrincipal>,
    /// Who uses a key that is made, without administering it.
    pub key_users: Vec<KeyPrincipal>,
    /// How long to wait before asking AWS again whether something is done.
    pub poll_interval: Duration,
    /// How long one step may take.
    pub step_timeout: Duration,
}

impl Default for Remediation {
    fn default() -> Self {
        Self {
            role: "KeywatchRemediation".to_owned(),
            key_alias: "alias/dms".to_owned(),
            key_administrators: Vec::new(),
            key_users: Vec::new(),
            poll_interval: Duration::from_secs(30),
            step_timeout: Duration::from_secs(2 * 3600),
        }
    }
}
