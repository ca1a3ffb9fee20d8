//! What the service manager is told, where there is one (`Type=notify` of systemd).

use std::time::Duration;

use sd_notify::NotifyState;

/// How often it wants to hear that keywatch is alive, if it does: half of its `WatchdogSec`, for room.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|limit| limit / 2)
}

/// Tells that the daemon does its work.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Tells that it is alive.
pub fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// Tells that it reads its config again; [`ready`] follows.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!("the monotonic clock: {error}"),
    }
}

/// Tells that it stops.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Tells in words what it does.
pub fn status(text: &str) {
    tell(&[NotifyState::Status(text)]);
}

fn tell(states: &[NotifyState<'_>]) {
    // Without a service manager there is nobody to tell, which is no error.
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("the service manager could not be told: {error}");
    }
}
