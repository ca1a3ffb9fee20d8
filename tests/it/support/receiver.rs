//! A web server on loopback that keeps what it is sent.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver as Queue, Sender, channel},
    },
    thread,
    time::Duration,
};

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Request {
    pub path: String,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// How a request is answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With this status line, these header lines, and this body.
    With(&'static str, &'static str, &'static str),
    /// With 404, and a page that repeats the path.
    Echo,
    /// Not at all: the connection stays open.
    Never,
}

/// The server. It ends with the test's process.
pub struct Receiver {
    pub address: SocketAddr,
    requests: Queue<Request>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    /// On a free port.
    pub fn start() -> Self {
        Self::on("127.0.0.1:0".parse().unwrap())
    }

    /// On this one.
    pub fn on(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = channel();
        let answers = Arc::<Mutex<VecDeque<Answer>>>::default();
        let queued = Arc::clone(&answers);
        thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                // A connection that says nothing is no request.
                if let Some(stream) = serve(stream, &sender, &queued) {
                    held.push(stream);
                }
            }
        });
        Self { address, requests, answers }
    }

    /// Answers the next requests like this, in this order, and those after them with 204.
    pub fn answer(&self, answers: &[Answer]) {
        self.answers.lock().unwrap().extend(answers.iter().cloned());
    }

    /// The next request.
    #[track_caller]
    pub fn next(&self) -> Request {
        self.requests.recv_timeout(Duration::from_secs(60)).expect("a request")
    }

    /// Every request that has arrived and was not looked at yet.
    pub fn rest(&self) -> Vec<Request> {
        self.requests.try_iter().collect()
    }
}

/// Takes one request and answers it; a stream that is to stay open comes back.
fn serve(
    stream: TcpStream,
    sender: &Sender<Request>,
    answers: &Mutex<VecDeque<Answer>>,
) -> Option<TcpStream> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    let answer = answers.lock().unwrap().pop_front().unwrap_or(Answer::With("204 No Content", "", ""));
    let mut stream = reader.into_inner();
    let text = match answer {
        Answer::With(status, headers, body) => {
            format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
                body.len()
            )
        }
        Answer::Echo => {
            let body = format!("no route {path}");
            format!(
                "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        }
        Answer::Never => {
            sender.send(Request { path, headers, body }).ok()?;
            return Some(stream);
        }
    };
    sender.send(Request { path, headers, body }).ok()?;
    // Whether the other side still listens is its own affair.
    drop(stream.write_all(text.as_bytes()));
    None
}
