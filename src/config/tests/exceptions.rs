use super::{accepted, problems};
use crate::domain::{Covers, iso_utc};

const ALL: &str = r#"
[exception_limits]
longest_days = 90

[[exceptions]]
ou = "Root/Sandbox"
check = "dms_endpoint_kms_cmk_encryption"
reason = "no customer data"
owner = "platform"
expires = "2027-01-31"

[[exceptions]]
resource_arn = "arn:aws:dms:eu-west-1:111122223333:rep:ABC"
reason = "a native date"
owner = "payments"
expires = 2027-02-28

[[exceptions]]
account = "111122223333"
reason = "a moment"
owner = "payments"
expires = "2027-01-31T12:00:00Z"

[[exceptions]]
tag = "Stage=test"
reason = "a native moment"
owner = "payments"
expires = 2027-01-31T12:00:00+02:00
"#;

#[test]
fn each_kind_is_read() {
    let config = accepted(ALL);
    assert_eq!(config.exception_limits.longest_days.get(), 90);
    let shown: Vec<String> = config
        .exceptions
        .iter()
        .map(|one| {
            let check = one.check_id.as_deref().unwrap_or("all");
            format!(
                "{} ({check}) until {}: {}, {}",
                one.covers,
                iso_utc(one.expires_at),
                one.reason,
                one.owner
            )
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    OU Root/Sandbox (dms_endpoint_kms_cmk_encryption) until 2027-01-31T23:59:59Z: no customer data, platform
    arn:aws:dms:eu-west-1:111122223333:rep:ABC (all) until 2027-02-28T23:59:59Z: a native date, payments
    account 111122223333 (all) until 2027-01-31T12:00:00Z: a moment, payments
    tag Stage=test (all) until 2027-01-31T10:00:00Z: a native moment, payments
    ");
    assert!(
        matches!(&config.exceptions[3].covers, Covers::Tag { key, value } if key == "Stage" && value == "test")
    );
}

#[test]
fn every_problem_is_named() {
    let text = r#"
[[exceptions]]
reason = "r"
owner = "o"
expires = "2027-01-31"

[[exceptions]]
account = 111122223333
tag = "Stage"
check = "dms_kms_usable"
reson = "r"
owner = ""
expires = "soon"

[[exceptions]]
ou = "ou-ab12-34cdefgh"
resource_arn = "arn:aws:s3:::bucket"

[[exceptions]]
account = "111122223333"
tag = "Stage=test"
reason = "r"
owner = "o"
expires = 2027-01-31
"#;
    insta::assert_snapshot!(problems(text, &[]), @r#"
    k.toml:2:1: exceptions: covers nothing; give one of resource_arn, account, ou, tag
    k.toml:7:1: exceptions.reason: is missing; say why
    k.toml:7:1: exceptions: covers more than one thing; give one of resource_arn, account, ou, tag
    k.toml:8:11: exceptions.account: 111122223333 is a number, and a number loses its leading zeros; put the account id in quotes: "111122223333"
    k.toml:9:7: exceptions.tag: "Stage" is not a tag with its value; write "key=value"
    k.toml:10:9: exceptions.check: "dms_kms_usable" is no check; allowed: dms_instance_kms_cmk_encryption, dms_endpoint_kms_cmk_encryption, dms_serverless_kms_cmk_encryption, dms_kms_key_usable
    k.toml:11:1: exceptions.reson: there is no such key; did you mean reason?
    k.toml:12:9: exceptions.owner: is empty; give it a value, or leave the key out for its default
    k.toml:13:11: exceptions.expires: "soon" is no day such as "2027-01-31"; write the last day, in UTC
    k.toml:15:1: exceptions.reason: is missing; say why
    k.toml:15:1: exceptions.owner: is missing; name who accepted it
    k.toml:15:1: exceptions.expires: is missing; an end is required, such as "2027-01-31"
    k.toml:15:1: exceptions: covers more than one thing; give one of resource_arn, account, ou, tag
    k.toml:16:6: exceptions.ou: "ou-ab12-34cdefgh" is an id, and the history knows units by their path; write the path, "Root/Workloads/Prod"
    k.toml:17:16: exceptions.resource_arn: "arn:aws:s3:::bucket" is not the ARN of a DMS resource; copy it from `keywatch findings list --format csv`: "arn:aws:dms:eu-west-1:111122223333:rep:…"
    k.toml:19:1: exceptions: covers more than one thing; give one of resource_arn, account, ou, tag
    "#);
    insta::assert_snapshot!(problems("exceptions = 3\n", &[]), @"k.toml:1:1: exceptions: is a whole number where a table is expected; write [[exceptions]] on a line of its own for each, and its keys below it");
    insta::assert_snapshot!(problems("[exceptions]\nowner = \"o\"\n", &[]), @r#"
    k.toml:1:1: exceptions.reason: is missing; say why
    k.toml:1:1: exceptions.expires: is missing; an end is required, such as "2027-01-31"
    k.toml:1:1: exceptions: covers nothing; give one of resource_arn, account, ou, tag
    "#);
    insta::assert_snapshot!(problems("[[exeptions]]\nowner = \"o\"\n", &[]), @"k.toml:1:3: exeptions: there is no such section or key; did you mean exceptions?");
    insta::assert_snapshot!(problems("", &[("KEYWATCH_EXCEPTIONS__OWNER", "o")]), @"KEYWATCH_EXCEPTIONS__OWNER: overrides no key; unset it, or name a section and a key, as in KEYWATCH_SCAN__CONCURRENCY");
}
