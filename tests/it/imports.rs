//! The rule of imports, which keeps the data's way one way:
//!
//! - `domain` uses nothing of ours.
//! - A stage uses `domain`, its own section of `config`, and `telemetry`; the five that speak to AWS use
//!   `aws` too. No stage uses another stage.
//! - `app` wires: it may use everything. `cli` uses `app`, `config`, `history`, `domain`, `telemetry`.
//! - `sandbox` uses `domain` only, so that it is no copy of what it tests.
//! - Only `app` and `cli` see the whole `Config`.
//! - Each technique has its place: SQL in `history`, the AWS SDK where AWS is called, the command line in
//!   `cli`, untyped errors in `app` and `cli`, the clock in `app` and `sandbox`. `domain` and `evaluation`
//!   do no I/O at all.

mod paths;

use std::{
    fs,
    path::{Path, PathBuf},
};

use paths::{NamedPath, named_paths};

/// What each module may use of ours. A new module needs a line here.
const ARROWS: [(&str, &[&str]); 20] = [
    ("main", &["cli"]),
    ("cli", &["app", "deployment", "remediation", "config", "history", "reports", "domain", "telemetry"]),
    (
        "app",
        &[
            "organization",
            "credentials",
            "targets",
            "collection",
            "evaluation",
            "remediation",
            "deployment",
            "history",
            "charts",
            "reports",
            "server",
            "notifications",
            "aws",
            "config",
            "domain",
            "telemetry",
            "sandbox",
        ],
    ),
    ("organization", &["aws", "config", "domain", "telemetry"]),
    ("credentials", &["aws", "config", "domain", "telemetry"]),
    ("targets", &["aws", "config", "domain", "telemetry"]),
    ("collection", &["aws", "config", "domain", "telemetry"]),
    ("evaluation", &["config", "domain", "telemetry"]),
    ("remediation", &["aws", "evaluation", "config", "domain", "telemetry"]),
    ("deployment", &["aws", "config", "domain"]),
    ("history", &["config", "domain", "telemetry"]),
    ("charts", &["domain"]),
    ("reports", &["charts", "evaluation", "history", "config", "domain", "telemetry"]),
    ("server", &["charts", "reports", "evaluation", "aws", "config", "history", "domain", "telemetry"]),
    ("notifications", &["aws", "config", "domain", "telemetry"]),
    ("aws", &["config", "domain", "telemetry"]),
    ("config", &["domain"]),
    ("telemetry", &["domain"]),
    ("sandbox", &["domain"]),
    ("domain", &[]),
];

const AWS_CALLERS: &[&str] =
    &["aws", "organization", "credentials", "targets", "collection", "remediation", "notifications"];

/// Where a foreign crate may be named. A name ending in `*` stands for all that begin so.
const CRATES: [(&str, &[&str]); 7] = [
    ("sqlx", &["history"]),
    ("clap", &["cli", "main"]),
    ("aws_sdk_*", AWS_CALLERS),
    ("aws_config", AWS_CALLERS),
    ("indicatif", &["cli"]),
    ("comfy_table", &["cli"]),
    ("anyhow", &["app", "cli", "main"]),
];

/// What the pure modules may not name.
const PURE: [&str; 2] = ["domain", "evaluation"];
const IMPURE: [&[&str]; 6] =
    [&["tokio"], &["std", "fs"], &["std", "net"], &["std", "env"], &["std", "process"], &["std", "thread"]];

const CLOCKS: [&[&str]; 3] = [&["Timestamp", "now"], &["Zoned", "now"], &["SystemTime", "now"]];
const MAY_READ_THE_CLOCK: [&str; 2] = ["app", "sandbox"];
const WHOLE_CONFIG: &[&str] = &["config", "Config"];
const MAY_SEE_THE_WHOLE_CONFIG: [&str; 3] = ["app", "cli", "config"];

#[test]
fn imports_follow_the_datas_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    assert!(files.len() > 10, "the source was not found in {}", src.display());

    let broken: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let name = file.strip_prefix(&src).unwrap();
            check(name, &fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(broken.is_empty(), "\n{}\n\nThe rule stands in tests/it/imports.rs.", broken.join("\n"));
}

/// What is wrong in a file, one sentence each.
fn check(file: &Path, source: &str) -> Vec<String> {
    let module = module_of(file);
    let Some(&top) = module.first() else {
        // lib.rs is the map: it names every module.
        return Vec::new();
    };
    let Some((_, may_use)) = ARROWS.iter().find(|(name, _)| *name == top) else {
        return vec![format!("{}: no rule says what `{top}` may use", file.display())];
    };
    let is_test_file = module.contains(&"tests");
    named_paths(source, if top == "main" { &[] } else { &module })
        .iter()
        .filter_map(|path| {
            let why = complaint(top, may_use, path, is_test_file || path.in_test)?;
            Some(format!("src/{}:{}: {}: {why}", file.display(), path.line, path.segments.join("::")))
        })
        .collect()
}

