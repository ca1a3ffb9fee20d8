//! A history's file looked at from outside, before anybody writes to it.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, AtFlags, CWD, accessat};
use sqlx::Connection;

use super::{HistoryError, open};

/// What a writer would find; nothing is made or changed to learn it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The file's bytes with its write-ahead log; `None` where the first scan is to make it.
    pub bytes: Option<u64>,
    /// Its schema; `None` where there is none yet.
    pub schema: Option<i64>,
    /// The newest schema that this version knows.
    pub known: i64,
    /// Who has it open to write.
    pub writer: Option<Holder>,
}

/// Another process that writes to the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Its process id, where the system tells.
    pub pid: Option<u32>,
}

impl Standing {
    /// Looks at the file, its directory and its lock.
    ///
    /// # Errors
    /// What would keep keywatch from writing there; a lock that is held is none of it.
    pub async fn of(path: &Path) -> Result<Self, HistoryError> {
        open::refuse_other_kinds(path)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !parent.is_dir() {
            return Err(HistoryError::NoParent { path: path.to_owned(), parent: parent.to_owned() });
        }
        may(parent, Access::WRITE_OK | Access::EXEC_OK)
            .map_err(|source| HistoryError::Open { path: parent.to_owned(), source })?;
        for name in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm"), beside(path, ".lock")] {
            match may(&name, Access::READ_OK | Access::WRITE_OK) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(HistoryError::Open { path: name, source });
                }
                _ => {}
            }
        }
        let writer = holder(&beside(path, ".lock"))?;
        let known = open::known_version();
        let Ok(found) = path.metadata() else { return Ok(Self { bytes: None, schema: None, known, writer }) };
        let log = beside(path, "-wal").metadata().map_or(0, |log| log.len());
        let bytes = Some(found.len() + log);
        let schema = match open::for_reading(path).await {
            Ok(db) => {
                db.close().await.map_err(|error| HistoryError::sqlite(path, error))?;
                Some(known)
            }
            Err(HistoryError::OlderSchema { found, .. }) => Some(found),
            // There, and without a table.
            Err(HistoryError::Missing(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(Self { bytes, schema, known, writer })
    }
}

/// Whether this process may, by its effective user.
fn may(path: &Path, access: Access) -> io::Result<()> {
    Ok(accessat(CWD, path, access, AtFlags::EACCESS)?)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Who holds the lock, if anyone.
fn holder(lock: &Path) -> Result<Option<Holder>, HistoryError> {
    let open = |source| HistoryError::Open { path: lock.to_owned(), source };
    let file = match File::open(lock) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(open)?,
    };
    // Shared, and given back at once: two that look do not see each other.
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let inode = file.metadata().map_err(open)?;
            let inode = std::os::unix::fs::MetadataExt::ino(&inode);
            // Only Linux has the list, and only of what this process may see.
            let locks = std::fs::read_to_string("/proc/locks").unwrap_or_default();
            Ok(Some(Holder { pid: locked_by(&locks, inode) }))
        }
        Err(TryLockError::Error(source)) => Err(open(source)),
    }
}

/// The process that locks the inode for itself, by `/proc/locks`; its ids of devices differ from stat's on
/// some file systems, so the inode has to do. Source: proc_locks(5).
fn locked_by(locks: &str, inode: u64) -> Option<u32> {
    let end = format!(":{inode}");
    locks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, "WRITE", pid, file, ..] = fields[..] else { return None };
        // 0 is a process outside our namespace.
        pid.parse().ok().filter(|pid| *pid != 0 && file.ends_with(&end))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{domain::Timestamp, history::Writer};

    const LOCKS: &str = "1: POSIX  ADVISORY  WRITE 11 00:2d:77 0 EOF\n\
                         2: FLOCK  ADVISORY  WRITE 12 00:2d:7 0 EOF\n\
                         2: -> FLOCK  ADVISORY  WRITE 13 00:2d:77 0 EOF\n\
                         3: FLOCK  ADVISORY  WRITE 4711 00:2d:77 0 EOF\n\
                         4: FLOCK  ADVISORY  WRITE 0 00:2d:8 0 EOF\n";

    #[test]
    fn the_holder_is_the_one_that_has_it_and_not_one_that_waits() {
        assert_eq!(locked_by(LOCKS, 77), Some(4711));
        assert_eq!(locked_by(LOCKS, 8), None);
        assert_eq!(locked_by(LOCKS, 5), None);
        assert_eq!(locked_by("", 77), None);
    }

    #[tokio::test]
    async fn what_is_looked_at_is_not_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.db");
        let standing = Standing::of(&path).await.unwrap();
        assert_eq!((standing.bytes, standing.schema, standing.writer), (None, None, None));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let nowhere = Standing::of(&dir.path().join("no/history.db")).await;
        assert!(matches!(nowhere, Err(HistoryError::NoParent { .. })), "{nowhere:?}");
        assert!(matches!(Standing::of(dir.path()).await, Err(HistoryError::IsDirectory(_))));
        fs::write(&path, "not a database, and long enough for SQLite to look at its header").unwrap();
        assert!(matches!(Standing::of(&path).await, Err(HistoryError::NotKeywatch(_))));
    }

    #[tokio::test]
    async fn a_writer_is_seen_with_its_number_and_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.db");
        let writer = Writer::open(&path, Timestamp::UNIX_EPOCH).await.unwrap();
        let standing = Standing::of(&path).await.unwrap();
        assert_eq!(standing.schema, Some(standing.known));
        assert!(standing.bytes.is_some_and(|bytes| bytes > 0));
        let holder = standing.writer.unwrap();
        // A sandboxed kernel may keep the list empty.
        assert!(holder.pid.is_none_or(|pid| pid == std::process::id()), "{holder:?}");
        drop(writer);
        assert_eq!(Standing::of(&path).await.unwrap().writer, None);
    }
}
