use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::domain::AccountId;

/// `iam …`.
#[derive(Debug, Subcommand)]
pub enum IamCommand {
    /// The policy of the role that keywatch runs with
    HubPolicy(HubPolicyArgs),
    /// The policy of the role that reads each account
    AuditPolicy(AuditPolicyArgs),
    /// The policy of the role that puts findings right in an account
    RemediationPolicy(RemediationPolicyArgs),
    /// The policy of the role that lists the organization, where keywatch's own may not
    ReaderPolicy(OrganizationArgs),
    /// The trust policy of a role that lets keywatch in
    TrustPolicy(TrustPolicyArgs),
    /// CloudFormation templates of all roles, and a StackSet
    Cloudformation(TemplateArgs),
    /// Terraform modules of all roles
    Terraform(TemplateArgs),
}

/// Which organization.
#[derive(Debug, Args)]
pub struct OrganizationArgs {
    /// The organization's id (o-…), to say which one is meant; `aws organizations describe-organization` prints it
    #[arg(long, value_name = "ID")]
    pub organization_id: Option<String>,
}

/// `iam hub-policy`.
#[derive(Debug, Args)]
#[command(after_help = "\
  keywatch iam hub-policy > hub.json
  aws iam put-role-policy --role-name keywatch --policy-name keywatch --policy-document file://hub.json")]
pub struct HubPolicyArgs {
    /// Let keywatch enter accounts with the remediation role, too
    #[arg(long)]
    pub with_remediation: bool,
    /// Which organization.
    #[command(flatten)]
    pub organization: OrganizationArgs,
}

/// `iam audit-policy`.
#[derive(Debug, Args)]
pub struct AuditPolicyArgs {
    /// Add what `keywatch remediate plan` reads
    #[arg(long)]
    pub with_plans: bool,
}

/// `iam remediation-policy`.
#[derive(Debug, Args)]
pub struct RemediationPolicyArgs {
    /// Leave out the right to delete what was replaced, which then stays until somebody else deletes it
    #[arg(long)]
    pub without_deletes: bool,
}

/// Who keywatch is.
#[derive(Debug, Args)]
pub struct HubArgs {
    /// The account that keywatch runs in; `aws sts get-caller-identity` prints it
    #[arg(long, value_name = "ID")]
    pub hub_account: Option<AccountId>,
    /// keywatch's own role: its name, with its path if it has one, or an ARN
    #[arg(long, value_name = "ROLE", default_value = "keywatch")]
    pub hub_role: String,
    /// Which organization.
    #[command(flatten)]
    pub organization: OrganizationArgs,
}

/// `iam trust-policy`.
#[derive(Debug, Args)]
#[command(after_help = "\
The external id is a secret between the roles and keywatch's config, so EXTERNAL_ID stands in its place.

  keywatch iam trust-policy --hub-account 111122223333 --organization-id o-example1234")]
pub struct TrustPolicyArgs {
    /// Which role
    #[arg(long, value_enum, default_value = "audit")]
    pub role: TrustingRole,
    /// Print the external id of the config, not what stands for it
    #[arg(long)]
    pub with_external_id: bool,
    /// Who keywatch is.
    #[command(flatten)]
    pub hub: HubArgs,
}

/// A role that lets keywatch in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrustingRole {
    /// That reads each account.
    Audit,
    /// That puts findings right.
    Remediation,
    /// That lists the organization.
    Reader,
}

/// `iam cloudformation`, `iam terraform`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is not given here is a parameter of the templates; the external id always is. The first lines of
each file say what to run.

  keywatch iam cloudformation --out deploy --hub-account 111122223333 --organization-id o-example1234")]
pub struct TemplateArgs {
    /// Write the files into this directory, which is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Overwrite files that are there and differ
    #[arg(long)]
    pub force: bool,
    /// Who keywatch is.
    #[command(flatten)]
    pub hub: HubArgs,
}
