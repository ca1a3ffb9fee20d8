//! `keywatch iam …`: what it prints and writes, and that its policies are exactly enough.

mod exact;
mod remedy;

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    policies::actions,
    support::{Keywatch, Output},
};

const HUB: &str = "111122223333";

fn iam(dir: &TempDir, arguments: &[&str]) -> Output {
    Keywatch::new(dir).arg("iam").args(arguments).run()
}

#[test]
fn policies_are_printed_as_json_and_nothing_else() {
    let dir = TempDir::new().unwrap();
    for arguments in [
        &["hub-policy"][..],
        &["hub-policy", "--with-remediation", "--organization-id", "o-example1234"],
        &["reader-policy"],
        &["audit-policy"],
        &["audit-policy", "--with-plans"],
        &["remediation-policy"],
        &["remediation-policy", "--without-deletes"],
        &["trust-policy", "--hub-account", HUB],
        &["trust-policy", "--role", "reader", "--hub-role", "arn:aws:iam::111122223333:user/keywatch"],
    ] {
        let policy = iam(&dir, arguments).exits(0).json();
        assert_eq!(policy["Version"], "2012-10-17", "{arguments:?}");
        assert!(!actions(&policy).is_empty());
    }
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let dir = TempDir::new().unwrap();
    for (arguments, says) in [
        (&["trust-policy"][..], "--hub-account is missing"),
        (&["trust-policy", "--hub-account", HUB, "--hub-role", "a b"], "--hub-role: \"a b\" is neither"),
        (
            &["trust-policy", "--hub-role", "arn:aws-cn:iam::111122223333:role/x"],
            "lies in the partition aws-cn",
        ),
        (
            &["trust-policy", "--hub-account", HUB, "--hub-role", "arn:aws:iam::999999999999:role/x"],
            "does not lie in --hub-account",
        ),
        (&["hub-policy", "--organization-id", "o-UPPER"], "no id of an organization"),
        (&["trust-policy", "--hub-account", HUB, "--with-external-id"], "external_id is not set"),
    ] {
        let run = iam(&dir, arguments).exits(2);
        assert!(run.stderr.contains(says) && run.stdout.is_empty(), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn the_external_id_is_printed_only_where_it_is_asked_for() {
    let dir = TempDir::new().unwrap();
    let trust = |more: &[&str]| {
        Keywatch::new(&dir)
            .env("KEYWATCH_ORGANIZATION__EXTERNAL_ID", "hush-hush")
            .args(["iam", "trust-policy", "--hub-account", HUB])
            .args(more)
            .run()
            .exits(0)
    };
    let id = |run: &Output| run.json()["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"].clone();
    let run = trust(&[]);
    assert_eq!(id(&run), "EXTERNAL_ID");
    assert!(run.stderr.contains("in place of EXTERNAL_ID") && !run.stderr.contains("hush"), "{}", run.stderr);
    assert_eq!(id(&trust(&["--with-external-id"])), "hush-hush");
    assert_eq!(id(&trust(&["--role", "reader"])), Value::Null);
    let templates = Keywatch::new(&dir)
        .env("KEYWATCH_ORGANIZATION__EXTERNAL_ID", "hush-hush")
        .args(["iam", "cloudformation", "--out", "made"])
        .run()
        .exits(0);
    for file in templates.stdout.lines() {
        let text = fs::read_to_string(dir.path().join(file)).unwrap();
        assert!(!text.contains("hush"), "{file}");
    }
}

#[test]
fn templates_are_written_and_what_was_changed_is_kept() {
    let dir = TempDir::new().unwrap();
    for (command, least) in [("cloudformation", 3), ("terraform", 14)] {
        let write = |more: &[&str]| {
            let mut arguments = vec![command, "--out", "made"];
            arguments.extend(more);
            iam(&dir, &arguments)
        };
        let files: Vec<String> = write(&[]).exits(0).stdout.lines().map(str::to_owned).collect();
        assert_eq!(files.len(), least, "{files:?}");
        write(&[]).exits(0);
        let path = dir.path().join(&files[0]);
        fs::write(&path, "mine").unwrap();
        let refused = write(&[]).exits(1);
        assert!(refused.stderr.contains("is there already and differs; --force"), "{}", refused.stderr);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        write(&["--force", "--hub-account", HUB]).exits(0);
        assert_ne!(fs::read_to_string(&path).unwrap(), "mine");
    }
}
