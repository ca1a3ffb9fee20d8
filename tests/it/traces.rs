//! Traces over OTLP, taken in by a receiver that counts for nothing but what HTTP and protobuf say.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use crate::support::scene::{Scene, small_world};

const SOON: Duration = Duration::from_secs(30);

/// One request: its head and its body.
type Taken = (String, Vec<u8>);

/// Takes in every request and answers that all is well, until the test is over.
fn receiver() -> (String, Receiver<Taken>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, taken) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            thread::spawn(move || take(stream, &sender));
        }
    });
    (endpoint, taken)
}

fn take(stream: TcpStream, to: &Sender<Taken>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
        });
        let mut body = vec![0; length.expect("a length")];
        stream.read_exact(&mut body).unwrap();
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
        // One that is killed does not wait for its answer.
        let _ = stream.get_mut().write_all(answer.as_bytes());
        if to.send((head, body)).is_err() {
            return;
        }
    }
}

fn holds(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_scan_sends_its_spans_before_it_ends() {
    let (world, account, _) = small_world();
    let external_id = world.external_id.clone();
    let scene = Scene::new(world);
    let (endpoint, taken) = receiver();
    let run = scene.keywatch(&["scan", "--format", "json"]);
    run.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hush")
        .run()
        .exits(0);

    // It has ended, so all that it sent has come.
    let mut all = Vec::new();
    let (head, body) = taken.recv_timeout(SOON).expect("traces");
    assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains("content-type: application/x-protobuf") && head.contains("x-key: hush"), "{head}");
    all.extend(body);
    all.extend(taken.try_iter().flat_map(|(_, body)| body));
    for text in
        ["service.name", "keywatch", "scan.id", "target", "call", "dms:DescribeEndpoints", account.as_str()]
    {
        assert!(holds(&all, text), "{text} is not in {}", String::from_utf8_lossy(&all));
    }
    for secret in [external_id.as_str(), "SecretAccessKey", "SessionToken"] {
        assert!(!holds(&all, secret), "{secret} is in {}", String::from_utf8_lossy(&all));
    }
}

#[test]
fn a_collector_that_is_away_costs_nothing_but_its_traces() {
    let (world, ..) = small_world();
    let scene = Scene::new(world);
    // Nobody listens here any more.
    let endpoint = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let run = scene.keywatch(&["scan", "--format", "json"]);
    let output = run.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).run().exits(0);
    assert_eq!(output.json()["scan"]["outcome"], "complete");
    assert!(output.stderr.contains("traces") || output.stderr.contains("xport"), "{}", output.stderr);
    // What cannot be meant is said at once.
    let output = scene.keywatch(&["scan"]).env("OTEL_EXPORTER_OTLP_ENDPOINT", "not a url").run().exits(2);
    assert!(output.stderr.contains("OTEL_EXPORTER_OTLP"), "{}", output.stderr);
}
