use std::io;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::app::on_signal;

/// The signals that a daemon listens for.
pub struct Signals {
    /// Cancelled at the first SIGINT or SIGTERM; the second ends the process.
    pub stop: CancellationToken,
    hangup: Signal,
    _listener: JoinHandle<()>,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// Where the process may not.
    pub fn listen() -> io::Result<Self> {
        let stop = CancellationToken::new();
        let listener = on_signal(stop.clone())?;
        Ok(Self { stop, hangup: signal(SignalKind::hangup())?, _listener: listener })
    }

    /// Comes back when the config is to be read again (SIGHUP).
    pub async fn reload_asked(&mut self) {
        // A stream of signals does not end.
        let _ = self.hangup.recv().await;
    }
}
