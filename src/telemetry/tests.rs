use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing::subscriber::with_default;

use super::*;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
    }
}

/// What passes, one `level target` a line.
fn passes(level: Level, directives: Option<&str>) -> String {
    let kept = Kept::default();
    let layer = fmt::layer()
        .with_writer(LogLines::new(Box::new(kept.clone())))
        .with_ansi(false)
        .without_time()
        .with_filter(filter_fn(filter::may_be_logged))
        .with_filter(filter::filter(level, directives).unwrap());
    with_default(tracing_subscriber::registry().with(layer), || {
        tracing::error!(target: "keywatch::app", "e");
        tracing::info!(target: "keywatch::app", "i");
        tracing::debug!(target: "keywatch::app", "d");
        tracing::trace!(target: "keywatch::app", "t");
        tracing::warn!(target: "aws_config::sts", "w");
        tracing::warn!(target: "sqlx::query", "w");
        for_secrets();
    });
    kept.take().lines().map(|line| line.trim().to_owned() + "\n").collect()
}

/// What a scan logs with these settings: an error in a call, in a target, in a scan.
fn logged(logging: &Logging) -> String {
    let kept = Kept::default();
    let layer = layer(logging, LogLines::new(Box::new(kept.clone()))).unwrap();
    with_default(tracing_subscriber::registry().with(layer), || {
        let span = |name| tracing::info_span!(target: "keywatch::app", "scan", scan.id = name);
        span(7).in_scope(|| {
            // What the SDK knows of a call, it may not say, neither by itself nor around what keywatch says.
            tracing::info_span!(target: "aws_smithy_runtime::client", "sign", key = "secret").in_scope(
                || {
                    tracing::debug_span!(target: "keywatch::aws", "call", attempt = 2).in_scope(|| {
                        let request_id = Some("4711");
                        tracing::error!(target: "keywatch::aws", request_id, "failed");
                        for_secrets();
                    });
                },
            );
        });
    });
    kept.take()
}

#[test]
fn json_says_in_which_scan_and_call_something_happened() {
    let line = logged(&Logging { json: true, level: Level::Debug, ..Logging::default() });
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["message"], "failed");
    assert_eq!(line["request_id"], "4711");
    let spans = serde_json::json!([{"scan.id": 7, "name": "scan"}, {"attempt": 2, "name": "call"}]);
    assert_eq!(line["spans"], spans);
    let line = logged(&Logging { json: true, ..Logging::default() });
    assert!(line.contains("scan.id") && !line.contains("attempt"), "calls are for debug: {line}");
}

#[test]
fn text_has_spans_only_where_much_is_logged() {
    let text = logged(&Logging::default());
    assert!(text.contains("ERROR failed request_id=\"4711\"\n") && !text.contains("scan"), "{text}");
    let text = logged(&Logging { level: Level::Debug, ..Logging::default() });
    assert!(text.contains("scan:call") && text.contains("attempt=2"), "{text}");
    for directives in [None, Some("trace".to_owned())] {
        for json in [false, true] {
            let directives = directives.clone();
            let logging = Logging { json, level: Level::Trace, directives, ..Logging::default() };
            assert!(!logged(&logging).contains("secret"), "{logging:?}");
        }
    }
}

fn for_secrets() {
    tracing::info!(target: "aws_smithy_runtime::client", "secret");
    tracing::trace!(target: "hyper::proto", "secret");
    tracing::debug!(target: "sqlx::query", "secret");
    tracing::debug!(target: "reqwest::connect", "secret");
    tracing::debug!(target: "opentelemetry-otlp", "secret");
}

#[test]
fn each_level_passes_what_it_says() {
    assert_eq!(passes(Level::Error, None), "ERROR keywatch::app: e\n");
    assert_eq!(
        passes(Level::Info, None),
        "ERROR keywatch::app: e\nINFO keywatch::app: i\nWARN sqlx::query: w\n"
    );
    assert_eq!(passes(Level::Debug, None).lines().count(), 4);
    assert_eq!(passes(Level::Trace, None).lines().count(), 5);
}

#[test]
fn no_filter_lets_through_what_may_hold_credentials() {
    for directives in [None, Some("trace"), Some("aws_smithy_runtime=trace,hyper=trace,sqlx=trace")] {
        assert!(!passes(Level::Trace, directives).contains("secret"), "{directives:?}");
    }
    assert!(passes(Level::Info, Some("trace")).contains("TRACE keywatch::app: t"));
}

#[test]
fn a_bad_filter_is_an_error_with_an_example() {
    let error = filter::filter(Level::Info, Some("keywatch=loud")).unwrap_err().to_string();
    assert!(error.contains("keywatch=loud") && error.contains("keywatch=debug"), "{error}");
}

#[test]
fn a_drawing_is_put_aside_for_each_line() {
    let kept = Kept::default();
    let mut lines = LogLines::new(Box::new(kept.clone()));
    let screen = kept.clone();
    lines.draw_aside(move |write| {
        screen.clone().write_all(b"<").unwrap();
        write();
        screen.clone().write_all(b">").unwrap();
    });
    lines.write_all(b"one").unwrap();
    lines.draw_no_more();
    lines.write_all(b"two").unwrap();
    assert_eq!(kept.take(), "<one>two");
}
