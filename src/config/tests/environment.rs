use super::{load, problems};

#[test]
fn variables_win_over_the_file() {
    let text = "[scan]\nconcurrency = 7\n[organization]\nexclude_accounts = [\"999999999999\"]";
    let env = [
        ("PATH", "/bin"),
        ("KEYWATCH_SCAN__CONCURRENCY", " 32 "),
        ("KEYWATCH_SCAN__ATTEMPT_TIMEOUT", "3s"),
        ("KEYWATCH_RATE_LIMITS__DMS__PER_SECOND", "2.5"),
        ("KEYWATCH_RATE_LIMITS__KMS__PER_SECOND", "7"),
        ("KEYWATCH_ORGANIZATION__EXCLUDE_ACCOUNTS", "000000000012, 111111111111"),
        ("KEYWATCH_ORGANIZATION__EXTERNAL_ID", "from-outside"),
        ("KEYWATCH_ORGANIZATION__MANAGEMENT_ACCOUNT", "skip"),
        ("KEYWATCH_ORGANIZATION__INCLUDE_OUS", ""),
        ("KEYWATCH_REGIONS__INCLUDE", "eu-central-1,eu-west-1"),
        ("KEYWATCH_CONFIG", "elsewhere.toml"),
        ("KEYWATCH_LOG", "debug"),
    ];
    let loaded = load(text, &env).unwrap();
    let config = &loaded.config;
    assert_eq!(config.scan.concurrency.get(), 32);
    assert_eq!(config.scan.attempt_timeout.as_secs(), 3);
    assert_eq!((config.rate_limits.dms.per_second, config.rate_limits.kms.per_second), (2.5, 7.0));
    let excluded: Vec<&str> = config.organization.exclude_accounts.iter().map(|id| id.as_str()).collect();
    assert_eq!(excluded, ["000000000012", "111111111111"]);
    assert_eq!(config.organization.external_id.as_ref().unwrap().reveal(), "from-outside");
    assert_eq!(config.regions.include.len(), 2);
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn keywatch_db_names_the_database() {
    let path = |env: &[(&str, &str)]| load("[database]\npath = \"a.db\"", env).unwrap().config.database.path;
    let (long, short) = (("KEYWATCH_DATABASE__PATH", "b.db"), ("KEYWATCH_DB", "c.db"));
    assert_eq!(path(&[]).to_str(), Some("a.db"));
    assert_eq!(path(&[long]).to_str(), Some("b.db"));
    assert_eq!(path(&[short, long]).to_str(), Some("c.db"));
    insta::assert_snapshot!(problems("", &[("KEYWATCH_DB", "")]), @"KEYWATCH_DB: database.path: is empty; give it a value, or leave the key out for its default");
}

#[test]
fn problems_name_the_variable() {
    let env = [
        ("KEYWATCH_SCAN__CONCURENCY", "3"),
        ("KEYWATCH_REPORT__WEEKDAY", "mon"),
        ("KEYWATCH_ZEBRA__STRIPES", "7"),
        ("KEYWATCH_scan__concurrency", "3"),
        ("KEYWATCH_SCAN__CONCURRENCY", "many"),
        ("KEYWATCH_SCAN__MAX_ATTEMPTS", "2.5"),
        ("KEYWATCH_SCAN__ATTEMPT_TIMEOUT", "10"),
        ("KEYWATCH_RATE_LIMITS__DMS__PER_SECOND", "fast"),
        ("KEYWATCH_ORGANIZATION__EXCLUDE_ACCOUNTS", "12,,000000000012"),
        ("KEYWATCH_ORGANIZATION__INCLUDE_ACCOUNTS", "000000000012"),
        ("KEYWATCH_REGIONS__INCLUDE", ""),
    ];
    insta::assert_snapshot!(problems("", &env), @r#"
    KEYWATCH_ORGANIZATION__EXCLUDE_ACCOUNTS: organization.exclude_accounts: "12" is not an AWS account id; write twelve digits, as in "012345678901"
    KEYWATCH_ORGANIZATION__EXCLUDE_ACCOUNTS: organization.exclude_accounts: is empty; give it a value, or leave the key out for its default
    KEYWATCH_ORGANIZATION__EXCLUDE_ACCOUNTS: organization.exclude_accounts: 000000000012 is also in organization.include_accounts (KEYWATCH_ORGANIZATION__INCLUDE_ACCOUNTS); take it out of one of the two
    KEYWATCH_RATE_LIMITS__DMS__PER_SECOND: rate_limits.dms.per_second: "fast" is not a number; allowed: numbers from 0.01 to 100000
    KEYWATCH_REGIONS__INCLUDE: regions.include: is empty, so nothing would be scanned; write ["enabled"] for every Region that an account has enabled, or name Regions
    KEYWATCH_REPORT__WEEKDAY: report.weekday: "mon" is none of the choices; allowed: "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    KEYWATCH_SCAN__ATTEMPT_TIMEOUT: scan.attempt_timeout: "10" has no unit; allowed: a text with a unit, such as "10s", "2m" or "1h", from 10ms to 10m
    KEYWATCH_SCAN__CONCURENCY: overrides no key; did you mean KEYWATCH_SCAN__CONCURRENCY?
    KEYWATCH_SCAN__CONCURRENCY: scan.concurrency: "many" is not a whole number; allowed: whole numbers from 1 to 10000
    KEYWATCH_SCAN__MAX_ATTEMPTS: scan.max_attempts: "2.5" is not a whole number; allowed: whole numbers from 1 to 20
    KEYWATCH_ZEBRA__STRIPES: overrides no key; unset it, or name a section and a key, as in KEYWATCH_SCAN__CONCURRENCY
    KEYWATCH_scan__concurrency: overrides no key; did you mean KEYWATCH_SCAN__CONCURRENCY?
    "#);
}

#[test]
fn a_bad_value_in_the_file_is_told_even_where_a_variable_overrides_it() {
    let text = "[scan]\nconcurrency = 0\ntarget_timeout = \"1s\"\nattempt_timeout = \"1s\"";
    let env = [("KEYWATCH_SCAN__CONCURRENCY", "3"), ("KEYWATCH_SCAN__ATTEMPT_TIMEOUT", "2s")];
    insta::assert_snapshot!(problems(text, &env), @r"
    k.toml:2:15: scan.concurrency: 0 is out of range; allowed: whole numbers from 1 to 10000
    KEYWATCH_SCAN__ATTEMPT_TIMEOUT: scan.attempt_timeout: 2s is longer than scan.target_timeout (1s, line 3); one attempt cannot outlast its target: raise scan.target_timeout or lower scan.attempt_timeout
    ");
}

#[test]
fn one_underscore_where_two_belong_is_warned_of() {
    let env = [("KEYWATCH_SCAN_CONCURRENCY", "3")];
    insta::assert_snapshot!(load("", &env).unwrap().warnings.join("\n"), @"KEYWATCH_SCAN_CONCURRENCY: is not read; did you mean KEYWATCH_SCAN__CONCURRENCY, with two underscores?");
}
