use serde_json::{Map, Value, json};

use super::{Place, roles, statement::document};
use crate::domain::{AccountId, Partition};

/// Stands for the external id, which is a secret.
pub const EXTERNAL_ID: &str = "EXTERNAL_ID";

/// Who keywatch is, as far as the roles that let it in need to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    /// The account that it runs in.
    pub account: String,
    /// What `aws:PrincipalArn` is for it; one of them is enough.
    pub arns: Vec<String>,
}

/// What the user says of keywatch's own role: a name, `path/name`, or the ARN of a role or user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleOfHub {
    /// A role of the hub's account.
    Name(String),
    /// A role or user.
    Arn {
        /// The account that it lies in.
        account: AccountId,
        /// The whole ARN.
        arn: String,
    },
}

/// Why a text names no role of the hub.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHub {
    /// Its form.
    #[error(
        "{0:?} is neither the name of a role (keywatch, security/keywatch) nor the ARN of a role or user"
    )]
    Form(String),
    /// An ARN of elsewhere.
    #[error("{arn:?} lies in the partition {found}, aws.home_region in {wanted}")]
    Partition {
        /// What was given.
        arn: String,
        /// Its partition.
        found: String,
        /// That of the config.
        wanted: Partition,
    },
}

/// A role that lets keywatch in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedRole {
    /// The audit role.
    Audit,
    /// The remediation role.
    Remediation,
    /// The role that lists the organization; it asks for no external id.
    Reader,
}

impl RoleOfHub {
    /// Reads what the user gave.
    ///
    /// # Errors
    /// If it names no role, or one of another partition.
    pub fn parse(text: &str, partition: Partition) -> Result<Self, InvalidHub> {
        let form = || InvalidHub::Form(text.to_owned());
        if !text.starts_with("arn:") {
            return if is_path(text) { Ok(Self::Name(text.to_owned())) } else { Err(form()) };
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", found, "iam", "", account, resource] = parts[..] else { return Err(form()) };
        let (kind, path) = resource.split_once('/').ok_or_else(form)?;
        if !matches!(kind, "role" | "user") || !is_path(path) {
            return Err(form());
        }
        if Partition::from_name(found) != Some(partition) {
            let (arn, found) = (text.to_owned(), found.to_owned());
            return Err(InvalidHub::Partition { arn, found, wanted: partition });
        }
        Ok(Self::Arn { account: account.parse().map_err(|_| form())?, arn: text.to_owned() })
    }
}

/// A name of IAM after an optional path. Source: IAM API, CreateRole: `RoleName` and `Path`.
fn is_path(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or_default();
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    let in_path = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && !b"*?$".contains(&byte))
    };
    text.len() <= 512
        && (1..=64).contains(&name.len())
        && name.bytes().all(in_name)
        && text.split('/').all(in_path)
}

impl Hub {
    /// The hub of that role, in that account where the role does not say one.
    pub fn named(partition: Partition, account: AccountId, role: &RoleOfHub) -> Self {
        match role {
            RoleOfHub::Name(name) => Self {
                account: account.to_string(),
                arns: vec![format!("arn:{partition}:iam::{account}:role/{name}")],
            },
            RoleOfHub::Arn { account, arn } => Self { account: account.to_string(), arns: vec![arn.clone()] },
        }
    }

    /// The caller of that ARN, as `GetCallerIdentity` gives it. A session's ARN leaves out the path that its role
    /// may have, so that both forms are given. Source: IAM user guide, "IAM identifiers".
    pub fn calling(account: AccountId, own_arn: &str) -> Self {
        let parts: Vec<&str> = own_arn.splitn(6, ':').collect();
        let arns = if let ["arn", partition, "sts", _, account, resource] = parts[..]
            && let Some(role) = resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next())
        {
            ["", "*/"].map(|path| format!("arn:{partition}:iam::{account}:role/{path}{role}")).into()
        } else {
            vec![own_arn.to_owned()]
        };
        Self { account: account.to_string(), arns }
    }
}

/// The trust policy of a role that lets keywatch in; `external_id` is what stands for the external id, where the roles
/// ask for one.
///
/// The principal is the whole account and the condition names the role, since a role that is named as the
/// principal is no longer trusted once it was made anew. Source: IAM user guide, "AWS JSON policy elements:
/// Principal".
pub fn trust(place: &Place, hub: &Hub, role: TrustedRole, external_id: &str) -> Value {
    document(vec![trust_statement(place, hub, role, external_id)])
}

/// Its one statement.
pub fn trust_statement(place: &Place, hub: &Hub, role: TrustedRole, external_id: &str) -> Value {
    let mut equals = Map::new();
    if let Some(id) = &place.organization_id {
        equals.insert("aws:PrincipalOrgID".to_owned(), json!(id));
    }
    if role != TrustedRole::Reader && place.with_external_id {
        equals.insert("sts:ExternalId".to_owned(), json!(external_id));
    }
    let mut conditions = Map::new();
    if !equals.is_empty() {
        conditions.insert("StringEquals".to_owned(), Value::Object(equals));
    }
    let arns = match &hub.arns[..] {
        [one] => json!(one),
        many => json!(many),
    };
    conditions.insert("ArnLike".to_owned(), json!({ "aws:PrincipalArn": arns }));
    json!({
        "Sid": "LetKeywatchIn",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{}:iam::{}:root", place.partition, hub.account) },
        "Action": "sts:AssumeRole",
        "Condition": conditions,
    })
}

/// The condition that frees the audit role from a denying policy of the organization.
pub fn scp_exemption(place: &Place) -> Value {
    json!({ "ArnNotLike": { "aws:PrincipalArn": roles(&place.partition, &place.audit_role) } })
}
