//! An Adaptive Card for a Microsoft Teams workflow ("when a Teams webhook request is received").
//!
//! Source: Microsoft Learn, "Create incoming webhooks with Workflows for Microsoft Teams" and "Format cards in Microsoft
//! Teams" (28 KB a message). Names stand in `TextRun`s, which know no Markdown, so that nothing needs escaping.

use serde_json::{Value, json};

use super::{and_more, fit};
use crate::{
    domain::News,
    notifications::message::{Level, Message},
};

/// Below 28 KB, with room for what the workflow adds.
const MOST: usize = 26_000;

/// The body of a request.
pub fn body(id: &str, news: &News) -> String {
    let message = Message::of(news);
    fit(MOST, 20, |lines| card(id, &message, lines).to_string())
}

fn card(id: &str, message: &Message, lines: usize) -> Value {
    let color = match message.level {
        Level::Critical | Level::Error => "attention",
        Level::Warning => "warning",
        Level::Info => "default",
    };
    let mut body = vec![runs(&message.title, json!({ "size": "large", "weight": "bolder", "color": color }))];
    body.extend(message.intro.iter().map(|line| runs(line, json!({}))));
    for section in &message.sections {
        body.push(runs(&section.heading, json!({ "weight": "bolder" })));
        let (shown, more) = section.first(lines);
        body.extend(shown.iter().map(|line| runs(line, json!({}))));
        if more > 0 {
            body.push(runs(&and_more(more), json!({ "isSubtle": true })));
        }
    }
    body.push(runs(&format!("id {id}"), json!({ "size": "small", "isSubtle": true })));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": { "width": "Full" },
                "fallbackText": message.title,
                "body": body,
            },
        }],
    })
}

/// One paragraph of one look.
fn runs(text: &str, look: Value) -> Value {
    let mut run = json!({ "type": "TextRun", "text": text });
    if let (Some(run), Value::Object(look)) = (run.as_object_mut(), look) {
        run.extend(look);
    }
    json!({ "type": "RichTextBlock", "inlines": [run] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::message::tests::{flood, news};

    #[test]
    fn a_card() {
        let mut news = news();
        (news.opened, news.reopened) = Default::default();
        let body: Value = serde_json::from_str(&body("00ff", &news)).unwrap();
        insta::assert_snapshot!(format!("{body:#}"), @r#"
        {
          "type": "message",
          "attachments": [
            {
              "contentType": "application/vnd.microsoft.card.adaptive",
              "contentUrl": null,
              "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {
                  "width": "Full"
                },
                "fallbackText": "keywatch: 1 resource under a key in danger, 7 targets no longer scanned",
                "body": [
                  {
                    "type": "RichTextBlock",
                    "inlines": [
                      {
                        "type": "TextRun",
                        "text": "keywatch: 1 resource under a key in danger, 7 targets no longer scanned",
                        "size": "large",
                        "weight": "bolder",
                        "color": "attention"
                      }
                    ]
                  },
                  {
                    "type": "RichTextBlock",
                    "inlines": [
                      {
                        "type": "TextRun",
                        "text": "Scan 7 (incomplete, 2026-11-24T09:30:00Z): 204 targets, 7 failed, 10 skipped."
                      }
                    ]
                  },
                  {
                    "type": "RichTextBlock",
                    "inlines": [
                      {
                        "type": "TextRun",
                        "text": "Open findings now: 1 critical, 12 high (1 could not be judged)."
                      }
                    ]
                  },
                  {
                    "type": "RichTextBlock",
                    "inlines": [
                      {
                        "type": "TextRun",
                        "text": "Keys in danger (1)",
                        "weight": "bolder"
                      }
                    ]
                  },
                  {
                    "type": "RichTextBlock",
                    "inlines": [
                      {
                        "type": "TextRun",
                        "text": "key_pending_deletion: arn:aws:kms:eu-west-1:000000000001:key/1b2c; under it: endpoint orders in R&D <prod> (000000000001), eu-west-1"
                      }
                    ]
                  },
                  {
                    "type": "RichTextBlock",
                    "inlines": [
                      {
                        "type": "TextRun",
                        "text": "Coverage lost in 7 targets",
                        "weight": "bolder"
                      }
                    ]
                  },
                  {
                    "type": "RichTextBlock",
                    "inlines": [
                      {
                        "type": "TextRun",
                        "text": "assume_role_denied: payments (000000000002), eu-west-1, eu-west-2, eu-west-3, eu-west-4, eu-west-5 and 2 more"
                      }
                    ]
                  },
                  {
                    "type": "RichTextBlock",
                    "inlines": [
                      {
                        "type": "TextRun",
                        "text": "id 00ff",
                        "size": "small",
                        "isSubtle": true
                      }
                    ]
                  }
                ]
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn the_limit_holds_whatever_comes() {
        let body = body("00ff", &flood());
        assert!(body.len() <= 28 * 1024 && body.contains("more: "), "{}", body.len());
        assert!(body.matches("RichTextBlock").count() > 10, "and some of it is shown");
    }
}
