//! `init` and `config check`.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use super::{
    args::{GlobalArgs, InitArgs},
    exit::Failed,
    output::Out,
    settings,
};
use crate::{app, config::REFERENCE};

const DEFAULT_PATH: &str = "config/keywatch.toml";

/// Writes the commented reference config, readable by its owner only: an external id will stand in it.
pub fn init(global: &GlobalArgs, args: &InitArgs, out: &mut Out) -> Result<(), Failed> {
    let path = args.path.as_deref().or(global.config.as_deref()).unwrap_or(Path::new(DEFAULT_PATH));
    write(path, args.force).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failed::could_not_run(format!(
            "{} is there already; --force overwrites it, or name another file",
            path.display()
        )),
        _ => Failed::could_not_run(format!("cannot write {}: {error}", path.display())),
    })?;
    let option =
        if path == Path::new(DEFAULT_PATH) { String::new() } else { format!(" --config {}", path.display()) };
    out.text(&format!(
        "Wrote {}. Next:\n  1. set organization.audit_role and external_id to what your accounts' audit role has\n  \
         2. keywatch{option} config check\n  3. keywatch{option} scan\n",
        path.display()
    ))
}

fn write(path: &Path, force: bool) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(REFERENCE.as_bytes())
}

/// Says that the config is sound, or everything that is wrong with it.
pub fn check(global: &GlobalArgs, out: &mut Out) -> Result<(), Failed> {
    let loaded = settings::load(global)?;
    settings::check_exceptions(&loaded.config, app::now())?;
    for problem in app::check_notify(&loaded.config) {
        out.text(&format!("warning: {problem}\n"))?;
    }
    for warning in &loaded.warnings {
        out.text(&format!("warning: {warning}\n"))?;
    }
    match &loaded.path {
        Some(path) => out.text(&format!("ok: {}\n", path.display())),
        None => out.text("ok: there is no config file, so the defaults hold; `keywatch init` writes one\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_kept_unless_forced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("made/keywatch.toml");
        write(&path, false).unwrap();
        fs::write(&path, "mine").unwrap();
        assert_eq!(write(&path, false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        write(&path, true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), REFERENCE);
    }
}
