//! Others' tools, and the document they go by.

use std::{env, fs, path::Path, process::Command, time::Duration};

use super::{Daemon, TOKEN};
use crate::support::{Process, python_with};

/// `KEYWATCH_WRITE_DOCS=1 cargo test --test it api::peers::the_document` writes it anew.
#[test]
fn the_document_in_docs_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let made = keywatch::server::document().unwrap();
    if env::var_os("KEYWATCH_WRITE_DOCS").is_some() {
        fs::write(&file, &made).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap();
    assert_eq!(kept, made, "docs/openapi.json is behind: KEYWATCH_WRITE_DOCS=1 writes it anew");
    let daemon = Daemon::new();
    let served = daemon.client().get("openapi.json").json();
    assert_eq!(served, serde_json::from_str::<serde_json::Value>(&made).unwrap());
    daemon.stop();
}

#[test]
fn schemathesis_finds_nothing() {
    let daemon = Daemon::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api");
    let mut python = Command::new(python_with("schemathesis", &folder.join("requirements.txt")));
    let document = format!("http://{}/api/v1/openapi.json", daemon.address);
    python.arg(folder.join("ask.py")).args([&document, TOKEN]).current_dir(daemon.scene.dir.path());
    Process::spawn(python).finish(Duration::from_secs(300)).exits(0);
    daemon.stop();
}
