//! Over real sockets, without a history; with one in `tests/it/server.rs`.

mod guard;

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{Limits, Server, State};
use crate::{aws::CallCounts, config};

/// Longer than anything here takes, shorter than to wait for ever.
const SOON: Duration = Duration::from_secs(20);

/// A server that runs.
struct Running {
    address: SocketAddr,
    state: Arc<State>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

fn config() -> config::Server {
    config::Server { listen: Some("127.0.0.1:0".parse().unwrap()), ..config::Server::default() }
}

async fn serve(config: &config::Server, limits: Limits) -> Running {
    let now = || "2026-11-24T09:00:00Z".parse().unwrap();
    let missing = Path::new("/no/such/history.db");
    let state = State::new(config, missing, Arc::new(CallCounts::default()), now, Vec::new).unwrap();
    let state = Arc::new(state);
    let server = Server::bind(config).await.unwrap().unwrap().limited(limits);
    let address = server.address();
    let cancel = CancellationToken::new();
    #[expect(clippy::disallowed_methods, reason = "joined at the end of the test that ends it")]
    let task = tokio::spawn(server.serve(Arc::clone(&state), cancel.clone()));
    Running { address, state, cancel, task }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.address.port())).await.unwrap()
    }

    /// The whole answer to a request with these further lines of its head.
    async fn ask(&self, request: &str, more: &str) -> String {
        self.ask_as("localhost", request, more).await
    }

    /// The same, by this name.
    async fn ask_as(&self, host: &str, request: &str, more: &str) -> String {
        let mut stream = self.connect().await;
        let head = format!("{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        rest(&mut stream).await
    }

    async fn end(self) {
        self.cancel.cancel();
        timeout(SOON, self.task).await.expect("it ends when it is told to").unwrap();
    }
}