fn complaint(top: &str, may_use: &[&str], path: &NamedPath, in_test: bool) -> Option<String> {
    let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
    if let ["crate" | "keywatch", used, ..] = segments[..]
        && ARROWS.iter().any(|(name, _)| *name == used)
        && used != top
        && !may_use.contains(&used)
    {
        return Some(format!("`{top}` may not use `{used}`"));
    }
    // The SDK is what the sandbox is tested with.
    let sandbox_test = top == "sandbox" && in_test;
    for (name, places) in CRATES {
        let is_it = match name.strip_suffix('*') {
            Some(start) => segments[0].starts_with(start),
            None => segments[0] == name,
        };
        if is_it && !places.contains(&top) && !(sandbox_test && places == AWS_CALLERS) {
            return Some(format!("`{}` belongs into {}", segments[0], places.join(", ")));
        }
    }
    if PURE.contains(&top) && IMPURE.iter().any(|start| segments.starts_with(start)) {
        return Some(format!("`{top}` is pure"));
    }
    if !MAY_READ_THE_CLOCK.contains(&top) && CLOCKS.iter().any(|end| segments.ends_with(end)) {
        return Some("the time is an argument".to_owned());
    }
    if !MAY_SEE_THE_WHOLE_CONFIG.contains(&top) && segments.windows(2).any(|pair| pair == WHOLE_CONFIG) {
        return Some("a stage gets its own section of the config".to_owned());
    }
    None
}

/// The module that a file below `src` holds: `history/schema/mod.rs` holds `history::schema`.
fn module_of(file: &Path) -> Vec<&str> {
    let mut names: Vec<&str> = file.iter().filter_map(|part| part.to_str()).collect();
    if let Some(last) = names.pop() {
        match last.strip_suffix(".rs") {
            Some("mod" | "lib") | None => {}
            Some(name) => names.push(name),
        }
    }
    names
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[track_caller]
fn assert_complaints(file: &str, source: &str, expected: &[&str]) {
    let found = check(Path::new(file), source);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found} should say {expected}");
    }
}

#[test]
fn a_wrong_arrow_is_found_however_it_is_written() {
    let source = r##"
        use std::{fmt, sync::Arc};
        use crate::{domain::{Region, self}, history::{Store as S, events}};
        use super::super::collection;
        // use crate::cli;
        /* use crate::cli; /* use crate::app; */ */
        const TEXT: &str = "use crate::cli::Args;";
        const RAW: &str = r#"crate::app::run("x")"#;
        fn f<'a>(c: char) -> &'a str {
            let _ = ('"', '\'', 'x');
            crate::evaluation::judge(super::own());
            match c { '{' => crate::telemetry::x(), _ => keywatch::app::run::<u8>() }
        }
    "##;
    assert_complaints(
        "targets/regions.rs",
        source,
        &[
            ":3: crate::history::Store: `targets` may not use `history`",
            ":3: crate::history::events: `targets` may not use `history`",
            ":4: crate::collection: `targets` may not use `collection`",
            ":11: crate::evaluation::judge: `targets` may not use `evaluation`",
            ":12: keywatch::app::run: `targets` may not use `app`",
        ],
    );
    assert_complaints("domain/key.rs", "use crate::config::Scan; use super::AccountId;", &["may not use"]);
    assert_complaints("sandbox/kms.rs", "use crate::{aws::Call, domain::Region};", &["`aws`"]);
    assert_complaints("main.rs", "fn main() { keywatch::cli::main(); keywatch::app::run(); }", &["`app`"]);
    assert_complaints("brandnew/mod.rs", "", &["no rule says what `brandnew` may use"]);
    assert_complaints("lib.rs", "pub mod cli; pub mod app;", &[]);
}

#[test]
fn modules_within_a_file_have_a_parent_of_their_own() {
    let source = "
        #[cfg(test)]
        mod tests {
            use super::*;
            use super::super::super::app;
            fn f() { if true { super::super::own() } }
        }
        use super::super::cli;
    ";
    let expected = ["crate::app: `history` may not use `app`", "crate::cli: `history` may not use `cli`"];
    assert_complaints("history/writer.rs", source, &expected);
}

#[test]
fn every_technique_has_its_place() {
    assert_complaints("cli/query.rs", "use sqlx::SqlitePool;", &["`sqlx` belongs into history"]);
    assert_complaints(
        "config/load.rs",
        "#[derive(clap::Args)] struct A;",
        &["`clap` belongs into cli, main"],
    );
    assert_complaints(
        "app/scan.rs",
        "aws_sdk_kms::Client::new(&c); aws_config::load();",
        &["aws_sdk", "aws_c"],
    );
    assert_complaints("collection/dms.rs", "use aws_sdk_databasemigration::Client;", &[]);
    assert_complaints("history/mod.rs", "fn f() -> anyhow::Result<()> {}", &["`anyhow` belongs into app"]);
    assert_complaints("app/scan.rs", "indicatif::ProgressBar::new(1)", &["belongs into cli"]);
    assert_complaints("evaluation/mod.rs", "use std::fs; tokio::spawn(x)", &["is pure", "is pure"]);
    assert_complaints("collection/mod.rs", "jiff::Timestamp::now()", &["the time is an argument"]);
    assert_complaints("app/mod.rs", "Timestamp::now()", &[]);
    assert_complaints("targets/mod.rs", "use crate::config::{Config, Regions};", &["its own section"]);

    let test = "#[cfg(test)] mod tests { use aws_sdk_kms::Client; }";
    assert_complaints("sandbox/kms.rs", test, &[]);
    assert_complaints("sandbox/kms.rs", "use aws_sdk_kms::Client;", &["`aws_sdk_kms` belongs into"]);
    assert_complaints("sandbox/tests.rs", "use aws_sdk_kms::Client;", &[]);
}
