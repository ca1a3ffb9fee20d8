//! CloudFormation templates: the hub's role, an account's roles, and a StackSet that rolls those out.

use askama::Template;

use super::{
    EXTERNAL_ID, Hub, Place, Policy, TemplateError, TemplateFile, TrustedRole, Wanted, audit, hub,
    remediation, roles,
    template::{RoleName, indented, yaml},
    trust,
};
use crate::aws::Operation;

/// The parameters of an account's roles, which the StackSet hands on.
const PARAMETERS: [&str; 6] =
    ["HubAccountId", "HubRole", "OrganizationId", "ExternalId", "WithPlans", "WithRemediation"];

/// The spaces before what stands in `PolicyDocument`.
const POLICY: usize = 8;

#[derive(Template)]
#[template(path = "deployment/templates/hub.yaml", escape = "none")]
struct HubTemplate<'a> {
    hub_name: &'a str,
    hub_path: Option<String>,
    policy: String,
    remediation: String,
}

#[derive(Template)]
#[template(path = "deployment/templates/member.yaml", escape = "none")]
struct MemberTemplate<'a> {
    parameters: &'a str,
    trust: String,
    audit_name: &'a str,
    audit_path: Option<String>,
    remediation_name: &'a str,
    remediation_path: Option<String>,
    audit: String,
    plan: String,
    remediation: String,
}

#[derive(Template)]
#[template(path = "deployment/templates/parameters.yaml", escape = "none")]
struct ParametersTemplate<'a> {
    account: Option<String>,
    hub_role: &'a str,
    organization_id: Option<&'a str>,
    with_external_id: bool,
}

#[derive(Template)]
#[template(path = "deployment/templates/stackset.yaml", escape = "none")]
struct StackSetTemplate<'a> {
    parameters: &'a str,
    names: &'a [&'a str],
    member: String,
}

/// All templates of CloudFormation.
///
/// # Errors
/// If a template can't be filled in, which would be a defect.
pub fn cloudformation(place: &Place, wanted: &Wanted) -> Result<Vec<TemplateFile>, TemplateError> {
    let member = member_roles(place, wanted)?;
    let parameters = parameters(place, wanted)?;
    let stackset = StackSetTemplate {
        parameters: parameters.trim_end(),
        names: &PARAMETERS,
        member: indented(&member, POLICY),
    };
    Ok(vec![
        TemplateFile::new("hub.yaml", hub_role(place, wanted)?),
        TemplateFile::new("member-roles.yaml", member),
        TemplateFile::new("stackset.yaml", stackset.render()?),
    ])
}

fn hub_role(place: &Place, wanted: &Wanted) -> Result<String, TemplateError> {
    let place = in_template(place);
    let RoleName { name, path } = RoleName::of(&wanted.hub_role);
    let remediation = super::Statement::allow("EnterToRemediate", &[Operation::AssumeRole])
        .on([roles(&place.partition, &place.remediation_role)]);
    let template = HubTemplate {
        hub_name: name,
        hub_path: path,
        policy: yaml(&hub(&place, false).json(), POLICY),
        remediation: yaml(&Policy::new([remediation]).json(), POLICY),
    };
    Ok(template.render()? + "\n")
}

/// The roles of one account.
pub(super) fn member_roles(place: &Place, wanted: &Wanted) -> Result<String, TemplateError> {
    let parameters = parameters(place, wanted)?;
    let mut place = in_template(place);
    let (audit_role, remediation_role) = (place.audit_role.clone(), place.remediation_role.clone());
    let RoleName { name: audit_name, path: audit_path } = RoleName::of(&audit_role);
    let RoleName { name: remediation_name, path: remediation_path } = RoleName::of(&remediation_role);
    place.organization_id = Some("${OrganizationId}".to_owned());
    place.with_external_id = true;
    let hub = Hub {
        account: "${HubAccountId}".to_owned(),
        arns: vec![format!("arn:{}:iam::${{HubAccountId}}:role/${{HubRole}}", place.partition)],
    };
    let trust = yaml(&trust(&place, &hub, TrustedRole::Audit, EXTERNAL_ID), POLICY)
        .replace("\"EXTERNAL_ID\"", "!If [HasExternalId, !Ref ExternalId, !Ref \"AWS::NoValue\"]");
    let template = MemberTemplate {
        parameters: parameters.trim_end(),
        trust,
        audit_name,
        audit_path,
        remediation_name,
        remediation_path,
        audit: yaml(&audit(&place, false).json(), POLICY),
        plan: yaml(&Policy::new([audit::plan()]).json(), POLICY),
        remediation: yaml(&remediation(&place, true).json(), POLICY),
    };
    Ok(template.render()? + "\n")
}

fn parameters(place: &Place, wanted: &Wanted) -> Result<String, TemplateError> {
    let template = ParametersTemplate {
        account: wanted.hub_account.map(|account| account.to_string()),
        hub_role: &wanted.hub_role,
        organization_id: place.organization_id.as_deref(),
        with_external_id: place.with_external_id,
    };
    Ok(template.render()?)
}

/// The partition is known where it is deployed.
fn in_template(place: &Place) -> Place {
    place.in_template("${AWS::Partition}", "${AWS::URLSuffix}")
}
