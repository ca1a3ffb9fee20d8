//! Who is answered, and what every answer bears.

use std::fs;

use aws_smithy_types::base64;

use super::{config, rest, serve};
use crate::server::Limits;

use tokio::io::AsyncWriteExt;

const TOKEN: &str = "a-token-of-0123456789";

/// A server that asks for the token.
async fn guarded() -> (super::Running, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    fs::write(&file, TOKEN).unwrap();
    let config = config::Server { token_file: Some(file), ..config() };
    (serve(&config, Limits::default()).await, dir)
}

#[tokio::test]
async fn a_browser_can_send_the_token_as_a_password() {
    let (running, _dir) = guarded().await;
    let basic = |pair: String| format!("Authorization: Basic {}\r\n", base64::encode(pair));
    for user in ["", "anyone", "ünser"] {
        let answer = running.ask("GET /metrics", &basic(format!("{user}:{TOKEN}"))).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    for pair in [TOKEN.to_owned(), format!("{TOKEN}:"), format!("anyone:{TOKEN}1"), "anyone:".to_owned()] {
        let answer = running.ask("GET /metrics", &basic(pair)).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        assert!(answer.contains("www-authenticate: Bearer realm=\"keywatch\"\r\n"), "{answer}");
        assert!(answer.contains("www-authenticate: Basic realm=\"keywatch\""), "{answer}");
    }
    running.end().await;
}

#[tokio::test]
async fn all_of_the_api_needs_the_token() {
    let (running, _dir) = guarded().await;
    for path in ["findings", "findings/1", "coverage?limit=x", "trend", "openapi.json"] {
        let refused = running.ask(&format!("GET /api/v1/{path}"), "").await;
        assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    }
    // With it, a name that leads here is as good as another.
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let document = running.ask_as("keywatch.example", "GET /api/v1/openapi.json", &bearer).await;
    assert!(document.starts_with("HTTP/1.1 200"), "{document}");
    running.end().await;
}

#[tokio::test]
async fn a_page_from_elsewhere_is_refused_without_a_token() {
    let running = serve(&config(), Limits::default()).await;
    for host in ["evil.example", "localhost.evil.example:80", "10.1.2.3"] {
        for path in ["/metrics", "/readyz", "/api/v1/openapi.json"] {
            let refused = running.ask_as(host, &format!("GET {path}"), "").await;
            assert!(refused.starts_with("HTTP/1.1 421") && refused.contains("token_file"), "{refused}");
        }
    }
    for host in ["localhost", "127.0.0.1:8080", "[::1]", "dashboard.localhost"] {
        let answer = running.ask_as(host, "GET /api/v1/openapi.json", "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let mut stream = running.connect().await;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 400"));
    // Whoever looks whether the process lives may call it what he likes.
    assert!(running.ask_as("10.1.2.3", "GET /healthz", "").await.starts_with("HTTP/1.1 200"));
    running.end().await;
}

#[tokio::test]
async fn every_answer_is_harmless() {
    let running = serve(&config(), Limits::default()).await;
    for request in [
        "GET /healthz",
        "GET /readyz",
        "GET /",
        "POST /metrics",
        "GET /api/v1/findings",
        "GET /api/v1/findings?a=b",
        "GET /api/v1/openapi.json",
        "HEAD /api/v1/openapi.json",
    ] {
        let answer = running.ask(request, "").await;
        for header in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "x-frame-options: DENY",
            "content-security-policy: default-src 'none'; frame-ancestors 'none'",
        ] {
            assert!(answer.contains(header), "{request}: {header} is not in\n{answer}");
        }
    }
    running.end().await;
}

#[tokio::test]
async fn only_get_and_head_are_answered_and_not_without_end() {
    let running = serve(&config(), Limits::default()).await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let answer = running.ask(&format!("{method} /api/v1/findings"), "Content-Length: 0\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("allow: GET,HEAD"), "{answer}");
    }
    let full = running.ask("GET /api/v1/openapi.json", "").await;
    let head = running.ask("HEAD /api/v1/openapi.json", "").await;
    let (lines, body) = full.split_once("\r\n\r\n").unwrap();
    assert!(head.ends_with("\r\n\r\n") && body.len() > 1000, "{head}");
    let length = format!("content-length: {}", body.len());
    assert!(head.contains(&length) && lines.contains(&length), "{head}");

    let neither = running.ask("GET /api/v1/openapi.json", "Accept-Encoding: br, identity;q=0\r\n").await;
    assert!(neither.starts_with("HTTP/1.1 406") && neither.contains("allow one of the two"), "{neither}");
    let long = running.ask(&format!("GET /api/v1/findings?q={}", "x".repeat(8 * 1024)), "").await;
    assert!(long.starts_with("HTTP/1.1 414") && long.contains("problem+json"), "{long}");
    running.end().await;
}

#[tokio::test]
async fn a_history_that_is_not_there_is_said() {
    let running = serve(&config(), Limits::default()).await;
    for path in [
        "findings",
        "findings/1",
        "finding-events",
        "resources",
        "coverage",
        "scans",
        "accounts",
        "trend",
        "jobs",
    ] {
        let answer = running.ask(&format!("GET /api/v1/{path}"), "").await;
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("/no/such/history.db"), "{answer}");
        let unknown = running.ask(&format!("GET /api/v1/{path}?colour=red"), "").await;
        assert!(unknown.starts_with("HTTP/1.1 400") && unknown.contains("colour is not known"), "{unknown}");
    }
    running.end().await;
}
