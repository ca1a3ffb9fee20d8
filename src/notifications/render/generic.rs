//! keywatch's own JSON: the news as they are, with the message's id. docs/notifications.md describes it.

use serde_json::{Map, Value};

use crate::domain::News;

/// The body of a request.
pub fn body(id: &str, news: &News) -> String {
    let mut whole = Map::new();
    whole.insert("id".to_owned(), id.into());
    if let Value::Object(fields) = news.to_json() {
        whole.extend(fields);
    }
    Value::Object(whole).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::message::tests::news;

    #[test]
    fn the_id_and_everything_else() {
        let mut news = news();
        news.opened.first.truncate(1);
        let body: Value = serde_json::from_str(&body("00ff", &news)).unwrap();
        insta::assert_snapshot!(format!("{body:#}"), @r#"
        {
          "id": "00ff",
          "version": 1,
          "kind": "scan",
          "at": "2026-11-24T09:30:00Z",
          "scan": {
            "scan_id": 7,
            "outcome": "incomplete",
            "targets": 204,
            "failed": 7,
            "skipped": 10,
            "open_critical": 1,
            "open_high": 12,
            "open_unknown": 1
          },
          "opened": {
            "total": 202,
            "findings": [
              {
                "finding_id": 7,
                "check_id": "dms_endpoint_kms_cmk_encryption",
                "severity": "high",
                "status": "fail",
                "reason": "default_key",
                "account_id": "000000000001",
                "account_name": "R&D <prod>",
                "region": "eu-west-1",
                "resource_type": "endpoint",
                "resource_name": "shop",
                "resource_arn": "arn:aws:dms:eu-west-1:000000000001:endpoint:shop",
                "key_arn": null
              }
            ]
          },
          "reopened": {
            "total": 1,
            "findings": [
              {
                "finding_id": 7,
                "check_id": "dms_endpoint_kms_cmk_encryption",
                "severity": "high",
                "status": "fail",
                "reason": "default_key",
                "account_id": "000000000001",
                "account_name": "R&D <prod>",
                "region": "eu-west-1",
                "resource_type": "endpoint",
                "resource_name": "old",
                "resource_arn": "arn:aws:dms:eu-west-1:000000000001:endpoint:old",
                "key_arn": null
              }
            ]
          },
          "keys_in_danger": {
            "total": 1,
            "findings": [
              {
                "finding_id": 7,
                "check_id": "dms_kms_key_usable",
                "severity": "critical",
                "status": "fail",
                "reason": "key_pending_deletion",
                "account_id": "000000000001",
                "account_name": "R&D <prod>",
                "region": "eu-west-1",
                "resource_type": "endpoint",
                "resource_name": "orders",
                "resource_arn": "arn:aws:dms:eu-west-1:000000000001:endpoint:orders",
                "key_arn": "arn:aws:kms:eu-west-1:000000000001:key/1b2c"
              }
            ]
          },
          "coverage_lost": {
            "total": 7,
            "accounts": [
              {
                "account_id": "000000000002",
                "account_name": "payments",
                "reason": "assume_role_denied",
                "regions": [
                  "eu-west-1",
                  "eu-west-2",
                  "eu-west-3",
                  "eu-west-4",
                  "eu-west-5",
                  "eu-west-6",
                  "eu-west-7"
                ]
              }
            ]
          },
          "lines": [],
          "week": null
        }
        "#);
    }
}
