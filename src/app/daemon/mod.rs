//! One driver for all periodic work: it waits until something is due, does one thing at a time, and stops in good
//! order.

mod agenda;
mod jobs;
mod memory;
mod postman;
mod service;
mod serving;
mod signals;

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::bail;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Base, Clock};
use crate::{
    aws::CallCounts,
    config::Config,
    domain::{BUILD, Timestamp, iso_utc},
    history::{DaemonLock, HistoryError, JobOutcome, Jobs, Writer},
};
use agenda::{Agenda, Job};
use jobs::{Ran, Work};
use serving::Serving;
pub use signals::Signals;

/// What a job that was told to stop may still take to store what it has.
pub const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// What a notification that is on its way may still take then.
const POST_DEADLINE: Duration = Duration::from_secs(5);

/// The longest sleep: the system's clock may be set, and a machine may have been suspended.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// How often a wait for another process's lock is tried again.
const LOCK_PAUSE: Duration = Duration::from_secs(2);

/// How often the driver shows that it is alive, where nobody asks for more.
const BEAT: Duration = Duration::from_secs(10);

/// Reads the config again.
pub type Reload = Box<dyn Fn() -> Result<Config, String> + Send + Sync>;

/// What the daemon is given.
pub struct DaemonOptions {
    /// The time that it goes by.
    pub clock: Clock,
    /// Where a new config comes from at SIGHUP.
    pub reload: Reload,
    /// The process's signals.
    pub signals: Signals,
}

/// Runs until it is told to stop.
///
/// # Errors
/// Where it can't begin: the history can't be written, or another daemon runs on it. Also where a job does not end
/// within [`STOP_DEADLINE`] of being told to.
pub async fn daemon(config: Config, options: DaemonOptions) -> anyhow::Result<()> {
    let path = config.database.path.clone();
    let _lock = DaemonLock::take(&path)?;
    let Some(()) = make_ready(&config, options.clock, &options.signals.stop).await? else { return Ok(()) };
    let mut jobs = Jobs::open(&path).await?;
    let known = jobs.all().await?;
    let agenda = Agenda::new(&config, &known, options.clock.now());
    let counts = Arc::new(CallCounts::default());
    let base = Base::counting_in(&config, Arc::clone(&counts)).await;
    let mut serving = Serving::start(&config.server, &path, Arc::clone(&counts), options.clock).await?;
    for job in known {
        serving.job(&job.name, job.done_at);
    }
    let config = Arc::new(config);
    let (told, tells) = watch::channel(Arc::clone(&config));
    let mut post = JoinSet::new();
    post.spawn(postman::go_rounds(tells, options.clock, options.signals.stop.clone()));
    let mut driver = Driver {
        base,
        post: told,
        counts,
        serving,
        agenda,
        config,
        jobs,
        clock: options.clock,
        reload: options.reload,
        signals: options.signals,
        scans: 0,
    };
    tracing::info!(
        database = %path.display(),
        schedule = %driver.config.cycle.schedule,
        listen = driver.serving.address().map(tracing::field::display),
        "keywatch {BUILD} is on watch"
    );
    service::ready();
    let ended = driver.run().await;
    service::stopping();
    driver.serving.end().await;
    // What is on its way arrives, or is tried again with the same id at the next start.
    let _ = timeout(POST_DEADLINE, async { while post.join_next().await.is_some() {} }).await;
    driver.jobs.close().await?;
    ended
}

