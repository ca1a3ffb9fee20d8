//! What the doctor finds, what it says to do, and what it leaves alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::Command,
    time::Duration,
};

use keywatch::{
    domain::{AccountId, CoverageReason, Region},
    sandbox::{
        Fault, FaultKind,
        world::{KeySpec, World},
    },
};
use serde_json::Value;

use crate::support::{
    Keywatch, Output, Process,
    scene::{REGIONS, Scene, empty_world},
};

/// All that the doctor may call.
const READING: [&str; 14] = [
    "account:ListRegions",
    "dms:DescribeEndpoints",
    "dms:DescribeReplicationConfigs",
    "dms:DescribeReplicationInstances",
    "dms:ListTagsForResource",
    "kms:DescribeKey",
    "kms:ListAliases",
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
];

/// A unit with two accounts, a unit below it with one, and one account's instance under a key of its own.
struct Clinic {
    scene: Scene,
    first: AccountId,
    nested: AccountId,
    owner: AccountId,
}

impl Clinic {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(build: impl FnOnce(&mut World)) -> Self {
        let mut world = empty_world();
        let root = world.root.clone();
        let unit = world.add_ou(&root, "Workloads");
        let below = world.add_ou(&unit, "Prod");
        let first = world.add_account_in(&unit, "first");
        let owner = world.add_account_in(&unit, "owner");
        let nested = world.add_account_in(&below, "nested");
        let home: Region = REGIONS[0].parse().unwrap();
        world.aws_managed_key(owner, &home, "dms");
        let key = world.add_key(owner, &home, KeySpec::default());
        world.add_instance(owner, &home, "named", Some("alias/aws/dms"));
        world.add_instance(owner, &home, "orders", Some(&key));
        build(&mut world);
        Self { scene: Scene::new(world), first, nested, owner }
    }

    fn doctor(&self, more: &[&str]) -> Keywatch {
        self.scene.keywatch(&[&["doctor", "--format", "json"], more].concat())
    }

    fn of_owner(&self) -> Keywatch {
        self.doctor(&["--account", self.owner.as_str()])
    }

    fn deny(&self, action: &str) {
        self.scene.sandbox.edit(|world| {
            let accounts: Vec<AccountId> = world.accounts.keys().copied().collect();
            for account in accounts {
                world.audit_role_mut(account).denied_actions.insert(action.to_owned());
            }
        });
    }
}

/// The outcomes of each check.
#[track_caller]
fn outcomes(answer: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut outcomes = BTreeMap::<String, BTreeSet<String>>::new();
    for row in answer.as_array().unwrap() {
        let text = |column: &str| row[column].as_str().unwrap().to_owned();
        assert_eq!(row["fix"].is_string(), matches!(&*text("outcome"), "failed" | "warning"), "{row}");
        outcomes.entry(text("check")).or_default().insert(text("outcome"));
    }
    outcomes
}

/// All but these checks are as they should be; in a place of nothing, there is nothing to ask for the tags or
/// the key of.
#[track_caller]
fn all_ok_but(run: &Output, others: &[(&str, &str)]) {
    let found = outcomes(&run.json());
    let (mut found, others): (BTreeSet<_>, BTreeSet<_>) = (
        found
            .iter()
            .flat_map(|(check, words)| words.iter().map(|word| (check.as_str(), word.as_str())))
            .collect(),
        others.iter().copied().collect(),
    );
    // The machine's, and no matter of the test.
    found.retain(|(check, outcome)| *outcome != "ok" && !["disk", "time_zone"].contains(check));
    assert_eq!(found, others, "{}", run.stdout);
}

/// The row of a check that has that outcome.
#[track_caller]
fn row(run: &Output, check: &str, outcome: &str) -> (String, String) {
    let answer = run.json();
    let row =
        answer.as_array().unwrap().iter().find(|row| row["check"] == check && row["outcome"] == outcome);
    let row = row.unwrap_or_else(|| panic!("{check} {outcome}: {}", run.stdout));
    let text = |column: &str| row[column].as_str().unwrap_or_default().to_owned();
    (text("detail"), text("fix"))
}

