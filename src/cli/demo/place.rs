//! The demo's directory: what is in it is only replaced if a demo made it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::cli::exit::Failed;

/// Says that the directory is the demo's, and is locked while one runs.
const MARKER: &str = ".keywatch-demo";

const ABOUT: &str = "\
`keywatch demo` made this directory. Each demo here replaces keywatch.toml, keywatch.db and what is in reports.
";

/// A directory that is this demo's alone.
pub struct Place {
    /// The config.
    pub config: PathBuf,
    /// The history.
    pub database: PathBuf,
    /// Where the reports go.
    pub reports: PathBuf,
    /// Held as long as the demo runs.
    _lock: File,
}

impl Place {
    /// Makes the directory, or takes one that an earlier demo made and removes that one's history.
    pub fn claim(dir: &Path) -> Result<Self, Failed> {
        let cannot = |what: &str, path: &Path, error: io::Error| {
            Failed::could_not_run(format!("can't {what} {}: {error}", path.display()))
        };
        fs::create_dir_all(dir).map_err(|error| cannot("make", dir, error))?;
        let marker = dir.join(MARKER);
        let (config, database) = (dir.join("keywatch.toml"), dir.join("keywatch.db"));
        let companions = ["-wal", "-shm"].map(|end| {
            let mut name = database.clone().into_os_string();
            name.push(end);
            PathBuf::from(name)
        });
        if !exists(&marker).map_err(|error| cannot("look for", &marker, error))? {
            for file in [&config, &database].into_iter().chain(&companions) {
                if exists(file).map_err(|error| cannot("look for", file, error))? {
                    return Err(Failed::could_not_run(format!(
                        "{} is not the demo's ({} has no {MARKER}), and a demo would replace it: give another \
                         directory, keywatch demo --dir DIR",
                        file.display(),
                        dir.display()
                    )));
                }
            }
            fs::write(&marker, ABOUT).map_err(|error| cannot("write", &marker, error))?;
        }
        let lock =
            OpenOptions::new().write(true).open(&marker).map_err(|error| cannot("open", &marker, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failed::could_not_run(format!(
                    "another demo is running in {}: wait for its end, or give another directory with --dir",
                    dir.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(cannot("lock", &marker, error)),
        }
        // The log first: without its database it is nothing, but a database beside a strange log is damaged.
        for file in companions.iter().chain([&database]) {
            match fs::remove_file(file) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(cannot("remove", file, error)),
            }
        }
        Ok(Self { config, database, reports: dir.join("reports"), _lock: lock })
    }
}

/// A dangling link is there too.
fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_history_that_is_not_the_demos_is_never_touched() {
        for name in ["keywatch.db", "keywatch.toml", "keywatch.db-wal"] {
            let dir = TempDir::new().unwrap();
            let file = dir.path().join(name);
            fs::write(&file, "mine").unwrap();
            let refused = Place::claim(dir.path()).map(|_| ()).unwrap_err().message;
            assert!(refused.contains(name) && refused.contains("--dir"), "{refused}");
            assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
        }
    }

    #[test]
    fn a_demo_replaces_the_one_before_and_nothing_else() {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        let first = Place::claim(dir.path()).unwrap();
        fs::write(&first.database, "old").unwrap();
        let busy = Place::claim(dir.path()).map(|_| ()).unwrap_err().message;
        assert!(busy.contains("another demo"), "{busy}");
        assert!(first.database.exists());
        drop(first);
        let second = Place::claim(dir.path()).unwrap();
        assert!(!second.database.exists());
        assert_eq!(fs::read_to_string(dir.path().join("notes.txt")).unwrap(), "mine");
    }
}
