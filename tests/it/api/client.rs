use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// Asks one server.
pub struct Client {
    pub address: SocketAddr,
    /// Lines of the head of each request.
    pub head: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Client {
    /// The answer to a question, `findings?state=open`.
    #[track_caller]
    pub fn get(&self, question: &str) -> Answer {
        self.ask("GET", question, "")
    }

    /// The same with another method and further lines of the head.
    #[track_caller]
    pub fn ask(&self, method: &str, question: &str, more: &str) -> Answer {
        let target = format!("/api/v1/{question}");
        let answer = self.raw(
            format!("{method} {target} HTTP/1.0\r\nHost: localhost\r\n{}{more}\r\n", self.head).as_bytes(),
        );
        assert!((200..600).contains(&answer.status), "{target}: {answer:?}");
        answer
    }

    /// The answer to these bytes.
    #[track_caller]
    pub fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("the end of the head");
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Answer { status, headers, body: answer[end + 4..].to_vec() }
    }
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}: {} {}", self.status, String::from_utf8_lossy(&self.body))
        })
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
    }
}
