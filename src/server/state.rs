use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    ServerError,
    history::History,
    scans::{RunningScan, Scans},
    token::Token,
};
use crate::{
    aws::CallCounts,
    config,
    domain::Timestamp,
    history::{HistoryError, Measures, Posture, Reader},
};

/// How old numbers from the history may be, so that it costs little to be asked often.
const KEPT_FOR: Duration = Duration::from_secs(5);

/// What is known of a periodic job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobState {
    /// Its name.
    pub name: String,
    /// When it was last done; `None` before the first time.
    pub last_success: Option<Timestamp>,
}

/// Tells what time it is.
type Now = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// Tells the jobs.
type Jobs = Box<dyn Fn() -> Vec<JobState> + Send + Sync>;

/// What the answers are made of.
pub struct State {
    pub(super) history: History,
    pub(super) now: Now,
    pub(super) calls: Arc<CallCounts>,
    pub(super) jobs: Jobs,
    pub(super) scans: Arc<Scans>,
    settings: RwLock<Settings>,
    pub(super) alive_at: Mutex<Instant>,
    measured: tokio::sync::Mutex<Option<(Instant, Measures)>>,
    /// With the numbers that it belongs to.
    posture: tokio::sync::Mutex<Option<(Measures, Arc<Posture>)>>,
}

struct Settings {
    token: Option<Token>,
    ready_age: Duration,
}

impl Settings {
    fn read(config: &config::Server) -> Result<Self, ServerError> {
        let token = config.token_file.as_deref().map(Token::read).transpose()?;
        Ok(Self { token, ready_age: config.ready_age })
    }
}

impl State {
    /// Of a process that uses this database. `now` and `jobs` are asked whenever someone asks.
    ///
    /// # Errors
    /// Where the token can't be read.
    pub fn new(
        config: &config::Server,
        database: &Path,
        calls: Arc<CallCounts>,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        jobs: impl Fn() -> Vec<JobState> + Send + Sync + 'static,
    ) -> Result<Self, ServerError> {
        Ok(Self {
            history: History::new(database),
            now: Box::new(now),
            calls,
            jobs: Box::new(jobs),
            scans: Arc::default(),
            settings: RwLock::new(Settings::read(config)?),
            alive_at: Mutex::new(Instant::now()),
            measured: tokio::sync::Mutex::default(),
            posture: tokio::sync::Mutex::default(),
        })
    }

    /// Takes over the token and the age from a config that was read anew; the token's file is read again even if it
    /// is the same one. Where it listens stays.
    ///
    /// # Errors
    /// Where the token can't be read: then all stays as it was.
    pub fn reload(&self, config: &config::Server) -> Result<(), ServerError> {
        let settings = Settings::read(config)?;
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        Ok(())
    }

    /// The process' loop is alive. It should say so every few seconds, whatever else it does.
    pub fn beat(&self) {
        *self.alive_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// A scan begins, which ends with what is returned.
    pub fn begin_scan(&self) -> RunningScan {
        self.scans.begin()
    }

    /// Works out the dashboard's numbers now, if the history has changed, so that whoever looks next need not wait.
    ///
    /// # Errors
    /// Where the history can't be read.
    pub async fn prepare(&self) -> Result<(), HistoryError> {
        if let Some((at, _)) = &mut *self.measured.lock().await {
            *at = at.checked_sub(KEPT_FOR).unwrap_or(*at);
        }
        let reader = self.history.reader().await?;
        self.posture(&reader).await?;
        Ok(())
    }

    /// How long the loop has not said that it is alive.
    pub(super) fn silent_for(&self) -> Duration {
        self.alive_at.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    pub(super) fn ready_age(&self) -> Duration {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).ready_age
    }

    /// Whether who sends this may read. Without a token everyone may who is on this machine.
    pub(super) fn admits(&self, sent: Option<&[u8]>, exposed: bool) -> bool {
        match &self.settings.read().unwrap_or_else(PoisonError::into_inner).token {
            Some(token) => sent.is_some_and(|sent| token.is(sent)),
            // The config has a token wherever it exposes; but a new config may not fit the address of old.
            None => !exposed,
        }
    }

    /// Whether a token is asked for.
    pub(super) fn asks_for_a_token(&self) -> bool {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).token.is_some()
    }

    /// The numbers from the history, a few seconds old at most. Who asks at the same time waits for the same answer.
    pub(super) async fn measures(&self) -> Result<Measures, HistoryError> {
        let mut kept = self.measured.lock().await;
        if let Some((at, measures)) = &*kept
            && at.elapsed() < KEPT_FOR
        {
            return Ok(measures.clone());
        }
        let reader = self.history.reader().await?;
        let before = kept.as_ref().map(|(_, measures)| measures.clone());
        let measures = reader.measure(before).await?;
        *kept = Some((Instant::now(), measures.clone()));
        Ok(measures)
    }

    /// How the organization stands, with the numbers of the same moment. It is worked out anew only where the history
    /// has changed; who asks at the same time waits for the same answer.
    pub(super) async fn posture(&self, reader: &Reader) -> Result<(Measures, Arc<Posture>), HistoryError> {
        let mut kept = self.posture.lock().await;
        let measures = self.measures().await?;
        if let Some((of, posture)) = &*kept
            && *of == measures
        {
            return Ok((measures, Arc::clone(posture)));
        }
        let posture = Arc::new(reader.posture((self.now)()).await?);
        *kept = Some((measures.clone(), Arc::clone(&posture)));
        Ok((measures, posture))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("database", &self.history.path()).finish_non_exhaustive()
    }
}