/// Makes the history or brings its schema up to date. Another process that writes is waited for; `None` if told to
/// stop meanwhile.
async fn make_ready(config: &Config, clock: Clock, stop: &CancellationToken) -> anyhow::Result<Option<()>> {
    let mut told = false;
    loop {
        match Writer::open(&config.database.path, clock.now()).await {
            Ok(writer) => {
                writer.close().await?;
                return Ok(Some(()));
            }
            Err(error @ HistoryError::Locked(_)) => {
                if !told {
                    tracing::warn!("{error}; waiting for that");
                    told = true;
                }
                if timeout(LOCK_PAUSE, stop.cancelled()).await.is_ok() {
                    return Ok(None);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
}

struct Driver {
    config: Arc<Config>,
    base: Base,
    /// Of all calls since the start.
    counts: Arc<CallCounts>,
    serving: Serving,
    /// Where a new config is told to who sends the notifications; and that there may be new ones.
    post: watch::Sender<Arc<Config>>,
    agenda: Agenda,
    jobs: Jobs,
    clock: Clock,
    reload: Reload,
    signals: Signals,
    /// How many it has done.
    scans: u64,
}

impl Driver {
    async fn run(&mut self) -> anyhow::Result<()> {
        self.tell_plans().await;
        let mut reload = false;
        while !self.signals.stop.is_cancelled() {
            self.serving.beat();
            service::alive();
            if std::mem::take(&mut reload) {
                self.reload().await;
            }
            match self.agenda.due(self.clock.now()) {
                Some((job, planned_at)) => reload = self.work(job, planned_at).await?,
                None => reload = self.wait().await,
            }
        }
        tracing::info!("stopped");
        Ok(())
    }

    /// Sleeps until something is due or happens; says whether the config is to be read again.
    async fn wait(&mut self) -> bool {
        let most = service::watchdog().unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP);
        let due = self.agenda.next_at().map_or(most, |next| self.clock.until(next));
        // Not a busy loop where the clock shows less than was slept.
        let nap = due.clamp(Duration::from_millis(1), most);
        let stop = self.signals.stop.clone();
        let reload = tokio::select! {
            () = stop.cancelled() => false,
            () = self.signals.reload_asked() => true,
            () = sleep(nap) => false,
        };
        // Not when a job ends: its connections to AWS are kept for a while, and free theirs only then.
        memory::give_back();
        reload
    }

    /// Does a job to its end; says whether the config is to be read again.
    async fn work(&mut self, job: Job, planned_at: Timestamp) -> anyhow::Result<bool> {
        let began = self.clock.now();
        service::status(&format!("{} since {}", job.name(), iso_utc(began)));
        if let Err(error) = self.jobs.started(job.name(), planned_at, began).await {
            tracing::warn!(job = job.name(), "its beginning could not be noted: {error}");
        }
        let (config, base, progress) = (Arc::clone(&self.config), self.base.clone(), Arc::default());
        let stop = self.signals.stop.clone();
        let work = Work {
            config: &config,
            base: &base,
            clock: self.clock,
            first: self.scans == 0,
            next_at: self.agenda.following(job, began),
            cancel: &stop,
            progress: &progress,
        };
        let mut running = pin!(work.run(job));
        let mut beat = interval(service::watchdog().unwrap_or(BEAT).min(BEAT));
        let mut reload = false;
        let scan = (job == Job::Scan).then(|| self.serving.begin_scan(began, &progress));
        let Ran { outcome, message, scanned } = loop {
            tokio::select! {
                ran = &mut running => break ran,
                _ = beat.tick() => {
                    self.serving.beat();
                    service::alive();
                }
                () = self.signals.reload_asked() => reload = true,
                () = too_late(&stop) => bail!(
                    "{} did not end within {} s of being told to; what it had stored before is kept",
                    job.name(),
                    STOP_DEADLINE.as_secs()
                ),
            }
        };
        if let (Some(scan), Some(outcome)) = (scan, scanned) {
            scan.end(outcome);
        }
        self.scans += u64::from(job == Job::Scan && outcome == JobOutcome::Done);
        let now = self.clock.now();
        self.agenda.ended(job, outcome, now);
        self.serving.job(job.name(), (outcome == JobOutcome::Done).then_some(now));
        match outcome {
            JobOutcome::Done => tracing::info!(job = job.name(), "{message}"),
            JobOutcome::Interrupted => tracing::warn!(job = job.name(), "interrupted: {message}"),
            JobOutcome::Failed => tracing::error!(
                job = job.name(),
                next_at = self.agenda.next_of(job).map(iso_utc),
                "failed, and is tried again: {message}"
            ),
        }
        if let Err(error) = self.jobs.finished(job.name(), outcome, &message, now).await {
            tracing::warn!(job = job.name(), "its end could not be noted: {error}");
        }
        self.post.send_replace(Arc::clone(&self.config));
        self.tell_plans().await;
        Ok(reload)
    }

    /// Notes when each job is due next, for whoever asks.
    async fn tell_plans(&mut self) {
        for (job, next_at) in self.agenda.plans() {
            if let Err(error) = self.jobs.planned(job.name(), Some(next_at)).await {
                tracing::warn!(job = job.name(), "its next run could not be noted: {error}");
                return;
            }
        }
        if let Some(next) = self.agenda.next_at() {
            service::status(&format!("waiting until {}", iso_utc(next)));
        }
    }

    /// Takes a new config, if it is a good one.
    async fn reload(&mut self) {
        service::reloading();
        match (self.reload)() {
            Ok(config) => self.take(config).await,
            Err(error) => tracing::error!("the config that was in force stays so: {error}"),
        }
        service::ready();
    }

    async fn take(&mut self, mut config: Config) {
        if config.database.path != self.config.database.path {
            tracing::warn!(
                "database.path {} takes effect at the next start; until then it is {}",
                config.database.path.display(),
                self.config.database.path.display()
            );
            config.database = self.config.database.clone();
        }
        if config.server.listen != self.config.server.listen {
            tracing::warn!("server.listen takes effect at the next start");
        }
        if config == *self.config {
            // The token's file may hold another one.
            self.serving.reload(&config.server);
            tracing::info!("the config was read again: nothing has changed");
            return;
        }
        let known = self.jobs.all().await.unwrap_or_else(|error| {
            tracing::warn!("what jobs did last is not known: {error}");
            Vec::new()
        });
        self.agenda = Agenda::new(&config, &known, self.clock.now());
        self.base = Base::counting_in(&config, Arc::clone(&self.counts)).await;
        self.serving.reload(&config.server);
        self.config = Arc::new(config);
        self.post.send_replace(Arc::clone(&self.config));
        tracing::info!("a new config is in force");
        self.tell_plans().await;
    }
}

/// Comes back when a job that was told to stop has taken too long over it.
async fn too_late(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(STOP_DEADLINE).await;
}
