//! `healthcheck`.

use std::time::Duration;

use super::{
    args::{GlobalArgs, HealthcheckArgs},
    exit::Failed,
    output::Out,
    settings,
};
use crate::app;

/// Asks the daemon, and says what it answered.
pub fn run(global: &GlobalArgs, args: &HealthcheckArgs, out: &mut Out) -> Result<(), Failed> {
    let config = settings::load(global)?.config;
    let within = Duration::from_secs(args.timeout);
    let answer =
        app::ask_health(&config.server, &config.database.path, within).map_err(Failed::could_not_run)?;
    out.text(&format!("{answer}\n"))
}
