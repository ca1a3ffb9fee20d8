//! `iam …`: what to deploy, filled in from the config. No call to AWS.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    args::{GlobalArgs, HubArgs, IamCommand, OrganizationArgs, TemplateArgs, TrustPolicyArgs, TrustingRole},
    exit::Failed,
    output::{Out, visible},
    settings,
};
use crate::{
    config::Config,
    deployment::{self, EXTERNAL_ID, Hub, Place, RoleOfHub, TemplateFile, TrustedRole, Wanted},
};

/// Does what the command says.
pub fn run(global: &GlobalArgs, command: &IamCommand, out: &mut Out) -> Result<(), Failed> {
    let config = settings::load(global)?.config;
    let place = place(&config);
    let policy = match command {
        IamCommand::HubPolicy(args) => {
            deployment::hub(&in_organization(place, &args.organization)?, args.with_remediation)
        }
        IamCommand::ReaderPolicy(args) => deployment::reader(&in_organization(place, args)?),
        IamCommand::AuditPolicy(args) => deployment::audit(&place, args.with_plans),
        IamCommand::RemediationPolicy(args) => deployment::remediation(&place, !args.without_deletes),
        IamCommand::TrustPolicy(args) => return trust(&config, place, args, out),
        IamCommand::Cloudformation(args) => {
            let (place, wanted) = template_facts(&config, place, args)?;
            let files = deployment::cloudformation(&place, &wanted).map_err(Failed::could_not_run)?;
            return write(&args.out, &files, args.force, out);
        }
        IamCommand::Terraform(args) => {
            let (place, wanted) = template_facts(&config, place, args)?;
            let files = deployment::terraform(&place, &wanted).map_err(Failed::could_not_run)?;
            return write(&args.out, &files, args.force, out);
        }
    };
    out.json(&policy.json())
}

fn place(config: &Config) -> Place {
    let partition = config.aws.home_region.partition();
    Place::of(partition, &config.organization, &config.remediation, config.notify.sns.as_ref())
}

fn in_organization(place: Place, args: &OrganizationArgs) -> Result<Place, Failed> {
    let Some(id) = &args.organization_id else { return Ok(place) };
    // Source: Organizations API, `OrganizationId`.
    let tail = id.strip_prefix("o-").unwrap_or_default();
    let is_id = (10..=32).contains(&tail.len())
        && tail.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !is_id {
        return Err(Failed::usage(format!(
            "--organization-id: {id:?} is no id of an organization, which is like o-example1234"
        )));
    }
    Ok(Place { organization_id: Some(id.clone()), ..place })
}

fn trust(config: &Config, place: Place, args: &TrustPolicyArgs, out: &mut Out) -> Result<(), Failed> {
    let place = in_organization(place, &args.hub.organization)?;
    let partition = config.aws.home_region.partition();
    let role = RoleOfHub::parse(&args.hub.hub_role, partition)
        .map_err(|error| Failed::usage(format!("--hub-role: {error}")))?;
    let account = match (&role, args.hub.hub_account) {
        (RoleOfHub::Arn { account, arn }, Some(given)) if *account != given => {
            return Err(Failed::usage(format!("{arn} does not lie in --hub-account {given}")));
        }
        (RoleOfHub::Arn { account, .. }, _) => *account,
        (RoleOfHub::Name(_), Some(account)) => account,
        (RoleOfHub::Name(_), None) => {
            return Err(Failed::usage(
                "--hub-account is missing: the account that keywatch runs in, which \
                 `aws sts get-caller-identity --query Account` prints there",
            ));
        }
    };
    let role_that_trusts = match args.role {
        TrustingRole::Audit => TrustedRole::Audit,
        TrustingRole::Remediation => TrustedRole::Remediation,
        TrustingRole::Reader => TrustedRole::Reader,
    };
    let external_id = match &config.organization.external_id {
        _ if role_that_trusts == TrustedRole::Reader => EXTERNAL_ID,
        Some(id) if args.with_external_id => id.reveal(),
        Some(_) => {
            tracing::info!(
                "put organization.external_id in place of {EXTERNAL_ID}; --with-external-id prints it"
            );
            EXTERNAL_ID
        }
        None if args.with_external_id => {
            return Err(Failed::usage("--with-external-id: organization.external_id is not set"));
        }
        None => EXTERNAL_ID,
    };
    if place.organization_id.is_none() {
        tracing::info!("--organization-id o-… adds that the caller must belong to your organization");
    }
    let hub = Hub::named(partition, account, &role);
    out.json(&deployment::trust(&place, &hub, role_that_trusts, external_id))
}

fn template_facts(config: &Config, place: Place, args: &TemplateArgs) -> Result<(Place, Wanted), Failed> {
    let place = in_organization(place, &args.hub.organization)?;
    let HubArgs { hub_account, hub_role, .. } = &args.hub;
    let partition = config.aws.home_region.partition();
    let role = RoleOfHub::parse(hub_role, partition)
        .map_err(|error| Failed::usage(format!("--hub-role: {error}")))?;
    let RoleOfHub::Name(hub_role) = role else {
        return Err(Failed::usage(
            "--hub-role: the templates make the role, so it is named, not given as an ARN",
        ));
    };
    let home_region = config.aws.home_region.clone();
    Ok((place, Wanted { hub_account: *hub_account, hub_role, home_region }))
}

/// Writes the files; one that is there and says something else is kept unless forced.
fn write(directory: &Path, files: &[TemplateFile], force: bool, out: &mut Out) -> Result<(), Failed> {
    let paths: Vec<PathBuf> = files.iter().map(|file| directory.join(&file.name)).collect();
    for (path, file) in paths.iter().zip(files) {
        let differs = path.exists() && fs::read(path).ok().as_deref() != Some(file.text.as_bytes());
        if differs && !force {
            return Err(Failed::could_not_run(format!(
                "{} is there already and differs; --force overwrites it",
                path.display()
            )));
        }
    }
    for (path, file) in paths.iter().zip(files) {
        let parent = path.parent().unwrap_or(directory);
        fs::create_dir_all(parent)
            .map_err(|error| Failed::could_not_run(format!("cannot make {}: {error}", parent.display())))?;
        fs::write(path, &file.text)
            .map_err(|error| Failed::could_not_run(format!("cannot write {}: {error}", path.display())))?;
        out.text(&format!("{}\n", visible(&path.to_string_lossy())))?;
    }
    Ok(())
}
