//! The history in SQL, through the binary: the named queries, and docs/sql.md.

mod docs;
mod example;
mod named;

use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{Keywatch, Output};

/// The example, written once.
fn example() -> &'static TempDir {
    static EXAMPLE: OnceLock<TempDir> = OnceLock::new();
    EXAMPLE.get_or_init(|| {
        let dir = TempDir::new().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(example::write(&dir.path().join("history.db")));
        dir
    })
}

fn keywatch(arguments: &[&str]) -> Output {
    Keywatch::new(example()).args(["--db", "history.db"]).args(arguments).run()
}
