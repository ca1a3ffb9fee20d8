//! Whatever is asked, nothing breaks.

use super::{Daemon, client::Answer};

#[track_caller]
fn refused(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    assert_eq!(answer.json()["status"], answer.status, "{what}");
}

#[test]
fn hostile_parameters_are_refused_and_named() {
    let daemon = Daemon::new();
    let client = daemon.client();
    let many = "state=open&".repeat(101);
    for (question, named) in [
        ("findings?state=open'%20OR%201=1--", "state"),
        ("findings?state=", "state"),
        ("findings?state=OPEN", "state"),
        ("findings?state=open,resolved", "state"),
        ("findings?account=1", "account"),
        ("findings?account=%00%00", "account"),
        ("findings?region=../../etc/passwd", "region"),
        ("findings?q=a%00b", "q"),
        ("findings?q=", "q"),
        ("findings?q=a&q=b", "q"),
        ("findings?limit=0", "limit"),
        ("findings?limit=1001", "limit"),
        ("findings?limit=-1", "limit"),
        ("findings?limit=99999999999999999999999999", "limit"),
        ("findings?limit=1e2", "limit"),
        ("findings?limit=1&limit=2", "limit"),
        ("findings?cursor=00", "cursor"),
        ("findings?cursor=%27;DROP%20TABLE%20finding;--", "cursor"),
        ("findings?cursor=00000000000000000000000000000000", "cursor"),
        ("findings?ou%5b%5d=a", "ou[]"),
        ("findings?State=open", "State"),
        (&format!("findings?{many}"), "state"),
        (&format!("findings?q={}", "x".repeat(1025)), "q"),
        (&format!("findings?{}=1", "x".repeat(1025)), "xxx"),
        ("findings/0", "id"),
        ("findings/-1", "id"),
        ("findings/1'--", "id"),
        ("findings/%00", "id"),
        ("findings/9223372036854775808", "id"),
        ("findings/1?limit=1", "limit"),
        ("finding-events?finding_id=1%20OR%201", "finding_id"),
        ("finding-events?since=yesterday", "since"),
        ("finding-events?until=2026-02-30", "until"),
        ("resources?deleted=1", "deleted"),
        ("resources?type=bucket", "type"),
        ("coverage?outcome=lost", "outcome"),
        ("scans?trigger=%F0%9F%92%A5", "trigger"),
        ("accounts?state=active", "state"),
        ("trend?by=hour", "by"),
        ("trend?from=0000-00-00", "from"),
        ("trend?limit=1", "limit"),
        ("jobs?job=scan", "job"),
        ("openapi.json?a", "a"),
    ] {
        let answer = client.get(question);
        refused(&answer, question);
        let told = answer.json();
        assert_eq!(answer.status, 400, "{question}");
        let parameters = told["parameters"].as_array().unwrap();
        let named_first = parameters[0]["parameter"].as_str().unwrap();
        assert!(named_first.starts_with(named), "{question}: {told}");
        assert!(answer.body.len() < 2048, "it repeats no more than it has to: {question}");
    }
    // All at once.
    let told = client.get("findings?state=a&limit=b&c=d").json();
    assert_eq!(told["parameters"].as_array().unwrap().len(), 3, "{told}");
    assert!(
        told["detail"]
            .as_str()
            .unwrap()
            .contains("state is \"a\", and has to be one of open, resolved, suppressed")
    );

    refused(&client.get("findings/%ff"), "no UTF-8");
    refused(&client.get("reports/%ff"), "no UTF-8");
    for question in [
        "reports/2026-W47.exe",
        "reports/2026-W47",
        "reports/..%2f..%2fetc%2fpasswd",
        "finding",
        "findings/",
        "findings/1/events",
        "",
        "../metrics",
        "openapi.yaml",
    ] {
        let answer = client.get(question);
        refused(&answer, question);
        assert_eq!(answer.status, 404, "{question}");
    }
    let text = "Authorization: Bearer wrong\r\n";
    let mut other = daemon.client();
    text.clone_into(&mut other.head);
    refused(&other.get("findings"), "a wrong token");
    refused(&client.ask("POST", "findings", "Content-Length: 0\r\n"), "a write");
    // What is no HTTP at all ends the connection, and nothing else.
    for raw in
        [&b"GET /api/v1/findings?q=\xff\xfe HTTP/1.0\r\nHost: localhost\r\n\r\n"[..], b"\x16\x03\x01\r\n\r\n"]
    {
        assert!((400..500).contains(&client.raw(raw).status));
    }
    assert_eq!(client.get("findings").status, 200);
    daemon.stop();
}

#[test]
fn a_cursor_holds_to_its_list_and_filters() {
    let daemon = Daemon::new();
    let client = daemon.client();
    let page = client.get("findings?limit=1&state=open").json();
    let next = page["next"].as_str().unwrap();
    assert_eq!(client.get(&format!("findings?state=open&cursor={next}")).status, 200);
    for question in ["findings?limit=1", "findings?state=resolved&limit=1", "scans?limit=1"] {
        refused(&client.get(&format!("{question}&cursor={next}")), question);
    }
    for at in 0..next.len() {
        let mut other = next.to_owned();
        let digit = if &next[at..=at] == "0" { "1" } else { "0" };
        other.replace_range(at..=at, digit);
        refused(&client.get(&format!("findings?state=open&cursor={other}")), &other);
    }
    daemon.stop();
}
