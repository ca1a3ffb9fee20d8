//! Messages to people, against real servers on loopback: each arrives, whoever fails in between, and can be told from
//! its repeats.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use hmac::{Hmac, KeyInit, Mac};
use keywatch::domain::{AccountId, Region};
use serde_json::Value;
use sha2::Sha256;

use crate::support::{
    Process,
    database::Database,
    python_with,
    receiver::{Answer, Receiver, Request},
    scene::{Scene, small_world},
};

const KEY: &str = "k3y-of-the-webhook";
const EARLY: &str = "2026-11-24T09:00:00Z";
const LATER: &str = "2026-11-24T09:30:00Z";
const TOMORROW: &str = "2026-11-25T10:00:00Z";

/// An organization with one finding, and a webhook.
struct Lab {
    scene: Scene,
    receiver: Receiver,
    account: AccountId,
    region: Region,
}

impl Lab {
    fn new() -> Self {
        let (mut world, account, region) = small_world();
        world.add_instance(account, &region, "first", None);
        let lab = Self { scene: Scene::new(world), receiver: Receiver::start(), account, region };
        let secret = lab.secret("webhook-key", KEY);
        lab.scene.configure(&format!(
            "[notify.webhook]\nurl = \"http://{}/hook\"\nsecret_file = {secret:?}\n",
            lab.receiver.address
        ));
        lab
    }

    fn secret(&self, name: &str, text: &str) -> PathBuf {
        secret(&self.scene, name, text)
    }

    /// Another finding for the next scan.
    fn add(&self, name: &str) {
        let (account, region) = (self.account, self.region.clone());
        self.scene.sandbox.edit(|world| {
            world.add_instance(account, &region, name, None);
        });
    }

    /// A scan at that time, which finds something. Returns what it logged.
    #[track_caller]
    fn scan_at(&self, now: &str) -> String {
        self.scene.keywatch(&["scan", "--sandbox-now", now]).run().exits(3).stderr
    }

    #[track_caller]
    fn messages(&self) -> Vec<Value> {
        let list = self.scene.keywatch(&["notify", "list", "--format", "json"]).run().exits(0).json();
        list.as_array().unwrap().clone()
    }
}

fn secret(scene: &Scene, name: &str, text: &str) -> PathBuf {
    let path = scene.dir.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// What was sent, after its signature was checked as docs/notifications.md says.
#[track_caller]
fn verified(request: &Request) -> Value {
    let signature = &request.headers["keywatch-signature"];
    let (time, given) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(format!("{time}.{}", request.body).as_bytes());
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(given, expected);
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["id"], request.headers["keywatch-id"].as_str());
    assert_eq!(body["version"], 1);
    body
}

#[test]
fn a_scan_tells_what_changed_signed_and_once() {
    let lab = Lab::new();
    lab.scan_at(EARLY);
    let first = verified(&lab.receiver.next());
    assert_eq!((&first["kind"], &first["scan"]["open_high"]), (&"baseline".into(), &1.into()));
    lab.scan_at(EARLY);
    assert!(lab.receiver.rest().is_empty(), "nothing changed");

    lab.add("second");
    lab.scan_at(LATER);
    let request = lab.receiver.next();
    let second = verified(&request);
    assert_eq!((&second["kind"], &second["opened"]["total"]), (&"scan".into(), &1.into()));
    let finding = &second["opened"]["findings"][0];
    assert_eq!(finding["resource_name"], "second");
    assert_eq!(finding["account_id"], lab.account.to_string());
    assert_ne!(first["id"], second["id"]);
    assert_eq!(request.path, "/hook");
    assert_eq!(request.headers["content-type"], "application/json");
    let messages = lab.messages();
    assert_eq!(messages.len(), 2);
    assert!(
        messages.iter().all(|one| one["delivered_at"].is_string() && one["attempts"] == 1),
        "{messages:?}"
    );
    lab.scene.keywatch(&["db", "check"]).run().exits(0);
}

