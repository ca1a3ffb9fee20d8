//! The whole way, from ListAccounts to the findings, against an emulator that nobody here wrote: moto, with
//! the mends of `tests/moto/mends`. The seed (`tests/moto/seed.py`) says what must be found.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    policies::{actions as iam_actions, without},
    support::{Keywatch, Output, Process, in_a_month, python_with},
};

const MINUTE: Duration = Duration::from_secs(60);

/// Every call that a scan may make. None of them writes.
const READING: [(&str, &str); 13] = [
    ("account", "ListRegions"),
    ("dms", "DescribeEndpoints"),
    ("dms", "DescribeReplicationConfigs"),
    ("dms", "DescribeReplicationInstances"),
    ("kms", "DescribeKey"),
    ("kms", "ListAliases"),
    ("organizations", "DescribeOrganization"),
    ("organizations", "ListAccounts"),
    ("organizations", "ListAccountsForParent"),
    ("organizations", "ListOrganizationalUnitsForParent"),
    ("organizations", "ListRoots"),
    ("sts", "AssumeRole"),
    ("sts", "GetCallerIdentity"),
];

#[test]
fn an_organization_in_moto_is_judged_exactly() {
    let dir = TempDir::new().unwrap();
    let peer = Peer::start(&dir);
    let calls_of_the_seed = peer.calls().len();

    let first = peer.scan(&dir).exits(4).json();
    assert_eq!(findings(&first["findings"]), findings(&peer.seed["findings"]));
    assert_eq!(first["scan"]["outcome"], "incomplete");
    assert_eq!(first["scan"]["resources"], peer.seed["resources"]);
    assert_coverage(&first, &peer.seed);
    assert_only_looked(&peer.calls()[calls_of_the_seed..]);

    let events = peer.events(&dir);
    assert!(events >= first["findings"].as_array().unwrap().len() as u64);
    let second = peer.scan(&dir).exits(4).json();
    assert_eq!(findings(&second["findings"]), findings(&first["findings"]));
    assert_coverage(&second, &peer.seed);
    assert_eq!(peer.events(&dir), events, "a scan in which nothing changed adds no event");
}

#[test]
fn an_organization_in_moto_is_looked_over_by_the_doctor() {
    let dir = TempDir::new().unwrap();
    let peer = Peer::start(&dir);
    let calls_of_the_seed = peer.calls().len();
    let run = peer.keywatch(&dir).args(["doctor", "--format", "json"]).run();
    let mut ok = BTreeSet::new();
    for row in run.json().as_array().unwrap() {
        match (text(&row["check"]), text(&row["outcome"]).as_str()) {
            (check, "ok") => drop(ok.insert(check)),
            // The seed has accounts that let nobody in.
            (check, "failed") => assert_eq!(check, "audit_role", "{row}"),
            _ => {}
        }
    }
    for check in
        ["identity", "organization", "accounts", "organization_tree", "audit_role", "regions", "clock"]
    {
        assert!(ok.contains(check), "{check}: {}", run.stdout);
    }
    for check in ["dms_instances", "dms_endpoints", "dms_serverless", "kms_aliases"] {
        assert!(ok.contains(check), "{check}: {}", run.stdout);
    }
    for call in &peer.calls()[calls_of_the_seed..] {
        let (service, operation) = (text(&call["service"]), text(&call["operation"]));
        let reading = READING.contains(&(service.as_str(), operation.as_str()));
        assert!(reading || (service == "dms" && operation == "ListTagsForResource"), "{call}");
        if operation == "DescribeKey" {
            assert!(!text(&call["key_id"]).contains("alias/aws/"), "{call}");
        }
    }
    assert!(!dir.path().join("history.db").exists());
}