#[test]
fn a_healthy_organization_is_looked_over_and_left_alone() {
    let clinic = Clinic::new();
    let run = clinic.doctor(&[]).run().exits(0);
    all_ok_but(&run, &[("dms_tags", "skipped"), ("kms_key", "skipped")]);
    let (entered, _) = row(&run, "audit_role", "ok");
    for label in ["Root: ", "Root/Workloads: first", "Root/Workloads/Prod: nested"] {
        assert!(entered.contains(label), "{entered}");
    }
    let calls = clinic.scene.sandbox.calls();
    assert_eq!(
        calls.of("sts:AssumeRole"),
        4,
        "one of each unit, the security account's among them: {entered}"
    );
    assert_eq!(calls.of("account:ListRegions"), 1);
    let management = clinic.scene.sandbox.edit(|world| world.management_account);
    assert_eq!(calls.of_account("account:ListRegions", management), 0, "a member says more");

    let run = clinic.of_owner().run().exits(0);
    all_ok_but(&run, &[]);
    let calls = clinic.scene.sandbox.calls();
    assert_eq!(calls.of_account("kms:DescribeKey", clinic.owner), 1);
    assert_eq!(calls.mutations, 0, "a name below alias/aws/ is never described");
    let made: BTreeSet<&str> = calls.by_target.keys().map(|(operation, ..)| operation.as_str()).collect();
    assert!(made.is_subset(&READING.into()), "{made:?}");
    let left: BTreeSet<_> =
        fs::read_dir(clinic.scene.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, BTreeSet::from(["keywatch.toml".into()]), "no history was made");
}

