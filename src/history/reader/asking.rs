use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::{Sqlite, SqliteConnection, pool::PoolConnection};

/// Steps of SQLite's machine between two looks at whether anyone still waits: a millisecond at most.
const STEPS: i32 = 10_000;

/// A connection for as long as somebody waits for its answer: when it is dropped, the statement that is still at
/// work ends. Without it, who asks and leaves would keep the connection busy for as long as the answer takes.
pub(in crate::history) struct Asking {
    db: PoolConnection<Sqlite>,
    left: Arc<AtomicBool>,
}

impl Asking {
    pub(super) async fn on(mut db: PoolConnection<Sqlite>) -> Result<Self, sqlx::Error> {
        let left = Arc::<AtomicBool>::default();
        let seen = Arc::clone(&left);
        // It takes the place of the one before, whose asker has left.
        db.lock_handle().await?.set_progress_handler(STEPS, move || !seen.load(Ordering::Relaxed));
        Ok(Self { db, left })
    }
}

impl Deref for Asking {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.db
    }
}

impl DerefMut for Asking {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.db
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.left.store(true, Ordering::Relaxed);
    }
}