/// moto checks every call against the policies of users and roles, by action and resource; conditions it does not
/// evaluate, and what a call is about `tests/moto/mends/iam.py` tells it. The sandbox holds the policies to the rest
/// (`iam::exact`).
#[test]
fn the_printed_policies_are_exactly_enough_by_motos_own_enforcement() {
    let dir = TempDir::new().unwrap();
    let peer = Peer::start(&dir);
    // The tag of three resources whose key DMS does not name.
    let tag = format!(
        "[[exceptions]]\ntag = \"peer:kms-key-id=hidden\"\nreason = \"RISK-42\"\nowner = \"peer\"\nexpires = \"{}\"\n",
        in_a_month()
    );
    // A tree that can't be read stops a scan that goes by units.
    let units = config_file(&peer.seed)
        .replace("[organization]\n", "[organization]\nexclude_ous = [\"Root/Sandbox\"]\n");
    fs::write(&peer.config, units + &tag).unwrap();
    let printed = |name: &str| peer.keywatch(&dir).args(["iam", name]).run().exits(0).json();
    let full = Policies { hub: printed("hub-policy"), audit: printed("audit-policy") };

    let (account, region) = peer.where_a_key_is_hidden();
    let scan = |name: &str| {
        // Keys that can be described, and are disabled, are in `reporting`.
        let named = ["warehouse", "reporting"].map(|name| text(&peer.seed["accounts"][name]));
        let accounts: BTreeSet<&str> = named.iter().map(String::as_str).chain([&*account]).collect();
        let regions = BTreeSet::from(["eu-west-1", "us-west-2", &region]);
        peer.keywatch_on(&dir, &format!("{name}.db"))
            .args(["scan", "--format", "json"])
            .args(accounts.into_iter().flat_map(|account| ["--account", account]))
            .args(regions.into_iter().flat_map(|region| ["--region", region]))
            .run()
    };
    let everything = scan("everything").exits(3);
    peer.enforce(&dir, Some(&full));
    let held = scan("held").exits(3);
    assert_eq!(seen(&held.json()), seen(&everything.json()));

    let all = |policy: &Value| iam_actions(policy).into_iter();
    for (hub, action) in
        all(&full.hub).map(|action| (true, action)).chain(all(&full.audit).map(|action| (false, action)))
    {
        let policies = Policies {
            hub: if hub { without(&full.hub, &action) } else { full.hub.clone() },
            audit: if hub { full.audit.clone() } else { without(&full.audit, &action) },
        };
        peer.enforce(&dir, Some(&policies));
        let run = scan(&action.replace(':', "-"));
        let visible = match run.code {
            Some(1) => run.stderr.contains(&action),
            Some(4) => run.stdout.contains(if hub { "assume_role_denied" } else { "access_denied" }),
            Some(3) => run.stderr.contains(&action) || seen(&run.json()) != seen(&held.json()),
            _ => false,
        };
        assert!(visible, "{action}: {:?}\n{}\n{}", run.code, run.stdout, run.stderr);
    }
    peer.enforce(&dir, None);
}

/// What a scan says of the organization.
fn seen(scan: &Value) -> (BTreeSet<Finding>, BTreeSet<String>) {
    let rows = scan["coverage"].as_array().expect("a list of targets").iter();
    let target = |row: &Value| format!("{} {} {}", row["account_id"], row["region"], row["reason"]);
    (findings(&scan["findings"]), rows.map(target).collect())
}

/// The two policies that a scan needs.
struct Policies {
    hub: Value,
    audit: Value,
}

