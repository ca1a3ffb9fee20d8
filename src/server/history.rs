//! The history as the server reads it: opened once, opened again where the file was replaced, and asked by a few at
//! a time, so that many who ask can hold up neither each other for ever nor the scan beside them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::history::{HistoryError, Reader};

/// Requests that may ask at one time: one fewer than a reader has connections, which is for `/readyz` and `/metrics`.
pub(super) const AT_ONCE: usize = 3;

/// How long a request waits for its turn.
const WAIT: Duration = Duration::from_secs(5);

/// The history of one path.
pub(super) struct History {
    path: PathBuf,
    open: Mutex<Option<(Identity, Reader)>>,
    turns: Arc<Semaphore>,
    wait: Duration,
}

/// Why there is no turn.
#[derive(Debug)]
pub(super) enum Refused {
    /// Too many ask already.
    Busy,
    /// The file can't be read.
    History(HistoryError),
}

/// The right to ask now; it ends when it is dropped.
pub(super) struct Turn {
    pub(super) reader: Reader,
    _permit: OwnedSemaphorePermit,
}

impl History {
    pub(super) fn new(path: &Path) -> Self {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        Self { path: path.to_owned(), open: Mutex::default(), turns, wait: WAIT }
    }

    #[cfg(test)]
    pub(super) fn waiting(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for a turn, but not for long.
    pub(super) async fn turn(&self) -> Result<Turn, Refused> {
        let turn = timeout(self.wait, Arc::clone(&self.turns).acquire_owned()).await;
        // The semaphore is never closed.
        let Ok(Ok(permit)) = turn else { return Err(Refused::Busy) };
        let reader = self.reader().await.map_err(Refused::History)?;
        Ok(Turn { reader, _permit: permit })
    }

    /// A reader of the file that is there now. It takes no turn.
    pub(super) async fn reader(&self) -> Result<Reader, HistoryError> {
        let mut open = self.open.lock().await;
        // What can't be looked at is for the opening to say.
        let found = identity(&self.path).ok();
        if let (Some(found), Some((kept, reader))) = (found, open.as_ref())
            && found == *kept
        {
            return Ok(reader.clone());
        }
        *open = None;
        let reader = Reader::open(&self.path).await?;
        *open = found.map(|identity| (identity, reader.clone()));
        Ok(reader)
    }
}

/// What tells a file from another that takes its name.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    let made = fs::metadata(path)?.created()?;
    let since = made.duration_since(std::time::UNIX_EPOCH).map_err(io::Error::other)?;
    Ok((since.as_secs(), u64::from(since.subsec_nanos())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Writer;

    async fn made(path: &Path) {
        let now = "2026-11-24T09:00:00Z".parse().unwrap();
        Writer::open(path, now).await.unwrap().close().await.unwrap();
    }

    #[tokio::test]
    async fn only_so_many_ask_at_a_time_and_others_wait_a_little() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.db");
        made(&path).await;
        let history = History::new(&path).waiting(Duration::from_millis(20));
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(history.turn().await.expect("a turn"));
        }
        assert!(matches!(history.turn().await, Err(Refused::Busy)));
        history.reader().await.unwrap().last_scan().await.expect("the numbers take no turn");
        turns.pop();
        assert!(history.turn().await.is_ok());
    }

    #[tokio::test]
    async fn a_file_that_comes_later_or_is_replaced_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.db");
        let history = History::new(&path);
        assert!(matches!(history.turn().await, Err(Refused::History(HistoryError::Missing(_)))));
        made(&path).await;
        assert!(history.turn().await.is_ok());
        let aside = dir.path().join("aside.db");
        fs::rename(&path, &aside).unwrap();
        assert!(matches!(history.turn().await, Err(Refused::History(HistoryError::Missing(_)))));
        fs::write(&path, "not a database at all, but a text that is long enough").unwrap();
        assert!(matches!(history.turn().await, Err(Refused::History(HistoryError::NotKeywatch(_)))));
        fs::rename(&aside, &path).unwrap();
        assert!(history.turn().await.is_ok());
    }
}
