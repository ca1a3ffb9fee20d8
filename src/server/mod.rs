//! What a running keywatch says over HTTP: that it works (`/healthz`), that its answers can be relied on (`/readyz`),
//! its numbers (`/metrics`), what the history holds (`/api/v1`), and the same as pages for people. It only reads.

#[expect(unused_qualifications, reason = "utoipa's macros qualify what they name")]
mod api;
mod guard;
mod health;
mod history;
pub mod metrics;
mod pages;
mod problem;
mod report;
mod routes;
mod scans;
mod serve;
mod state;
mod token;

#[cfg(test)]
mod tests;

use std::{io, net::SocketAddr, path::PathBuf};

pub use api::document;
pub use scans::{RunningScan, ScanProgress};
pub use serve::{Limits, Server};
pub use state::{JobState, State};

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is taken, is not this machine's, or may not be listened on.
    #[error(
        "cannot listen on {address}: {source}; set server.listen to an address of this machine with a free port (below 1024 it takes a right of its own), or to \"off\""
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The token cannot be read.
    #[error("cannot read server.token_file {}: {source}; name a file that keywatch may read", .path.display())]
    ReadToken {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was read is no token.
    #[error("server.token_file {} holds no token: it has to be one line of 16 to 1024 visible ASCII characters; `openssl rand -hex 32` makes one", .0.display())]
    BadToken(PathBuf),
}