/// Amazon SNS, as nobody here wrote it.
#[test]
fn a_message_to_a_topic_arrives() {
    let dir = TempDir::new().unwrap();
    let peer = Peer::start(&dir);
    let topic = peer.topic("create", "eu-west-1");
    let arn = text(&topic["topic_arn"]);
    let test = |arn: &str, code| {
        let mut config = config_file(&peer.seed);
        config.push_str(&format!("[notify.sns]\ntopic_arn = \"{arn}\"\n"));
        fs::write(&peer.config, config).unwrap();
        peer.keywatch(&dir).args(["notify", "test", "--format", "json"]).run().exits(code).json()
    };
    assert_eq!(test(&arn, 0)[0]["outcome"], "delivered");
    let messages = peer.topic("read", &arn);
    assert_eq!(messages.as_array().unwrap().len(), 1, "{messages}");
    let message = &messages[0];
    assert_eq!(message["subject"], "keywatch: test message");
    let id = text(&message["attributes"]["keywatch_id"]);
    assert!(text(&message["message"]).contains(&format!("id {id}")), "{message}");
    assert_eq!(message["attributes"]["keywatch_kind"], "test");
    assert_eq!(message["attributes"]["keywatch_severity"], "info");

    let missing = test(&format!("{arn}-that-is-not-there"), 1);
    assert!(text(&missing[0]["error"]).contains("sns:Publish"), "{missing}");
}

/// What cannot be seen is named with its reason, and nothing else is missing.
#[track_caller]
fn assert_coverage(scan: &Value, seed: &Value) {
    let mut failed = BTreeMap::<_, BTreeSet<_>>::new();
    let mut inactive = BTreeSet::new();
    let mut not_enabled = BTreeMap::<_, BTreeSet<_>>::new();
    for row in scan["coverage"].as_array().expect("a list of targets") {
        let account = text(&row["account_id"]);
        match (text(&row["outcome"]).as_str(), text(&row["reason"]).as_str()) {
            ("failed", reason) => {
                failed.entry(reason.to_owned()).or_default().insert(account);
            }
            ("skipped", "account_not_active") => {
                inactive.insert(account);
            }
            ("skipped", "region_not_enabled") => {
                not_enabled.entry(text(&row["region"])).or_default().insert(account);
            }
            _ => panic!("not expected: {row}"),
        }
    }
    let expected = &seed["coverage"];
    let denied = BTreeMap::from([("assume_role_denied".to_owned(), texts(&expected["assume_role_denied"]))]);
    assert_eq!(failed, denied);
    assert_eq!(inactive, texts(&expected["account_not_active"]));
    for (region, accounts) in expected["region_not_enabled"].as_object().expect("Regions") {
        assert_eq!(not_enabled.get(region), Some(&texts(accounts)), "{region}");
    }
}

/// Looking changed nothing, and asked nothing twice.
#[track_caller]
fn assert_only_looked(calls: &[Value]) {
    let mut described = BTreeSet::new();
    for call in calls {
        let (service, operation) = (text(&call["service"]), text(&call["operation"]));
        assert!(READING.contains(&(service.as_str(), operation.as_str())), "{call}");
        if operation == "DescribeKey" {
            // KMS would create the key.
            assert!(!text(&call["key_id"]).contains("alias/aws/"), "{call}");
            assert!(described.insert(call.to_string()), "described twice: {call}");
        }
    }
    assert!(!described.is_empty());
}

type Finding = (String, String, String, String);

fn findings(list: &Value) -> BTreeSet<Finding> {
    let list = list.as_array().expect("a list of findings");
    let found: BTreeSet<Finding> = list
        .iter()
        .map(|row| {
            (text(&row["check_id"]), text(&row["resource_arn"]), text(&row["status"]), text(&row["reason"]))
        })
        .collect();
    assert_eq!(found.len(), list.len(), "a finding is listed once");
    found
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().expect("a list").iter().map(text).collect()
}

/// moto, running and seeded.
struct Peer {
    _server: Process,
    endpoint_url: String,
    calls: PathBuf,
    config: PathBuf,
    seed: Value,
}

impl Peer {
    fn start(dir: &TempDir) -> Self {
        let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto/requirements.txt");
        let python = python_with("moto", &requirements);
        let calls = dir.path().join("calls.jsonl");

        let mut command = script(&python, "server.py");
        command.arg("--calls").arg(&calls);
        let mut server = Process::spawn(command);
        let ready: Value = serde_json::from_str(&server.line(MINUTE)).expect("a line of JSON");
        let endpoint_url = text(&ready["endpoint_url"]);

        let mut command = script(&python, "seed.py");
        command.arg(&endpoint_url);
        let seed = Process::spawn(command).finish(2 * MINUTE).exits(0).json();

        let config = dir.path().join("keywatch.toml");
        fs::write(&config, config_file(&seed)).unwrap();
        Self { _server: server, endpoint_url, calls, config, seed }
    }

