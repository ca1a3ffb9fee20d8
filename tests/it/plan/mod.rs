//! `remediate plan` on the sandbox: what it writes, and what its scripts do with the real AWS CLI.

mod files;
mod scripts;
mod shell;
