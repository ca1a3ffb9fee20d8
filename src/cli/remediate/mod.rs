//! `remediate …`: what would put findings right, and putting them right.

mod apply;
mod plan;
mod status;
mod verify;

use super::{
    args::{GlobalArgs, KeyArgs, RemediateCommand},
    exit::{Exit, Failed},
    output::Out,
};
use crate::{
    app::KeyOptions,
    config::{Config, KeyPrincipal},
    domain::KeyRef,
    remediation::inputs::{NAME, check_name},
};

/// `remediate …`.
pub async fn run(global: &GlobalArgs, command: &RemediateCommand, out: &mut Out) -> Result<Exit, Failed> {
    match command {
        RemediateCommand::Plan(args) => plan::plan(global, args, out).await,
        RemediateCommand::Apply(args) => apply::run(global, args, out).await,
        RemediateCommand::Status(args) => status::run(global, args, out).await,
        RemediateCommand::Verify(args) => verify::run(global, args, out).await,
    }
}

/// The key and the name that were chosen.
fn key_options(args: &KeyArgs, config: &Config) -> Result<KeyOptions, Failed> {
    if let Some(name) = &args.name {
        check_name(name, NAME).map_err(|error| Failed::usage(format!("--name: {error}")))?;
    }
    Ok(KeyOptions {
        key: key(args.key.as_deref())?,
        name: args.name.clone(),
        key_administrators: principals("--key-administrator", &args.key_administrators, config)?,
        key_users: principals("--key-user", &args.key_users, config)?,
    })
}

/// The key that was named.
fn key(text: Option<&str>) -> Result<Option<KeyRef>, Failed> {
    let Some(text) = text else { return Ok(None) };
    match KeyRef::parse(text) {
        Some(key) if key.is_aws_alias() => {
            Err(Failed::usage(format!("--key: {text} is a key that AWS manages")))
        }
        Some(key) if key.key_id().is_some() || key.alias_name().is_some() => Ok(Some(key)),
        Some(_) | None => Err(Failed::usage(format!(
            "--key: {text:?} is no key: name it by its ARN, its id, or its alias (alias/…)"
        ))),
    }
}

/// The principals that were named with that option.
fn principals(option: &str, texts: &[String], config: &Config) -> Result<Vec<KeyPrincipal>, Failed> {
    let partition = config.aws.home_region.partition();
    let parse = |text: &String| {
        KeyPrincipal::parse(text, partition).map_err(|error| Failed::usage(format!("{option}: {error}")))
    };
    texts.iter().map(parse).collect()
}
