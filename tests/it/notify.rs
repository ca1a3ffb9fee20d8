//! Messages to people, against real servers on loopback: each arrives, whoever fails in between, and can be told from
//! its repeats.

mod kills;
mod python;

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use keywatch::domain::{AccountId, Region};
use serde_json::Value;
use sha2::Sha256;

use crate::support::{
    database::Database,
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
fn a_message_that_always_fails_holds_up_no_other() {
    let lab = Lab::new();
    let fails = Answer::With("500 Internal Server Error", "", "");
    lab.receiver.answer(&[fails.clone(), fails]);
    lab.scan_at(EARLY);
    let first = verified(&lab.receiver.next());
    lab.add("second");
    lab.scan_at(LATER);
    assert_eq!(verified(&lab.receiver.next())["id"], first["id"], "the oldest first");
    assert_eq!(verified(&lab.receiver.next())["opened"]["total"], 1);
    let waiting: Vec<bool> = lab.messages().iter().map(|message| message["delivered_at"].is_null()).collect();
    assert_eq!(waiting, [true, false]);
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