    fn keywatch(&self, dir: &TempDir) -> Keywatch {
        self.keywatch_on(dir, "history.db")
    }

    /// The same with another history.
    fn keywatch_on(&self, dir: &TempDir, db: &str) -> Keywatch {
        let mut keywatch = Keywatch::new(dir)
            .env("AWS_ENDPOINT_URL", &self.endpoint_url)
            .env("AWS_REGION", "us-east-1")
            .within(2 * MINUTE)
            .arg("--config")
            .arg(&self.config)
            .arg("--db")
            .arg(dir.path().join(db));
        for (name, value) in self.seed["environment"].as_object().expect("variables") {
            keywatch = keywatch.env(name, text(value));
        }
        keywatch
    }

    fn scan(&self, dir: &TempDir) -> Output {
        self.keywatch(dir).args(["scan", "--format", "json"]).run()
    }

    /// What `tests/moto/topic.py` answers, with keywatch's own credentials.
    fn topic(&self, command: &str, argument: &str) -> Value {
        let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto/requirements.txt");
        let mut script = script(&python_with("moto", &requirements), "topic.py");
        for (name, value) in self.seed["environment"].as_object().expect("variables") {
            script.env(name, text(value));
        }
        script.args([&self.endpoint_url, command, argument]);
        Process::spawn(script).finish(MINUTE).exits(0).json()
    }

    /// Has every call from now on checked against these policies, or none.
    fn enforce(&self, dir: &TempDir, policies: Option<&Policies>) {
        let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto/requirements.txt");
        let mut script = script(&python_with("moto", &requirements), "enforce.py");
        for (name, value) in self.seed["environment"].as_object().expect("variables") {
            script.env(name, text(value));
        }
        script.arg(&self.endpoint_url);
        if let Some(Policies { hub, audit }) = policies {
            let file = dir.path().join("policies.json");
            let all = serde_json::json!({ "hub": hub, "audit": audit, "accounts": self.seed["accounts"] });
            fs::write(&file, all.to_string()).unwrap();
            script.arg(file);
        }
        Process::spawn(script).finish(MINUTE).exits(0);
    }

    /// An account and Region with a key whose policy lets nobody describe it.
    fn where_a_key_is_hidden(&self) -> (String, String) {
        let findings = self.seed["findings"].as_array().expect("findings").iter();
        let hidden = |row: &&Value| row["reason"] == "key_access_denied";
        let arn = text(findings.filter(hidden).map(|row| &row["resource_arn"]).next().expect("one"));
        let parts: Vec<&str> = arn.split(':').collect();
        (parts[4].to_owned(), parts[3].to_owned())
    }

    /// How many events the history holds.
    fn events(&self, dir: &TempDir) -> u64 {
        let question = "SELECT count(*) AS events FROM finding_events";
        let answer = self.keywatch(dir).args(["query", question, "--format", "json"]).run().exits(0).json();
        answer[0]["events"].as_u64().expect("a number")
    }

    /// Every call that has arrived so far.
    fn calls(&self) -> Vec<Value> {
        let lines = fs::read_to_string(&self.calls).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn config_file(seed: &Value) -> String {
    let (role, external_id) = (text(&seed["config"]["audit_role"]), text(&seed["config"]["external_id"]));
    // moto has no quotas, so the tree need not be read at AWS's pace.
    format!(
        r#"
[organization]
audit_role = "{role}"
external_id = "{external_id}"

[rate_limits.organizations]
per_second = 1000
burst = 1000
"#
    )
}

fn script(python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    command
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto").join(name));
    command
}
