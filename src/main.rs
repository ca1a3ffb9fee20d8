//! Parses the command line and runs it; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    keywatch::cli::run(std::env::args_os())
}
