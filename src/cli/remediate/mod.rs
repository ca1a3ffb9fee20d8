//! `remediate …`: what would put findings right, and putting them right.

mod apply;
mod plan;
mod status;
mod verify;

use super::{
    args::{GlobalArgs, RemediateCommand},
    exit::{Exit, Failed},
    output::Out,
};

/// `remediate …`.
pub async fn run(global: &GlobalArgs, command: &RemediateCommand, out: &mut Out) -> Result<Exit, Failed> {
    match command {
        RemediateCommand::Plan(args) => plan::run(global, args, out).await,
        RemediateCommand::Apply(args) => apply::run(global, args, out).await,
        RemediateCommand::Status(args) => status::run(global, args, out).await,
        RemediateCommand::Verify(args) => verify::run(global, args, out).await,
    }
}