#[test]
fn a_receiver_that_fails_gets_it_later_under_the_same_id() {
    let lab = Lab::new();
    lab.receiver.answer(&[
        Answer::With("500 Internal Server Error", "", "out of order"),
        Answer::With("429 Too Many Requests", "retry-after: 7200\r\n", ""),
    ]);
    let log = lab.scan_at(EARLY);
    assert!(
        log.contains("500") && log.contains("out of order") && log.contains("could not be sent yet"),
        "{log}"
    );
    let first = verified(&lab.receiver.next());
    let waiting = &lab.messages()[0];
    assert_eq!(waiting["attempts"], 1);
    assert!(waiting["next_attempt_at"].as_str().unwrap() > EARLY, "{waiting}");
    assert!(waiting["last_error"].as_str().unwrap().contains("500"), "{waiting}");

    lab.scan_at("2026-11-24T09:10:00Z");
    let second = verified(&lab.receiver.next());
    assert_eq!(second["id"], first["id"]);
    let asked = lab.messages()[0]["next_attempt_at"].as_str().unwrap().to_owned();
    assert!(asked.as_str() >= "2026-11-24T11:10:00Z", "it is left alone as long as it asked for: {asked}");
    lab.scan_at("2026-11-24T10:00:00Z");
    assert!(lab.receiver.rest().is_empty());
    lab.scan_at("2026-11-24T12:00:00Z");
    assert_eq!(verified(&lab.receiver.next())["id"], first["id"]);
    let delivered = &lab.messages()[0];
    assert_eq!((&delivered["attempts"], &delivered["last_error"]), (&3.into(), &Value::Null));
}

#[test]
fn a_receiver_that_is_away_gets_it_when_it_is_back() {
    let lab = Lab::new();
    let nobody = {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        taken.local_addr().unwrap()
    };
    let secret = lab.secret("webhook-key", KEY);
    lab.scene.configure(&format!("[notify.webhook]\nurl = \"http://{nobody}/\"\nsecret_file = {secret:?}\n"));
    let log = lab.scan_at(EARLY);
    assert!(log.contains("could not be reached"), "{log}");
    let receiver = Receiver::on(nobody);
    lab.scan_at(LATER);
    assert_eq!(verified(&receiver.next())["kind"], "baseline");
    assert!(lab.messages()[0]["delivered_at"].is_string());
}

#[test]
fn killed_between_sending_and_noting_it_arrives_again_with_the_same_id() {
    let lab = Lab::new();
    lab.receiver.answer(&[Answer::Never]);
    let scan = lab.scene.keywatch(&["scan", "--sandbox-now", EARLY]).start();
    let first = verified(&lab.receiver.next());
    assert!(scan.kill());
    let mut left = Database::copy_of(&lab.scene.dir.path().join("history.db")).unwrap();
    left.assert_sound();
    assert_eq!(
        left.texts("SELECT id FROM notification WHERE delivered_at IS NULL"),
        [first["id"].as_str().unwrap()]
    );
    // At once it may still be on its way; later it is lost.
    lab.scan_at("2026-11-24T09:01:00Z");
    assert!(lab.receiver.rest().is_empty());
    lab.scan_at(LATER);
    assert_eq!(verified(&lab.receiver.next()), first, "word for word");
    lab.scan_at(TOMORROW);
    assert!(lab.receiver.rest().is_empty());
    assert_eq!(lab.messages().len(), 1);
}

#[test]
fn a_refusal_is_given_up_and_so_is_what_fails_for_a_day() {
    let lab = Lab::new();
    lab.receiver.answer(&[Answer::With("410 Gone", "", "no such hook")]);
    let log = lab.scan_at(EARLY);
    assert!(log.contains("given up") && log.contains("410"), "{log}");
    let refused = &lab.messages()[0];
    assert!(
        refused["given_up_at"].is_string()
            && refused["last_error"].as_str().unwrap().contains("no such hook")
    );

    lab.add("second");
    let failing = Answer::With("503 Service Unavailable", "", "");
    lab.receiver.answer(&[failing.clone(), failing]);
    lab.scan_at(LATER);
    assert!(lab.messages()[0]["next_attempt_at"].is_string());
    let log = lab.scan_at(TOMORROW);
    assert!(log.contains("given up") && log.contains("503"), "{log}");
    assert!(lab.messages()[0]["given_up_at"].is_string());
    lab.scene.keywatch(&["db", "check"]).run().exits(0);
}

