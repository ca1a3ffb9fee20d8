use std::time::Duration;

use super::{accepted, load};
use crate::config::{Config, ManagementAccount, OuSelector, RegionChoice};

#[test]
fn nothing_has_to_be_set() {
    let loaded = Config::load(None, []).unwrap();
    assert_eq!((loaded.config, loaded.path), (Config::default(), None));
    assert_eq!(accepted(""), Config::default());
    assert_eq!(accepted("[scan]\n[rate_limits.dms]\n"), Config::default());
}

#[test]
fn every_key_reaches_its_field() {
    let config = accepted(
        r#"
        [database]
        path = "/var/lib/keywatch/keywatch.db"
        [aws]
        home_region = "us-gov-west-1"
        profile = "security"
        [organization]
        audit_role = "security/audit/Keywatch+=,.@-_Audit"
        external_id = "between:us/only"
        session_name = "kw"
        session_duration = "45m"
        reader_role_arn = "arn:aws-us-gov:iam::000000000012:role/path/Reader"
        management_account = "own_credentials"
        include_ous = ["r-ab12", "Root/Workloads"]
        exclude_ous = ["ou-ab12-34cdefgh", "Root/Workloads/Sandbox Test"]
        include_accounts = ["000000000012"]
        exclude_accounts = ["111111111111", "222222222222", "111111111111"]
        [regions]
        include = ["enabled", "us-gov-east-1"]
        exclude = ["us-gov-west-1"]
        [scan]
        concurrency = 10000
        attempt_timeout = "1s 500ms"
        target_timeout = "1h"
        max_attempts = 1
        [rate_limits]
        dms = { per_second = 0.5, burst = 1 }
        kms.per_second = 7
        sts.burst = 8
        organizations.per_second = 1.25
        account.burst = 9
        "#,
    );
    assert_eq!(config.database.path.to_str(), Some("/var/lib/keywatch/keywatch.db"));
    assert_eq!(config.aws.home_region.as_str(), "us-gov-west-1");
    assert_eq!(config.aws.profile.as_deref(), Some("security"));

    let organization = &config.organization;
    assert_eq!(organization.audit_role, "security/audit/Keywatch+=,.@-_Audit");
    assert_eq!(organization.external_id.as_ref().map(|id| id.reveal()), Some("between:us/only"));
    assert_eq!(organization.session_name, "kw");
    assert_eq!(organization.session_duration, Duration::from_secs(45 * 60));
    assert_eq!(
        organization.reader_role_arn.as_deref(),
        Some("arn:aws-us-gov:iam::000000000012:role/path/Reader")
    );
    assert_eq!(organization.management_account, ManagementAccount::OwnCredentials);
    let (id, path) = (|id: &str| OuSelector::Id(id.into()), |path: &str| OuSelector::Path(path.into()));
    assert_eq!(organization.include_ous, [id("r-ab12"), path("Root/Workloads")]);
    assert_eq!(organization.exclude_ous, [id("ou-ab12-34cdefgh"), path("Root/Workloads/Sandbox Test")]);
    assert_eq!(organization.include_accounts, ["000000000012".parse().unwrap()]);
    // Said twice is meant once.
    assert_eq!(
        organization.exclude_accounts,
        ["111111111111".parse().unwrap(), "222222222222".parse().unwrap()]
    );

    let named = RegionChoice::Named("us-gov-east-1".parse().unwrap());
    assert_eq!(config.regions.include, [RegionChoice::Enabled, named]);
    assert_eq!(config.regions.exclude, ["us-gov-west-1".parse().unwrap()]);

    assert_eq!(config.scan.concurrency.get(), 10_000);
    assert_eq!(config.scan.attempt_timeout, Duration::from_millis(1500));
    assert_eq!(config.scan.target_timeout, Duration::from_secs(3600));
    assert_eq!(config.scan.max_attempts.get(), 1);

    let limits = &config.rate_limits;
    assert_eq!((limits.dms.per_second, limits.dms.burst.get()), (0.5, 1));
    assert_eq!((limits.kms.per_second, limits.kms.burst.get()), (7.0, 250));
    assert_eq!((limits.sts.per_second, limits.sts.burst.get()), (300.0, 8));
    assert_eq!((limits.organizations.per_second, limits.organizations.burst.get()), (1.25, 4));
    assert_eq!((limits.account.per_second, limits.account.burst.get()), (2.5, 9));
}

#[test]
fn the_bounds_themselves_are_in_bounds() {
    let longest_id = "x".repeat(1224);
    for text in [
        "[scan]\nconcurrency = 1\nmax_attempts = 20",
        "[scan]\nattempt_timeout = \"10ms\"\ntarget_timeout = \"10ms\"",
        "[scan]\nattempt_timeout = \"10m\"\ntarget_timeout = \"24h\"",
        "[organization]\nsession_duration = \"15m\"",
        "[organization]\nsession_duration = \"12h\"",
        "[organization]\nexternal_id = \"ab\"",
        &format!("[organization]\nexternal_id = \"{longest_id}\""),
        &format!("[organization]\nsession_name = \"{0}\"\naudit_role = \"p/{0}\"", "n".repeat(64)),
        "[organization]\ninclude_ous = [\"Root\"]\nexclude_accounts = []",
        "[rate_limits.kms]\nper_second = 0.01\nburst = 100000",
        "[rate_limits.kms]\nper_second = 100_000\nburst = 1",
        "[aws]\nhome_region = \"cn-north-1\"\n[regions]\ninclude = [\"cn-northwest-1\"]",
    ] {
        assert!(load(text, &[]).is_ok(), "{text}: {:?}", load(text, &[]));
    }
}

#[test]
fn the_external_id_is_in_no_debug() {
    let loaded = load("[organization]\nexternal_id = \"hush-hush\"", &[]).unwrap();
    assert_eq!(loaded.config.organization.external_id.as_ref().unwrap().reveal(), "hush-hush");
    let debug = format!("{loaded:?}");
    assert!(debug.contains("ExternalId(…)") && !debug.contains("hush"), "{debug}");
}

#[test]
fn what_is_risky_is_allowed_with_a_warning() {
    let text = "[organization]\nsession_duration = \"2h\"\n[scan]\nconcurrency = 1001";
    insta::assert_snapshot!(load(text, &[]).unwrap().warnings.join("\n"), @r"
    k.toml:2:20: organization.session_duration: AWS refuses 2h where keywatch's own credentials are a role's; a role assumed by a role lasts at most 1h; the audit roles must allow the longer session, too
    k.toml:4:15: scan.concurrency: 1001 calls in flight need as many open files; check `ulimit -n`, or stay at 1000 or below
    ");
    let quiet = "[organization]\nsession_duration = \"1h\"\n[scan]\nconcurrency = 1000";
    assert_eq!(load(quiet, &[]).unwrap().warnings, [""; 0]);
}
