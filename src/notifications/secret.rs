//! Secrets in files: read when they are needed, shown nowhere.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::config::{Address, Notify, Template};

/// The most that a file of a secret may hold, in bytes.
const LONGEST: u64 = 16 * 1024;

/// A secret. It has no `Debug`.
pub struct Secret(String);

impl Secret {
    /// The secret, to use it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Why a secret can't be used. Nothing of the file's content is told.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It can't be read.
    #[error("cannot read {}: {source}; keywatch's user must be able to", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is a directory, a pipe or a device.
    #[error("{} is no regular file", .0.display())]
    NotAFile(PathBuf),
    /// Others may read or change it.
    #[error("{} may be read or changed by others (mode {mode:o}): `chmod 600` it, or 640 at most", .path.display())]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// Its mode's last nine bits.
        mode: u32,
    },
    /// There is nothing in it, or more than a secret.
    #[error("{} holds {what}; it should hold one line, the secret", .path.display())]
    NotASecret {
        /// The file.
        path: PathBuf,
        /// What it holds.
        what: &'static str,
    },
}

/// Reads a secret: one line in a file that only its owner and, at most, its group may read.
///
/// # Errors
/// Where it can't be read, or others may read or change it.
pub fn read(path: &Path) -> Result<Secret, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    let not_a_secret = |what| SecretError::NotASecret { path: path.to_owned(), what };
    // Before it is opened, which would wait for the other end of a pipe.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(SecretError::NotAFile(path.to_owned()));
    }
    let file = File::open(path).map_err(unreadable)?;
    let found = file.metadata().map_err(unreadable)?;
    check_mode(path, &found)?;
    let mut text = String::new();
    match file.take(LONGEST + 1).read_to_string(&mut text) {
        Ok(length) if length as u64 > LONGEST => return Err(not_a_secret("more than 16 KiB")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(not_a_secret("no UTF-8 text"));
        }
        Err(error) => return Err(unreadable(error)),
    }
    match text.trim() {
        "" => Err(not_a_secret("nothing")),
        line if line.contains('\n') => Err(not_a_secret("several lines")),
        line => Ok(Secret(line.to_owned())),
    }
}

#[cfg(unix)]
fn check_mode(path: &Path, found: &std::fs::Metadata) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode() & 0o777;
    // The group may read: that is how an orchestrator hands a file to a user that is not root.
    if mode & 0o027 == 0 { Ok(()) } else { Err(SecretError::NotPrivate { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &std::fs::Metadata) -> Result<(), SecretError> {
    Ok(())
}

/// The files of all secrets, by their keys in the config.
pub fn files(notify: &Notify) -> Vec<(&'static str, &Path)> {
    let mut files: Vec<(&'static str, &Path)> = Vec::new();
    if let Some(webhook) = &notify.webhook {
        if let Address::File(path) = &webhook.address {
            files.push(("notify.webhook.url_file", path));
        }
        if let Some(path) = &webhook.secret_file {
            files.push(("notify.webhook.secret_file", path));
        }
        if let Template::PagerDuty { routing_key_file } = &webhook.template {
            files.push(("notify.webhook.routing_key_file", routing_key_file));
        }
    }
    if let Some(slack) = &notify.slack {
        files.push(("notify.slack.url_file", &slack.url_file));
    }
    if let Some(login) = notify.email.as_ref().and_then(|email| email.login.as_ref()) {
        files.push(("notify.email.password_file", &login.password_file));
    }
    files
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_secret_is_one_line_for_its_owners_eyes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let with = |text: &str, mode: u32| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            read(&path).map(|secret| secret.reveal().to_owned()).map_err(|error| error.to_string())
        };
        assert_eq!(with("  hush \n", 0o600).unwrap(), "hush");
        assert_eq!(with("hush", 0o440).unwrap(), "hush");
        for mode in [0o604, 0o644, 0o620, 0o602] {
            let error = with("hush", mode).unwrap_err();
            assert!(error.contains("chmod 600") && error.contains(&format!("{mode:o}")), "{error}");
        }
        assert!(with(" \n", 0o600).unwrap_err().contains("holds nothing"));
        let error = with("hush\nhush", 0o600).unwrap_err();
        assert!(error.contains("several lines") && !error.contains("hush"), "{error}");
        assert!(with(&"x".repeat(20_000), 0o600).unwrap_err().contains("16 KiB"));
        assert!(read(dir.path()).is_err_and(|error| error.to_string().contains("no regular file")));
        assert!(read(&dir.path().join("none")).is_err_and(|error| error.to_string().contains("cannot read")));
    }
}
