use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{ServerError, State, routes::routes};
use crate::config;

/// Room for the head of a request; more is an error.
const MAX_HEAD: usize = 16 * 1024;

/// How long to wait before the next connection is taken where that failed: usually files have run out.
const PAUSE: Duration = Duration::from_secs(1);

/// What a client may take, so that none that is slow, or many, hold anything for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at one time; further ones wait until one of them ends.
    pub connections: usize,
    /// The longest from the end of an answer, or the beginning, to the last line of the next request's head.
    pub head: Duration,
    /// The longest that an answer may take to be made.
    pub answer: Duration,
    /// The longest that a connection lasts, whatever happens on it.
    pub connection: Duration,
    /// How long an answer that is on its way may go on when the connection or the server is to end.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            head: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            connection: Duration::from_secs(120),
            grace: Duration::from_secs(5),
        }
    }
}

/// A listening socket.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

impl Server {
    /// Begins to listen; `None` if nothing is to be served.
    ///
    /// # Errors
    /// Where the address can't be listened on.
    pub async fn bind(config: &config::Server) -> Result<Option<Self>, ServerError> {
        let Some(address) = config.listen else { return Ok(None) };
        let fail = |source| ServerError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        Ok(Some(Self { listener, address, limits: Limits::default() }))
    }

    /// The same with other limits.
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until cancelled. Then no connection is taken any more, answers on their way have a few seconds left,
    /// and it ends.
    pub async fn serve(self, state: Arc<State>, cancel: CancellationToken) {
        let Self { listener, address, limits } = self;
        let exposed = !address.ip().to_canonical().is_loopback();
        let routes = routes(state, exposed, limits.answer);
        let mut connections = JoinSet::new();
        tracing::info!(%address, "serving the dashboard, /api/v1, /metrics, /readyz and /healthz");
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some(ended) = connections.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a defect in keywatch, please report it: a connection broke off");
                    }
                }
                taken = listener.accept(), if connections.len() < limits.connections => match taken {
                    Ok((stream, _)) => {
                        connections.spawn(converse(stream, routes.clone(), limits, cancel.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be taken");
                        tokio::select! {
                            () = cancel.cancelled() => {}
                            () = sleep(PAUSE) => {}
                        }
                    }
                },
            }
        }
        drop(listener);
        // Each ends by itself within the grace; what is left then is dropped with the set.
        let all_ended = async { while connections.join_next().await.is_some() {} };
        if timeout(limits.grace * 2, all_ended).await.is_err() {
            tracing::warn!("connections were cut off at the end");
        }
    }
}

/// One connection from its beginning to its end.
async fn converse(stream: TcpStream, routes: Router, limits: Limits, cancel: CancellationToken) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = async {
            tokio::select! {
                () = cancel.cancelled() => {}
                () = sleep(limits.connection) => {}
            }
        } => {
            connection.as_mut().graceful_shutdown();
            match timeout(limits.grace, connection).await {
                Ok(ended) => ended,
                Err(_) => {
                    tracing::debug!("a client was too slow, and was cut off");
                    return;
                }
            }
        }
    };
    if let Err(error) = ended {
        // Whoever sends nonsense, or leaves in the middle, harms nobody.
        tracing::debug!(%error, "a connection ended early");
    }
}
