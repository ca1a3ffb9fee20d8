/// The version: `0.1.0`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version and what it was built from: `0.1.0 (b5e5c39 2026-11-24)`; `build.rs` says when there is no commit.
pub const BUILD: &str = env!("KEYWATCH_BUILD_VERSION");

/// The commit, shortened; empty where it is not known.
pub const COMMIT: &str = env!("KEYWATCH_BUILD_COMMIT");
