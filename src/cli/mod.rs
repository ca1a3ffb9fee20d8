//! The command line: clap types, one function per command, and the output formats.

pub mod args;
pub mod exit;
pub mod output;
pub mod progress;

use std::{ffi::OsString, process::ExitCode};

/// Runs a command line, the program's name first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match args::parse(args) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => error.exit(),
    }
}
