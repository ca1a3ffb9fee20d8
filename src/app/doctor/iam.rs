//! The statements of IAM policies that keywatch needs, filled in.

use serde_json::{Map, Value, json};

use crate::domain::{AccountId, Partition};

/// Stands for the external id, which is a secret.
pub const EXTERNAL_ID: &str = "<external id of the config>";

/// Who keywatch is and what its config names, as far as policies need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The partition of all ARNs.
    pub partition: Partition,
    /// The account that keywatch runs in.
    pub hub: AccountId,
    /// keywatch's own ARN, as `GetCallerIdentity` gives it.
    pub own_arn: String,
    /// `organization.audit_role`.
    pub audit_role: String,
    /// Whether the config has an external id.
    pub with_external_id: bool,
    /// The organization's id, once it is known.
    pub organization: Option<String>,
}

/// A statement that allows these actions.
pub fn allow(actions: &[&str], resource: &str) -> Value {
    let actions = match actions {
        [one] => json!(one),
        many => json!(many),
    };
    json!({ "Effect": "Allow", "Action": actions, "Resource": resource })
}

/// What whoever lists the organization needs.
pub fn list_organization() -> Value {
    let actions = [
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListRoots",
    ];
    allow(&actions, "*")
}

/// What keywatch's own role needs to enter the accounts.
pub fn enter_accounts(facts: &Facts) -> Value {
    let role = facts.audit_role.trim_start_matches('/');
    allow(&["sts:AssumeRole"], &format!("arn:{}:iam::*:role/{role}", facts.partition))
}

/// The statement of a role's trust policy that lets keywatch in; the audit role asks for the external id, the
/// reader role does not.
///
/// The principal is the whole account and the condition names the role, since a role that is named as the
/// principal is no longer trusted once it was made anew. Source: IAM user guide, "AWS JSON policy elements:
/// Principal".
pub fn trust(facts: &Facts, with_external_id: bool) -> Value {
    let mut conditions = Map::new();
    let mut equals = Map::new();
    if let Some(id) = &facts.organization {
        equals.insert("aws:PrincipalOrgID".to_owned(), json!(id));
    }
    if with_external_id && facts.with_external_id {
        equals.insert("sts:ExternalId".to_owned(), json!(EXTERNAL_ID));
    }
    if !equals.is_empty() {
        conditions.insert("StringEquals".to_owned(), Value::Object(equals));
    }
    conditions.insert("ArnLike".to_owned(), json!({ "aws:PrincipalArn": principals(&facts.own_arn) }));
    json!({
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{}:iam::{}:root", facts.partition, facts.hub) },
        "Action": "sts:AssumeRole",
        "Condition": conditions,
    })
}

/// What `aws:PrincipalArn` is for the caller of that ARN. A session's ARN leaves out the path that the role
/// may have, so that both forms are given. Source: IAM user guide, "IAM identifiers".
fn principals(own_arn: &str) -> Vec<String> {
    let parts: Vec<&str> = own_arn.splitn(6, ':').collect();
    if let ["arn", partition, "sts", _, account, resource] = parts[..]
        && let Some(role) = resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next())
    {
        let role_arn = |path: &str| format!("arn:{partition}:iam::{account}:role/{path}{role}");
        return vec![role_arn(""), role_arn("*/")];
    }
    vec![own_arn.to_owned()]
}

/// The condition that frees the audit role from a denying policy of the organization.
pub fn scp_exemption(facts: &Facts) -> Value {
    let role = facts.audit_role.trim_start_matches('/');
    json!({ "ArnNotLike": { "aws:PrincipalArn": format!("arn:{}:iam::*:role/{role}", facts.partition) } })
}

/// A policy's part over several lines.
pub fn text(policy: &Value) -> String {
    format!("{policy:#}")
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn facts() -> Facts {
        Facts {
            partition: Partition::Aws,
            hub: "222222222222".parse().unwrap(),
            own_arn: "arn:aws:sts::222222222222:assumed-role/keywatch/i-0123".to_owned(),
            audit_role: "security/KeywatchAudit".to_owned(),
            with_external_id: true,
            organization: Some("o-example".to_owned()),
        }
    }

    #[test]
    fn a_trust_policy_names_the_role_the_organization_and_not_the_secret() {
        insta::assert_snapshot!(text(&trust(&facts(), true)), @r#"
        {
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::222222222222:root"
          },
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "aws:PrincipalOrgID": "o-example",
              "sts:ExternalId": "<external id of the config>"
            },
            "ArnLike": {
              "aws:PrincipalArn": [
                "arn:aws:iam::222222222222:role/keywatch",
                "arn:aws:iam::222222222222:role/*/keywatch"
              ]
            }
          }
        }
        "#);
        let facts = Facts { with_external_id: false, organization: None, ..facts() };
        assert_eq!(trust(&facts, true)["Condition"].as_object().unwrap().len(), 1, "nothing that must equal");
    }

    #[test]
    fn a_user_is_its_own_principal() {
        let user = "arn:aws:iam::222222222222:user/ops/keywatch";
        assert_eq!(principals(user), [user]);
    }

    #[test]
    fn the_hub_may_assume_the_role_by_its_whole_name() {
        assert_eq!(enter_accounts(&facts())["Resource"], "arn:aws:iam::*:role/security/KeywatchAudit");
        assert_eq!(
            scp_exemption(&facts()).to_string(),
            r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/security/KeywatchAudit"}}"#
        );
    }
}
