//! An AWS organization in a box: real protocols over loopback HTTP, for trying and testing.
//!
//! One HTTP server answers for Organizations, STS, Account Management, DMS and KMS; the unmodified SDK
//! finds it through `AWS_ENDPOINT_URL`. It checks signatures, sessions and rights as AWS does, answers
//! as AWS was recorded to answer, counts what it is asked, and goes wrong on demand.

#![expect(
    clippy::disallowed_methods,
    reason = "it plays AWS: it reads the clock as AWS does, and serves on a task of its own"
)]

mod answer;
mod auth;
mod body;
mod calls;
mod changes;
mod context;
mod control;
mod faults;
mod permission;
mod policy;
mod quotas;
mod request;
mod server;
mod services;
#[cfg(test)]
mod tests;
pub mod world;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread,
    time::Duration,
};

pub use calls::{CallKey, Calls};
pub use changes::Change;
pub use faults::{Fault, FaultKind};
pub use quotas::Quota;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use context::Shared;
use world::World;

/// How a sandbox is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How long every AWS call takes before it is answered.
    pub latency: Duration,
}

impl Default for Settings {
    /// A free port of the loopback interface, without latency.
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), latency: Duration::ZERO }
    }
}

/// A running sandbox; it stops when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    runner: Option<Runner>,
}

/// What the server runs on.
#[derive(Debug)]
enum Runner {
    Task(JoinHandle<()>),
    Thread(oneshot::Sender<()>, thread::JoinHandle<()>),
}

impl Sandbox {
    /// Starts a sandbox on the caller's runtime.
    ///
    /// # Errors
    /// If the address can't be listened on.
    pub async fn start(world: World, settings: Settings) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(world, settings.latency));
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        Ok(Self { shared, address, runner: Some(Runner::Task(task)) })
    }

    /// Starts a sandbox on a thread with a runtime of its own, for callers that have none.
    ///
    /// # Errors
    /// If the address can't be listened on, or the thread can't be started.
    pub fn start_blocking(world: World, settings: Settings) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(world, settings.latency));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(settings.listen))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let serving = server::serve(listener, Arc::clone(&shared));
        let thread = thread::Builder::new().name("sandbox".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serving => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { shared, address, runner: Some(Runner::Thread(stop, thread)) })
    }

    /// The value for `AWS_ENDPOINT_URL`.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment variables that send keywatch here.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(&self.shared.world(), &self.endpoint_url())
    }

    /// What was called so far.
    pub fn calls(&self) -> Calls {
        self.shared.counter.change(|calls| calls.clone())
    }

    /// Blocks until so many calls have begun since the last reset, at most that long; tells whether they have.
    pub fn wait_for_calls(&self, total: u64, within: Duration) -> bool {
        self.shared.counter.wait_for(total, within)
    }

    /// Counts from zero again.
    pub fn reset_calls(&self) {
        self.shared.counter.reset();
    }

    /// What was changed by calls since the start, oldest first.
    pub fn changes(&self) -> Vec<Change> {
        self.shared.changes.all()
    }

    /// Makes something go wrong.
    pub fn inject(&self, fault: Fault) {
        self.shared.faults.inject(fault);
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Sets how often every account may call a service (`dms`, `kms`, `sts`, `organizations`, `account`) in
    /// each Region; `None` for as often as it likes, as at the start. Tells whether there is such a service.
    pub fn set_quota(&self, service: &str, quota: Option<Quota>) -> bool {
        let service = request::Service::from_scope(service);
        if let Some(service) = service {
            self.shared.quotas.set(service, quota);
        }
        service.is_some()
    }

    /// Reads or changes the world between two answers.
    pub fn edit<T>(&self, edit: impl FnOnce(&mut World) -> T) -> T {
        edit(&mut self.shared.world_mut())
    }

    /// Sets its clock so many seconds ahead of this machine's, or behind: what it dates its answers and judges
    /// signatures by.
    pub fn set_clock(&self, ahead: i64) {
        self.shared.set_clock(ahead);
    }

    /// Ends every session given out so far.
    pub fn expire_sessions(&self) {
        self.shared.sessions.expire();
    }

    /// Stops: open connections end, and the port is free.
    pub fn stop(mut self) {
        self.halt();
    }

    fn halt(&mut self) {
        match self.runner.take() {
            Some(Runner::Task(task)) => task.abort(),
            Some(Runner::Thread(stop, thread)) => {
                // A server that has already ended has nobody to tell.
                let _ = stop.send(());
                if thread.join().is_err() {
                    tracing::error!("the sandbox's thread panicked");
                }
            }
            None => {}
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.halt();
    }
}

fn environment(world: &World, endpoint_url: &str) -> Vec<(String, String)> {
    let home = world.home_region();
    [
        ("AWS_ENDPOINT_URL", endpoint_url),
        ("AWS_ACCESS_KEY_ID", auth::HUB_ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", auth::HUB_SECRET),
        ("AWS_REGION", home.as_str()),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("KEYWATCH_ORGANIZATION__AUDIT_ROLE", &world.audit_role),
        ("KEYWATCH_REMEDIATION__ROLE", &world.remediation_role),
        ("KEYWATCH_ORGANIZATION__EXTERNAL_ID", &world.external_id),
        ("KEYWATCH_AWS__HOME_REGION", home.as_str()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}
