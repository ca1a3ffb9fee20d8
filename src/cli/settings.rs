//! Finds the config and applies the option that overrides it.

use super::{args::GlobalArgs, exit::Failed};
use crate::config::{self, Loaded};

/// Loads the config, puts `--db` over it, and warns of what is legal but risky.
pub fn load(global: &GlobalArgs) -> Result<Loaded, Failed> {
    // A name or value that is no Unicode is none of ours.
    let env = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut loaded = config::find_and_load(global.config.as_deref(), env).map_err(Failed::usage)?;
    if let Some(path) = &global.db {
        loaded.config.database.path.clone_from(path);
    }
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    Ok(loaded)
}
