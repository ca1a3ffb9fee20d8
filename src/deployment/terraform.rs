//! Terraform modules: the hub's role, an account's roles, a StackSet that rolls those out, and how they go together.

use askama::Template;

use super::{
    EXTERNAL_ID, Hub, Place, Policy, Statement, TemplateError, TemplateFile, TrustedRole, Wanted, audit,
    cloudformation::member_roles,
    hub, remediation, roles,
    template::{RoleName, hcl},
    trust,
};
use crate::aws::Operation;

#[derive(Template)]
#[template(path = "deployment/templates/hub.tf", escape = "none")]
struct HubTemplate<'a> {
    hub_name: &'a str,
    hub_path: Option<String>,
    policy: String,
    remediation: String,
}

#[derive(Template)]
#[template(path = "deployment/templates/hub_outputs.tf", escape = "none")]
struct HubOutputs<'a> {
    hub_role: &'a str,
}

#[derive(Template)]
#[template(path = "deployment/templates/member.tf", escape = "none")]
struct MemberTemplate<'a> {
    trust_with_id: String,
    trust_without_id: String,
    audit_name: &'a str,
    audit_path: Option<String>,
    remediation_name: &'a str,
    remediation_path: Option<String>,
    audit: String,
    plan: String,
    remediation: String,
}

#[derive(Template)]
#[template(path = "deployment/templates/member_variables.tf", escape = "none")]
struct Variables<'a> {
    account: Option<&'a str>,
    hub_role: &'a str,
    organization_id: Option<&'a str>,
    with_external_id: bool,
    /// Of the module of one account; else of the StackSet's.
    with_tags: bool,
}

#[derive(Template)]
#[template(path = "deployment/templates/example.tf", escape = "none")]
struct Example<'a> {
    home_region: &'a str,
    account: Option<&'a str>,
    organization_id: Option<&'a str>,
    with_external_id: bool,
}

const VERSIONS: &str = include_str!("templates/versions.tf");

/// All files of the modules and of the example that uses them.
///
/// # Errors
/// If a template can't be filled in, which would be a defect.
pub fn terraform(place: &Place, wanted: &Wanted) -> Result<Vec<TemplateFile>, TemplateError> {
    let account = wanted.hub_account.map(|account| account.to_string());
    let (account, organization_id) = (account.as_deref(), place.organization_id.as_deref());
    let (hub_role, with_external_id) = (&*wanted.hub_role, place.with_external_id);
    let variables =
        |with_tags| Variables { account, hub_role, organization_id, with_external_id, with_tags }.render();
    let home_region = wanted.home_region.as_str();
    let example = Example { home_region, account, organization_id, with_external_id };
    let file = |name: &str, text: String| TemplateFile::new(name, text.trim_end().to_owned() + "\n");
    Ok(vec![
        file("example.tf", example.render()?),
        file("modules/hub/main.tf", hub_module(place, wanted)?),
        file("modules/hub/variables.tf", include_str!("templates/hub_variables.tf").to_owned()),
        file("modules/hub/outputs.tf", HubOutputs { hub_role }.render()?),
        file("modules/hub/versions.tf", VERSIONS.to_owned()),
        file("modules/member/main.tf", member_module(place)?),
        file("modules/member/variables.tf", variables(true)?),
        file("modules/member/outputs.tf", include_str!("templates/member_outputs.tf").to_owned()),
        file("modules/member/versions.tf", VERSIONS.to_owned()),
        file("modules/stackset/main.tf", include_str!("templates/stackset.tf").to_owned()),
        file("modules/stackset/member-roles.yaml", member_roles(place, wanted)?),
        file("modules/stackset/variables.tf", variables(false)?),
        file("modules/stackset/outputs.tf", include_str!("templates/stackset_outputs.tf").to_owned()),
        file("modules/stackset/versions.tf", VERSIONS.to_owned()),
    ])
}

fn hub_module(place: &Place, wanted: &Wanted) -> Result<String, TemplateError> {
    let place = in_module(place);
    let RoleName { name, path } = RoleName::of(&wanted.hub_role);
    let remediation = Statement::allow("EnterToRemediate", &[Operation::AssumeRole])
        .on([roles(&place.partition, &place.remediation_role)]);
    let template = HubTemplate {
        hub_name: name,
        hub_path: path,
        policy: hcl(&hub(&place, false).json(), 2),
        remediation: hcl(&Policy::new([remediation]).json(), 2),
    };
    Ok(template.render()?)
}

fn member_module(place: &Place) -> Result<String, TemplateError> {
    let mut place = in_module(place);
    place.organization_id = Some("${var.organization_id}".to_owned());
    let hub = Hub {
        account: "${var.hub_account_id}".to_owned(),
        arns: vec![format!("arn:{}:iam::${{var.hub_account_id}}:role/${{var.hub_role}}", place.partition)],
    };
    let trusting = |with_external_id| {
        let place = Place { with_external_id, ..place.clone() };
        let text = hcl(&trust(&place, &hub, TrustedRole::Audit, EXTERNAL_ID), 2);
        text.replace("\"EXTERNAL_ID\"", "var.external_id")
            .replace("\"${var.organization_id}\"", "var.organization_id")
    };
    let audit_name = RoleName::of(&place.audit_role);
    let remediation_name = RoleName::of(&place.remediation_role);
    let template = MemberTemplate {
        trust_with_id: trusting(true),
        trust_without_id: trusting(false),
        audit_name: audit_name.name,
        audit_path: audit_name.path,
        remediation_name: remediation_name.name,
        remediation_path: remediation_name.path,
        audit: hcl(&audit(&place, false).json(), 2),
        plan: hcl(&Policy::new([audit::plan()]).json(), 2),
        remediation: hcl(&remediation(&place, true).json(), 2),
    };
    Ok(template.render()?)
}

/// The partition is known where it is applied.
fn in_module(place: &Place) -> Place {
    place.in_template("${data.aws_partition.current.partition}", "${data.aws_partition.current.dns_suffix}")
}
