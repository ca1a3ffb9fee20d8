//! What has to be deployed for keywatch: its roles' policies, and templates that make the roles. Pure: everything
//! comes from the config and a few words of the user, and nothing is asked.
//!
//! Sources: Service Authorization Reference (actions, their resources and condition keys); IAM user guide.

mod audit;
mod cloudformation;
mod hub;
mod place;
mod remediation;
mod statement;
mod template;
mod terraform;
#[cfg(test)]
mod tests;
mod trust;

pub use audit::audit;
pub use cloudformation::cloudformation;
pub use hub::{enter_accounts, hub, list_organization, reader};
pub use place::{Place, roles};
pub use remediation::{INDIRECT, remediation};
pub use statement::{Policy, Statement};
pub use template::{TemplateError, TemplateFile, Wanted};
pub use terraform::terraform;
pub use trust::{
    EXTERNAL_ID, Hub, InvalidHub, RoleOfHub, TrustedRole, scp_exemption, trust, trust_statement,
};

use crate::aws::Operation;

/// A role of keywatch's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The one that keywatch runs with.
    Hub,
    /// The one that reads each account.
    Audit,
    /// The same where plans are made with it.
    AuditWithPlans,
    /// The one that puts findings right in an account.
    Remediation,
}

/// The roles that call the operation, and so need its action.
pub const fn roles_that_call(operation: Operation) -> &'static [Role] {
    use Operation as O;
    match operation {
        // Nobody needs a permission for it. Source: STS API, GetCallerIdentity.
        O::BaseCredentials | O::GetCallerIdentity => &[],
        O::AssumeRole
        | O::DescribeOrganization
        | O::ListAccounts
        | O::ListRoots
        | O::ListOrganizationalUnitsForParent
        | O::ListAccountsForParent
        | O::Publish => &[Role::Hub],
        O::ListRegions => &[Role::Audit, Role::AuditWithPlans],
        O::DescribeReplicationInstances
        | O::DescribeEndpoints
        | O::DescribeReplicationConfigs
        | O::ListTagsForResource
        | O::DescribeKey
        | O::ListAliases => &[Role::Audit, Role::AuditWithPlans, Role::Remediation],
        O::DescribeReplicationTasks
        | O::DescribeConnections
        | O::DescribeReplications
        | O::DescribeAccountAttributes
        | O::DescribeOrderableReplicationInstances => &[Role::AuditWithPlans, Role::Remediation],
        O::ListKeys
        | O::CreateKey
        | O::CreateAlias
        | O::EnableKey
        | O::CancelKeyDeletion
        | O::CreateReplicationInstance
        | O::DeleteReplicationInstance
        | O::TestConnection
        | O::StopReplicationTask
        | O::StartReplicationTask
        | O::MoveReplicationTask
        | O::CreateReplicationTask
        | O::DeleteReplicationTask
        | O::CreateEndpoint
        | O::DeleteEndpoint
        | O::CreateReplicationConfig
        | O::DeleteReplicationConfig
        | O::StartReplication
        | O::StopReplication => &[Role::Remediation],
    }
}