#[test]
fn a_history_and_who_writes_to_it_are_told() {
    let clinic = Clinic::new();
    clinic.scene.scan().exits(3);
    let files = || -> BTreeSet<_> {
        fs::read_dir(clinic.scene.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    let before = files();
    let (found, _) = row(&clinic.of_owner().run().exits(0), "database", "ok");
    assert_eq!(files(), before, "nothing is left beside it");
    assert!(found.contains("history.db") && found.contains("schema"), "{found}");
    assert!(!found.contains("running"), "{found}");
    // A scan that is kept waiting holds the lock.
    let hang = Fault::new(FaultKind::Hang);
    clinic.scene.sandbox.inject(hang.on("organizations:ListAccounts").times(1));
    clinic.scene.sandbox.reset_calls();
    clinic.scene.configure("[scan]\nattempt_timeout = \"5m\"\ntarget_timeout = \"5m\"\n");
    let scan = clinic.scene.keywatch(&["scan"]).start();
    assert!(clinic.scene.sandbox.wait_for_calls(2, Duration::from_secs(60)));
    let (found, _) = row(&clinic.of_owner().run().exits(0), "database", "ok");
    assert!(found.contains("a running keywatch"), "{found}");
    scan.kill();
}

#[test]
fn without_credentials_the_rest_is_skipped_and_the_machine_still_looked_over() {
    let clinic = Clinic::new();
    let run = Keywatch::new(&clinic.scene.dir).args(["doctor", "--format", "json"]).run().exits(1);
    let found = outcomes(&run.json());
    let with = |word: &str| found.iter().filter(|(_, words)| words.contains(word)).count();
    assert_eq!(with("failed"), 1, "{}", run.stdout);
    assert_eq!(with("skipped"), 13, "{}", run.stdout);
    row(&run, "external_id", "warning");
    let (_, fix) = row(&run, "credentials", "failed");
    assert!(fix.contains("AWS_ACCESS_KEY_ID") && fix.contains("role"), "{fix}");
    row(&run, "database", "ok");
}

#[test]
fn credentials_that_aws_does_not_know() {
    let clinic = Clinic::new();
    let run = clinic.doctor(&[]).env("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSTHIS0").run().exits(1);
    row(&run, "credentials", "ok");
    let (detail, fix) = row(&run, "identity", "failed");
    assert!(detail.contains("sts:GetCallerIdentity"), "{detail}");
    assert!(fix.contains("does not know this access key"), "{fix}");
    let run = clinic.doctor(&[]).env("AWS_SECRET_ACCESS_KEY", "another").run().exits(1);
    let (_, fix) = row(&run, "identity", "failed");
    assert!(fix.contains("AWS_SECRET_ACCESS_KEY"), "{fix}");
    row(&run, "clock", "ok");
}

#[test]
fn a_home_region_of_another_partition() {
    let clinic = Clinic::new();
    let run = clinic.doctor(&[]).env("KEYWATCH_AWS__HOME_REGION", "cn-north-1").run().exits(1);
    let (detail, fix) = row(&run, "identity", "failed");
    assert!(detail.contains("aws-cn") && fix.contains("partition aws"), "{detail} {fix}");
}

#[test]
fn another_external_id_is_told_with_the_trust_that_is_needed_and_without_the_id() {
    let clinic = Clinic::new();
    let secret = "an-id-that-nobody-may-see";
    let run = clinic.doctor(&[]).env("KEYWATCH_ORGANIZATION__EXTERNAL_ID", secret).run().exits(1);
    let (detail, fix) = row(&run, "audit_role", "failed");
    assert!(detail.contains("sts:AssumeRole"), "{detail}");
    assert!(fix.contains("\"sts:ExternalId\": \"EXTERNAL_ID\""), "{fix}");
    assert!(fix.contains("arn:aws:iam::222222222222:user/keywatch"), "{fix}");
    assert!(fix.contains("\"aws:PrincipalOrgID\": \"o-"), "{fix}");
    let plain = clinic.scene.keywatch(&["doctor", "-vv"]).env("KEYWATCH_ORGANIZATION__EXTERNAL_ID", secret);
    let plain = plain.run().exits(1);
    for text in [&run.stdout, &run.stderr, &plain.stdout, &plain.stderr] {
        assert!(!text.contains(secret) && !text.contains("sandbox-secret"), "{text}");
    }
    assert!(plain.stdout.contains("skipped, ") || plain.stdout.contains(" skipped\n"), "{}", plain.stdout);
    row(&run, "regions", "skipped");
}

#[test]
fn a_role_that_is_missing_in_one_units_account_is_named_and_another_is_looked_into() {
    let clinic = Clinic::new();
    clinic.scene.sandbox.edit(|world| world.account_mut(clinic.nested).roles.clear());
    let run = clinic.doctor(&[]).run().exits(1);
    all_ok_but(&run, &[("audit_role", "failed"), ("dms_tags", "skipped"), ("kms_key", "skipped")]);
    let (detail, fix) = row(&run, "audit_role", "failed");
    assert!(detail.starts_with(&format!("Root/Workloads/Prod: nested ({})", clinic.nested)), "{detail}");
    assert!(fix.contains(&format!("arn:aws:iam::{}:role/KeywatchAudit must exist", clinic.nested)), "{fix}");

    // An account that would not be scanned needs no role.
    clinic.scene.configure(&format!("[organization]\nexclude_accounts = [\"{}\"]\n", clinic.nested));
    clinic.doctor(&[]).run().exits(0);
}

#[test]
fn an_organization_that_may_not_be_listed() {
    let clinic = Clinic::with(|world| world.delegated_administrators.clear());
    let run = clinic.doctor(&[]).run().exits(1);
    for check in ["organization", "accounts"] {
        let (_, fix) = row(&run, check, "failed");
        assert!(fix.contains("delegated administrator") && fix.contains("organizations:ListRoots"), "{fix}");
    }
    row(&run, "organization_tree", "warning");
    row(&run, "audit_role", "skipped");
    // Named, an account can be looked into all the same.
    row(&clinic.of_owner().run().exits(1), "kms_key", "ok");
}

#[test]
fn a_reader_role_that_can_and_that_cannot_be_assumed() {
    let mut reader = String::new();
    let clinic = Clinic::with(|world| reader = world.hub_behind_reader_role("Reader"));
    clinic.scene.configure(&format!("[organization]\nreader_role_arn = \"{reader}\"\n"));
    let run = clinic.of_owner().run().exits(0);
    all_ok_but(&run, &[]);
    row(&run, "reader_role", "ok");
    clinic.scene.configure(&format!("[organization]\nreader_role_arn = \"{reader}er\"\n"));
    let run = clinic.doctor(&[]).run().exits(1);
    let (_, fix) = row(&run, "reader_role", "failed");
    assert!(fix.contains(&format!("\"Resource\": \"{reader}er\"")), "{fix}");
    row(&run, "accounts", "skipped");
}

#[test]
fn rights_that_are_missing_are_given_as_statements() {
    for (action, check, outcome, code) in [
        ("account:ListRegions", "regions", "warning", 0),
        ("dms:DescribeReplicationInstances", "dms_instances", "failed", 1),
        ("dms:DescribeEndpoints", "dms_endpoints", "failed", 1),
        ("dms:DescribeReplicationConfigs", "dms_serverless", "failed", 1),
        ("dms:ListTagsForResource", "dms_tags", "warning", 0),
        ("kms:DescribeKey", "kms_key", "failed", 1),
        ("kms:ListAliases", "kms_aliases", "warning", 0),
    ] {
        let clinic = Clinic::new();
        clinic.deny(action);
        let run = clinic.of_owner().run().exits(code);
        let (detail, fix) = row(&run, check, outcome);
        assert!(detail.contains(action), "{detail}");
        let role = format!(
            "Add this statement to the policy of arn:aws:iam::{}:role/KeywatchAudit:\n",
            clinic.owner
        );
        let statement: Value = serde_json::from_str(fix.strip_prefix(&role).unwrap()).unwrap();
        assert_eq!((&statement["Effect"], &statement["Action"]), (&"Allow".into(), &action.into()));
    }
}

#[test]
fn a_key_that_is_gone_shows_that_it_may_be_asked_for() {
    let clinic = Clinic::new();
    clinic.scene.sandbox.edit(|world| {
        let home: Region = REGIONS[0].parse().unwrap();
        let key = world.key_arn(clinic.first, &home, "00000000-0000-4000-8000-000000000001");
        world.add_instance(clinic.first, &home, "old", Some(&key));
    });
    let run = clinic.doctor(&["--account", clinic.first.as_str()]).run().exits(0);
    let (detail, _) = row(&run, "kms_key", "ok");
    assert!(detail.contains("does not exist"), "{detail}");
}

#[test]
fn a_policy_of_the_organization_is_named_as_such() {
    let clinic = Clinic::with(|world| {
        world.denied_regions.insert(REGIONS[0].parse().unwrap());
    });
    let (_, fix) = row(&clinic.of_owner().run().exits(1), "dms_instances", "failed");
    assert!(fix.contains("SCP") && fix.contains("ArnNotLike"), "{fix}");
}

#[test]
fn a_clock_that_is_off_is_told_before_aws_refuses_it() {
    let clinic = Clinic::new();
    for (ahead, outcome, code, side) in
        [(-90, "warning", 0, "ahead of AWS's"), (600, "failed", 1, "behind AWS's")]
    {
        clinic.scene.sandbox.set_clock(ahead);
        let run = clinic.of_owner().run().exits(code);
        let (detail, fix) = row(&run, "clock", outcome);
        assert!(detail.contains(side) && fix.contains("timedatectl"), "{detail} {fix}");
        all_ok_but(&run, &[("clock", outcome)]);
    }
}

#[test]
fn a_clock_that_aws_refuses_is_told_and_got_over() {
    let clinic = Clinic::new();
    for off in [-20 * 60, 20 * 60] {
        clinic.scene.sandbox.set_clock(off);
        let run = clinic.of_owner().run().exits(1);
        all_ok_but(&run, &[("clock", "failed")]);
        let refused = clinic.scene.sandbox.calls().errors;
        assert!(refused.contains_key("SignatureDoesNotMatch"), "{refused:?}");
        clinic.scene.sandbox.reset_calls();
    }
    let scan = clinic.scene.scan().exits(3).json();
    assert_eq!(scan["scan"]["outcome"], "complete");
}

#[test]
fn a_service_that_hangs_is_not_waited_for() {
    let clinic = Clinic::new();
    let hang = || Fault::new(FaultKind::Hang);
    clinic.scene.sandbox.inject(hang().on("organizations:ListRoots"));
    clinic.scene.sandbox.inject(hang().on("dms:DescribeEndpoints"));
    let run = clinic.doctor(&[]).run().exits(1);
    row(&run, "organization_tree", "warning");
    let (detail, fix) = row(&run, "dms_endpoints", "failed");
    assert!(detail.contains("no answer within") && fix.contains("endpoint of dms"), "{detail} {fix}");
    let (entered, _) = row(&run, "audit_role", "ok");
    assert!(!entered.contains("; "), "without the units one account is tried: {entered}");
    clinic.scene.sandbox.inject(hang().on("sts:GetCallerIdentity"));
    let run = clinic.doctor(&[]).run().exits(1);
    row(&run, "identity", "failed");
    row(&run, "clock", "skipped");
}

/// The page names every check and every reason of coverage.
#[test]
fn the_page_on_operating_is_complete() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md")).unwrap();
    let clinic = Clinic::new();
    for check in outcomes(&clinic.doctor(&[]).run().exits(0).json()).keys() {
        assert!(page.contains(&format!("`{check}`")), "{check}");
    }
    use CoverageReason as R;
    for reason in [
        R::AccountNotActive,
        R::AccountExcluded,
        R::RegionNotEnabled,
        R::RegionExcluded,
        R::AssumeRoleDenied,
        R::AccessDenied,
        R::DeniedByScp,
        R::Throttled,
        R::Timeout,
        R::ExpiredCredentials,
        R::ServiceError,
        R::InvalidResponse,
        R::Cancelled,
    ] {
        assert!(page.contains(&format!("| `{}` ", reason.as_str())), "{reason:?}");
    }
}

#[test]
fn a_file_of_another_program_and_a_directory_that_is_not_there() {
    let clinic = Clinic::new();
    fs::write(
        clinic.scene.dir.path().join("history.db"),
        "a text, long enough to be looked at as a database",
    )
    .unwrap();
    let (detail, fix) = row(&clinic.of_owner().run().exits(1), "database", "failed");
    assert!(detail.contains("not a keywatch history") && fix.contains("database.path"), "{detail} {fix}");
    let arguments = ["doctor", "--format", "json", "--account", clinic.owner.as_str()];
    let run = clinic.scene.keywatch_on("made/by/nobody.db", &arguments).run().exits(1);
    let (_, fix) = row(&run, "database", "failed");
    assert!(fix.starts_with("sudo install -d") && fix.contains("made/by"), "{fix}");
    assert!(!clinic.scene.dir.path().join("made").exists());
}

#[test]
fn a_directory_that_may_not_be_written() {
    let clinic = Clinic::new();
    let dir = clinic.scene.dir.path();
    // Root writes everywhere, so it becomes someone else; the binary must be where that one may run it.
    let root = fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let binary = dir.join("keywatch");
    fs::copy(env!("CARGO_BIN_EXE_keywatch"), &binary).unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    mode(&dir.join("keywatch.toml"), 0o444);
    mode(dir, 0o555);
    let mut command = Command::new(&binary);
    command.args(["--config", "keywatch.toml", "--db", "history.db", "doctor", "--format", "json"]);
    command.current_dir(dir).env_clear().env("HOME", dir).envs(clinic.scene.sandbox.environment());
    if root {
        command.uid(65534).gid(65534);
    }
    let run = Process::spawn(command).finish(Duration::from_secs(60)).exits(1);
    let (detail, fix) = row(&run, "database", "failed");
    assert!(detail.contains("directory"), "{detail}");
    assert!(fix.starts_with("sudo chown ") && fix.contains("u+rwx"), "{fix}");
    mode(dir, 0o755);
}

#[test]
fn a_config_that_is_wrong_or_risky() {
    let clinic = Clinic::new();
    clinic.scene.configure("[organization]\nexternal_idd = \"x\"\n");
    let run = clinic.doctor(&[]).run().exits(2);
    assert!(run.stderr.contains("external_idd") && run.stdout.is_empty(), "{}", run.stderr);
    clinic.scene.configure("");
    let clinic = Clinic::with(|world| {
        let accounts: Vec<AccountId> = world.accounts.keys().copied().collect();
        accounts.into_iter().for_each(|account| world.audit_role_mut(account).external_id = None);
        world.external_id.clear();
    });
    let without =
        clinic.scene.sandbox.environment().into_iter().filter(|(name, _)| !name.contains("EXTERNAL_ID"));
    let run = without.fold(
        Keywatch::new(&clinic.scene.dir).args([
            "doctor",
            "--format",
            "json",
            "--account",
            clinic.first.as_str(),
        ]),
        |run, (name, value)| run.env(name, value),
    );
    let (_, fix) = row(&run.run().exits(0), "external_id", "warning");
    assert!(fix.contains("organization.external_id"), "{fix}");
}

#[test]
fn people_get_lines_and_scripts_get_columns() {
    let clinic = Clinic::new();
    let table = clinic.scene.keywatch(&["doctor", "--account", clinic.owner.as_str()]).run().exits(0).stdout;
    assert!(table.lines().any(|line| line.starts_with("ok       identity")), "{table}");
    assert!(table.ends_with("0 failed, 0 skipped\n"), "{table}");
    let csv = clinic.scene.keywatch(&["doctor", "--format", "csv", "--account", clinic.owner.as_str()]);
    assert!(csv.run().exits(0).stdout.starts_with("check,outcome,detail,fix\n"));
}

#[test]
fn notifications_have_to_have_a_way_out() {
    let clinic = Clinic::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let secret = clinic.scene.dir.path().join("secret");
    let configure = || {
        let secret = secret.display();
        clinic.scene.configure(&format!(
            "[notify.webhook]\nurl = \"http://{at}/hook\"\nsecret_file = \"{secret}\"\n"
        ));
    };
    configure();
    let row = |run: Output| {
        let rows = run.json();
        let found = rows.as_array().unwrap().iter().find(|row| row["check"] == "notifications");
        found.expect("a row of the notifications").clone()
    };
    let missing = row(clinic.of_owner().run().exits(1));
    assert!(missing["detail"].as_str().unwrap().contains("notify.webhook.secret_file"), "{missing}");
    fs::write(&secret, "a-secret-that-is-long-enough-to-be-one").unwrap();
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(row(clinic.of_owner().run())["outcome"], "ok");
    drop(listener);
    let closed = row(clinic.of_owner().run().exits(1));
    assert_eq!(closed["outcome"], "failed");
    assert!(closed["detail"].as_str().unwrap().contains("cannot be reached"), "{closed}");
    assert!(!closed.to_string().contains("long-enough"), "{closed}");
}