#[test]
fn no_secret_is_logged_or_stored() {
    let lab = Lab::new();
    let url = format!("http://{}/services/T0SECRET/B0SECRET?sig=S1GSECRET", lab.receiver.address);
    let slack = lab.secret("slack-url", &url);
    let (key, routing) = (lab.secret("webhook-key", KEY), lab.secret("routing", "r0utingSECRET"));
    lab.scene.configure(&format!(
        "[notify.slack]\nurl_file = {slack:?}\n[notify.webhook]\nurl = {url:?}\ntemplate = \"pagerduty\"\n\
         secret_file = {key:?}\nrouting_key_file = {routing:?}\n"
    ));
    lab.receiver.answer(&[Answer::Echo, Answer::Echo]);
    let run = lab
        .scene
        .keywatch(&["-vv", "scan", "--sandbox-now", EARLY])
        .env("KEYWATCH_LOG", "trace")
        .run()
        .exits(3);
    let sent: Vec<Request> = vec![lab.receiver.next(), lab.receiver.next()];
    assert!(sent.iter().all(|request| request.path.contains("T0SECRET")));
    assert!(sent.iter().any(|request| request.body.contains("r0utingSECRET")));
    assert!(run.stderr.contains("404"), "{}", run.stderr);
    let list = lab.scene.keywatch(&["notify", "list"]).run().exits(0);
    let mut places = vec![run.stdout, run.stderr, list.stdout];
    for name in ["history.db", "history.db-wal"] {
        let file = fs::read(lab.scene.dir.path().join(name)).unwrap_or_default();
        places.push(String::from_utf8_lossy(&file).into_owned());
    }
    for place in places {
        assert!(!place.contains("SECRET") && !place.contains(KEY), "{place}");
    }
}

#[test]
fn a_file_that_others_may_read_is_refused_until_it_is_mended() {
    let lab = Lab::new();
    let secret = lab.scene.dir.path().join("webhook-key");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let check = lab.scene.keywatch(&["config", "check"]).run().exits(0);
    assert!(
        check.stdout.contains("notify.webhook.secret_file") && check.stdout.contains("chmod 600"),
        "{check:?}"
    );
    lab.scan_at(EARLY);
    assert!(lab.receiver.rest().is_empty());
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    lab.scan_at(LATER);
    verified(&lab.receiver.next());
}

#[test]
fn a_test_message_goes_to_each_channel() {
    let lab = Lab::new();
    let slack = lab.secret("slack-url", &format!("http://{}/slack", lab.receiver.address));
    let key = lab.secret("webhook-key", KEY);
    lab.scene.configure(&format!(
        "[notify.slack]\nurl_file = {slack:?}\n[notify.webhook]\nurl = \"http://{}/hook\"\nsecret_file = {key:?}\n",
        lab.receiver.address
    ));
    let test = |arguments: &[&str], code| {
        let arguments: Vec<&str> = ["notify", "test"].iter().chain(arguments).copied().collect();
        lab.scene.keywatch(&arguments).within(Duration::from_secs(60)).run().exits(code)
    };
    test(&[], 0);
    let mut paths = [lab.receiver.next().path, lab.receiver.next().path];
    paths.sort();
    assert_eq!(paths, ["/hook", "/slack"]);
    lab.receiver.answer(&[Answer::With("400 Bad Request", "", "invalid_blocks")]);
    let failed = test(&["--channel", "slack", "--format", "json"], 1).json();
    assert_eq!(failed[0]["outcome"], "failed");
    assert!(failed[0]["error"].as_str().unwrap().contains("invalid_blocks"), "{failed}");
    let off = test(&["--channel", "email"], 2);
    assert!(off.stderr.contains("[notify.email]"), "{}", off.stderr);
}

/// aiosmtpd on a free port, and the file of what it got.
struct MailServer {
    _process: Process,
    port: u64,
    mails: PathBuf,
}

impl MailServer {
    fn start(scene: &Scene, options: &[&str]) -> Self {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp");
        let python = python_with("smtp", &tests.join("requirements.txt"));
        let mails = scene.dir.path().join("mails.jsonl");
        let mut command = Command::new(python);
        command.env_clear().arg(tests.join("server.py")).arg(&mails).args(options);
        let mut process = Process::spawn(command);
        let ready: Value =
            serde_json::from_str(&process.line(Duration::from_secs(60))).expect("a line of JSON");
        Self { _process: process, port: ready["port"].as_u64().unwrap(), mails }
    }

