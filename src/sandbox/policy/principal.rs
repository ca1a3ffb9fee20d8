use serde_json::Value;

use super::NotUnderstood;
use crate::domain::AccountId;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) struct Principal {
    pub account: AccountId,
    /// The ARN of the user or, of a session, of its role with its path: `aws:PrincipalArn`.
    pub arn: String,
    /// The ARN of the session, or again of the user.
    pub session: String,
}

/// How a statement names the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// Not at all.
    Not,
    /// By its account.
    ByAccount,
    /// Itself, or among everybody.
    Itself,
}

impl Principal {
    /// How the element `Principal` of a statement names it. Source: IAM user guide, "AWS JSON policy elements:
    /// Principal".
    pub(super) fn named_in(&self, element: &Value) -> Result<Named, NotUnderstood> {
        let kinds = match element {
            Value::String(all) if all == "*" => return Ok(Named::Itself),
            Value::Object(kinds) => kinds,
            other => return Err(NotUnderstood::new(format!("Principal {other}"))),
        };
        let mut named = Named::Not;
        for (kind, values) in kinds {
            match kind.as_str() {
                "AWS" => {}
                // A service or a federated user; nobody of them calls here.
                "Service" | "Federated" | "CanonicalUser" => continue,
                other => return Err(NotUnderstood::new(format!("a principal of kind {other}"))),
            }
            for value in texts(values)? {
                named = match value {
                    "*" => Named::Itself,
                    one if one == self.arn || one == self.session => Named::Itself,
                    account if named == Named::Not && self.is_of(account) => Named::ByAccount,
                    pattern if pattern.contains(['*', '?']) => {
                        return Err(NotUnderstood::new(format!("a pattern as a principal, {pattern}")));
                    }
                    _ => named,
                };
            }
        }
        Ok(named)
    }

    /// Whether the text is its account's id, or the ARN of its account's root.
    fn is_of(&self, text: &str) -> bool {
        let account = self.account.as_str();
        text == account
            || text.strip_prefix("arn:").is_some_and(|rest| {
                rest.split_once(':').is_some_and(|(_, rest)| rest == format!("iam::{account}:root"))
            })
    }
}

/// One text or a list of them.
pub(super) fn texts(value: &Value) -> Result<Vec<&str>, NotUnderstood> {
    let not_text = |value: &Value| NotUnderstood::new(format!("{value} in place of a text"));
    match value {
        Value::String(one) => Ok(vec![one]),
        Value::Array(many) => many.iter().map(|one| one.as_str().ok_or_else(|| not_text(one))).collect(),
        other => Err(not_text(other)),
    }
}
