//! What is answered is what the views say.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{Daemon, client::Client};

/// All items of a list, page by page, by the way that `next` or the header shows.
#[track_caller]
fn followed(client: &Client, question: &str, limit: u32, by_link: bool) -> Vec<Value> {
    let sign = if question.contains('?') { '&' } else { '?' };
    let mut target = format!("{question}{sign}limit={limit}");
    let mut found = Vec::new();
    loop {
        let answer = client.get(&target);
        assert_eq!(answer.status, 200, "{target}: {}", String::from_utf8_lossy(&answer.body));
        let page = answer.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit as usize);
        found.extend(items.iter().cloned());
        let Some(next) = page["next"].as_str() else {
            assert!(!answer.headers.contains_key("link"));
            return found;
        };
        target = if by_link {
            let link = answer.header("link").strip_suffix(">; rel=\"next\"").unwrap();
            link.strip_prefix("</api/v1/").unwrap().to_owned()
        } else {
            format!("{question}{sign}limit={limit}&cursor={next}")
        };
    }
}

fn without_age(mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        row.as_object_mut().unwrap().remove("age_hours");
    }
    rows
}

#[test]
fn every_list_is_its_view_page_by_page() {
    let daemon = Daemon::new();
    let client = daemon.client();
    let account = daemon.scene.ask("SELECT max(account_id) AS id FROM accounts")[0]["id"].clone();
    let account = account.as_str().unwrap();
    let arn = daemon.scene.ask("SELECT resource_arn AS arn FROM findings WHERE state = 'open' LIMIT 1");
    let arn = arn[0]["arn"].as_str().unwrap();
    let ou = daemon.scene.ask("SELECT ou_path AS ou FROM accounts WHERE ou_path IS NOT NULL LIMIT 1");
    let ou = ou[0]["ou"].as_str().unwrap();
    let newest = "ORDER BY finding_id DESC";
    let mut empty = Vec::new();
    for (question, sql) in [
        ("findings".to_owned(), format!("SELECT * FROM findings {newest}")),
        (
            "findings?state=open&state=suppressed".to_owned(),
            format!("SELECT * FROM findings WHERE state <> 'resolved' {newest}"),
        ),
        (
            "findings?state=resolved".to_owned(),
            format!("SELECT * FROM findings WHERE state = 'resolved' {newest}"),
        ),
        (
            format!("findings?account={account}&status=fail"),
            format!("SELECT * FROM findings WHERE account_id = '{account}' AND status = 'fail' {newest}"),
        ),
        (
            format!("findings?resource={arn}"),
            format!("SELECT * FROM findings WHERE resource_arn = '{arn}' {newest}"),
        ),
        (
            "findings?region=us-west-2&severity=high".to_owned(),
            format!("SELECT * FROM findings WHERE region = 'us-west-2' AND severity = 'high' {newest}"),
        ),
        (
            "findings?check=dms_endpoint_kms_cmk_encryption&q=BA".to_owned(),
            format!("SELECT * FROM findings WHERE check_id = 'dms_endpoint_kms_cmk_encryption' {newest}"),
        ),
        (
            format!("findings?ou={ou}"),
            format!("SELECT * FROM findings WHERE ou_path = '{ou}' OR ou_path LIKE '{ou}/%' {newest}"),
        ),
        ("finding-events".to_owned(), "SELECT * FROM finding_events ORDER BY event_id DESC".to_owned()),
        (
            "finding-events?event=opened&finding_id=1&finding_id=2".to_owned(),
            "SELECT * FROM finding_events WHERE event = 'opened' AND finding_id < 3 ORDER BY event_id DESC"
                .to_owned(),
        ),
        (
            "finding-events?until=2100-01-01&since=2020-01-01T00:00:00Z".to_owned(),
            "SELECT * FROM finding_events ORDER BY event_id DESC".to_owned(),
        ),
        ("resources".to_owned(), "SELECT * FROM resources".to_owned()),
        (
            format!("resources?account={account}&type=endpoint&deleted=false"),
            format!("SELECT * FROM resources WHERE account_id = '{account}' AND resource_type = 'endpoint'"),
        ),
        ("coverage".to_owned(), "SELECT * FROM coverage".to_owned()),
        (
            "coverage?outcome=failed&outcome=skipped".to_owned(),
            "SELECT * FROM coverage WHERE outcome <> 'scanned'".to_owned(),
        ),
        (
            "coverage?reason=access_denied&region=us-east-1".to_owned(),
            "SELECT * FROM coverage WHERE reason = 'access_denied' AND region = 'us-east-1'".to_owned(),
        ),
        (
            format!("coverage?account={account}"),
            format!("SELECT * FROM coverage WHERE account_id = '{account}'"),
        ),
        ("scans".to_owned(), "SELECT * FROM scans ORDER BY scan_id DESC".to_owned()),
        (
            "scans?outcome=complete&trigger=manual".to_owned(),
            "SELECT * FROM scans WHERE outcome = 'complete' AND \"trigger\" = 'manual'".to_owned(),
        ),
        ("accounts".to_owned(), "SELECT * FROM accounts ORDER BY account_id".to_owned()),
        (
            format!("accounts?ou={ou}&state=ACTIVE"),
            format!(
                "SELECT * FROM accounts WHERE state = 'ACTIVE' AND (ou_path = '{ou}' OR ou_path LIKE '{ou}/%') ORDER BY account_id"
            ),
        ),
    ] {
        let (question, expected) = (question.replace(' ', "%20"), without_age(daemon.scene.ask(&sql)));
        let found = without_age(followed(&client, &question, 1000, false));
        let in_order = sql.contains("ORDER BY");
        let sorted = |rows: &[Value]| {
            let mut lines: Vec<String> = rows.iter().map(Value::to_string).collect();
            if !in_order {
                lines.sort();
            }
            lines
        };
        assert_eq!(sorted(&found), sorted(&expected), "{question}");
        for (limit, by_link) in [(1, true), (2, false)] {
            let pages = without_age(followed(&client, &question, limit, by_link));
            assert_eq!(pages, found, "{question} by {limit}");
        }
        if found.is_empty() {
            empty.push(question);
        }
    }
    assert_eq!(empty, Vec::<String>::new(), "these show nothing");
    daemon.stop();
}

