//! What makes a connection safe for SQL that anyone wrote.

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use libsqlite3_sys as ffi;
use sqlx::SqliteConnection;

/// Bytes in one text, blob or row.
const MAX_VALUE: c_int = 16 << 20;
/// Bytes that SQLite may hold for the whole process, the last resort against many large values at once.
const MAX_HEAP: &str = "PRAGMA hard_heap_limit = 536870912";
/// Steps of SQLite's machine between two looks at the clock: some microseconds to a millisecond.
const STEPS: i32 = 1_000;
/// Pragmas that only tell of the schema; `SELECT … FROM pragma_table_info('findings')` uses one.
const PRAGMAS: [&[u8]; 5] = [b"table_info", b"table_xinfo", b"table_list", b"index_list", b"index_info"];

/// Ends the statement when dropped, so that an answer nobody reads any more costs nothing more.
pub(super) struct Stop {
    dropped: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
}

impl Stop {
    /// Whether the time was up.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Relaxed);
    }
}

/// Sets the limits of one connection; the time begins now.
#[expect(clippy::disallowed_methods, reason = "a pragma asks for nothing that the schema has")]
pub(super) async fn arm(db: &mut SqliteConnection, time: Duration) -> Result<Stop, sqlx::Error> {
    sqlx::query(MAX_HEAP).execute(&mut *db).await?;
    let stop = Stop { dropped: Arc::default(), over: Arc::default() };
    let (dropped, over) = (Arc::clone(&stop.dropped), Arc::clone(&stop.over));
    let deadline = Instant::now().checked_add(time);
    let mut handle = db.lock_handle().await?;
    handle.set_progress_handler(STEPS, move || {
        let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if late {
            over.store(true, Ordering::Relaxed);
        }
        !late && !dropped.load(Ordering::Relaxed)
    });
    limit(handle.as_raw_handle());
    Ok(stop)
}

#[expect(unsafe_code, reason = "sqlx has no call for SQLite's limits and its authorizer")]
fn limit(db: ptr::NonNull<ffi::sqlite3>) {
    // SAFETY: the caller holds the lock of this open connection. The authorizer is a plain function without
    // state, so it outlives the connection.
    unsafe {
        ffi::sqlite3_limit(db.as_ptr(), ffi::SQLITE_LIMIT_LENGTH, MAX_VALUE);
        ffi::sqlite3_limit(db.as_ptr(), ffi::SQLITE_LIMIT_ATTACHED, 0);
        ffi::sqlite3_limit(db.as_ptr(), ffi::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256);
        ffi::sqlite3_limit(db.as_ptr(), ffi::SQLITE_LIMIT_WORKER_THREADS, 0);
        ffi::sqlite3_set_authorizer(db.as_ptr(), Some(only_reads), ptr::null_mut());
    }
}

/// Lets a statement read tables and call functions, and nothing else.
///
/// Source: sqlite.org/c3ref/set_authorizer.html and c_alter_table.html (what the texts mean).
#[expect(unsafe_code, reason = "SQLite calls it")]
unsafe extern "C" fn only_reads(
    _: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    _: *const c_char,
    _: *const c_char,
) -> c_int {
    let is = |text: *const c_char, words: &[&[u8]]| {
        // SAFETY: SQLite passes null or a text that ends in NUL and lives as long as this call.
        !text.is_null() && words.contains(&unsafe { CStr::from_ptr(text) }.to_bytes())
    };
    let allowed = match action {
        ffi::SQLITE_SELECT | ffi::SQLITE_READ | ffi::SQLITE_RECURSIVE => true,
        ffi::SQLITE_FUNCTION => !is(second, &[b"load_extension", b"fts3_tokenizer"]),
        ffi::SQLITE_PRAGMA => is(first, &PRAGMAS),
        _ => false,
    };
    if allowed { ffi::SQLITE_OK } else { ffi::SQLITE_DENY }
}
