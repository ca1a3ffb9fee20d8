//! Sends what is queued for people, beside everything else the daemon does.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{Clock, notify::deliver},
    config::Config,
};

/// The longest that a message waits to be noticed that another process queued.
const ROUND: Duration = Duration::from_secs(60);

/// Goes its rounds until cancelled. It begins one whenever `config` is sent anew, the same or another.
pub async fn go_rounds(mut config: watch::Receiver<Arc<Config>>, clock: Clock, cancel: CancellationToken) {
    while !cancel.is_cancelled() {
        let now = Arc::clone(&config.borrow_and_update());
        let next = match deliver(&now, clock, &cancel).await {
            Ok(delivered) => delivered.next,
            Err(error) => {
                tracing::error!("notifications could not be sent, and are tried again: {error:#}");
                None
            }
        };
        let nap = next.map_or(ROUND, |next| clock.until(next).clamp(Duration::from_millis(100), ROUND));
        tokio::select! {
            () = cancel.cancelled() => {}
            // The driver lives longer than this.
            _ = config.changed() => {}
            () = sleep(nap) => {}
        }
    }
}