    fn mails(&self) -> Vec<Value> {
        let lines = fs::read_to_string(&self.mails).unwrap_or_default();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn scene_with_a_finding() -> Scene {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "first", None);
    Scene::new(world)
}

#[test]
fn mail_arrives_over_tls_and_only_with_the_right_password() {
    let scene = scene_with_a_finding();
    let dir = scene.dir.path().to_str().unwrap().to_owned();
    let server = MailServer::start(&scene, &["--tls", &dir, "keywatch", "hushSECRET"]);
    let password = secret(&scene, "password", "wrongSECRET");
    scene.configure(&format!(
        "[notify.email]\nhost = \"localhost\"\nport = {}\nusername = \"keywatch\"\npassword_file = {password:?}\n\
         from = \"keywatch <keywatch@example.com>\"\nto = [\"a@example.com\", \"B Team <b@example.com>\"]\n",
        server.port
    ));
    let run = |arguments: &[&str], code| {
        let ca = scene.dir.path().join("ca.pem");
        scene.keywatch(arguments).env("SSL_CERT_FILE", ca).run().exits(code)
    };
    let refused = run(&["notify", "test", "--format", "json"], 1);
    let error = refused.json()[0]["error"].as_str().unwrap().to_owned();
    assert!(
        error.contains("535") && !refused.stderr.contains("SECRET") && !error.contains("SECRET"),
        "{error}"
    );
    assert!(server.mails().is_empty());

    fs::write(&password, "hushSECRET\n").unwrap();
    run(&["scan"], 3);
    let mails = server.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = &mails[0];
    assert_eq!((&mail["tls"], &mail["user"]), (&true.into(), &"keywatch".into()));
    assert_eq!(mail["to"], serde_json::json!(["a@example.com", "b@example.com"]));
    let content = mail["content"].as_str().unwrap();
    let list = scene.keywatch(&["notify", "list", "--format", "json"]).run().exits(0).json();
    let id = list[0]["id"].as_str().unwrap();
    assert!(content.contains(&format!("Message-ID: <{id}@example.com>")), "{content}");
    for part in ["Subject: keywatch: first scan", "text/plain", "text/html", "Auto-Submitted: auto-generated"]
    {
        assert!(content.contains(part), "{part}\n{content}");
    }

    // A server that nobody vouches for gets neither mail nor password.
    let unknown = scene.keywatch(&["notify", "test", "--format", "json"]).run().exits(1).json();
    assert!(unknown[0]["error"].as_str().unwrap().contains("certificate"), "{unknown}");
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn mail_goes_without_tls_on_the_machine_itself() {
    let scene = scene_with_a_finding();
    let server = MailServer::start(&scene, &[]);
    scene.configure(&format!(
        "[notify.email]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"keywatch@example.com\"\n\
         to = [\"a@example.com\"]\n",
        server.port
    ));
    scene.keywatch(&["notify", "test"]).run().exits(0);
    let mails = server.mails();
    assert_eq!((mails.len(), &mails[0]["user"]), (1, &Value::Null));
    assert!(mails[0]["content"].as_str().unwrap().contains("Subject: keywatch: test message"));

    // No TLS where it is asked for: nothing is said.
    scene.configure(&format!(
        "[notify.email]\nhost = \"127.0.0.1\"\nport = {}\nfrom = \"keywatch@example.com\"\nto = [\"a@example.com\"]\n",
        server.port
    ));
    scene.keywatch(&["notify", "test"]).run().exits(1);
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_webhook_is_called_over_https_where_the_certificate_is_good() {
    let scene = scene_with_a_finding();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp");
    let mut command = Command::new(python_with("smtp", &tests.join("requirements.txt")));
    command.env_clear().env("PYTHONDONTWRITEBYTECODE", "1").arg(tests.join("https.py")).arg(scene.dir.path());
    let mut server = Process::spawn(command);
    let ready: Value = serde_json::from_str(&server.line(Duration::from_secs(60))).expect("a line of JSON");
    let key = secret(&scene, "webhook-key", KEY);
    scene.configure(&format!(
        "[notify.webhook]\nurl = \"https://localhost:{}/hook\"\nsecret_file = {key:?}\n",
        ready["port"]
    ));
    let test = |ca: &str, code| {
        let ca = scene.dir.path().join(ca);
        scene
            .keywatch(&["notify", "test", "--format", "json"])
            .env("SSL_CERT_FILE", ca)
            .run()
            .exits(code)
            .json()
    };
    fs::write(scene.dir.path().join("other.pem"), OTHER_AUTHORITY).unwrap();
    let refused = test("other.pem", 1);
    assert!(refused[0]["error"].as_str().unwrap().contains("certificate"), "{refused}");
    test("ca.pem", 0);
    let arrived: Value = serde_json::from_str(&server.line(Duration::from_secs(60))).expect("a line of JSON");
    assert_eq!(arrived["path"], "/hook");
    assert!(arrived["body"].as_str().unwrap().contains("\"kind\":\"test\""), "{arrived}");
}

/// An authority that has signed nothing here.
const OTHER_AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBizCCATGgAwIBAgIUHz2Qum3fx1QgtyNa3P61etMTNPEwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPb3RoZXIgYXV0aG9yaXR5MCAXDTI2MTEyNDIzMTcwOVoYDzIx
MjYxMDMxMjMxNzA5WjAaMRgwFgYDVQQDDA9vdGhlciBhdXRob3JpdHkwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAAThgMRhwLsLVR2eUEVi1IZFDyoXP8UXJaUrkyeQ
OGdXVuEs6AJBDbxH9WSYKNiI1p53gWqf7Cr6lwUD1BodufZDo1MwUTAdBgNVHQ4E
FgQUAuwa84IpcDr38rNx9CKNuj/bu6QwHwYDVR0jBBgwFoAUAuwa84IpcDr38rNx
9CKNuj/bu6QwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAvSMm7
tyRryX6U+gKIf93WVZMA5wRT6zdkMb4nUPgACQIhANG6BRxxpRPL4Dj6pAC0ekZ2
kqJIU9aOdn7rV97P5+8o
-----END CERTIFICATE-----";

/// Comes back when the database's log has changed so often, or the scan has ended: from its beginning to where a
/// message is marked as delivered.
fn wait_for_writes(lab: &Lab, wanted: u32, scan: &mut Process) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let log = lab.scene.dir.path().join("history.db-wal");
    let state = || fs::metadata(&log).ok().and_then(|log| Some((log.len(), log.modified().ok()?)));
    let (mut last, mut writes) = (state(), 0);
    while !scan.has_ended() && writes < wanted {
        assert!(Instant::now() < deadline, "the scan goes nowhere");
        // Paces the loop: it returns at the next call, if not before.
        let next = lab.scene.sandbox.calls().total + 1;
        lab.scene.sandbox.wait_for_calls(next, Duration::from_millis(1));
        let now = state();
        writes += u32::from(now != last);
        last = now;
    }
}

/// Each round brings a finding and kills the scan somewhere; then one is left alone. Whatever was interrupted, each
/// finding is told of, and once: what comes twice has the same id.
#[test]
fn killed_anywhere_nothing_is_lost_and_every_repeat_can_be_told() {
    let lab = Lab::new();
    lab.scan_at("2026-11-01T00:00:00Z");
    let mut rng = fastrand::Rng::with_seed(7);
    let mut killed = 0;
    let mut told = BTreeMap::new();
    let mut names = BTreeSet::new();
    for round in 0..10 {
        let name = format!("r-{round}");
        lab.add(&name);
        names.insert(name);
        let now = format!("2026-11-{:02}T00:00:00Z", 2 + round);
        let mut scan = lab.scene.keywatch(&["scan", "--sandbox-now", &now]).start();
        wait_for_writes(&lab, rng.u32(1..12), &mut scan);
        killed += u32::from(scan.kill());
        if let Some(mut left) = Database::copy_of(&lab.scene.dir.path().join("history.db")) {
            left.assert_sound();
        }
    }
    assert!(killed > 4, "only {killed} were caught");
    lab.scan_at("2026-11-20T00:00:00Z");
    lab.scan_at("2026-11-20T12:00:00Z");
    for request in lab.receiver.rest() {
        let body = verified(&request);
        let before = told.insert(body["id"].as_str().unwrap().to_owned(), body.clone());
        assert!(before.is_none_or(|before| before == body), "a repeat is word for word");
    }
    let opened = told.values().filter(|body| body["kind"] == "scan");
    let mut seen: Vec<String> = opened
        .flat_map(|body| body["opened"]["findings"].as_array().unwrap())
        .map(|finding| finding["resource_name"].as_str().unwrap().to_owned())
        .collect();
    seen.sort();
    assert_eq!(seen, names.into_iter().collect::<Vec<_>>(), "each once");
    let waiting = lab.messages().iter().filter(|message| message["delivered_at"].is_null()).count();
    assert_eq!(waiting, 0);
}
