use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// `[server]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// Where to listen; `None` to serve nothing. Anything but loopback comes with a token.
    pub listen: Option<SocketAddr>,
    /// The file that holds the token; `None` where none is asked for.
    pub token_file: Option<PathBuf>,
    /// How long ago the last scan may have come to its end for the server to call itself ready.
    pub ready_age: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: Some((Ipv4Addr::LOCALHOST, 8080).into()),
            token_file: None,
            ready_age: Duration::from_secs(24 * 3600),
        }
    }
}
