//! Mail and HTTPS, to servers of Python's.

use std::{fs, path::Path, process::Command, time::Duration};

use serde_json::Value;

use super::{KEY, secret};
use crate::support::{
    MailServer, Process, python_with,
    scene::{Scene, small_world},
};

fn scene_with_a_finding() -> Scene {
    let (mut world, account, region) = small_world();
    world.add_instance(account, &region, "first", None);
    Scene::new(world)
}

#[test]
fn mail_arrives_over_tls_and_only_with_the_right_password() {
    let scene = scene_with_a_finding();
    let dir = scene.dir.path().to_str().unwrap().to_owned();
    let server = MailServer::start(scene.dir.path(), &["--tls", &dir, "keywatch", "hushSECRET"]);
    let password = secret(&scene, "password", "wrongSECRET");
    scene.configure(&format!(
        "[notify.email]\nhost = \"localhost\"\nport = {}\nusername = \"keywatch\"\npassword_file = {password:?}\n\
         from = \"keywatch <keywatch@example.com>\"\nto = [\"a@example.com\", \"B Team <b@example.com>\"]\n",
        server.port()
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
    let server = MailServer::start(scene.dir.path(), &[]);
    scene.configure(&format!(
        "[notify.email]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"keywatch@example.com\"\n\
         to = [\"a@example.com\"]\n",
        server.port()
    ));
    scene.keywatch(&["notify", "test"]).run().exits(0);
    let mails = server.mails();
    assert_eq!((mails.len(), &mails[0]["user"]), (1, &Value::Null));
    assert!(mails[0]["content"].as_str().unwrap().contains("Subject: keywatch: test message"));

    // No TLS where it is asked for: nothing is said.
    scene.configure(&format!(
        "[notify.email]\nhost = \"127.0.0.1\"\nport = {}\nfrom = \"keywatch@example.com\"\nto = [\"a@example.com\"]\n",
        server.port()
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
