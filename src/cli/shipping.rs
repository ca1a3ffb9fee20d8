//! `completions` and `man`: what a package ships beside the binary, made by the binary itself.

use std::fs;

use clap::Command;

use super::{
    args::{self, CompletionsArgs, ManArgs},
    exit::Failed,
    output::Out,
};
use crate::domain::VERSION;

/// `completions`.
pub fn completions(args: &CompletionsArgs, out: &mut Out) -> Result<(), Failed> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut visible(&args::command()).version(VERSION),
        "keywatch",
        &mut script,
    );
    out.document(&script)
}

/// `man`.
pub fn man(args: &ManArgs, out: &mut Out) -> Result<(), Failed> {
    let command = args::command();
    let Some(dir) = &args.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(Failed::could_not_run)?;
        return out.document(&page);
    };
    let failed = |error| Failed::could_not_run(format!("cannot write to {}: {error}", dir.display()));
    fs::create_dir_all(dir).map_err(failed)?;
    clap_mangen::generate_to(command, dir).map_err(failed)
}

/// The command without what is hidden: completions would offer it all the same.
fn visible(command: &Command) -> Command {
    Command::new(command.get_name().to_owned())
        .about(command.get_about().cloned().unwrap_or_default())
        .disable_help_subcommand(true)
        .args(command.get_arguments().filter(|argument| !argument.is_hide_set()).cloned())
        .subcommands(command.get_subcommands().filter(|command| !command.is_hide_set()).map(visible))
}
