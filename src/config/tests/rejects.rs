use super::{problems, problems_of};

#[test]
fn unknown_names() {
    let text = r#"
concurrency = 3
[organisation]
audit_role = "x"
[zebra]
stripes = 7
[scan]
concurency = 3
colour = "red"
burst = 3
[rate_limits.s3]
burst = 1
[rate_limits.dms]
per_seconds = 3
[report]
directry = "x"
[notify]
[[exceptions]]
check = "x"
"#;
    insta::assert_snapshot!(problems(text, &[]), @r#"
    k.toml:2:1: concurrency: there is no such section or key; did you mean scan.concurrency?
    k.toml:3:2: organisation: there is no such section or key; did you mean organization?
    k.toml:5:2: zebra: there is no such section or key; allowed: database, aws, organization, regions, scan, cadence, rate_limits, backup, prune, report, remediation, notify, exception_limits, server, exceptions
    k.toml:8:1: scan.concurency: there is no such key; did you mean concurrency?
    k.toml:9:1: scan.colour: there is no such key; allowed: concurrency, attempt_timeout, target_timeout, max_attempts, schedule, jitter, time_zone
    k.toml:10:1: scan.burst: there is no such key; did you mean rate_limits.dms.burst?
    k.toml:11:14: rate_limits.s3: there is no such key; allowed: dms, kms, sts, organizations, account
    k.toml:14:1: rate_limits.dms.per_seconds: there is no such key; did you mean per_second?
    k.toml:16:1: report.directry: there is no such key; did you mean directory?
    k.toml:18:1: exceptions.reason: is missing; say why
    k.toml:18:1: exceptions.owner: is missing; name who accepted it
    k.toml:18:1: exceptions.expires: is missing; an end is required, such as "2027-01-31"
    k.toml:18:1: exceptions: covers nothing; give one of resource_arn, account, ou, tag
    k.toml:19:9: exceptions.check: "x" is no check; allowed: dms_instance_kms_cmk_encryption, dms_endpoint_kms_cmk_encryption, dms_serverless_kms_cmk_encryption, dms_kms_key_usable
    "#);
}

#[test]
fn sections_that_are_none() {
    let text = "scan = 3\ndatabase = \"keywatch.db\"\n[rate_limits]\ndms = 4\n[[regions]]\ninclude = []\n";
    insta::assert_snapshot!(problems(text, &[]), @r"
    k.toml:1:1: scan: is a section, not a whole number; write [scan] on a line of its own, and below it any of concurrency, attempt_timeout, target_timeout, max_attempts, schedule, jitter, time_zone
    k.toml:2:1: database: is a section, not a text; write [database] on a line of its own, and below it any of path
    k.toml:4:1: rate_limits.dms: is a section, not a whole number; write [rate_limits.dms] on a line of its own, and below it any of per_second, burst
    k.toml:5:3: regions: is a section, not a list; write [regions] on a line of its own, and below it any of include, exclude
    ");
}

#[test]
fn not_toml() {
    let texts = [
        "[scan]\nconcurrency = \n",
        "[scan\n",
        "[aws]\nprofile = \"open\n",
        "[scan]\nconcurrency = 1\nconcurrency = 2\n",
        "[organization]\ninclude_accounts = [012345678901]\n",
        "[scan]\nconcurrency 3\n\n[regions\n",
    ];
    let all: Vec<String> = texts.iter().map(|text| problems(text, &[])).collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    k.toml:2:15: is not TOML: string values must be quoted, expected literal string; see https://toml.io for the format
    k.toml:1:6: is not TOML: unclosed table, expected `]`; see https://toml.io for the format
    k.toml:2:16: is not TOML: invalid basic string, expected `"`; see https://toml.io for the format
    k.toml:3:1: is not TOML: duplicate key; see https://toml.io for the format
    k.toml:2:21: is not TOML: unexpected leading zero, expected nothing; an account id goes in double quotes
    k.toml:2:13: is not TOML: key with no value, expected `=`; see https://toml.io for the format
    k.toml:4:9: is not TOML: unclosed table, expected `]`; see https://toml.io for the format
    "#);
}

#[test]
fn kinds() {
    let text = r#"
[database]
path = 3
[aws]
home_region = ["us-east-1"]
profile = true
[organization]
audit_role = 2026-01-01
session_duration = 3600
management_account = { assume = true }
include_ous = "Root"
include_accounts = [12345678901, 123456789012, "12", ["x"]]
[regions]
include = "enabled"
exclude = [7]
[scan]
concurrency = "64"
attempt_timeout = 2.5
max_attempts = 2.5
[rate_limits.dms]
per_second = "4"
burst = [1]
"#;
    insta::assert_snapshot!(problems(text, &[]), @r#"
    k.toml:3:8: database.path: is a whole number where a text is expected; put one text in double quotes
    k.toml:5:15: aws.home_region: is a list where a text is expected; put one text in double quotes
    k.toml:6:11: aws.profile: is true or false where a text is expected; put one text in double quotes
    k.toml:8:14: organization.audit_role: is a date where a text is expected; put one text in double quotes
    k.toml:9:20: organization.session_duration: 3600 has no unit; allowed: a text with a unit, such as "10s", "2m" or "1h", from 15m to 12h
    k.toml:10:22: organization.management_account: is a table where a text is expected; put one text in double quotes
    k.toml:11:15: organization.include_ous: is a text where a list is expected; put it in brackets, ["…", "…"]
    k.toml:12:21: organization.include_accounts: 12345678901 is a number, and a number loses its leading zeros; put the account id in quotes: "012345678901"
    k.toml:12:34: organization.include_accounts: 123456789012 is a number, and a number loses its leading zeros; put the account id in quotes: "123456789012"
    k.toml:12:48: organization.include_accounts: "12" is not an AWS account id; write twelve digits, as in "012345678901"
    k.toml:12:54: organization.include_accounts: is a list where a text is expected; put one text in double quotes
    k.toml:14:11: regions.include: is a text where a list is expected; put it in brackets, ["…", "…"]
    k.toml:15:12: regions.exclude: is a whole number where a text is expected; put one text in double quotes
    k.toml:17:15: scan.concurrency: is a text where a number is expected; allowed: whole numbers from 1 to 10000, without quotes
    k.toml:18:19: scan.attempt_timeout: 2.5 has no unit; allowed: a text with a unit, such as "10s", "2m" or "1h", from 10ms to 10m
    k.toml:19:16: scan.max_attempts: 2.5 is not a whole number; allowed: whole numbers from 1 to 20
    k.toml:21:14: rate_limits.dms.per_second: is a text where a number is expected; allowed: numbers from 0.01 to 100000, without quotes
    k.toml:22:9: rate_limits.dms.burst: is a list where a number is expected; allowed: whole numbers from 1 to 100000
    "#);
}

#[test]
fn database_and_aws() {
    insta::assert_snapshot!(problems_of("database", &[
        r#"path = """#,
        r#"path = ":memory:""#,
        r#"path = "sqlite://keywatch.db""#,
    ]), @r#"
    k.toml:2:8: database.path: is empty; give it a value, or leave the key out for its default
    k.toml:2:8: database.path: ":memory:" is not a file's path; give the path of a file, such as "keywatch.db" or "/var/lib/keywatch/keywatch.db"
    k.toml:2:8: database.path: "sqlite://keywatch.db" is not a file's path; give the path of a file, such as "keywatch.db" or "/var/lib/keywatch/keywatch.db"
    "#);
    insta::assert_snapshot!(problems_of("aws", &[
        r#"home_region = "Frankfurt""#,
        r#"home_region = "eu-central-1.evil.test""#,
        r#"profile = """#,
    ]), @r#"
    k.toml:2:15: aws.home_region: "Frankfurt" is not the name of an AWS Region; write it as in "eu-central-1"
    k.toml:2:15: aws.home_region: "eu-central-1.evil.test" is not the name of an AWS Region; write it as in "eu-central-1"
    k.toml:2:11: aws.profile: is empty; give it a value, or leave the key out for its default
    "#);
}

#[test]
fn roles_and_sessions() {
    let long = format!("audit_role = \"{}\"", "n".repeat(65));
    insta::assert_snapshot!(problems_of("organization", &[
        r#"audit_role = """#,
        r#"audit_role = "arn:aws:iam::123456789012:role/Audit""#,
        r#"audit_role = "Key watch""#,
        r#"audit_role = "/path/Audit""#,
        r#"audit_role = "path//Audit""#,
        r#"audit_role = "path/""#,
        r#"audit_role = "Überblick""#,
        &long,
    ]), @r#"
    k.toml:2:14: organization.audit_role: is empty; give it a value, or leave the key out for its default
    k.toml:2:14: organization.audit_role: "arn:aws:iam::123456789012:role/Audit" is an ARN; the role is assumed in every account: give its name, or path/name, without the account
    k.toml:2:14: organization.audit_role: "Key watch" is not a role's name; allowed: 1 to 64 letters, digits and _+=,.@- after an optional path, as in "security/KeywatchAudit"
    k.toml:2:14: organization.audit_role: "/path/Audit" is not a role's name; allowed: 1 to 64 letters, digits and _+=,.@- after an optional path, as in "security/KeywatchAudit"
    k.toml:2:14: organization.audit_role: "path//Audit" is not a role's name; allowed: 1 to 64 letters, digits and _+=,.@- after an optional path, as in "security/KeywatchAudit"
    k.toml:2:14: organization.audit_role: "path/" is not a role's name; allowed: 1 to 64 letters, digits and _+=,.@- after an optional path, as in "security/KeywatchAudit"
    k.toml:2:14: organization.audit_role: "Überblick" is not a role's name; allowed: 1 to 64 letters, digits and _+=,.@- after an optional path, as in "security/KeywatchAudit"
    k.toml:2:14: organization.audit_role: "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" is not a role's name; allowed: 1 to 64 letters, digits and _+=,.@- after an optional path, as in "security/KeywatchAudit"
    "#);
    insta::assert_snapshot!(problems_of("organization", &[
        r#"session_name = "k""#,
        r#"session_name = "key watch""#,
        r#"session_duration = "14m""#,
        r#"session_duration = "12h 1s""#,
        r#"session_duration = "3600""#,
        r#"session_duration = "an hour""#,
        r#"session_duration = "1h ago""#,
        r#"session_duration = "1 day""#,
        r#"session_duration = "15m 1ms""#,
        r#"session_duration = """#,
        r#"management_account = "ignore""#,
    ]), @r#"
    k.toml:2:16: organization.session_name: "k" is not a session's name; allowed: 2 to 64 letters, digits and _+=,.@-
    k.toml:2:16: organization.session_name: "key watch" is not a session's name; allowed: 2 to 64 letters, digits and _+=,.@-
    k.toml:2:20: organization.session_duration: 14m is out of range; allowed: a text with a unit, such as "10s", "2m" or "1h", from 15m to 12h
    k.toml:2:20: organization.session_duration: 12h 1s is out of range; allowed: a text with a unit, such as "10s", "2m" or "1h", from 15m to 12h
    k.toml:2:20: organization.session_duration: "3600" has no unit; allowed: a text with a unit, such as "10s", "2m" or "1h", from 15m to 12h
    k.toml:2:20: organization.session_duration: "an hour" is not a duration; allowed: a text with a unit, such as "10s", "2m" or "1h", from 15m to 12h
    k.toml:2:20: organization.session_duration: "1h ago" is not a duration; allowed: a text with a unit, such as "10s", "2m" or "1h", from 15m to 12h
    k.toml:2:20: organization.session_duration: "1 day" is not a duration; allowed: a text with a unit, such as "10s", "2m" or "1h", from 15m to 12h
    k.toml:2:20: organization.session_duration: 15m 1ms is not a whole number of seconds; STS counts in seconds
    k.toml:2:20: organization.session_duration: is empty; give it a value, or leave the key out for its default
    k.toml:2:22: organization.management_account: "ignore" is none of the choices; allowed: "assume", "own_credentials", "skip"
    "#);
}

#[test]
fn the_reader_role() {
    insta::assert_snapshot!(problems_of("organization", &[
        r#"reader_role_arn = "KeywatchReader""#,
        r#"reader_role_arn = "arn:aws:iam::1234:role/Reader""#,
        r#"reader_role_arn = "arn:aws:iam::123456789012:user/Reader""#,
        r#"reader_role_arn = "arn:aws:iam::123456789012:role/""#,
        r#"reader_role_arn = "arn:aws:sts::123456789012:assumed-role/Reader/session""#,
        r#"reader_role_arn = "arn:aws-moon:iam::123456789012:role/Reader""#,
        r#"reader_role_arn = "arn:aws-cn:iam::123456789012:role/Reader""#,
    ]), @r#"
    k.toml:2:19: organization.reader_role_arn: "KeywatchReader" is not the ARN of a role; write it as in "arn:aws:iam::123456789012:role/KeywatchReader"
    k.toml:2:19: organization.reader_role_arn: "arn:aws:iam::1234:role/Reader" is not the ARN of a role; write it as in "arn:aws:iam::123456789012:role/KeywatchReader"
    k.toml:2:19: organization.reader_role_arn: "arn:aws:iam::123456789012:user/Reader" is not the ARN of a role; write it as in "arn:aws:iam::123456789012:role/KeywatchReader"
    k.toml:2:19: organization.reader_role_arn: "arn:aws:iam::123456789012:role/" is not the ARN of a role; write it as in "arn:aws:iam::123456789012:role/KeywatchReader"
    k.toml:2:19: organization.reader_role_arn: "arn:aws:sts::123456789012:assumed-role/Reader/session" is not the ARN of a role; write it as in "arn:aws:iam::123456789012:role/KeywatchReader"
    k.toml:2:19: organization.reader_role_arn: "arn:aws-moon:iam::123456789012:role/Reader" is not the ARN of a role; write it as in "arn:aws:iam::123456789012:role/KeywatchReader"
    k.toml:2:19: organization.reader_role_arn: the role lies in the partition aws-cn, aws.home_region (us-east-1, the default) in aws; name a role of that partition, or set aws.home_region
    "#);
    let text = "[organization]\nreader_role_arn = \"arn:aws:iam::123456789012:role/Reader\"\n\
                [aws]\nhome_region = \"us-gov-west-1\"";
    insta::assert_snapshot!(problems(text, &[]), @"k.toml:2:19: organization.reader_role_arn: the role lies in the partition aws, aws.home_region (us-gov-west-1, line 4) in aws-us-gov; name a role of that partition, or set aws.home_region");
    // The home Region is broken: nothing is known of the partition, so nothing is said of it.
    let text = "[organization]\nreader_role_arn = \"arn:aws-cn:iam::123456789012:role/Reader\"\n\
                [aws]\nhome_region = \"cn_north_1\"\n[regions]\ninclude = [\"cn-north-1\"]";
    insta::assert_snapshot!(problems(text, &[]), @r#"k.toml:4:15: aws.home_region: "cn_north_1" is not the name of an AWS Region; write it as in "eu-central-1""#);
}

#[test]
fn the_external_id_is_never_repeated() {
    let long = "hush".repeat(400);
    let values =
        [r#""hush hush""#, r#""hush-ü""#, r#"["hush-hush"]"#, r#""h""#, r#""""#, "4711", "{ hush = 1 }"];
    let mut all: Vec<String> =
        values.iter().map(|value| problems(&format!("[organization]\nexternal_id = {value}"), &[])).collect();
    all.push(problems(&format!("[organization]\nexternal_id = \"{long}\""), &[]));
    all.push(problems("", &[("KEYWATCH_ORGANIZATION__EXTERNAL_ID", "hush hush")]));
    all.push(problems("", &[("KEYWATCH_ORGANIZATION__EXTERNALID", "hush-hush")]));
    all.push(problems("[organization]\nexternal_id = \"hush-hush", &[]));
    all.push(problems("[organization]\nexternal_id = hush-hush", &[]));
    all.push(problems("[organization]\nexternal_id = \"\\hush\"", &[]));
    let all = all.join("\n");
    insta::assert_snapshot!(all, @r#"
    k.toml:2:15: organization.external_id: has a character that AWS does not allow; allowed: 2 to 1224 letters, digits and _+=,.@:/- (the value is not shown here on purpose)
    k.toml:2:15: organization.external_id: has a character that AWS does not allow; allowed: 2 to 1224 letters, digits and _+=,.@:/- (the value is not shown here on purpose)
    k.toml:2:15: organization.external_id: is a list where a text is expected; put one text in double quotes
    k.toml:2:15: organization.external_id: has 1 character(s); allowed: 2 to 1224 letters, digits and _+=,.@:/- (the value is not shown here on purpose)
    k.toml:2:15: organization.external_id: is empty; give it a value, or leave the key out for its default
    k.toml:2:15: organization.external_id: is a whole number where a text is expected; put one text in double quotes
    k.toml:2:15: organization.external_id: is a table where a text is expected; put one text in double quotes
    k.toml:2:15: organization.external_id: has 1600 character(s); allowed: 2 to 1224 letters, digits and _+=,.@:/- (the value is not shown here on purpose)
    KEYWATCH_ORGANIZATION__EXTERNAL_ID: organization.external_id: has a character that AWS does not allow; allowed: 2 to 1224 letters, digits and _+=,.@:/- (the value is not shown here on purpose)
    KEYWATCH_ORGANIZATION__EXTERNALID: overrides no key; did you mean KEYWATCH_ORGANIZATION__EXTERNAL_ID?
    k.toml:2:25: is not TOML: invalid basic string, expected `"`; see https://toml.io for the format
    k.toml:2:15: is not TOML: string values must be quoted, expected literal string; see https://toml.io for the format
    k.toml:2:17: is not TOML: missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\`, `"`, `x`, `u`, `U`; see https://toml.io for the format
    "#);
    assert!(!all.contains("hush") && !all.contains("4711"), "{all}");
}

#[test]
fn accounts_and_organizational_units() {
    insta::assert_snapshot!(problems_of("organization", &[
        r#"include_ous = ["Workloads/Prod"]"#,
        r#"include_ous = ["Root/Workloads/"]"#,
        r#"include_ous = ["root/Workloads"]"#,
        r#"exclude_ous = ["ou-ab12"]"#,
        r#"exclude_ous = ["r-AB12", ""]"#,
        r#"exclude_accounts = ["1234-5678-9012", "12345678901"]"#,
    ]), @r#"
    k.toml:2:16: organization.include_ous: "Workloads/Prod" is not an organizational unit; write its id, "ou-ab12-34cdefgh", its root's, "r-ab12", or its path, "Root/Workloads/Prod"
    k.toml:2:16: organization.include_ous: "Root/Workloads/" is not an organizational unit; write its id, "ou-ab12-34cdefgh", its root's, "r-ab12", or its path, "Root/Workloads/Prod"
    k.toml:2:16: organization.include_ous: "root/Workloads" is not an organizational unit; write its id, "ou-ab12-34cdefgh", its root's, "r-ab12", or its path, "Root/Workloads/Prod"
    k.toml:2:16: organization.exclude_ous: "ou-ab12" is not an organizational unit; write its id, "ou-ab12-34cdefgh", its root's, "r-ab12", or its path, "Root/Workloads/Prod"
    k.toml:2:16: organization.exclude_ous: "r-AB12" is not an organizational unit; write its id, "ou-ab12-34cdefgh", its root's, "r-ab12", or its path, "Root/Workloads/Prod"
    k.toml:2:26: organization.exclude_ous: is empty; give it a value, or leave the key out for its default
    k.toml:2:21: organization.exclude_accounts: "1234-5678-9012" is not an AWS account id; write twelve digits, as in "012345678901"
    k.toml:2:39: organization.exclude_accounts: "12345678901" is not an AWS account id; write twelve digits, as in "012345678901"
    "#);
    let text = r#"
[organization]
include_ous = ["ou-ab12-34cdefgh", "Root/Workloads"]
exclude_ous = [
    "Root/Workloads/Prod",
    "Root/Workloads",
    "ou-ab12-34cdefgh",
]
include_accounts = ["111111111111", "222222222222"]
exclude_accounts = ["333333333333", "222222222222"]
"#;
    insta::assert_snapshot!(problems(text, &[]), @r"
    k.toml:6:5: organization.exclude_ous: Root/Workloads is also in organization.include_ous (line 3); take it out of one of the two
    k.toml:7:5: organization.exclude_ous: ou-ab12-34cdefgh is also in organization.include_ous (line 3); take it out of one of the two
    k.toml:10:37: organization.exclude_accounts: 222222222222 is also in organization.include_accounts (line 9); take it out of one of the two
    ");
}

#[test]
fn regions() {
    insta::assert_snapshot!(problems_of("regions", &[
        "include = []",
        r#"include = ["all"]"#,
        r#"include = ["eu-central-1", "us-gov-west-1", "cn-north-1"]"#,
        r#"exclude = ["enabled"]"#,
        "include = [\"eu-central-1\", \"eu-west-1\"]\nexclude = [\"eu-west-1\"]",
    ]), @r#"
    k.toml:2:11: regions.include: is empty, so nothing would be scanned; write ["enabled"] for every Region that an account has enabled, or name Regions
    k.toml:2:12: regions.include: "all" is not the name of an AWS Region; write "enabled", or a name as in "eu-central-1"
    k.toml:2:28: regions.include: us-gov-west-1 lies in the partition aws-us-gov, aws.home_region (us-east-1, the default) in aws; one scan covers one partition: name only its Regions, or set aws.home_region
    k.toml:2:45: regions.include: cn-north-1 lies in the partition aws-cn, aws.home_region (us-east-1, the default) in aws; one scan covers one partition: name only its Regions, or set aws.home_region
    k.toml:2:12: regions.exclude: "enabled" is not the name of an AWS Region; write it as in "eu-central-1"
    k.toml:3:12: regions.exclude: eu-west-1 is also in regions.include (line 2); take it out of one of the two
    "#);
    let text = "[aws]\nhome_region = \"cn-north-1\"\n[regions]\ninclude = [\"enabled\", \"us-east-1\"]";
    insta::assert_snapshot!(problems(text, &[]), @"k.toml:4:23: regions.include: us-east-1 lies in the partition aws, aws.home_region (cn-north-1, line 2) in aws-cn; one scan covers one partition: name only its Regions, or set aws.home_region");
}

#[test]
fn numbers_and_timeouts() {
    insta::assert_snapshot!(problems_of("scan", &[
        "concurrency = 0",
        "concurrency = 10001",
        "concurrency = -1",
        "concurrency = 99999999999",
        "max_attempts = 0",
        "max_attempts = 21",
        r#"attempt_timeout = "1ms""#,
        r#"attempt_timeout = "11m""#,
        r#"attempt_timeout = "-5s""#,
        r#"target_timeout = "25h""#,
    ]), @r#"
    k.toml:2:15: scan.concurrency: 0 is out of range; allowed: whole numbers from 1 to 10000
    k.toml:2:15: scan.concurrency: 10001 is out of range; allowed: whole numbers from 1 to 10000
    k.toml:2:15: scan.concurrency: -1 is out of range; allowed: whole numbers from 1 to 10000
    k.toml:2:15: scan.concurrency: 99999999999 is out of range; allowed: whole numbers from 1 to 10000
    k.toml:2:16: scan.max_attempts: 0 is out of range; allowed: whole numbers from 1 to 20
    k.toml:2:16: scan.max_attempts: 21 is out of range; allowed: whole numbers from 1 to 20
    k.toml:2:19: scan.attempt_timeout: 1ms is out of range; allowed: a text with a unit, such as "10s", "2m" or "1h", from 10ms to 10m
    k.toml:2:19: scan.attempt_timeout: 11m is out of range; allowed: a text with a unit, such as "10s", "2m" or "1h", from 10ms to 10m
    k.toml:2:19: scan.attempt_timeout: "-5s" is not a duration; allowed: a text with a unit, such as "10s", "2m" or "1h", from 10ms to 10m
    k.toml:2:18: scan.target_timeout: 25h is out of range; allowed: a text with a unit, such as "10s", "2m" or "1h", from 10ms to 24h
    "#);
    insta::assert_snapshot!(problems_of("rate_limits.dms", &[
        "per_second = 0",
        "per_second = -1.5",
        "per_second = nan",
        "per_second = inf",
        "burst = 0",
        "burst = 1.5",
    ]), @r"
    k.toml:2:14: rate_limits.dms.per_second: 0 is out of range; allowed: numbers from 0.01 to 100000
    k.toml:2:14: rate_limits.dms.per_second: -1.5 is out of range; allowed: numbers from 0.01 to 100000
    k.toml:2:14: rate_limits.dms.per_second: NaN is out of range; allowed: numbers from 0.01 to 100000
    k.toml:2:14: rate_limits.dms.per_second: inf is out of range; allowed: numbers from 0.01 to 100000
    k.toml:2:9: rate_limits.dms.burst: 0 is out of range; allowed: whole numbers from 1 to 100000
    k.toml:2:9: rate_limits.dms.burst: 1.5 is not a whole number; allowed: whole numbers from 1 to 100000
    ");
    insta::assert_snapshot!(problems_of("scan", &[
        "attempt_timeout = \"3m\"",
        "target_timeout = \"5s\"",
        "attempt_timeout = \"30s\"\ntarget_timeout = \"20s\"",
        "target_timeout = \"20s\"\nattempt_timeout = \"30s\"",
        // No word on the pair where one of the two can't be read.
        "target_timeout = \"5s\"\nattempt_timeout = \"2\"",
    ]), @r#"
    k.toml:2:19: scan.attempt_timeout: 3m is longer than scan.target_timeout (2m, the default); one attempt cannot outlast its target: raise scan.target_timeout or lower scan.attempt_timeout
    k.toml:2:18: scan.target_timeout: 5s is shorter than scan.attempt_timeout (10s, the default); one attempt cannot outlast its target: raise scan.target_timeout or lower scan.attempt_timeout
    k.toml:3:18: scan.target_timeout: 20s is shorter than scan.attempt_timeout (30s, line 2); one attempt cannot outlast its target: raise scan.target_timeout or lower scan.attempt_timeout
    k.toml:3:19: scan.attempt_timeout: 30s is longer than scan.target_timeout (20s, line 2); one attempt cannot outlast its target: raise scan.target_timeout or lower scan.attempt_timeout
    k.toml:3:19: scan.attempt_timeout: "2" has no unit; allowed: a text with a unit, such as "10s", "2m" or "1h", from 10ms to 10m
    "#);
}
