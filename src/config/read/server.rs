use std::{net::SocketAddr, time::Duration};

use crate::config::{
    Server,
    problem::Wrong,
    reader::{Reader, Setting, Source},
    values::{Bounds, Given, Value, duration, text},
};

const READY_AGE: Bounds =
    Bounds { shortest: Duration::from_secs(60), longest: Duration::from_secs(30 * 24 * 3600) };

impl Server {
    pub(super) fn read(from: &mut Reader) -> Self {
        let default = Self::default();
        let listen = from.read("server.listen", default.listen, address);
        let token_file =
            from.read("server.token_file", default.token_file, |given| Ok(Some(text(given)?.into())));
        let ready_age = from.read("server.ready_age", default.ready_age, |given| duration(given, &READY_AGE));
        // A file that was named badly is an error of its own.
        if token_file.source == Source::Default {
            check_loopback(from, &listen);
        }
        Self { listen: listen.value, token_file: token_file.value, ready_age: ready_age.value }
    }
}

/// Why a key of this section that other servers have is not to be had here.
pub(in crate::config) fn refused(key: &str) -> Option<Wrong> {
    let tls = key.strip_prefix("server.tls")?;
    (tls.is_empty() || tls.starts_with(['.', '_'])).then(|| {
        Wrong::new(
            "keywatch speaks plain HTTP only",
            "take it out, listen on loopback, and let a proxy in front of it speak TLS",
        )
    })
}

fn address(given: &Given) -> Result<Option<SocketAddr>, Wrong> {
    // Also without a word: a variable that is set to nothing asks for nothing.
    if matches!(&given.value, Value::Text(text) if matches!(text.trim(), "" | "off")) {
        return Ok(None);
    }
    let given = text(given)?.trim();
    given.parse().map(Some).map_err(|_| {
        Wrong::new(
            format!("{given:?} is not an IP address with a port"),
            "write it as in \"127.0.0.1:8080\" or \"[::1]:8080\", or \"off\" to serve nothing",
        )
    })
}

/// What is served names accounts and resources: nobody else on the network shall read it by the way.
fn check_loopback(from: &mut Reader, listen: &Setting<Option<SocketAddr>>) {
    if let (Source::Set(place), Some(address)) = (&listen.source, listen.value)
        && !address.ip().to_canonical().is_loopback()
    {
        let wrong = Wrong::new(
            format!("{address} can be reached from other machines, and server.token_file is not set"),
            "set server.token_file to a file that holds a token (`openssl rand -hex 32`), or listen on \
             \"127.0.0.1:8080\"",
        );
        from.problem(place.clone(), "server.listen", wrong);
    }
}
