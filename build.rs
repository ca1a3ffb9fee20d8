//! Says which commit a release is built from: `keywatch --version` and the metric `keywatch_build_info` tell it.
//!
//! `KEYWATCH_COMMIT` and `KEYWATCH_COMMIT_DATE` win, for builds without the repository, as in a container. Else a release
//! build asks git; a debug build doesn't, for it would be compiled anew after every commit. Without either, as from a
//! source archive, there is no commit, and that is no error.

use std::{env, fs, path::Path, process::Command};

/// As git shortens a hash by itself in a repository of this size, so that both ways to say a commit look alike.
const SHORT: usize = 7;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=KEYWATCH_COMMIT");
    println!("cargo:rerun-if-env-changed=KEYWATCH_COMMIT_DATE");
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let (commit, date) = given().or_else(|| if release { asked() } else { None }).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let long = match (commit.as_str(), date.as_str()) {
        ("", _) if release => version.to_owned(),
        ("", _) => format!("{version} (debug)"),
        (commit, "") => format!("{version} ({commit})"),
        (commit, date) => format!("{version} ({commit} {date})"),
    };
    println!("cargo:rustc-env=KEYWATCH_BUILD_COMMIT={commit}");
    println!("cargo:rustc-env=KEYWATCH_BUILD_VERSION={long}");
}

/// What the environment says.
fn given() -> Option<(String, String)> {
    let commit = env::var("KEYWATCH_COMMIT").ok()?;
    let commit: String = commit.trim().chars().take(SHORT).collect();
    let date = env::var("KEYWATCH_COMMIT_DATE").unwrap_or_default();
    (!commit.is_empty()).then(|| (commit, date.trim().to_owned()))
}

/// What git says, if these are the sources of a repository and not of something that was unpacked inside of one.
fn asked() -> Option<(String, String)> {
    let here = fs::canonicalize(env::var_os("CARGO_MANIFEST_DIR")?).ok()?;
    if fs::canonicalize(git(&["rev-parse", "--show-toplevel"])?).ok()? != here {
        return None;
    }
    // Whether anything is modified is asked again when it may have changed what is compiled, which costs nothing more.
    for path in ["src", "migrations", "config", "Cargo.toml", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={path}");
    }
    // The second is written to with every commit and checkout; where there is none, the first has to do.
    for name in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", name])?;
        if Path::new(&path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    let last = git(&["log", "-1", "--format=%h %cs", &format!("--abbrev={SHORT}")])?;
    let (commit, date) = last.split_once(' ')?;
    let commit = match git(&["status", "--porcelain", "--untracked-files=no"])?.as_str() {
        "" => commit.to_owned(),
        _ => format!("{commit}-modified"),
    };
    Some((commit, date.to_owned()))
}

/// The answer of git, trimmed; `None` where it isn't there or refuses.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
