mod accepts;
mod cadence;
mod environment;
mod exceptions;
mod finding;
mod notify;
mod page;
mod places;
mod reference;
mod rejects;
mod report;
mod server;

use std::path::Path;

use super::{Config, ConfigErrors, Loaded};

fn load(text: &str, env: &[(&str, &str)]) -> Result<Loaded, ConfigErrors> {
    let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Config::load(Some((Path::new("k.toml"), text)), env)
}

fn accepted(text: &str) -> Config {
    load(text, &[]).unwrap().config
}

/// The problems, one a line.
fn problems(text: &str, env: &[(&str, &str)]) -> String {
    load(text, env).unwrap_err().problems().join("\n")
}

/// The problems of files that consist of one section and one key each.
fn problems_of(section: &str, lines: &[&str]) -> String {
    let texts = lines.iter().map(|line| problems(&format!("[{section}]\n{line}"), &[]));
    texts.collect::<Vec<_>>().join("\n")
}
