use super::{Place, Policy, Statement, roles};
use crate::aws::Operation;

/// What keywatch itself needs: to list the organization (unless a reader role does), to enter the accounts, and to
/// publish to the topic of `[notify.sns]`. `with_remediation` lets it enter them to put findings right, too.
pub fn hub(place: &Place, with_remediation: bool) -> Policy {
    let mut statements = Vec::new();
    if place.reader_role_arn.is_none() {
        statements.extend(list_organization(place));
    }
    let mut enter = enter_accounts(place);
    if let Some(reader) = &place.reader_role_arn {
        enter = enter.on([reader.clone()]);
    }
    if with_remediation {
        enter = enter.on([roles(&place.partition, &place.remediation_role)]);
    }
    statements.push(enter);
    if let Some(topic) = &place.topic_arn {
        statements.push(Statement::allow("TellTheTopic", &[Operation::Publish]).on([topic.clone()]));
    }
    Policy::new(statements)
}

/// What the reader role needs, which lists the organization where the hub may not.
pub fn reader(place: &Place) -> Policy {
    Policy::new(list_organization(place))
}

/// What whoever lists the organization needs. The organization's own list has no resource that IAM could be told.
pub fn list_organization(place: &Place) -> [Statement; 2] {
    let organization = place.organization_id.as_deref().unwrap_or("o-*");
    let of =
        |kind: &str, id: &str| format!("arn:{}:organizations::*:{kind}/{organization}/{id}", place.partition);
    [
        Statement::allow(
            "ListTheOrganization",
            &[Operation::DescribeOrganization, Operation::ListAccounts, Operation::ListRoots],
        ),
        Statement::allow(
            "ReadItsTree",
            &[Operation::ListAccountsForParent, Operation::ListOrganizationalUnitsForParent],
        )
        .on([of("root", "r-*"), of("ou", "ou-*")]),
    ]
}

/// What keywatch needs to enter the accounts for a scan.
pub fn enter_accounts(place: &Place) -> Statement {
    Statement::allow("EnterEachAccount", &[Operation::AssumeRole])
        .on([roles(&place.partition, &place.audit_role)])
}
