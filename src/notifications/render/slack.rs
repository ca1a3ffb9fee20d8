//! Slack's blocks.
//!
//! Source: Slack's reference, "Block Kit: blocks" (50 blocks a message; 150 characters in a header, 3000 in a section)
//! and "Formatting text" (`&`, `<` and `>` are escaped).

use serde_json::{Value, json};

use super::and_more;
use crate::{
    domain::News,
    notifications::message::{Message, Section, cut},
};

const LONGEST_HEADER: usize = 150;
const LONGEST_TEXT: usize = 3000;

/// Lines of one list.
const LINES: usize = 20;

/// The body of a request to an incoming webhook. A header for title, then at most six blocks.
pub fn body(id: &str, news: &News) -> String {
    let message = Message::of(news);
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": cut(&message.title, LONGEST_HEADER), "emoji": false },
    })];
    if !message.intro.is_empty() {
        let lines: Vec<String> = message.intro.iter().map(|line| escape(line)).collect();
        blocks.push(text_block(&fitting(String::new(), &lines, 0)));
    }
    blocks.extend(message.sections.iter().map(section));
    blocks.push(
        json!({ "type": "context", "elements": [{ "type": "plain_text", "text": format!("id {id}") }] }),
    );
    json!({ "text": escape(&message.title), "blocks": blocks }).to_string()
}

fn section(section: &Section) -> Value {
    let (shown, more) = section.first(LINES);
    let lines: Vec<String> = shown.iter().map(|line| format!("• {}", escape(line))).collect();
    text_block(&fitting(format!("*{}*", escape(&section.heading)), &lines, more))
}

fn text_block(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

/// The heading and as many lines as there is room for.
fn fitting(heading: String, lines: &[String], mut more: u64) -> String {
    // The sentence at the end has room in any case.
    let most = LONGEST_TEXT - and_more(u64::MAX).len() - 1;
    let (mut text, mut length) = (heading.clone(), heading.chars().count());
    for (at, line) in lines.iter().enumerate() {
        let longer = length + 1 + line.chars().count();
        if longer > most {
            more += (lines.len() - at) as u64;
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
        length = longer;
    }
    if more > 0 {
        text.push('\n');
        text.push_str(&and_more(more));
    }
    text
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::message::tests::{flood, news};

    #[test]
    fn names_are_escaped() {
        let body: Value = serde_json::from_str(&body("00ff", &news())).unwrap();
        insta::assert_snapshot!(format!("{body:#}"), @r#"
        {
          "text": "keywatch: 1 resource under a key in danger, 202 findings opened, 1 finding reopened, 7 targets no longer scanned",
          "blocks": [
            {
              "type": "header",
              "text": {
                "type": "plain_text",
                "text": "keywatch: 1 resource under a key in danger, 202 findings opened, 1 finding reopened, 7 targets no longer scanned",
                "emoji": false
              }
            },
            {
              "type": "section",
              "text": {
                "type": "mrkdwn",
                "text": "Scan 7 (incomplete, 2026-11-24T09:30:00Z): 204 targets, 7 failed, 10 skipped.\nOpen findings now: 1 critical, 12 high (1 could not be judged).",
                "verbatim": true
              }
            },
            {
              "type": "section",
              "text": {
                "type": "mrkdwn",
                "text": "*Keys in danger (1)*\n• key_pending_deletion: arn:aws:kms:eu-west-1:000000000001:key/1b2c; under it: endpoint orders in R&amp;D &lt;prod&gt; (000000000001), eu-west-1",
                "verbatim": true
              }
            },
            {
              "type": "section",
              "text": {
                "type": "mrkdwn",
                "text": "*Opened (202)*\n• fail, default_key: endpoint shop in R&amp;D &lt;prod&gt; (000000000001), eu-west-1; dms_endpoint_kms_cmk_encryption\n• unknown, key_access_denied: endpoint crm in R&amp;D &lt;prod&gt; (000000000001), eu-west-1; dms_endpoint_kms_cmk_encryption\nand 200 more: `keywatch findings list --state open`, `keywatch coverage`",
                "verbatim": true
              }
            },
            {
              "type": "section",
              "text": {
                "type": "mrkdwn",
                "text": "*Reopened (1)*\n• fail, default_key: endpoint old in R&amp;D &lt;prod&gt; (000000000001), eu-west-1; dms_endpoint_kms_cmk_encryption",
                "verbatim": true
              }
            },
            {
              "type": "section",
              "text": {
                "type": "mrkdwn",
                "text": "*Coverage lost in 7 targets*\n• assume_role_denied: payments (000000000002), eu-west-1, eu-west-2, eu-west-3, eu-west-4, eu-west-5 and 2 more",
                "verbatim": true
              }
            },
            {
              "type": "context",
              "elements": [
                {
                  "type": "plain_text",
                  "text": "id 00ff"
                }
              ]
            }
          ]
        }
        "#);
    }

    #[test]
    fn the_limits_hold_whatever_comes() {
        let body: Value = serde_json::from_str(&body("00ff", &flood())).unwrap();
        let blocks = body["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50);
        for block in blocks {
            let text = block["text"]["text"].as_str().unwrap_or_default();
            let most = if block["type"] == "header" { 150 } else { 3000 };
            assert!(text.chars().count() <= most, "{}", text.chars().count());
            assert!(
                block["type"] != "section" || text.contains("Scan 7") || text.contains(" more: "),
                "{text}"
            );
        }
    }
}