#[test]
fn a_finding_the_trend_and_the_jobs_are_as_elsewhere() {
    let daemon = Daemon::new();
    let client = daemon.client();
    let finding = daemon.scene.ask("SELECT * FROM findings WHERE state = 'resolved' LIMIT 1")[0].clone();
    let id = finding["finding_id"].as_i64().unwrap();
    let expected = json!({
        "finding": finding,
        "events": daemon.scene.ask(&format!("SELECT * FROM finding_events WHERE finding_id = {id} ORDER BY event_id")),
        "evaluations": daemon.scene.ask(&format!(
            "SELECT e.* FROM evaluations e JOIN findings f USING (check_id, resource_arn) WHERE finding_id = {id} ORDER BY valid_from"
        )),
    });
    assert_eq!(client.get(&format!("findings/{id}")).json(), expected);
    assert_eq!(client.get("findings/999999").status, 404);
    assert_eq!(client.get("findings/1?as_of=2020-01-01").status, 404, "before the first scan");
    assert_eq!(client.get("findings/one").status, 400);
    let now = client.get(&format!("findings/{id}?as_of=2100-01-01")).json();
    assert!(now["detail"].as_str().unwrap().contains("in the future"), "{now}");

    let told = daemon.scene.keywatch(&["trend", "--by", "day", "--format", "json"]).run().exits(0).json();
    assert_eq!(client.get("trend?by=day").json(), json!({"items": told, "next": null}));
    let check = "dms_endpoint_kms_cmk_encryption";
    let told = daemon.scene.keywatch(&["trend", "--check", check, "--format", "json"]).run().exits(0).json();
    assert_eq!(client.get(&format!("trend?check={check}")).json()["items"], told);

    let jobs = client.get("jobs").json();
    assert_eq!(jobs["items"], json!(daemon.scene.ask("SELECT * FROM jobs ORDER BY job")));
    assert!(jobs["items"].as_array().unwrap().iter().any(|job| job["job"] == "scan"), "{jobs}");
    daemon.stop();
}

#[test]
fn what_a_client_has_is_not_sent_again() {
    let daemon = Daemon::new();
    let client = daemon.client();
    for question in ["findings", "findings/1", "coverage", "trend", "jobs", "scans", "openapi.json"] {
        let first = client.get(question);
        assert_eq!((first.status, first.header("cache-control")), (200, "private, no-cache"), "{question}");
        assert!(first.header("vary").contains("authorization"), "{question}");
        let tag = first.header("etag");
        assert!(tag.starts_with("W/\""), "{tag}");
        for given in [tag.to_owned(), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = client.ask("GET", question, &format!("If-None-Match: {given}\r\n"));
            assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag), "{question}");
        }
        let other = client.ask("GET", question, "If-None-Match: \"other\"\r\n");
        assert_eq!((other.status, other.header("etag")), (200, tag), "{question}");
        let head = client.ask("HEAD", question, "");
        assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, tag), "{question}");

        // Compressed, it is the same.
        let packed = client.ask("GET", question, "Accept-Encoding: gzip\r\n");
        if first.body.len() < 1024 {
            assert!(!packed.headers.contains_key("content-encoding"), "{question}");
            continue;
        }
        assert_eq!(packed.header("content-encoding"), "gzip", "{question}");
        assert!(packed.header("vary").contains("accept-encoding") && packed.header("etag") == tag);
        let mut text = Vec::new();
        GzDecoder::new(packed.body.as_slice()).read_to_end(&mut text).unwrap();
        assert!(text.len() > packed.body.len());
        if question != "coverage" {
            assert_eq!(text, first.body, "{question}");
        }
    }
    // What is new has another tag.
    let tag = client.get("scans").header("etag").to_owned();
    daemon.scene.scan().exits(4);
    assert_ne!(client.get("scans").header("etag"), tag);
    daemon.stop();
}
