use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{Clock, Progress},
    aws::CallCounts,
    config,
    domain::Timestamp,
    server::{JobState, RunningScan, ScanProgress, Server, ServerError, State},
};

/// What answers on their way may still take when all ends.
const GRACE: Duration = Duration::from_secs(8);

/// The daemon's HTTP server, if it has one, and what it is told.
pub struct Serving {
    state: Arc<State>,
    jobs: Arc<Mutex<Vec<JobState>>>,
    /// Where it listens.
    address: Option<SocketAddr>,
    tasks: JoinSet<()>,
    cancel: CancellationToken,
}

impl Serving {
    /// Begins to listen and to answer.
    ///
    /// # Errors
    /// Where the address can't be listened on, or the token can't be read.
    pub async fn start(
        config: &config::Server,
        database: &Path,
        counts: Arc<CallCounts>,
        clock: Clock,
    ) -> Result<Self, ServerError> {
        let jobs = Arc::new(Mutex::new(Vec::<JobState>::new()));
        let asked = Arc::clone(&jobs);
        let jobs_now = move || asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let state = Arc::new(State::new(config, database, counts, move || clock.now(), jobs_now)?);
        let (mut tasks, cancel) = (JoinSet::new(), CancellationToken::new());
        let server = Server::bind(config).await?;
        let address = server.as_ref().map(Server::address);
        if let Some(server) = server {
            tasks.spawn(server.serve(Arc::clone(&state), cancel.clone()));
        }
        let mut serving = Self { state, jobs, address, tasks, cancel };
        serving.prepare();
        Ok(serving)
    }

    /// Has the dashboard's numbers worked out beside all else.
    fn prepare(&mut self) {
        if self.address.is_none() {
            return;
        }
        // Those that are done.
        while self.tasks.try_join_next().is_some() {}
        let (state, cancel) = (Arc::clone(&self.state), self.cancel.clone());
        self.tasks.spawn(async move {
            // Who asks will be told the same error.
            if let Some(Err(error)) = cancel.run_until_cancelled(state.prepare()).await {
                tracing::debug!(%error, "the dashboard has no numbers yet");
            }
        });
    }

    /// Where it listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The driver is alive.
    pub fn beat(&self) {
        self.state.beat();
    }

    /// A scan begins; whoever looks is told how far it has come.
    pub fn begin_scan(&self, at: Timestamp, progress: &Arc<Progress>) -> RunningScan {
        let progress = Arc::clone(progress);
        self.state.begin_scan().telling(at, move || {
            let now = progress.snapshot();
            ScanProgress {
                accounts_done: now.accounts_done,
                accounts_total: now.accounts_total,
                targets_done: now.targets_done,
                calls: now.calls,
                throttled: now.throttled,
            }
        })
    }

    /// A job did its work then, or has not yet.
    pub fn job(&mut self, name: &str, last_success: Option<Timestamp>) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        match jobs.iter_mut().find(|job| job.name == name) {
            Some(job) => job.last_success = last_success.or(job.last_success),
            None => jobs.push(JobState { name: name.to_owned(), last_success }),
        }
        drop(jobs);
        self.prepare();
    }

    /// Takes what a new config says, but for where it listens.
    pub fn reload(&self, config: &config::Server) {
        if let Err(error) = self.state.reload(config) {
            tracing::error!("the server goes on as before: {error}");
        }
    }

    /// Ends, once the answers on their way are given.
    pub async fn end(mut self) {
        self.cancel.cancel();
        // Past this, they are cut off with the process.
        let _ = timeout(GRACE, async { while self.tasks.join_next().await.is_some() {} }).await;
    }
}
