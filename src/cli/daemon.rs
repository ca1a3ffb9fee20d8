//! `daemon`: keeps watch until it is told to stop.

use super::{
    args::{DaemonArgs, GlobalArgs},
    exit::Failed,
    settings,
};
use crate::app::{self, DaemonOptions, Signals};

/// Runs the daemon.
pub async fn run(global: &GlobalArgs, args: &DaemonArgs) -> Result<(), Failed> {
    let clock = args.clock.clock();
    // First, so that no signal from here on ends the process in the middle of something.
    let signals = Signals::listen().map_err(Failed::could_not_run)?;
    let config = settings::load(global)?.config;
    settings::check_exceptions(&config, clock.now())?;
    let again = global.clone();
    let reload = move || {
        let config = settings::load(&again).map_err(|failed| failed.message)?.config;
        settings::check_exceptions(&config, clock.now()).map_err(|failed| failed.message)?;
        Ok(config)
    };
    let options = DaemonOptions { clock, reload: Box::new(reload), signals };
    app::daemon(config, options).await.map_err(|error| Failed::could_not_run(format!("{error:#}")))
}
