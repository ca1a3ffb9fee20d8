//! Finds the config and applies the option that overrides it.

use super::{args::GlobalArgs, exit::Failed};
use crate::{
    app,
    config::{self, Config, Loaded},
    domain::Timestamp,
};

/// Loads the config, puts `--db` over it, and warns of what is legal but risky.
pub fn load(global: &GlobalArgs) -> Result<Loaded, Failed> {
    // A value that is no Unicode is kept, damaged, so that it is refused and not forgotten.
    let env = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()));
    let mut loaded = config::find_and_load(global.config.as_deref(), env).map_err(Failed::usage)?;
    if let Some(path) = &global.db {
        loaded.config.database.path.clone_from(path);
    }
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    Ok(loaded)
}

/// Refuses exceptions that last too long, and warns of those that have ended; the config alone can't tell.
pub fn check_exceptions(config: &Config, now: Timestamp) -> Result<(), Failed> {
    let (errors, warnings) = app::check_exceptions(config, now);
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    if errors.is_empty() { Ok(()) } else { Err(Failed::usage(errors.join("\n"))) }
}