/// All that comes until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that is cut off is over as well as one that is closed.
    let _ = timeout(SOON, stream.read_to_end(&mut answer)).await.expect("the server closes");
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let running = serve(&config(), Limits::default()).await;
    let health = running.ask("GET /healthz", "").await;
    assert!(health.starts_with("HTTP/1.1 200") && health.ends_with(r#"{"status":"ok"}"#), "{health}");
    let ready = running.ask("GET /readyz", "").await;
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("application/problem+json"), "{ready}");
    assert!(ready.contains(r#""missing":["database"]"#) && ready.contains("/no/such/history.db"), "{ready}");
    let metrics = running.ask("GET /metrics", "").await;
    assert!(
        metrics.starts_with("HTTP/1.1 200") && metrics.contains("text/plain; version=0.0.4"),
        "{metrics}"
    );
    assert!(metrics.contains("\nkeywatch_database_readable 0"), "{metrics}");
    assert!(metrics.contains("cache-control: no-store"), "{metrics}");

    let lost = running.ask("GET /nothing", "").await;
    assert!(lost.starts_with("HTTP/1.1 404") && lost.contains("application/problem+json"), "{lost}");
    let write = running.ask("POST /healthz", "Content-Length: 0\r\n").await;
    assert!(write.starts_with("HTTP/1.1 405") && write.contains("only answers GET"), "{write}");
    running.end().await;
}

#[tokio::test]
async fn everything_but_the_health_needs_the_token() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    fs::write(&file, "first-token-0123456789\n").unwrap();
    let config = config::Server { token_file: Some(file.clone()), ..config() };
    let running = serve(&config, Limits::default()).await;
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    for path in ["GET /readyz", "GET /metrics"] {
        for head in ["", &bearer("first-token-012345678"), "Authorization: Basic Zmlyc3Q6dG9rZW4=\r\n"] {
            let refused = running.ask(path, head).await;
            assert!(refused.starts_with("HTTP/1.1 401") && refused.contains("www-authenticate"), "{refused}");
        }
    }
    assert!(running.ask("GET /metrics", &bearer("first-token-0123456789")).await.starts_with("HTTP/1.1 200"));
    let lower = "authorization: bearer first-token-0123456789\r\n";
    assert!(running.ask("GET /metrics", lower).await.starts_with("HTTP/1.1 200"));
    assert!(running.ask("GET /healthz", "").await.starts_with("HTTP/1.1 200"));

    // A bad file changes nothing; a good one is taken over.
    fs::write(&file, "short").unwrap();
    running.state.reload(&config).unwrap_err();
    assert!(running.ask("GET /metrics", &bearer("first-token-0123456789")).await.starts_with("HTTP/1.1 200"));
    fs::write(&file, "second-token-0123456789").unwrap();
    running.state.reload(&config).unwrap();
    assert!(running.ask("GET /metrics", &bearer("first-token-0123456789")).await.starts_with("HTTP/1.1 401"));
    assert!(
        running.ask("GET /metrics", &bearer("second-token-0123456789")).await.starts_with("HTTP/1.1 200")
    );
    running.end().await;
}

#[tokio::test]
async fn what_others_can_reach_is_told_to_nobody_without_a_token() {
    // The config refuses this; after a reload it could be so all the same.
    let exposed = config::Server { listen: Some("0.0.0.0:0".parse().unwrap()), ..config() };
    let running = serve(&exposed, Limits::default()).await;
    assert!(running.ask("GET /metrics", "").await.starts_with("HTTP/1.1 401"));
    assert!(running.ask("GET /healthz", "").await.starts_with("HTTP/1.1 200"));
    running.end().await;
}

#[tokio::test]
async fn a_slow_client_holds_neither_a_place_nor_the_end() {
    let limits = Limits {
        connections: 2,
        head: Duration::from_millis(300),
        connection: Duration::from_secs(3600),
        ..Limits::default()
    };
    let running = serve(&config(), limits).await;
    // Both places are taken, by one that says nothing and one that never ends its head.
    let mut silent = running.connect().await;
    let mut endless = running.connect().await;
    endless.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ").await.unwrap();
    let health = timeout(SOON, running.ask("GET /healthz", "")).await.expect("a place becomes free");
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    assert_eq!(rest(&mut silent).await, "");
    assert!(!rest(&mut endless).await.starts_with("HTTP/1.1 200"));
    running.end().await;

    // One that asks again and again is closed when its time is up.
    let limits = Limits { connection: Duration::from_millis(300), ..Limits::default() };
    let running = serve(&config(), limits).await;
    let mut busy = running.connect().await;
    let began = Instant::now();
    let mut answer = [0; 4096];
    loop {
        assert!(began.elapsed() < SOON, "it is still served");
        let asked = busy.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        if asked.is_err() || !matches!(busy.read(&mut answer).await, Ok(1..)) {
            break;
        }
    }
    running.end().await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let running = serve(&config(), Limits::default()).await;
    let large = format!("X-Large: {}\r\n", "x".repeat(64 * 1024));
    let mut stream = running.connect().await;
    let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{large}\r\n");
    // The server may close before it has taken all of it in.
    let _ = stream.write_all(head.as_bytes()).await;
    assert!(!rest(&mut stream).await.contains("200 OK"));
    assert!(running.ask("GET /healthz", "").await.starts_with("HTTP/1.1 200"));
    running.end().await;
}

#[tokio::test]
async fn the_end_waits_for_nobody_for_long() {
    let limits = Limits { grace: Duration::from_millis(200), ..Limits::default() };
    let running = serve(&config(), limits).await;
    let mut endless = running.connect().await;
    endless.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ").await.unwrap();
    assert!(running.ask("GET /healthz", "").await.starts_with("HTTP/1.1 200"));
    let address = running.address;
    let began = Instant::now();
    running.end().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_loop_that_hangs_is_not_healthy() {
    let running = serve(&config(), Limits::default()).await;
    *running.state.alive_at.lock().unwrap() -= Duration::from_secs(61);
    let health = running.ask("GET /healthz", "").await;
    assert!(health.starts_with("HTTP/1.1 503") && health.contains("61 s"), "{health}");
    running.state.beat();
    assert!(running.ask("GET /healthz", "").await.starts_with("HTTP/1.1 200"));
    running.end().await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_said_with_the_way_out() {
    let running = serve(&config(), Limits::default()).await;
    let taken = config::Server { listen: Some(running.address), ..config() };
    let error = Server::bind(&taken).await.unwrap_err().to_string();
    assert!(error.contains(&running.address.to_string()) && error.contains("server.listen"), "{error}");
    assert!(Server::bind(&config::Server { listen: None, ..config() }).await.unwrap().is_none());
    running.end().await;
}
