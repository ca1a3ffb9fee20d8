//! Who keywatch is, and what of its policies is told: the words of `deployment`, one statement at a time.

use serde_json::Value;

use crate::{
    aws::Operation,
    deployment::{self, EXTERNAL_ID, Hub, Place, Statement, TrustedRole},
    domain::{AccountId, Partition},
};

/// Who keywatch is and what its config names, as far as policies need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The partition of all ARNs.
    pub partition: Partition,
    /// The account that keywatch runs in.
    pub hub: AccountId,
    /// keywatch's own ARN, as `GetCallerIdentity` gives it.
    pub own_arn: String,
    /// What the policies are filled in with.
    pub place: Place,
}

impl Facts {
    /// The statement of a role's trust policy that lets keywatch in; the audit role asks for the external id, the
    /// reader role does not.
    pub fn trust(&self, role: TrustedRole) -> Value {
        let hub = Hub::calling(self.hub, &self.own_arn);
        deployment::trust_statement(&self.place, &hub, role, EXTERNAL_ID)
    }

    /// What whoever lists the organization needs.
    pub fn list_organization(&self) -> Vec<Value> {
        deployment::list_organization(&self.place).iter().map(Statement::json).collect()
    }

    /// What keywatch's own role needs to enter the accounts.
    pub fn enter_accounts(&self) -> Value {
        deployment::enter_accounts(&self.place).json()
    }

    /// What the audit role needs for that action.
    pub fn audit(&self, action: &'static str) -> Value {
        let statement = deployment::audit(&self.place, true).allowing(action);
        statement.unwrap_or_else(|| Statement::allow_actions("Allow", &[action])).json()
    }
}

/// What keywatch's own role needs to become the reader role.
pub fn enter_reader(role_arn: &str) -> Value {
    Statement::allow("EnterTheReader", &[Operation::AssumeRole]).on([role_arn.to_owned()]).json()
}

/// A policy's part over several lines.
pub fn text(policy: &Value) -> String {
    format!("{policy:#}")
}

/// Several of them.
pub fn texts(statements: &[Value]) -> String {
    statements.iter().map(text).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::config::{ExternalId, Organization, Remediation};

    pub fn facts() -> Facts {
        let organization = Organization {
            audit_role: "security/KeywatchAudit".to_owned(),
            external_id: Some(ExternalId::new("hush")),
            ..Organization::default()
        };
        let place = Place::of(Partition::Aws, &organization, &Remediation::default(), None);
        Facts {
            partition: Partition::Aws,
            hub: "222222222222".parse().unwrap(),
            own_arn: "arn:aws:sts::222222222222:assumed-role/keywatch/i-0123".to_owned(),
            place: Place { organization_id: Some("o-example".to_owned()), ..place },
        }
    }

    #[test]
    fn a_trust_policy_names_the_role_the_organization_and_not_the_secret() {
        insta::assert_snapshot!(text(&facts().trust(TrustedRole::Audit)), @r#"
        {
          "Sid": "LetKeywatchIn",
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::222222222222:root"
          },
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "aws:PrincipalOrgID": "o-example",
              "sts:ExternalId": "EXTERNAL_ID"
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
    }

    #[test]
    fn the_hub_may_assume_the_role_by_its_whole_name() {
        assert_eq!(facts().enter_accounts()["Resource"], "arn:aws:iam::*:role/security/KeywatchAudit");
    }

    #[test]
    fn a_right_is_told_as_the_published_policy_has_it() {
        let keys = facts().audit("kms:DescribeKey");
        assert_eq!(keys["Resource"], "arn:aws:kms:*:*:key/*");
        assert_eq!(keys["Action"], "kms:DescribeKey");
        assert_eq!(facts().audit("dms:DescribeEndpoints")["Resource"], "*");
    }
}
