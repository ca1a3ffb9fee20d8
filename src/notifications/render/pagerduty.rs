//! An event of PagerDuty.
//!
//! Source: PagerDuty's developer documentation, "Events API v2": `summary` of at most 1024 characters, a message of at
//! most 512 KB. An event with a `dedup_key` that was sent before opens no second incident, so it is the message's id.

use serde_json::{Map, Value, json};

use super::{and_more, fit};
use crate::{
    domain::News,
    notifications::message::{Message, cut},
};

const LONGEST_SUMMARY: usize = 1024;
const MOST: usize = 500_000;

/// The body of a request.
pub fn body(id: &str, news: &News, routing_key: &str) -> String {
    let message = Message::of(news);
    fit(MOST, 200, |lines| event(id, news, &message, routing_key, lines).to_string())
}

fn event(id: &str, news: &News, message: &Message, routing_key: &str, lines: usize) -> Value {
    let mut details = Map::new();
    details.insert("summary".to_owned(), message.intro.clone().into());
    for section in &message.sections {
        let (shown, more) = section.first(lines);
        let more = (more > 0).then(|| and_more(more));
        let all: Vec<String> = shown.iter().cloned().chain(more).collect();
        details.insert(section.heading.clone(), all.into());
    }
    json!({
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": id,
        "client": "keywatch",
        "payload": {
            "summary": cut(&message.title, LONGEST_SUMMARY),
            "source": "keywatch",
            "severity": message.level.as_str(),
            "timestamp": news.at,
            "component": "dms",
            "class": news.kind.as_str(),
            "custom_details": details,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::message::tests::{flood, news};

    #[test]
    fn an_event() {
        let mut news = news();
        (news.opened, news.coverage_lost) = Default::default();
        let body: Value = serde_json::from_str(&body("00ff", &news, "R0")).unwrap();
        insta::assert_snapshot!(format!("{body:#}"), @r#"
        {
          "routing_key": "R0",
          "event_action": "trigger",
          "dedup_key": "00ff",
          "client": "keywatch",
          "payload": {
            "summary": "keywatch: 1 resource under a key in danger, 1 finding reopened",
            "source": "keywatch",
            "severity": "critical",
            "timestamp": "2026-11-24T09:30:00Z",
            "component": "dms",
            "class": "scan",
            "custom_details": {
              "summary": [
                "Scan 7 (incomplete, 2026-11-24T09:30:00Z): 204 targets, 7 failed, 10 skipped.",
                "Open findings now: 1 critical, 12 high (1 could not be judged)."
              ],
              "Keys in danger (1)": [
                "key_pending_deletion: arn:aws:kms:eu-west-1:000000000001:key/1b2c; under it: endpoint orders in R&D <prod> (000000000001), eu-west-1"
              ],
              "Reopened (1)": [
                "fail, default_key: endpoint old in R&D <prod> (000000000001), eu-west-1; dms_endpoint_kms_cmk_encryption"
              ]
            }
          }
        }
        "#);
    }

    #[test]
    fn the_limit_holds_whatever_comes() {
        let body = body("00ff", &flood(), "R0");
        assert!(body.len() <= 512 * 1024 && body.contains(" more: "), "{}", body.len());
    }
}
