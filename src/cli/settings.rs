//! Finds the config and applies the option that overrides it.

use super::{args::GlobalArgs, exit::Failed};
use crate::config::{self, Loaded};

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
