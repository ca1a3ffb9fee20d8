use super::{show::timeline, *};
use crate::history::FindingHistory;

fn rows(columns: &[&str], rows: Vec<Vec<Value>>) -> Rows {
    Rows { columns: columns.iter().map(|&name| name.to_owned()).collect(), rows }
}

/// Two open findings, one of them with a hostile name.
pub(in crate::cli) fn sample() -> Rows {
    rows(
        &[
            "finding_id",
            "check_id",
            "severity",
            "state",
            "status",
            "reason",
            "account_id",
            "account_name",
            "region",
            "resource_arn",
            "resource_type",
            "resource_name",
            "key_arn",
            "key_manager",
            "evidence",
            "opened_at",
            "last_seen_at",
            "times_opened",
        ],
        vec![
            vec![
                json!(1),
                json!("dms_kms_key_usable"),
                json!("critical"),
                json!("open"),
                json!("fail"),
                json!("key_disabled"),
                json!("000000000001"),
                json!("payments-prod"),
                json!("eu-west-1"),
                json!("arn:aws:dms:eu-west-1:000000000001:rep:A"),
                json!("replication_instance"),
                json!("orders"),
                json!("arn:aws:kms:eu-west-1:000000000009:key/1b2c"),
                json!("CUSTOMER"),
                json!("describe_key"),
                json!("2026-11-02T09:30:00Z"),
                json!("2026-11-24T09:30:00Z"),
                json!(2),
            ],
            vec![
                json!(2),
                json!("dms_endpoint_kms_cmk_encryption"),
                json!("high"),
                json!("open"),
                json!("fail"),
                json!("default_key"),
                json!("000000000002"),
                json!("\u{1b}[2Jgone"),
                json!("us-east-1"),
                json!("arn:aws:dms:us-east-1:000000000002:endpoint:B"),
                json!("endpoint"),
                json!("crm"),
                Value::Null,
                json!("AWS"),
                json!("none"),
                json!("2026-11-20T09:30:00Z"),
                json!("2026-11-24T09:30:00Z"),
                json!(1),
            ],
        ],
    )
}

#[test]
fn findings_read_well_wide_and_narrow() {
    let at = |width| for_people(&sample(), Look { width, color: false });
    insta::assert_snapshot!(at(None), @r"
    ID  SEVERITY  CHECK                            STATUS              ACCOUNT                       REGION     RESOURCE  KEY                   SINCE
     1  critical  dms_kms_key_usable               fail: key_disabled  payments-prod (000000000001)  eu-west-1  orders    1b2c of 000000000009  2026-11-02
     2  high      dms_endpoint_kms_cmk_encryption  fail: default_key   \u{1b}[2Jgone (000000000002)  us-east-1  crm       default (aws/dms)     2026-11-20
    ");
    insta::assert_snapshot!(at(Some(80)), @r"
    critical  orders  fail: key_disabled  #1
              payments-prod (000000000001), eu-west-1
              dms_kms_key_usable since 2026-11-02
              key 1b2c of 000000000009
    high      crm  fail: default_key  #2
              \u{1b}[2Jgone (000000000002), us-east-1
              dms_endpoint_kms_cmk_encryption since 2026-11-20
              key default (aws/dms)
    ");
    for width in 80..220 {
        let text = at(Some(width));
        assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}\n{text}");
    }
    assert_eq!(for_people(&Rows::default(), Look::default()), "No findings.\n");
}

#[test]
fn names_from_aws_never_reach_a_terminal_raw() {
    for width in [None, Some(40), Some(80), Some(160)] {
        assert!(!for_people(&sample(), Look { width, color: false }).contains('\u{1b}'));
    }
    let found = FindingHistory { findings: sample(), ..FindingHistory::default() };
    assert!(!timeline(&found, "Now").contains('\u{1b}'));
}

#[test]
fn a_finding_is_told_as_a_timeline() {
    let mut findings = sample();
    findings.rows.truncate(1);
    let event = |at: &str, event: &str, from: Value, to: Value, reason: &str| {
        vec![json!(1), json!(at), json!(4), json!(event), from, to, json!(reason)]
    };
    let events = rows(
        &["finding_id", "at", "scan_id", "event", "from_status", "to_status", "reason"],
        vec![
            event("2026-10-01T00:00:00Z", "opened", Value::Null, json!("unknown"), "key_access_denied"),
            event("2026-10-02T00:00:00Z", "status_changed", json!("unknown"), json!("fail"), "key_disabled"),
            event("2026-10-03T00:00:00Z", "resolved", json!("fail"), Value::Null, "resource_deleted"),
            event("2026-11-02T09:30:00Z", "reopened", json!("fail"), json!("fail"), "key_disabled"),
        ],
    );
    insta::assert_snapshot!(timeline(&FindingHistory { findings, events, evaluations: Rows::default() }, "Now"), @r"
    Finding 1: dms_kms_key_usable (critical)
      Resource   orders (replication instance)
      ARN        arn:aws:dms:eu-west-1:000000000001:rep:A
      Account    payments-prod (000000000001)
      Region     eu-west-1
      Key        1b2c of 000000000009 (CUSTOMER)
      Now        open since 2026-11-02 09:30 UTC, fail: key_disabled, opened 2 times
      Evidence   describe_key
      Last seen  2026-11-24 09:30 UTC

      History
      2026-10-01 00:00 UTC  opened          unknown          key_access_denied                   scan 4
      2026-10-02 00:00 UTC  status changed  unknown -> fail  key_disabled                        scan 4
      2026-10-03 00:00 UTC  resolved        was fail         resource_deleted                    scan 4
      2026-11-02 09:30 UTC  reopened        fail             key_disabled                        scan 4
    ");
}

#[test]
fn a_suppressed_finding_says_until_when_and_by_what() {
    let columns =
        ["finding_id", "state", "status", "reason", "opened_at", "exception_id", "exception_expires_at"];
    let row = vec![
        json!(7),
        json!("suppressed"),
        json!("fail"),
        json!("default_key"),
        json!("2026-11-02T09:30:00Z"),
        json!(3),
        json!("2026-12-31T00:00:00Z"),
    ];
    let found = FindingHistory { findings: rows(&columns, vec![row]), ..FindingHistory::default() };
    let text = timeline(&found, "Then");
    assert!(
        text.contains("Then       suppressed until 2026-12-31 00:00 UTC by exception 3, fail: default_key\n"),
        "{text}"
    );
}
