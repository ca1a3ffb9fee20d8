use std::io;

use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Cancels the token at the first SIGINT or SIGTERM and ends the process at the second.
///
/// # Errors
/// Where the process may not listen for signals.
pub fn on_signal(cancel: CancellationToken) -> io::Result<JoinHandle<()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    #[expect(clippy::disallowed_methods, reason = "lives as long as the process and has no result")]
    let listener = tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if cancel.is_cancelled() {
                // A shell's own code for a process that a signal ended.
                std::process::exit(130);
            }
            tracing::warn!("stopping: what is whole is kept; again to quit at once");
            cancel.cancel();
        }
    });
    Ok(listener)
}
