use super::{load, problems};

#[test]
fn all_problems_come_at_once_from_the_top_of_the_file_to_its_end() {
    let text = r#"
[scan]
target_timeout = "5s"
concurrency = 0
[aws]
home_region = "nowhere"
[database]
file = "x"
"#;
    let env = [("KEYWATCH_ZEBRA__STRIPES", "7"), ("KEYWATCH_SCAN__MAX_ATTEMPTS", "0")];
    insta::assert_snapshot!(load(text, &env).unwrap_err(), @r#"
    the configuration has 6 problems:
      k.toml:3:18: scan.target_timeout: 5s is shorter than scan.attempt_timeout (10s, the default); one attempt cannot outlast its target: raise scan.target_timeout or lower scan.attempt_timeout
      k.toml:4:15: scan.concurrency: 0 is out of range; allowed: whole numbers from 1 to 10000
      k.toml:6:15: aws.home_region: "nowhere" is not the name of an AWS Region; write it as in "eu-central-1"
      k.toml:8:1: database.file: there is no such key; allowed: path
      KEYWATCH_SCAN__MAX_ATTEMPTS: scan.max_attempts: 0 is out of range; allowed: whole numbers from 1 to 20
      KEYWATCH_ZEBRA__STRIPES: overrides no key; unset it, or name a section and a key, as in KEYWATCH_SCAN__CONCURRENCY
    "#);
    insta::assert_snapshot!(load("[scan]\nconcurrency = 0", &[]).unwrap_err(), @r"
    the configuration has a problem:
      k.toml:2:15: scan.concurrency: 0 is out of range; allowed: whole numbers from 1 to 10000
    ");
}

#[test]
fn columns_are_counted_in_characters() {
    let text =
        "[organization]\nexclude_ous = [\"Root/Büro Süd\", \"Büro\"] # ü\r\n[scan]\r\n  concurrency = 0";
    insta::assert_snapshot!(problems(text, &[]), @r#"
    k.toml:2:33: organization.exclude_ous: "Büro" is not an organizational unit; write its id, "ou-ab12-34cdefgh", its root's, "r-ab12", or its path, "Root/Workloads/Prod"
    k.toml:4:17: scan.concurrency: 0 is out of range; allowed: whole numbers from 1 to 10000
    "#);
}
